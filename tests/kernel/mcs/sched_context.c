/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Scheduling contexts: who has one, lends it, gives it back, and hears what was consumed. */
#include "tests/kernel/fixture_ipc.h"

#include "abi/x86/exceptions.h"
#include "kernel/mcs/sched_context.h"
#include "kernel/sched.h"

#define ROOT_TCB seL4_CapInitThreadTCB
#define ROOT_SC  seL4_CapInitThreadSC

/* A scheduling context of its own with 1 ms in 5 ms, bound to nobody. */
static cptr make_context(struct fixture *f)
{
    cptr sc = fixture_make(f, seL4_SchedContextObject, 8);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(1000, 5000, 0, 0, 0), CAPS(sc))
                                .error);
    return sc;
}

static cptr make_notification(struct fixture *f)
{
    return fixture_make(f, seL4_NotificationObject, 0);
}

static void set_root_priority(struct fixture *f, uint64_t priority)
{
    EXPECT_EQ(seL4_NoError,
              CALL(f, ROOT_TCB, TCBSetPriority, ARGS(priority), CAPS(ROOT_TCB)).error);
}

/* Bind. */

TEST(bind_gives_a_thread_time_and_makes_it_ready)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_PASSIVE);
    cptr sc = make_context(f);
    fixture_start(f, thread);
    EXPECT_FALSE(thread.tcb->in_ready_queue);

    EXPECT_EQ(seL4_NoError, CALL(f, sc, SchedContextBind, CAPS(thread.cap)).error);

    EXPECT_EQ(tcb_address(f->k, thread.tcb), fixture_sched_context(f, sc)->tcb);
    EXPECT_EQ(sc_address(f->k, fixture_sched_context(f, sc)), thread.tcb->sc);
    EXPECT_TRUE(thread.tcb->in_ready_queue);
    fixture_free(f);
}

TEST(bind_of_a_context_without_parameters_makes_nobody_ready)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_PASSIVE);
    cptr sc = fixture_make(f, seL4_SchedContextObject, 7);
    fixture_start(f, thread);

    EXPECT_EQ(seL4_NoError, CALL(f, sc, SchedContextBind, CAPS(thread.cap)).error);

    EXPECT_EQ(sc_address(f->k, fixture_sched_context(f, sc)), thread.tcb->sc);
    EXPECT_FALSE(thread.tcb->in_ready_queue);
    EXPECT_FALSE(thread.tcb->in_release_queue);
    fixture_free(f);
}

TEST(bind_without_a_cap_answers_truncated_message)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, make_context(f), SchedContextBind, .length = 0).error);
    fixture_free(f);
}

TEST(bind_of_a_bound_context_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_PASSIVE);

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT_SC, SchedContextBind, CAPS(thread.cap)).error);

    EXPECT_EQ(0, thread.tcb->sc);
    EXPECT_EQ(f->next.tcb, fixture_sched_context(f, ROOT_SC)->tcb);
    fixture_free(f);
}

TEST(bind_of_a_thread_that_has_a_context_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    cptr sc = make_context(f);

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, sc, SchedContextBind, CAPS(ROOT_TCB)).error);

    EXPECT_EQ(0, fixture_sched_context(f, sc)->tcb);
    fixture_free(f);
}

TEST(bind_of_a_blocked_thread_to_a_context_without_time_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_PASSIVE);
    cptr inactive = fixture_make(f, seL4_SchedContextObject, 7);
    cptr active = make_context(f);
    thread.tcb->state = THREAD_BLOCKED_ON_REPLY;

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, inactive, SchedContextBind, CAPS(thread.cap)).error);
    EXPECT_EQ(0, thread.tcb->sc);

    EXPECT_EQ(seL4_NoError, CALL(f, active, SchedContextBind, CAPS(thread.cap)).error);
    fixture_free(f);
}

TEST(bind_to_something_else_answers_invalid_capability_1)
{
    struct fixture *f = fixture_new("sel4test");
    cptr sc = make_context(f);

    struct result result = CALL(f, sc, SchedContextBind, CAPS(ROOT_SC));

    EXPECT_EQ(seL4_InvalidCapability, result.error);
    EXPECT_EQ(1, result.words[0]);
    fixture_free(f);
}

