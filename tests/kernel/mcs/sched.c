/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Who runs next, and until when. */
#include "tests/kernel/fixture.h"

#include "kernel/cdt.h"
#include "kernel/mcs/sched_context.h"
#include "kernel/sched.h"

#define ROOT_TCB   seL4_CapInitThreadTCB
#define ROOT_SLICE (5000 * TICKS_PER_US) /* the boot time slice */

static struct sched_context *sc_of(struct fixture *f, struct fixture_thread thread)
{
    return sc_at(f->k, cap_object(fixture_slot(f, thread.sc)->cap));
}

static void set_priority(struct fixture *f, cptr tcb, uint64_t priority)
{
    EXPECT_EQ(seL4_NoError, CALL(f, tcb, TCBSetPriority, ARGS(priority), CAPS(ROOT_TCB)).error);
}

/* A thread with 1 ms in 5 ms that can run. */
static struct fixture_thread sporadic_thread(struct fixture *f, uint8_t priority)
{
    struct fixture_thread thread = fixture_thread(f, priority, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(1000, 5000, 0, 0x77, 0), CAPS(thread.sc))
                                .error);
    fixture_start(f, thread);
    return thread;
}

static struct fixture_thread ready_thread(struct fixture *f, uint8_t priority)
{
    struct fixture_thread thread = fixture_thread(f, priority, FIXTURE_ACTIVE);
    fixture_start(f, thread);
    return thread;
}

static void suspend_current(struct fixture *f, cptr tcb)
{
    CALL(f, tcb, TCBSuspend, .length = 0);
}

static void pass_us(struct fixture *f, uint64_t us)
{
    f->now_ticks += us * TICKS_PER_US;
}

/* Queues. */

TEST(the_root_task_runs_first_for_five_milliseconds)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(NEXT_RUN, f->next.kind);
    EXPECT_EQ(f->now_ticks + ROOT_SLICE, f->next.deadline_ticks);
    fixture_free(f);
}

TEST(threads_made_ready_by_a_more_important_one_run_last_in_first_out)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread a = ready_thread(f, 50);
    struct fixture_thread b = ready_thread(f, 50);
    struct fixture_thread c = ready_thread(f, 50);

    suspend_current(f, ROOT_TCB);
    EXPECT_EQ(c.tcb, fixture_current(f));
    suspend_current(f, c.cap);
    EXPECT_EQ(b.tcb, fixture_current(f));
    suspend_current(f, b.cap);
    EXPECT_EQ(a.tcb, fixture_current(f));
    fixture_free(f);
}

TEST(the_most_important_ready_thread_runs)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread low = ready_thread(f, 63);
    struct fixture_thread high = ready_thread(f, 64);
    struct fixture_thread lowest = ready_thread(f, 0);

    suspend_current(f, ROOT_TCB);
    EXPECT_EQ(high.tcb, fixture_current(f));
    suspend_current(f, high.cap);
    EXPECT_EQ(low.tcb, fixture_current(f));
    suspend_current(f, low.cap);
    EXPECT_EQ(lowest.tcb, fixture_current(f));
    fixture_free(f);
}

TEST(a_more_important_thread_runs_as_soon_as_it_can)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 101, FIXTURE_ACTIVE);
    struct tcb *root = fixture_current(f);
    set_priority(f, ROOT_TCB, 100);

    fixture_start(f, thread);

    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(tcb_address(f->k, root), f->k->core.ready[0][100].head);
    fixture_free(f);
}

TEST(an_equal_thread_waits_behind_its_equals)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread first = ready_thread(f, 100);
    struct fixture_thread second = ready_thread(f, 100);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(tcb_address(f->k, first.tcb), f->k->core.ready[0][100].head);
    EXPECT_EQ(tcb_address(f->k, second.tcb), f->k->core.ready[0][100].tail);
    fixture_free(f);
}

TEST(yield_puts_a_thread_behind_its_equals)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread first = ready_thread(f, 100);
    struct fixture_thread second = ready_thread(f, 100);

    fixture_syscall(f, SYS_Yield);
    EXPECT_EQ(first.tcb, fixture_current(f));
    fixture_syscall(f, SYS_Yield);
    EXPECT_EQ(second.tcb, fixture_current(f));
    fixture_syscall(f, SYS_Yield);
    EXPECT_EQ(root, fixture_current(f));
    fixture_free(f);
}

