/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications: signals kept, signals delivered, and the threads bound to them. */
#include "tests/kernel/fixture_ipc.h"

static void bind(struct fixture *f, struct fixture_thread thread, cptr ntfn)
{
    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBBindNotification, .length = 0, CAPS(ntfn)).error);
}

TEST(signals_to_nobody_add_up_until_they_are_received)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    cptr one = fixture_mint(f, ntfn, ALL_RIGHTS, 1);
    cptr four = fixture_mint(f, ntfn, ALL_RIGHTS, 4);

    SEND(f, one);
    SEND(f, four);
    SEND(f, one);
    EXPECT_EQ(NOTIFICATION_ACTIVE, fixture_notification(f, ntfn)->state);
    fixture_wait(f, ntfn);

    EXPECT_EQ(5, *fixture_register(f, SYSCALL_CAP));
    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

TEST(a_badge_that_was_received_is_not_received_again)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    cptr one = fixture_mint(f, ntfn, ALL_RIGHTS, 1);
    cptr four = fixture_mint(f, ntfn, ALL_RIGHTS, 4);
    SEND(f, one);
    fixture_wait(f, ntfn);

    SEND(f, four);
    fixture_wait(f, ntfn);

    EXPECT_EQ(4, *fixture_register(f, SYSCALL_CAP));
    fixture_free(f);
}

TEST(polling_an_idle_notification_clears_the_badge)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);

    fixture_nbwait(f, ntfn);

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(0, *fixture_register(f, SYSCALL_CAP));
    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

TEST(a_signal_is_kept_while_the_bound_thread_waits_for_a_reply)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread caller = fixture_running(f, 150);
    bind(f, caller, ntfn);
    CALL_EP(f, ep, WORDS(1));

    SEND(f, ntfn);

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, caller.tcb->state);
    EXPECT_EQ(NOTIFICATION_ACTIVE, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

TEST(waiting_on_a_notification_that_is_bound_to_another_thread_is_a_cap_fault)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    bind(f, fixture_thread(f, 50, FIXTURE_ACTIVE), ntfn);
    struct fixture_thread waiter = fixture_running(f, 150);

    fixture_wait(f, ntfn);

    EXPECT_EQ(THREAD_INACTIVE, waiter.tcb->state);
    EXPECT_EQ(FAULT_CAP, f->last_fault.label);
    EXPECT_EQ(ntfn, f->last_fault.address);
    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

TEST(signalling_through_a_cap_without_write_answers_invalid_capability_0)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    cptr read_only = fixture_mint(f, ntfn, RIGHT_READ, 0);
    struct fixture_thread root = fixture_root(f);

    CALL_EP(f, read_only, WORDS(1));

    EXPECT_EQ(seL4_InvalidCapability, fixture_received(f, root.tcb).label);
    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

TEST(waiting_threads_try_again_when_the_notification_is_deleted)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread waiter = fixture_running(f, 150);
    fixture_wait(f, ntfn);
    uint64_t rip = waiter.tcb->registers.r[X86_RIP];

    fixture_delete(f, ntfn);

    /* It runs first, and finds no cap there any more. */
    EXPECT_RUNS(f, waiter);
    EXPECT_EQ(THREAD_RUNNING, waiter.tcb->state);
    EXPECT_EQ(rip, waiter.tcb->next_rip);
    fixture_free(f);
}

TEST(deleting_a_notification_unbinds_its_thread)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    bind(f, thread, ntfn);

    fixture_delete(f, ntfn);

    EXPECT_EQ(0, thread.tcb->bound_notification);
    fixture_free(f);
}

TEST(deleting_a_thread_unbinds_its_notification)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    bind(f, thread, ntfn);

    fixture_delete(f, thread.cap);

    EXPECT_EQ(0, fixture_notification(f, ntfn)->bound_tcb);
    fixture_free(f);
}