TEST(bind_to_a_notification_links_both)
{
    struct fixture *f = fixture_new("sel4test");
    cptr sc = make_context(f);
    cptr ntfn = make_notification(f);

    EXPECT_EQ(seL4_NoError, CALL(f, sc, SchedContextBind, CAPS(ntfn)).error);

    EXPECT_EQ(ntfn_address(f->k, fixture_notification(f, ntfn)),
              fixture_sched_context(f, sc)->notification);
    EXPECT_EQ(sc_address(f->k, fixture_sched_context(f, sc)), fixture_notification(f, ntfn)->sc);
    fixture_free(f);
}

TEST(a_context_has_one_notification_and_a_notification_one_context)
{
    struct fixture *f = fixture_new("sel4test");
    cptr sc = make_context(f);
    cptr other_sc = make_context(f);
    cptr ntfn = make_notification(f);
    cptr other_ntfn = make_notification(f);
    EXPECT_EQ(seL4_NoError, CALL(f, sc, SchedContextBind, CAPS(ntfn)).error);

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, sc, SchedContextBind, CAPS(other_ntfn)).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, other_sc, SchedContextBind, CAPS(ntfn)).error);

    EXPECT_EQ(0, fixture_notification(f, other_ntfn)->sc);
    EXPECT_EQ(0, fixture_sched_context(f, other_sc)->notification);
    fixture_free(f);
}

/* Unbind. */

TEST(unbind_takes_the_context_from_thread_and_notification)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    cptr ntfn = make_notification(f);
    EXPECT_EQ(seL4_NoError, CALL(f, thread.sc, SchedContextBind, CAPS(ntfn)).error);
    fixture_start(f, thread);
    EXPECT_TRUE(thread.tcb->in_ready_queue);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.sc, SchedContextUnbind, .length = 0).error);

    EXPECT_EQ(0, thread.tcb->sc);
    EXPECT_FALSE(thread.tcb->in_ready_queue);
    EXPECT_EQ(0, fixture_notification(f, ntfn)->sc);
    EXPECT_EQ(0, fixture_sched_context(f, thread.sc)->tcb);
    EXPECT_EQ(0, fixture_sched_context(f, thread.sc)->notification);
    fixture_free(f);
}

/* A caller lent it: the caller's reply object is the top of its call stack. */
TEST(unbind_takes_the_context_off_its_call_stack)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    cptr cap = fixture_make(f, seL4_ReplyObject, 0);
    struct reply *reply = reply_at(f->k, cap_object(fixture_slot(f, cap)->cap));
    struct sched_context *sc = fixture_sched_context(f, thread.sc);
    sc->reply = reply_address(f->k, reply);
    reply->next = sc_address(f->k, sc);
    reply->is_head = true;

    EXPECT_EQ(seL4_NoError, CALL(f, thread.sc, SchedContextUnbind, .length = 0).error);

    EXPECT_EQ(0, sc->reply);
    EXPECT_EQ(0, reply->next);
    EXPECT_FALSE(reply->is_head);
    fixture_free(f);
}

TEST(unbind_of_ones_own_context_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT_SC, SchedContextUnbind, .length = 0).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, ROOT_SC, SchedContextUnbindObject, CAPS(ROOT_TCB)).error);

    EXPECT_EQ(f->next.tcb, fixture_sched_context(f, ROOT_SC)->tcb);
    fixture_free(f);
}

TEST(unbind_object_takes_the_context_from_the_one_named_alone)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    cptr ntfn = make_notification(f);
    EXPECT_EQ(seL4_NoError, CALL(f, thread.sc, SchedContextBind, CAPS(ntfn)).error);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.sc, SchedContextUnbindObject, CAPS(ntfn)).error);
    EXPECT_EQ(0, fixture_notification(f, ntfn)->sc);
    EXPECT_NE(0, thread.tcb->sc);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.sc, SchedContextUnbindObject, CAPS(thread.cap)).error);
    EXPECT_EQ(0, thread.tcb->sc);
    fixture_free(f);
}

TEST(unbind_object_of_one_not_bound_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    cptr sc = make_context(f);

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, sc, SchedContextUnbindObject, CAPS(thread.cap)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, sc, SchedContextUnbindObject, CAPS(make_notification(f))).error);

    EXPECT_NE(0, thread.tcb->sc);
    fixture_free(f);
}

