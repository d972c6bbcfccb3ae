/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains with MCS: their turns, in ticks of the clock. */
#include "tests/kernel/fixture.h"

#define DOMAIN       seL4_CapDomain
#define ROOT_TCB     seL4_CapInitThreadTCB
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

/* A clock on which each look takes 1.9 ms. */
static uint64_t slow_clock(void *context)
{
    struct fixture *f = context;
    return f->now_ticks += 19 * MILLISECONDS / 10;
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
