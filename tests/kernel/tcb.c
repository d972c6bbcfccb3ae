/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: started, stopped, scheduled, bound and deleted. */
#include "tests/kernel/fixture_ipc.h"

#define ROOT seL4_CapInitThreadTCB

/* Life. */

TEST(a_new_thread_is_inactive_and_has_harmless_registers)
{
    struct fixture *f = fixture_new("sel4test");

    struct tcb *tcb =
        tcb_at(f->k, cap_object(fixture_slot(f, fixture_make(f, seL4_TCBObject, 0))->cap));

    EXPECT_EQ(THREAD_INACTIVE, tcb->state);
    EXPECT_EQ(0x202, tcb->registers.r[X86_RFLAGS]);
    EXPECT_EQ(0, tcb->registers.r[X86_RIP]);
    EXPECT_EQ(0, tcb->priority);
    EXPECT_EQ(0, tcb->mcp);
    EXPECT_STR("child of: 'rootserver'", tcb->name);
    fixture_free(f);
}

static bool count(void *context, const struct kernel_thread *thread)
{
    (void)thread;
    ++*(unsigned *)context;
    return true;
}

static unsigned threads(struct fixture *f)
{
    unsigned number = 0;
    kernel_each_thread(f->k, count, &number);
    return number;
}

TEST(the_list_of_threads_has_every_thread_until_it_is_deleted)
{
    struct fixture *f = fixture_new("sel4test");
    unsigned before = threads(f);
    struct fixture_thread first = fixture_thread(f, 10, FIXTURE_ACTIVE);
    struct fixture_thread second = fixture_thread(f, 10, FIXTURE_ACTIVE);
    struct fixture_thread third = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(before + 3, threads(f));

    fixture_delete(f, second.cap);
    EXPECT_EQ(before + 2, threads(f));
    fixture_delete(f, third.cap);
    EXPECT_EQ(before + 1, threads(f));
    fixture_delete(f, first.cap);

    EXPECT_EQ(before, threads(f));
    EXPECT_EQ(3, f->released_threads);
    fixture_free(f);
}

static bool stop_at_once(void *context, const struct kernel_thread *thread)
{
    count(context, thread);
    return false;
}

TEST(a_visit_of_all_threads_ends_when_the_visitor_says_so)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_thread(f, 10, FIXTURE_ACTIVE);
    unsigned number = 0;

    kernel_each_thread(f->k, stop_at_once, &number);

    EXPECT_EQ(1, number);
    fixture_free(f);
}

/* Suspend and resume. */

TEST(a_suspended_thread_does_not_run_until_it_is_resumed)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    fixture_start(f, thread);
    EXPECT_TRUE(thread.tcb->in_ready_queue);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBSuspend).error);

    EXPECT_FALSE(thread.tcb->in_ready_queue);
    EXPECT_EQ(THREAD_INACTIVE, thread.tcb->state);
    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBResume).error);
    EXPECT_TRUE(thread.tcb->in_ready_queue);
    EXPECT_EQ(THREAD_RESTART, thread.tcb->state);
    fixture_free(f);
}

TEST(a_thread_that_was_suspended_after_a_system_call_goes_on_after_it)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread thread = fixture_running(f, 150);
    thread.tcb->registers.r[X86_RIP] = 0x401000;
    fixture_wait(f, ntfn);
    EXPECT_RUNS(f, fixture_root(f));
    SEND(f, ntfn);
    EXPECT_RUNS(f, thread);
    EXPECT_EQ(0x401002, *fixture_register(f, X86_RIP));

    /* It suspends itself by a call that is made again when it is resumed. */
    CALL_EP(f, thread.cap, .label = fixture_label(f, TCBSuspend));
    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBResume).error);

    EXPECT_RUNS(f, thread);
    EXPECT_EQ(0x401002, *fixture_register(f, X86_RIP));
    fixture_free(f);
}