TEST(unbind_object_wants_a_cap_to_a_thread_or_notification)
{
    struct fixture *f = fixture_new("sel4test");
    cptr sc = make_context(f);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, sc, SchedContextUnbindObject, .length = 0).error);
    struct result result = CALL(f, sc, SchedContextUnbindObject, CAPS(sc));
    EXPECT_EQ(seL4_InvalidCapability, result.error);
    EXPECT_EQ(1, result.words[0]);
    fixture_free(f);
}

/* Consumed. */

TEST(consumed_counts_microseconds_since_it_was_asked_last)
{
    struct fixture *f = fixture_new("sel4test");
    CALL(f, ROOT_SC, SchedContextConsumed, .length = 0);
    f->now_ticks += 70 * TICKS_PER_US;
    fixture_syscall(f, SYS_Yield);
    f->now_ticks += 30 * TICKS_PER_US;
    fixture_syscall(f, SYS_Yield);

    struct result result = CALL(f, ROOT_SC, SchedContextConsumed, .length = 0);

    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_EQ(1, result.length);
    EXPECT_EQ(100, result.words[0]);
    EXPECT_EQ(0, CALL(f, ROOT_SC, SchedContextConsumed, .length = 0).words[0]);
    fixture_free(f);
}

/* YieldTo. */

TEST(yield_to_an_equal_lets_it_run_and_tells_what_it_consumed)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 100, FIXTURE_ACTIVE);
    set_root_priority(f, 100);
    fixture_start(f, thread);
    struct tcb *root = fixture_current(f);

    CALL(f, thread.sc, SchedContextYieldTo, .length = 0);
    EXPECT_EQ(thread.tcb, fixture_current(f));
    EXPECT_EQ(tcb_address(f->k, root), fixture_sched_context(f, thread.sc)->yield_from);

    f->now_ticks += 250 * TICKS_PER_US;
    CALL(f, thread.cap, TCBSuspend, .length = 0);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(1, root->registers.r[SYSCALL_INFO]);
    EXPECT_EQ(250, root->registers.r[SYSCALL_MR0]);
    EXPECT_EQ(0, root->registers.r[SYSCALL_CAP]);
    EXPECT_EQ(0, root->yield_to);
    EXPECT_EQ(0, fixture_sched_context(f, thread.sc)->yield_from);
    fixture_free(f);
}

TEST(yield_to_a_lower_priority_returns_at_once_and_puts_it_in_front_of_its_equals)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread first = fixture_thread(f, 50, FIXTURE_ACTIVE);
    struct fixture_thread second = fixture_thread(f, 50, FIXTURE_ACTIVE);
    fixture_start(f, first);
    fixture_start(f, second);
    struct tcb *root = fixture_current(f);

    struct result result = CALL(f, first.sc, SchedContextYieldTo, .length = 0);

    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_EQ(1, result.length);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(tcb_address(f->k, first.tcb), f->k->core.ready[0][50].head);
    EXPECT_EQ(tcb_address(f->k, second.tcb), f->k->core.ready[0][50].tail);
    fixture_free(f);
}

TEST(yield_to_a_thread_that_cannot_run_returns_at_once)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 255, FIXTURE_ACTIVE);
    struct tcb *root = fixture_current(f);

    struct result result = CALL(f, thread.sc, SchedContextYieldTo, .length = 0);

    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_EQ(1, result.length);
    EXPECT_EQ(root, fixture_current(f));
    fixture_free(f);
}

TEST(yield_to_an_unbound_context_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, make_context(f), SchedContextYieldTo, .length = 0).error);
    fixture_free(f);
}

TEST(yield_to_oneself_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT_SC, SchedContextYieldTo, .length = 0).error);
    EXPECT_EQ(0, fixture_current(f)->yield_to);
    fixture_free(f);
}

TEST(yield_to_a_priority_above_ones_mcp_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 200, FIXTURE_ACTIVE);
    fixture_start(f, thread);
    EXPECT_EQ(seL4_NoError, CALL(f, ROOT_TCB, TCBSetMCPriority, ARGS(199), CAPS(ROOT_TCB)).error);

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, thread.sc, SchedContextYieldTo, .length = 0).error);
    EXPECT_EQ(0, fixture_sched_context(f, thread.sc)->yield_from);
    fixture_free(f);
}

