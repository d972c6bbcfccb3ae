/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains: the schedule, its turns, and who may run in them. 16 domains, 100 entries. */
#include "tests/kernel/fixture.h"

#include "kernel/domain.h"

#define DOMAIN       seL4_CapDomain
#define ROOT_TCB     seL4_CapInitThreadTCB
#define LAST_ENTRY   99
#define DURATION_MAX ((1ul << 56) - 1)
#define MILLISECONDS (1000 * TICKS_PER_US)

static struct result configure(struct fixture *f, uint64_t index, uint64_t domain, uint64_t ticks)
{
    return CALL(f, DOMAIN, DomainScheduleConfigure, ARGS(index, domain, ticks));
}

static struct result set_start(struct fixture *f, uint64_t index)
{
    return CALL(f, DOMAIN, DomainScheduleSetStart, ARGS(index));
}

static struct result set_domain(struct fixture *f, cptr tcb, uint64_t domain)
{
    return CALL(f, DOMAIN, DomainSetSet, ARGS(domain), CAPS(tcb));
}

static void expect_invalid_argument(struct result result, uint64_t number)
{
    EXPECT_EQ(seL4_InvalidArgument, result.error);
    EXPECT_EQ(number, result.words[0]);
}

static void expect_range(struct result result, uint64_t least, uint64_t greatest)
{
    EXPECT_EQ(seL4_RangeError, result.error);
    EXPECT_EQ(least, result.words[0]);
    EXPECT_EQ(greatest, result.words[1]);
}

/* Set. */

TEST(a_thread_moves_to_the_queue_of_its_new_domain)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    fixture_start(f, thread);

    EXPECT_EQ(seL4_NoError, set_domain(f, thread.cap, 3).error);

    EXPECT_EQ(3, thread.tcb->domain);
    EXPECT_EQ(0, f->k->core.ready[0][50].head);
    EXPECT_EQ(tcb_address(f->k, thread.tcb), f->k->core.ready[3][50].head);
    fixture_free(f);
}

TEST(a_stopped_thread_changes_its_domain_and_no_queue)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_NoError, set_domain(f, thread.cap, 15).error);

    EXPECT_EQ(15, thread.tcb->domain);
    EXPECT_FALSE(thread.tcb->in_ready_queue);
    fixture_free(f);
}

TEST(the_running_thread_stops_when_it_leaves_the_current_domain)
{
    struct fixture *f = fixture_new("microkit");

    set_domain(f, ROOT_TCB, 1);

    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    fixture_free(f);
}

TEST(a_domain_that_does_not_exist_answers_invalid_argument_0)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(set_domain(f, ROOT_TCB, 16), 0);
    EXPECT_EQ(0, fixture_current(f)->domain);
    fixture_free(f);
}

TEST(one_domain_is_domain_0)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_NoError, set_domain(f, ROOT_TCB, 0).error);
    expect_invalid_argument(set_domain(f, ROOT_TCB, 1), 0);
    fixture_free(f);
}

TEST(set_of_something_else_answers_invalid_argument_1)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(set_domain(f, DOMAIN, 1), 1);
    fixture_free(f);
}

TEST(set_checks_the_domain_before_it_misses_the_cap)
{
    struct fixture *f = fixture_new("microkit");

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, DOMAIN, DomainSetSet, .length = 0, CAPS(ROOT_TCB)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, DOMAIN, DomainSetSet, ARGS(1)).error);
    expect_invalid_argument(CALL(f, DOMAIN, DomainSetSet, ARGS(16)), 0);
    fixture_free(f);
}

/* ScheduleConfigure. */

TEST(an_entry_of_the_schedule_gets_a_domain_and_a_duration)
{
    struct fixture *f = fixture_new("microkit");

    EXPECT_EQ(seL4_NoError, configure(f, 98, 15, DURATION_MAX).error);

    EXPECT_EQ(15, f->k->schedule[98].domain);
    EXPECT_EQ(DURATION_MAX, f->k->schedule[98].duration);
    fixture_free(f);
}

TEST(the_last_entry_stays_an_end_marker)
{
    struct fixture *f = fixture_new("microkit");

    expect_range(configure(f, LAST_ENTRY, 0, 1000), 0, LAST_ENTRY - 1);
    EXPECT_EQ(0, f->k->schedule[LAST_ENTRY].duration);
    fixture_free(f);
}

TEST(an_entry_for_a_domain_that_does_not_exist_answers_the_range)
{
    struct fixture *f = fixture_new("microkit");

    expect_range(configure(f, 1, 16, 1000), 0, 15);
    fixture_free(f);
}

TEST(a_duration_has_56_bits)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(configure(f, 1, 1, DURATION_MAX + 1), 2);
    fixture_free(f);
}

TEST(an_end_marker_is_for_domain_0)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(configure(f, 1, 1, 0), 1);
    EXPECT_EQ(seL4_NoError, configure(f, 1, 0, 0).error);
    fixture_free(f);
}

TEST(the_start_of_the_schedule_cannot_be_its_end)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(configure(f, 0, 0, 0), 2);
    EXPECT_EQ(DURATION_MAX, f->k->schedule[0].duration);
    fixture_free(f);
}

TEST(schedule_calls_with_too_few_words_answer_truncated_message)
{
    struct fixture *f = fixture_new("microkit");

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, DOMAIN, DomainScheduleConfigure, ARGS(1, 1)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, DOMAIN, DomainScheduleSetStart, .length = 0).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, DOMAIN, TCBSuspend, .length = 0).error);
    fixture_free(f);
}

/* ScheduleSetStart. */