TEST(a_ready_thread_that_is_suspended_goes_on_where_it_was)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread thread = fixture_running(f, 150);
    thread.tcb->registers.r[X86_RIP] = 0x401000;
    fixture_wait(f, ntfn);
    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, TCBSetPriority, ARGS(200), CAPS(ROOT)).error);
    SEND(f, ntfn);
    EXPECT_EQ(THREAD_RUNNING, thread.tcb->state);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBSuspend).error);

    EXPECT_EQ(0x401002, thread.tcb->registers.r[X86_RIP]);
    fixture_free(f);
}

TEST(resuming_a_blocked_thread_makes_it_try_again)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread thread = fixture_running(f, 150);
    thread.tcb->registers.r[X86_RIP] = 0x401000;
    fixture_wait(f, ntfn);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBResume).error);

    EXPECT_RUNS(f, thread);
    EXPECT_EQ(0x401000, *fixture_register(f, X86_RIP));
    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

TEST(resuming_a_thread_that_runs_changes_nothing)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, TCBResume).error);

    EXPECT_EQ(THREAD_RUNNING, fixture_root(f).tcb->state);
    fixture_free(f);
}

/* Priorities. */

TEST(a_priority_up_to_the_authoritys_mcp_can_be_set)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, TCBSetMCPriority, ARGS(90), CAPS(ROOT)).error);

    struct result refused = CALL(f, thread.cap, TCBSetPriority, ARGS(91), CAPS(ROOT));
    EXPECT_EQ(seL4_RangeError, refused.error);
    EXPECT_EQ(2, refused.length);
    EXPECT_EQ(0, refused.words[0]);
    EXPECT_EQ(90, refused.words[1]);
    EXPECT_EQ(10, thread.tcb->priority);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBSetPriority, ARGS(90), CAPS(ROOT)).error);
    EXPECT_EQ(90, thread.tcb->priority);
    fixture_free(f);
}

TEST(a_priority_of_more_than_eight_bits_is_out_of_range)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_RangeError,
              CALL(f, thread.cap, TCBSetPriority, ARGS(1ul << 32), CAPS(ROOT)).error);

    EXPECT_EQ(10, thread.tcb->priority);
    fixture_free(f);
}

TEST(set_priority_refuses_short_messages_and_other_authorities)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetPriority, .length = 0, CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBSetPriority, ARGS(5)).error);
    struct result refused =
        CALL(f, thread.cap, TCBSetPriority, ARGS(5), CAPS(seL4_CapInitThreadCNode));
    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(1, refused.words[0]);
    EXPECT_EQ(10, thread.tcb->priority);
    fixture_free(f);
}

TEST(an_mcp_up_to_the_authoritys_own_can_be_set)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBSetMCPriority, ARGS(60), CAPS(ROOT)).error);
    EXPECT_EQ(60, thread.tcb->mcp);

    struct result refused = CALL(f, thread.cap, TCBSetMCPriority, ARGS(61), CAPS(thread.cap));

    EXPECT_EQ(seL4_RangeError, refused.error);
    EXPECT_EQ(60, refused.words[1]);
    EXPECT_EQ(60, thread.tcb->mcp);
    fixture_free(f);
}

TEST(set_mcpriority_refuses_short_messages_and_other_authorities)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetMCPriority, .length = 0, CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBSetMCPriority, ARGS(5)).error);
    struct result refused =
        CALL(f, thread.cap, TCBSetMCPriority, ARGS(5), CAPS(seL4_CapInitThreadCNode));
    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(1, refused.words[0]);
    fixture_free(f);
}

/* Notifications. */

TEST(a_notification_is_bound_and_unbound)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBBindNotification, .length = 0, CAPS(ntfn)).error);
    EXPECT_EQ(ntfn_address(f->k, fixture_notification(f, ntfn)), thread.tcb->bound_notification);
    EXPECT_EQ(tcb_address(f->k, thread.tcb), fixture_notification(f, ntfn)->bound_tcb);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBUnbindNotification).error);
    EXPECT_EQ(0, thread.tcb->bound_notification);
    EXPECT_EQ(0, fixture_notification(f, ntfn)->bound_tcb);
    fixture_free(f);
}

