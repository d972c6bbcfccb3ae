/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The classic scheduler: queues, ticks and time slices. A tick is 2 ms, a time slice has 5. */
#include "tests/kernel/fixture_ipc.h"

#include "kernel/sched.h"

#define ROOT seL4_CapInitThreadTCB
#define TICK (2000 * TICKS_PER_US)

/* The root task at 100, and two threads of that priority: the first runs next. */
struct equals {
    struct fixture *f;
    struct fixture_thread first;
    struct fixture_thread second;
};

static struct equals equals_new(void)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    struct equals e = {.f = f};
    e.first = fixture_thread(f, 100, FIXTURE_ACTIVE);
    e.second = fixture_thread(f, 100, FIXTURE_ACTIVE);
    return e;
}

/* Time passes, and the kernel is entered when it is due. */
static void pass(struct fixture *f, uint64_t ticks)
{
    f->now_ticks += ticks;
    fixture_interrupt(f);
}

TEST(a_thread_without_equals_runs_without_a_deadline)
{
    struct fixture *f = fixture_new("sel4test-classic");

    EXPECT_EQ(NO_DEADLINE, f->next.deadline_ticks);
    fixture_free(f);
}

TEST(a_thread_of_lower_priority_makes_no_deadline)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_start(f, fixture_thread(f, 50, FIXTURE_ACTIVE));

    EXPECT_EQ(NO_DEADLINE, f->next.deadline_ticks);
    fixture_free(f);
}

TEST(equals_take_turns_of_five_ticks)
{
    struct equals e = equals_new();
    uint64_t start = e.f->now_ticks;
    fixture_start(e.f, e.first);
    EXPECT_RUNS(e.f, fixture_root(e.f));
    EXPECT_EQ(start + 5 * TICK, e.f->next.deadline_ticks);

    pass(e.f, 5 * TICK);
    EXPECT_RUNS(e.f, e.first);
    EXPECT_EQ(start + 10 * TICK, e.f->next.deadline_ticks);

    pass(e.f, 5 * TICK);
    EXPECT_RUNS(e.f, fixture_root(e.f));
    fixture_free(e.f);
}

TEST(an_interrupt_before_the_last_tick_ends_no_turn)
{
    struct equals e = equals_new();
    fixture_start(e.f, e.first);

    pass(e.f, 5 * TICK - 1);

    EXPECT_RUNS(e.f, fixture_root(e.f));
    EXPECT_EQ(e.f->now_ticks + 1, e.f->next.deadline_ticks);
    EXPECT_EQ(1, fixture_root(e.f).tcb->time_slice);
    fixture_free(e.f);
}

TEST(ticks_that_came_while_nobody_waited_are_paid_for)
{
    struct equals e = equals_new();
    e.f->now_ticks += 3 * TICK;

    fixture_start(e.f, e.first);

    EXPECT_EQ(e.f->now_ticks + 2 * TICK, e.f->next.deadline_ticks);
    fixture_free(e.f);
}

TEST(a_time_slice_that_ends_while_nobody_waits_begins_anew)
{
    struct equals e = equals_new();
    e.f->now_ticks += 5 * TICK;
    fixture_interrupt(e.f);
    EXPECT_EQ(5, fixture_root(e.f).tcb->time_slice);

    e.f->now_ticks += 13 * TICK;
    fixture_interrupt(e.f);
    EXPECT_EQ(2, fixture_root(e.f).tcb->time_slice);
    fixture_free(e.f);
}

TEST(ticks_while_nobody_runs_are_nobodys)
{
    struct fixture *f = fixture_new("sel4test-classic");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct tcb *root = fixture_root(f).tcb;
    fixture_wait(f, ntfn);
    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    EXPECT_EQ(NO_DEADLINE, f->next.deadline_ticks);
    EXPECT_FALSE(kernel_timer_pending(f->k));

    pass(f, 3 * TICK);

    EXPECT_EQ(5, root->time_slice);
    fixture_free(f);
}

TEST(who_waits_keeps_the_rest_of_its_time_slice)
{
    struct equals e = equals_new();
    cptr ntfn = fixture_make(e.f, seL4_NotificationObject, 0);
    fixture_start(e.f, e.first);
    e.f->now_ticks += 2 * TICK;
    fixture_wait(e.f, ntfn);
    EXPECT_RUNS(e.f, e.first);
    e.f->now_ticks += TICK;

    SEND(e.f, ntfn);

    EXPECT_EQ(3, fixture_root(e.f).tcb->time_slice);
    EXPECT_EQ(4, e.first.tcb->time_slice);
    fixture_free(e.f);
}

/* An interrupt controller remembers one interrupt of a kind. */
TEST(ticks_that_come_late_are_one_tick)
{
    struct equals e = equals_new();
    fixture_start(e.f, e.first);

    pass(e.f, 50 * TICK);

    EXPECT_RUNS(e.f, e.first);
    EXPECT_EQ(5, e.first.tcb->time_slice);
    EXPECT_EQ(e.f->now_ticks + 5 * TICK, e.f->next.deadline_ticks);
    fixture_free(e.f);
}

/* The tick's interrupt waits until the kernel is left. */
TEST(a_system_call_that_comes_with_the_last_tick_is_executed_before_it)
{
    struct equals e = equals_new();
    fixture_start(e.f, e.first);
    e.f->now_ticks += 5 * TICK;

    EXPECT_EQ(seL4_NoError, CALL(e.f, ROOT, TCBSetMCPriority, ARGS(254), CAPS(ROOT)).error);
    EXPECT_RUNS(e.f, fixture_root(e.f));
    EXPECT_TRUE(e.f->next.deadline_ticks <= e.f->now_ticks);

    fixture_interrupt(e.f);
    EXPECT_RUNS(e.f, e.first);
    fixture_free(e.f);
}