TEST(setting_the_priority_it_has_puts_a_thread_in_front_of_its_equals)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread a = ready_thread(f, 50);
    struct fixture_thread b = ready_thread(f, 50);
    EXPECT_EQ(tcb_address(f->k, b.tcb), f->k->core.ready[0][50].head);

    set_priority(f, a.cap, 50);

    EXPECT_EQ(tcb_address(f->k, a.tcb), f->k->core.ready[0][50].head);
    EXPECT_EQ(tcb_address(f->k, b.tcb), f->k->core.ready[0][50].tail);
    fixture_free(f);
}

TEST(the_priority_of_a_stopped_thread_changes_no_queue)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);

    set_priority(f, thread.cap, 60);

    EXPECT_EQ(60, thread.tcb->priority);
    EXPECT_FALSE(thread.tcb->in_ready_queue);
    fixture_free(f);
}

/* Budgets. */

TEST(a_round_robin_thread_gives_way_to_its_equal_when_its_turn_ends)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread thread = ready_thread(f, 100);

    pass_us(f, 5000);
    fixture_interrupt(f);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(f->now_ticks + 10000 * TICKS_PER_US, f->next.deadline_ticks);

    pass_us(f, 10000);
    fixture_interrupt(f);
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(f->now_ticks + ROOT_SLICE, f->next.deadline_ticks);
    fixture_free(f);
}

TEST(an_interrupt_before_the_end_of_a_turn_changes_nothing)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);
    set_priority(f, ROOT_TCB, 100);
    ready_thread(f, 100);
    uint64_t deadline_ticks = f->next.deadline_ticks;

    pass_us(f, 4000);
    fixture_interrupt(f);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(deadline_ticks, f->next.deadline_ticks);
    fixture_free(f);
}

/* 1 ms in 5 ms. It starts at t, is out of budget at t + 1 ms and runs again at t + 5 ms. */
TEST(a_thread_out_of_budget_waits_for_its_refill)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);
    set_priority(f, ROOT_TCB, 100);
    uint64_t start_ticks = f->now_ticks;
    struct fixture_thread thread = sporadic_thread(f, 200);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(start_ticks + 1000 * TICKS_PER_US, f->next.deadline_ticks);

    pass_us(f, 1000);
    fixture_interrupt(f);
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_TRUE(thread.tcb->in_release_queue);
    EXPECT_EQ(start_ticks + 5000 * TICKS_PER_US, f->next.deadline_ticks);

    f->now_ticks = start_ticks + 5000 * TICKS_PER_US - 1;
    fixture_interrupt(f);
    EXPECT_EQ(root, fixture_current(f));

    f->now_ticks = start_ticks + 5000 * TICKS_PER_US;
    fixture_interrupt(f);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_FALSE(thread.tcb->in_release_queue);
    fixture_free(f);
}

TEST(a_thread_that_gave_its_time_away_waits_for_all_of_it)
{
    struct fixture *f = fixture_new("sel4test");
    set_priority(f, ROOT_TCB, 100);
    uint64_t start_ticks = f->now_ticks;
    struct fixture_thread thread = sporadic_thread(f, 200);

    pass_us(f, 100);
    fixture_syscall(f, SYS_Yield);

    EXPECT_TRUE(thread.tcb->in_release_queue);
    EXPECT_EQ(start_ticks + 5000 * TICKS_PER_US, refill_head(sc_of(f, thread))->time_ticks);
    EXPECT_EQ(100 * TICKS_PER_US, sc_of(f, thread)->consumed_ticks);
    fixture_free(f);
}

/* 20 us would be left for the system call with 980 us used, 19 with 981. */
TEST(a_system_call_is_executed_if_the_smallest_budget_is_left)
{
    struct fixture *f = fixture_new("sel4test");
    set_priority(f, ROOT_TCB, 100);
    sporadic_thread(f, 200);

    pass_us(f, 980);
    struct result result = CALL(f, ROOT_TCB, TCBSetMCPriority, ARGS(254), CAPS(ROOT_TCB));

    EXPECT_EQ(seL4_NoError, result.error);
    fixture_free(f);
}

TEST(a_system_call_with_too_little_budget_is_executed_after_the_refill)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread thread = sporadic_thread(f, 200);
    uint64_t rip = *fixture_register(f, X86_RIP);

    pass_us(f, 981);
    CALL(f, ROOT_TCB, TCBSetMCPriority, ARGS(254), CAPS(ROOT_TCB));
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(255, root->mcp);
    EXPECT_EQ(THREAD_RESTART, thread.tcb->state);

    pass_us(f, 5000);
    fixture_interrupt(f);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(rip, *fixture_register(f, X86_RIP));
    fixture_free(f);
}