TEST(bind_notification_needs_a_cap)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBBindNotification).error);
    fixture_free(f);
}

TEST(a_thread_has_one_bound_notification)
{
    struct fixture *f = fixture_new("sel4test");
    cptr first = fixture_make(f, seL4_NotificationObject, 0);
    cptr second = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    CALL(f, thread.cap, TCBBindNotification, .length = 0, CAPS(first));

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBBindNotification, .length = 0, CAPS(second)).error);

    EXPECT_EQ(0, fixture_notification(f, second)->bound_tcb);
    fixture_free(f);
}

TEST(a_notification_is_bound_to_one_thread)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread first = fixture_thread(f, 10, FIXTURE_ACTIVE);
    struct fixture_thread second = fixture_thread(f, 10, FIXTURE_ACTIVE);
    CALL(f, first.cap, TCBBindNotification, .length = 0, CAPS(ntfn));

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, second.cap, TCBBindNotification, .length = 0, CAPS(ntfn)).error);

    EXPECT_EQ(0, second.tcb->bound_notification);
    fixture_free(f);
}

TEST(a_notification_on_which_a_thread_waits_cannot_be_bound)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread waiter = fixture_running(f, 150);
    fixture_wait(f, ntfn);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, waiter.cap, TCBBindNotification, .length = 0, CAPS(ntfn)).error);

    EXPECT_EQ(0, waiter.tcb->bound_notification);
    fixture_free(f);
}

TEST(bind_notification_refuses_other_caps_and_caps_without_read)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    cptr write_only = fixture_mint(f, ntfn, RIGHT_WRITE, 1);
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBBindNotification, .length = 0, CAPS(ROOT)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBBindNotification, .length = 0, CAPS(write_only)).error);
    EXPECT_EQ(0, thread.tcb->bound_notification);
    fixture_free(f);
}

TEST(unbind_notification_refuses_when_none_is_bound)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, thread.cap, TCBUnbindNotification).error);
    fixture_free(f);
}

/* The rest. */

TEST(set_tls_base_sets_the_fs_base)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBSetTLSBase, ARGS(0x5000)).error);

    EXPECT_EQ(0x5000, thread.tcb->registers.r[X86_FS_BASE]);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBSetTLSBase).error);
    fixture_free(f);
}

TEST(a_thread_sets_its_own_tls_base_and_goes_on)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, TCBSetTLSBase, ARGS(0x5000)).error);

    EXPECT_EQ(0x5000, *fixture_register(f, X86_FS_BASE));
    fixture_free(f);
}

TEST(set_flags_clears_sets_and_answers_what_is_set_now)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    struct result result = CALL(f, thread.cap, TCBSetFlags, ARGS(0, ~0ul));
    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_EQ(1, result.length);
    EXPECT_EQ(TCB_FLAG_FPU_DISABLED, result.words[0]);
    EXPECT_EQ(TCB_FLAG_FPU_DISABLED, thread.tcb->flags);

    EXPECT_EQ(0, CALL(f, thread.cap, TCBSetFlags, ARGS(TCB_FLAG_FPU_DISABLED, 0)).words[0]);
    EXPECT_EQ(0, thread.tcb->flags);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBSetFlags, ARGS(1)).error);
    fixture_free(f);
}

TEST(a_thread_whose_fpu_is_disabled_runs_without_it)
{
    struct fixture *f = fixture_new("sel4test");

    CALL(f, ROOT, TCBSetFlags, ARGS(0, TCB_FLAG_FPU_DISABLED));

    EXPECT_TRUE(f->next.fpu_off);
    fixture_free(f);
}

TEST(a_label_of_another_object_is_an_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT, CNodeCopy).error);
    fixture_free(f);
}