TEST(a_tick_is_dealt_with_before_an_interrupt_of_a_device)
{
    struct equals e = equals_new();
    fixture_start(e.f, e.first);
    e.f->pending_irq = 16;

    pass(e.f, 5 * TICK);
    EXPECT_RUNS(e.f, e.first);
    EXPECT_EQ(16, e.f->pending_irq);
    EXPECT_TRUE(e.f->next.deadline_ticks <= e.f->now_ticks);

    fixture_interrupt(e.f);
    EXPECT_EQ(-1, e.f->pending_irq);
    fixture_free(e.f);
}

/* A clock on which each look takes 1.9 ms. */
static uint64_t slow_clock(void *context)
{
    struct fixture *f = context;
    return f->now_ticks += 1900 * TICKS_PER_US;
}

/* As on the real kernel, where ticks find the thread about to execute its call again. */
TEST(a_long_operation_pays_for_no_tick)
{
    struct equals e = equals_new();
    cptr untyped = fixture_make(e.f, seL4_UntypedObject, 14);
    cptr slots = fixture_slots(e.f, 250);
    EXPECT_EQ(seL4_NoError, CALL(e.f, untyped, UntypedRetype,
                                 ARGS(fixture_type(e.f, seL4_EndpointObject), 0, 0, 0, slots, 250),
                                 CAPS(seL4_CapInitThreadCNode))
                                .error);
    fixture_start(e.f, e.first);
    uint64_t slice = fixture_root(e.f).tcb->time_slice;
    e.f->k->port.now_ticks = slow_clock;

    EXPECT_EQ(seL4_NoError,
              CALL(e.f, seL4_CapInitThreadCNode, CNodeRevoke, ARGS(untyped, 64)).error);

    EXPECT_EQ(0, e.f->k->stats.preemptions);
    EXPECT_EQ(slice, fixture_root(e.f).tcb->time_slice);
    EXPECT_RUNS(e.f, fixture_root(e.f));
    fixture_free(e.f);
}

TEST(a_long_operation_stops_for_an_interrupt_and_is_made_again)
{
    struct fixture *f = fixture_new("sel4test-classic");
    cptr untyped = fixture_make(f, seL4_UntypedObject, 14);
    cptr slots = fixture_slots(f, 250);
    EXPECT_EQ(seL4_NoError, CALL(f, untyped, UntypedRetype,
                                 ARGS(fixture_type(f, seL4_EndpointObject), 0, 0, 0, slots, 250),
                                 CAPS(seL4_CapInitThreadCNode))
                                .error);
    struct tcb *root = fixture_root(f).tcb;
    root->registers.r[X86_RIP] = 0x401000;
    f->pending_irq = 16;

    CALL(f, seL4_CapInitThreadCNode, CNodeRevoke, ARGS(untyped, 64));

    EXPECT_EQ(1, f->k->stats.preemptions);
    EXPECT_EQ(-1, f->pending_irq);
    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(0x401000, *fixture_register(f, X86_RIP));
    fixture_free(f);
}

TEST(who_yields_goes_behind_its_equals_and_keeps_its_time_slice)
{
    struct equals e = equals_new();
    fixture_start(e.f, e.first);
    e.f->now_ticks += 2 * TICK;

    fixture_syscall(e.f, SYS_Yield);
    EXPECT_RUNS(e.f, e.first);
    EXPECT_EQ(3, fixture_root(e.f).tcb->time_slice);

    fixture_syscall(e.f, SYS_Yield);
    EXPECT_RUNS(e.f, fixture_root(e.f));
    fixture_free(e.f);
}

TEST(who_yields_without_equals_goes_on)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_syscall(f, SYS_Yield);
    EXPECT_RUNS(f, fixture_root(f));
    fixture_free(f);
}

TEST(the_last_that_was_resumed_is_ahead_of_its_equals)
{
    struct equals e = equals_new();
    fixture_start(e.f, e.first);
    fixture_start(e.f, e.second);
    EXPECT_RUNS(e.f, fixture_root(e.f));

    fixture_syscall(e.f, SYS_Yield);
    EXPECT_RUNS(e.f, e.second);
    fixture_syscall(e.f, SYS_Yield);
    EXPECT_RUNS(e.f, e.first);
    fixture_free(e.f);
}

TEST(a_resumed_thread_of_higher_priority_runs_at_once)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    fixture_running(f, 101);
    fixture_free(f);
}

TEST(a_ready_thread_that_gets_a_higher_priority_runs_at_once)
{
    struct equals e = equals_new();
    fixture_start(e.f, e.first);

    CALL(e.f, e.first.cap, TCBSetPriority, ARGS(101), CAPS(ROOT));

    EXPECT_RUNS(e.f, e.first);
    fixture_free(e.f);
}

TEST(who_lowers_its_own_priority_lets_others_run)
{
    struct equals e = equals_new();
    fixture_start(e.f, e.first);

    CALL(e.f, ROOT, TCBSetPriority, ARGS(99), CAPS(ROOT));

    EXPECT_RUNS(e.f, e.first);
    EXPECT_EQ(99, fixture_root(e.f).tcb->priority);
    fixture_free(e.f);
}

TEST(the_priority_of_a_stopped_thread_changes_no_queue)
{
    struct equals e = equals_new();

    CALL(e.f, e.first.cap, TCBSetPriority, ARGS(101), CAPS(ROOT));

    EXPECT_RUNS(e.f, fixture_root(e.f));
    EXPECT_FALSE(e.first.tcb->in_ready_queue);
    EXPECT_EQ(101, e.first.tcb->priority);
    fixture_free(e.f);
}