TEST(refills_wait_in_the_order_of_their_times)
{
    struct fixture *f = fixture_new("sel4test");
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread late = sporadic_thread(f, 200);
    pass_us(f, 10);
    fixture_syscall(f, SYS_Yield);
    struct fixture_thread later = sporadic_thread(f, 200);
    fixture_syscall(f, SYS_Yield);
    pass_us(f, 10);
    struct fixture_thread early = fixture_thread(f, 200, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(1000, 2000, 0, 0, 0), CAPS(early.sc))
                                .error);
    fixture_start(f, early);
    fixture_syscall(f, SYS_Yield);

    EXPECT_EQ(tcb_address(f->k, early.tcb), f->k->core.release.head);
    EXPECT_EQ(tcb_address(f->k, late.tcb), early.tcb->queue.next);
    EXPECT_EQ(tcb_address(f->k, later.tcb), f->k->core.release.tail);
    EXPECT_EQ(f->now_ticks + 2000 * TICKS_PER_US, f->next.deadline_ticks);
    fixture_free(f);
}

/* Both are awakened in one entry, in the order in which they were put off. Each goes to the head
 * of its queue. */
TEST(of_threads_whose_refills_come_together_the_last_one_put_off_runs_first)
{
    struct fixture *f = fixture_new("sel4test");
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread first = sporadic_thread(f, 200);
    fixture_syscall(f, SYS_Yield);
    struct fixture_thread second = sporadic_thread(f, 200);
    fixture_syscall(f, SYS_Yield);
    EXPECT_EQ(tcb_address(f->k, first.tcb), f->k->core.release.head);
    EXPECT_EQ(tcb_address(f->k, second.tcb), f->k->core.release.tail);
    suspend_current(f, ROOT_TCB);

    pass_us(f, 5000);
    fixture_interrupt(f);

    EXPECT_EQ(second.tcb, fixture_current(f));
    EXPECT_EQ(tcb_address(f->k, first.tcb), f->k->core.ready[0][200].head);
    fixture_free(f);
}

TEST(without_the_first_refill_to_wait_for_the_deadline_is_later)
{
    struct fixture *f = fixture_new("sel4test");
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread thread = fixture_thread(f, 200, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(1000, 2000, 0, 0, 0), CAPS(thread.sc))
                                .error);
    fixture_start(f, thread);
    fixture_syscall(f, SYS_Yield);
    EXPECT_EQ(f->now_ticks + 2000 * TICKS_PER_US, f->next.deadline_ticks);

    CALL(f, thread.cap, TCBSuspend, .length = 0);

    EXPECT_EQ(f->now_ticks + ROOT_SLICE, f->next.deadline_ticks);
    fixture_free(f);
}

TEST(a_suspended_thread_waits_for_no_refill)
{
    struct fixture *f = fixture_new("sel4test");
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread thread = sporadic_thread(f, 200);
    fixture_syscall(f, SYS_Yield);
    EXPECT_TRUE(thread.tcb->in_release_queue);

    CALL(f, thread.cap, TCBSuspend, .length = 0);
    EXPECT_FALSE(thread.tcb->in_release_queue);
    EXPECT_EQ(0, f->k->core.release.head);

    /* It cannot get around its budget like this either. */
    fixture_start(f, thread);
    EXPECT_TRUE(thread.tcb->in_release_queue);
    EXPECT_NE(thread.tcb, fixture_current(f));
    fixture_free(f);
}

TEST(a_thread_with_a_timeout_handler_faults_when_its_budget_ends)
{
    struct fixture *f = fixture_new("sel4test");
    cptr endpoint = fixture_make(f, seL4_EndpointObject, 0);
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread thread = sporadic_thread(f, 200);
    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBSetTimeoutEndpoint, ARGS(0), CAPS(endpoint)).error);

    pass_us(f, 1000);
    fixture_interrupt(f);

    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, thread.tcb->state);
    EXPECT_EQ(TIMEOUT_FAULT, thread.tcb->fault.kind);
    EXPECT_EQ(0x77, thread.tcb->fault.timeout.badge);
    EXPECT_FALSE(thread.tcb->in_release_queue);
    fixture_free(f);
}

TEST(a_round_robin_thread_does_not_time_out)
{
    struct fixture *f = fixture_new("sel4test");
    cptr endpoint = fixture_make(f, seL4_EndpointObject, 0);
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread thread = ready_thread(f, 200);
    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBSetTimeoutEndpoint, ARGS(0), CAPS(endpoint)).error);

    pass_us(f, 10000);
    fixture_interrupt(f);

    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(NO_FAULT, thread.tcb->fault.kind);
    fixture_free(f);
}