TEST(an_unknown_label_answers_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT_SC, TCBSuspend, .length = 0).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, f->sched_control, TCBSuspend, .length = 0).error);
    fixture_free(f);
}

/* Donation and the end. */

/* A thread of priority 200 that waits on a notification, which has its scheduling context of 1 ms in
 * 5 ms. The root task steps back below it. */
static struct fixture_thread passive_waiter(struct fixture *f, cptr ntfn)
{
    fixture_root_steps_back(f);
    struct fixture_thread thread = fixture_running(f, 200);
    fixture_wait(f, ntfn);
    EXPECT_EQ(seL4_NoError, CALL(f, thread.sc, SchedContextUnbind, .length = 0).error);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(1000, 5000, 0, 0, 0), CAPS(thread.sc))
                                .error);
    EXPECT_EQ(seL4_NoError, CALL(f, thread.sc, SchedContextBind, CAPS(ntfn)).error);
    return thread;
}

TEST(a_signal_lends_a_passive_thread_the_notifications_context_until_it_waits_again)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = make_notification(f);
    struct fixture_thread thread = passive_waiter(f, ntfn);
    struct tcb *root = fixture_current(f);

    SEND(f, ntfn, .label = 0);
    EXPECT_RUNS(f, thread);
    EXPECT_EQ(sc_address(f->k, fixture_sched_context(f, thread.sc)), thread.tcb->sc);

    fixture_wait(f, ntfn);
    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(0, thread.tcb->sc);
    EXPECT_EQ(0, fixture_sched_context(f, thread.sc)->tcb);
    fixture_free(f);
}

TEST(a_thread_that_is_lent_a_context_without_budget_waits_for_its_refill)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = make_notification(f);
    struct fixture_thread thread = passive_waiter(f, ntfn);
    struct tcb *root = fixture_current(f);
    refill_head(fixture_sched_context(f, thread.sc))->time_ticks =
        f->now_ticks + 700 * TICKS_PER_US;

    SEND(f, ntfn, .label = 0);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(THREAD_RUNNING, thread.tcb->state);
    EXPECT_EQ(sc_address(f->k, fixture_sched_context(f, thread.sc)), thread.tcb->sc);
    EXPECT_TRUE(thread.tcb->in_release_queue);
    EXPECT_EQ(f->now_ticks + 700 * TICKS_PER_US, f->next.deadline_ticks);
    fixture_free(f);
}

/* The handler keeps the faulter stopped. The time it ran on goes back all the same. */
TEST(a_handler_that_gives_lent_time_back_stops)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    struct tcb *root = fixture_current(f);
    cptr endpoint = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread handler = fixture_passive_server(f, 200, endpoint, reply);
    struct fixture_thread faulter = fixture_thread(f, 150, FIXTURE_ACTIVE);
    fixture_handle_faults(f, faulter, endpoint);
    fixture_start(f, faulter);
    EXPECT_RUNS(f, faulter);
    fixture_exception(f, X86_INVALID_OPCODE, 0, 0);
    EXPECT_RUNS(f, handler);

    SEND(f, reply, .label = 1);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(THREAD_INACTIVE, faulter.tcb->state);
    EXPECT_EQ(faulter.tcb->sc, cap_object(fixture_slot(f, faulter.sc)->cap));
    EXPECT_EQ(0, handler.tcb->sc);
    EXPECT_EQ(THREAD_RUNNING, handler.tcb->state);
    fixture_free(f);
}

TEST(deleting_a_context_stops_its_thread_and_answers_who_yielded_to_it)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 100, FIXTURE_ACTIVE);
    set_root_priority(f, 100);
    fixture_start(f, thread);
    struct tcb *root = fixture_current(f);
    CALL(f, thread.sc, SchedContextYieldTo, .length = 0);
    f->now_ticks += 40 * TICKS_PER_US;

    CALL(f, seL4_CapInitThreadCNode, CNodeDelete, ARGS(thread.sc, 64));

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(0, thread.tcb->sc);
    EXPECT_EQ(0, root->yield_to);
    EXPECT_EQ(1, root->registers.r[SYSCALL_INFO]);
    EXPECT_CAP(f, thread.sc, CAP_NULL);
    fixture_free(f);
}
