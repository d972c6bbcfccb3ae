/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains of the classic kernel: their turns, in ticks of the timer, which are 2 ms. */
#include "tests/kernel/fixture.h"

#include "kernel/domain.h"

#define DOMAIN   seL4_CapDomain
#define ROOT_TCB seL4_CapInitThreadTCB
#define TICK     (2000 * TICKS_PER_US)

static struct result configure(struct fixture *f, uint64_t index, uint64_t domain, uint64_t ticks)
{
    return CALL(f, DOMAIN, DomainScheduleConfigure, ARGS(index, domain, ticks));
}

/* Domain 0 for 4 ticks, domain 2 for 3, and from the start again; a thread in domain 2 is ready. */
static struct fixture_thread two_turns(struct fixture *f)
{
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    fixture_start(f, thread);
    EXPECT_EQ(seL4_NoError, CALL(f, DOMAIN, DomainSetSet, ARGS(2), CAPS(thread.cap)).error);
    EXPECT_EQ(seL4_NoError, configure(f, 0, 0, 4).error);
    EXPECT_EQ(seL4_NoError, configure(f, 1, 2, 3).error);
    EXPECT_EQ(seL4_NoError, CALL(f, DOMAIN, DomainScheduleSetStart, ARGS(0)).error);
    return thread;
}

static void pass(struct fixture *f, uint64_t ticks)
{
    f->now_ticks += ticks;
    fixture_interrupt(f);
}

TEST(domains_take_turns)
{
    struct fixture *f = fixture_new("microkit");
    struct tcb *root = fixture_current(f);
    struct fixture_thread thread = two_turns(f);
    EXPECT_EQ(f->now_ticks + 4 * TICK, f->next.deadline_ticks);

    pass(f, 4 * TICK);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(f->now_ticks + 3 * TICK, f->next.deadline_ticks);

    pass(f, 3 * TICK);
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(0, f->k->domain);
    fixture_free(f);
}

TEST(a_schedule_of_one_domain_makes_no_deadline)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_EQ(NO_DEADLINE, f->next.deadline_ticks);

    EXPECT_EQ(seL4_NoError, configure(f, 0, 0, 4).error);
    EXPECT_EQ(seL4_NoError, configure(f, 1, 0, 3).error);
    EXPECT_EQ(seL4_NoError, CALL(f, DOMAIN, DomainScheduleSetStart, ARGS(0)).error);
    EXPECT_EQ(NO_DEADLINE, f->next.deadline_ticks);

    pass(f, 9 * TICK);
    EXPECT_EQ(0, f->k->schedule_index);
    EXPECT_EQ(2, f->k->domain_time_ticks);
    fixture_free(f);
}

TEST(an_idle_domain_ends_its_turn_if_another_has_a_ready_thread)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = two_turns(f);

    CALL(f, ROOT_TCB, TCBSuspend, .length = 0);
    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    EXPECT_TRUE(kernel_timer_pending(f->k));
    EXPECT_EQ(f->now_ticks + 4 * TICK, f->next.deadline_ticks);

    pass(f, 4 * TICK);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    fixture_free(f);
}

TEST(nobody_is_woken_for_turns_in_which_nobody_is_ready)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = two_turns(f);
    CALL(f, thread.cap, TCBSuspend, .length = 0);

    CALL(f, ROOT_TCB, TCBSuspend, .length = 0);

    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    EXPECT_EQ(NO_DEADLINE, f->next.deadline_ticks);
    EXPECT_FALSE(kernel_timer_pending(f->k));

    pass(f, (7 + 5) * TICK);
    EXPECT_EQ(2, f->k->domain);
    EXPECT_EQ(2, f->k->domain_time_ticks);
    fixture_free(f);
}

/* A clock on which each look takes 3.9 ms. */
static uint64_t slow_clock(void *context)
{
    struct fixture *f = context;
    return f->now_ticks += 3900 * TICKS_PER_US;
}

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
    struct fixture_thread thread = two_turns(f);
    f->k->port.now_ticks = slow_clock;

    CALL(f, seL4_CapInitThreadCNode, CNodeRevoke, ARGS(untyped, 64));

    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(1, f->k->stats.preemptions);
    EXPECT_EQ(THREAD_RESTART, root->state);
    EXPECT_TRUE(root->in_ready_queue);
    fixture_free(f);
}