TEST(a_thread_that_yields_does_not_time_out)
{
    struct fixture *f = fixture_new("sel4test");
    cptr endpoint = fixture_make(f, seL4_EndpointObject, 0);
    set_priority(f, ROOT_TCB, 100);
    struct fixture_thread thread = sporadic_thread(f, 200);
    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBSetTimeoutEndpoint, ARGS(0), CAPS(endpoint)).error);

    fixture_syscall(f, SYS_Yield);

    EXPECT_EQ(NO_FAULT, thread.tcb->fault.kind);
    EXPECT_TRUE(thread.tcb->in_release_queue);
    fixture_free(f);
}

/* A larger budget of one's own leaves the deadline as it was. When that passes it is set anew; an
 * interrupt before it does not. */
TEST(a_deadline_that_comes_too_early_is_replaced_when_it_has_passed)
{
    struct fixture *f = fixture_new("sel4test");
    uint64_t start_ticks = f->now_ticks;
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(10000, 10000, 0, 0, 0), CAPS(seL4_CapInitThreadSC))
                                .error);

    pass_us(f, 4000);
    fixture_interrupt(f);
    EXPECT_EQ(start_ticks + ROOT_SLICE, f->next.deadline_ticks);

    pass_us(f, 1000);
    fixture_interrupt(f);
    EXPECT_EQ(start_ticks + 10000 * TICKS_PER_US, f->next.deadline_ticks);
    fixture_free(f);
}

/* Sporadic: the refill counts from when the thread woke. Otherwise from when it ran. */
TEST(a_context_not_sporadic_begins_its_period_when_its_thread_runs)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = sporadic_thread(f, 50);
    pass_us(f, 300);

    suspend_current(f, ROOT_TCB);

    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(f->now_ticks, refill_head(sc_of(f, thread))->time_ticks);
    fixture_free(f);
}

TEST(a_sporadic_context_begins_its_period_when_its_thread_wakes)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError,
              CALL(f, f->sched_control, SchedControlConfigureFlags,
                   ARGS(1000, 5000, 0, 0, SCHED_CONTEXT_FLAG_SPORADIC), CAPS(thread.sc))
                  .error);
    pass_us(f, 200);
    uint64_t wake_ticks = f->now_ticks;
    fixture_start(f, thread);
    pass_us(f, 300);

    suspend_current(f, ROOT_TCB);

    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(wake_ticks, refill_head(sc_of(f, thread))->time_ticks);
    fixture_free(f);
}

/* The machine. */

TEST(when_nobody_can_run_the_machine_is_idle_until_the_first_refill)
{
    struct fixture *f = fixture_new("sel4test");
    uint64_t start_ticks = f->now_ticks;
    struct fixture_thread thread = sporadic_thread(f, 50);
    suspend_current(f, ROOT_TCB);

    fixture_syscall(f, SYS_Yield);

    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    EXPECT_EQ(start_ticks + 5000 * TICKS_PER_US, f->next.deadline_ticks);
    EXPECT_TRUE(kernel_timer_pending(f->k));

    f->now_ticks = f->next.deadline_ticks;
    fixture_interrupt(f);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    fixture_free(f);
}

TEST(when_nobody_can_ever_run_there_is_no_deadline)
{
    struct fixture *f = fixture_new("sel4test");

    suspend_current(f, ROOT_TCB);

    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    EXPECT_EQ(NO_DEADLINE, f->next.deadline_ticks);
    EXPECT_FALSE(kernel_timer_pending(f->k));
    fixture_free(f);
}

TEST(time_that_nobody_used_is_charged_to_nobody)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = sporadic_thread(f, 50);
    suspend_current(f, ROOT_TCB);
    pass_us(f, 100);
    fixture_syscall(f, SYS_Yield);
    EXPECT_EQ(NEXT_IDLE, f->next.kind);

    pass_us(f, 20000);
    fixture_interrupt(f);

    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(100 * TICKS_PER_US, sc_of(f, thread)->consumed_ticks);
    EXPECT_EQ(f->now_ticks + 1000 * TICKS_PER_US, f->next.deadline_ticks);
    fixture_free(f);
}

TEST(a_clock_that_goes_back_takes_no_time)
{
    struct fixture *f = fixture_new("sel4test");
    uint64_t now_ticks = f->now_ticks;
    f->now_ticks -= 500 * TICKS_PER_US;

    fixture_interrupt(f);

    EXPECT_EQ(now_ticks, f->k->core.now_ticks);
    EXPECT_EQ(0, f->k->core.consumed_ticks);
    fixture_free(f);
}