TEST(the_schedule_starts_at_an_entry_that_exists_and_is_no_end_marker)
{
    struct fixture *f = fixture_new("microkit");

    expect_range(set_start(f, LAST_ENTRY + 1), 0, LAST_ENTRY);
    expect_invalid_argument(set_start(f, LAST_ENTRY), 0);
    expect_invalid_argument(set_start(f, 1), 0);
    EXPECT_EQ(0, f->k->schedule_start);
    fixture_free(f);
}

TEST(a_new_start_takes_effect_at_once)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    fixture_start(f, thread);
    set_domain(f, thread.cap, 2);
    EXPECT_FALSE(kernel_timer_pending(f->k));
    EXPECT_EQ(seL4_NoError, configure(f, 1, 2, 3 * MILLISECONDS).error);
    EXPECT_TRUE(kernel_timer_pending(f->k));

    set_start(f, 1);

    EXPECT_EQ(2, f->k->domain);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(f->now_ticks + 3 * MILLISECONDS, f->next.deadline_ticks);
    fixture_free(f);
}

/* Turns: domain 0 for 4 ms, domain 2 for 3 ms, and from the start again. */
static struct fixture_thread two_turns(struct fixture *f)
{
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    fixture_start(f, thread);
    set_domain(f, thread.cap, 2);
    EXPECT_EQ(seL4_NoError, configure(f, 0, 0, 4 * MILLISECONDS).error);
    EXPECT_EQ(seL4_NoError, configure(f, 1, 2, 3 * MILLISECONDS).error);
    EXPECT_EQ(seL4_NoError, set_start(f, 0).error);
    return thread;
}

TEST(domains_take_turns)
{
    struct fixture *f = fixture_new("microkit");
    struct tcb *root = fixture_current(f);
    struct fixture_thread thread = two_turns(f);
    EXPECT_EQ(f->now_ticks + 4 * MILLISECONDS, f->next.deadline_ticks);

    f->now_ticks += 4 * MILLISECONDS;
    fixture_interrupt(f);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(f->now_ticks + 3 * MILLISECONDS, f->next.deadline_ticks);

    f->now_ticks += 3 * MILLISECONDS;
    fixture_interrupt(f);
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(0, f->k->domain);
    fixture_free(f);
}

/* Like a thread's, a domain's last 20 us are too short for a kernel entry. */
TEST(a_turn_ends_when_less_than_the_smallest_budget_is_left)
{
    struct fixture *f = fixture_new("microkit");
    struct tcb *root = fixture_current(f);
    struct fixture_thread thread = two_turns(f);

    f->now_ticks += 4 * MILLISECONDS - 21 * TICKS_PER_US;
    fixture_interrupt(f);
    EXPECT_EQ(root, fixture_current(f));

    f->now_ticks += TICKS_PER_US;
    fixture_interrupt(f);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    fixture_free(f);
}

TEST(a_system_call_at_the_end_of_a_turn_is_executed_in_the_next)
{
    struct fixture *f = fixture_new("microkit");
    struct tcb *root = fixture_current(f);
    two_turns(f);
    uint64_t rip = root->registers.r[X86_RIP];

    f->now_ticks += 4 * MILLISECONDS;
    CALL(f, ROOT_TCB, TCBSetMCPriority, ARGS(254), CAPS(ROOT_TCB));
    EXPECT_EQ(255, root->mcp);

    f->now_ticks += 3 * MILLISECONDS;
    fixture_interrupt(f);
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(rip, root->registers.r[X86_RIP]);
    fixture_free(f);
}

/* A clock on which each look takes 1.9 ms. */
static uint64_t slow_clock(void *context)
{
    struct fixture *f = context;
    return f->now_ticks += 19 * MILLISECONDS / 10;
}

/* The entry and 100 units of work make 3.8 ms of the turn's 4, and 200 units are too long. */
TEST(a_long_operation_stops_at_the_end_of_the_turn)
{
    struct fixture *f = fixture_new("microkit");
    struct tcb *root = fixture_current(f);
    cptr untyped = fixture_make(f, seL4_UntypedObject, 14);
    cptr slots = fixture_slots(f, 250);
    EXPECT_EQ(seL4_NoError, CALL(f, untyped, UntypedRetype,
                                 ARGS(fixture_type(f, seL4_EndpointObject), 0, 0, 0, slots, 250),
                                 CAPS(seL4_CapInitThreadCNode))
                                .error);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(50000, 50000, 0, 0, 0), CAPS(seL4_CapInitThreadSC))
                                .error);
    struct fixture_thread thread = two_turns(f);
    f->k->port.now_ticks = slow_clock;

    CALL(f, seL4_CapInitThreadCNode, CNodeRevoke, ARGS(untyped, 64));

    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(1, f->k->stats.preemptions);
    EXPECT_EQ(THREAD_RESTART, root->state);
    EXPECT_TRUE(root->in_ready_queue);
    fixture_free(f);
}

TEST(an_idle_domain_has_its_turn_all_the_same)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = two_turns(f);

    CALL(f, ROOT_TCB, TCBSuspend, .length = 0);
    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    EXPECT_TRUE(kernel_timer_pending(f->k));

    f->now_ticks += 4 * MILLISECONDS;
    fixture_interrupt(f);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    fixture_free(f);
}

TEST(a_thread_of_another_domain_does_not_preempt)
{
    struct fixture *f = fixture_new("microkit");
    struct tcb *root = fixture_current(f);
    struct fixture_thread thread = fixture_thread(f, 255, FIXTURE_ACTIVE);
    set_domain(f, thread.cap, 2);
    EXPECT_EQ(seL4_NoError, CALL(f, ROOT_TCB, TCBSetPriority, ARGS(10), CAPS(ROOT_TCB)).error);

    fixture_start(f, thread);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_TRUE(thread.tcb->in_ready_queue);
    fixture_free(f);
}