TEST(while_an_interrupt_waits_the_deadline_is_now)
{
    struct fixture *f = fixture_new("sel4test");
    f->preempt_always = true;

    fixture_syscall(f, SYS_Yield);

    EXPECT_EQ(f->now_ticks, f->next.deadline_ticks);
    fixture_free(f);
}

/* Long operations. */

static uint64_t step_ticks;

/* A clock on which each look takes its time. */
static uint64_t stepping_clock(void *context)
{
    struct fixture *f = context;
    return f->now_ticks += step_ticks;
}

#define CHILDREN 250

/* An untyped with so many endpoints, which a revocation takes as many units of work to delete. */
static cptr make_parent(struct fixture *f)
{
    cptr untyped = fixture_make(f, seL4_UntypedObject, 14);
    cptr slots = fixture_slots(f, CHILDREN);
    EXPECT_EQ(seL4_NoError,
              CALL(f, untyped, UntypedRetype,
                   ARGS(fixture_type(f, seL4_EndpointObject), 0, 0, 0, slots, CHILDREN),
                   CAPS(seL4_CapInitThreadCNode))
                  .error);
    return untyped;
}

static void revoke(struct fixture *f, cptr cap)
{
    CALL(f, seL4_CapInitThreadCNode, CNodeRevoke, ARGS(cap, 64), .caps_length = 0);
}

/* Three looks at the clock, of 400 us each, use 1 ms up: on entry, after 100 units, after 200. */
TEST(a_long_operation_stops_when_the_budget_ends_and_goes_on_after_the_refill)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);
    cptr parent = make_parent(f);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(1000, 5000, 0, 0, 0), CAPS(seL4_CapInitThreadSC))
                                .error);
    uint64_t rip = root->registers.r[X86_RIP];
    step_ticks = 400 * TICKS_PER_US;
    f->k->port.now_ticks = stepping_clock;

    revoke(f, parent);
    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    EXPECT_TRUE(root->in_release_queue);
    EXPECT_EQ(THREAD_RESTART, root->state);
    EXPECT_EQ(1, f->k->stats.preemptions);

    pass_us(f, 10000);
    fixture_interrupt(f);
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(rip, root->registers.r[X86_RIP]);
    EXPECT_TRUE(cdt_has_children(f->k, fixture_slot(f, parent)));

    step_ticks = 0;
    fixture_syscall(f, SYS_Call);
    EXPECT_FALSE(cdt_has_children(f->k, fixture_slot(f, parent)));
    fixture_free(f);
}

TEST(a_long_operation_lets_an_interrupts_thread_in)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);
    cptr parent = make_parent(f);
    f->preempt_always = true;

    revoke(f, parent);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(1, f->k->stats.preemptions);
    EXPECT_TRUE(cdt_has_children(f->k, fixture_slot(f, parent)));
    EXPECT_FALSE(root->in_release_queue);
    fixture_free(f);
}

/* A thread revokes an untyped that holds its own scheduling context and much else. */
TEST(an_operation_that_deletes_its_own_time_is_charged_to_nobody)
{
    struct fixture *f = fixture_new("sel4test");
    cptr parent = make_parent(f);
    cptr sc = fixture_slots(f, 1);
    struct fixture_thread thread = fixture_thread(f, 200, FIXTURE_PASSIVE);
    struct tcb *root = fixture_current(f);
    EXPECT_EQ(seL4_NoError, CALL(f, parent, UntypedRetype,
                                 ARGS(fixture_type(f, seL4_SchedContextObject), 8, 0, 0, sc, 1),
                                 CAPS(seL4_CapInitThreadCNode))
                                .error);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(1000, 5000, 0, 0, 0), CAPS(sc))
                                .error);
    EXPECT_EQ(seL4_NoError, CALL(f, sc, SchedContextBind, CAPS(thread.cap)).error);
    set_priority(f, ROOT_TCB, 100);
    fixture_start(f, thread);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    step_ticks = 400 * TICKS_PER_US;
    f->k->port.now_ticks = stepping_clock;

    revoke(f, parent);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(1, f->k->stats.preemptions);
    EXPECT_EQ(0, thread.tcb->sc);
    EXPECT_EQ(0, f->k->core.consumed_ticks);
    EXPECT_FALSE(thread.tcb->in_release_queue);
    fixture_free(f);
}
