/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Endpoints and notifications of the classic kernel: first come, first served. */
#include "tests/kernel/fixture_ipc.h"

TEST(senders_are_received_in_the_order_in_which_they_came)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    fixture_running(f, 150);
    SEND(f, ep, WORDS(1));
    fixture_running(f, 160);
    SEND(f, ep, WORDS(2));

    fixture_recv(f, ep, 0);

    EXPECT_EQ(1, fixture_received(f, fixture_root(f).tcb).words[0]);
    fixture_free(f);
}

TEST(receivers_are_served_in_the_order_in_which_they_came)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread first = fixture_running(f, 150);
    fixture_recv(f, ep, 0);
    struct fixture_thread second = fixture_running(f, 160);
    fixture_recv(f, ep, 0);

    SEND(f, ep, WORDS(1));

    EXPECT_RUNS(f, first);
    EXPECT_EQ(THREAD_BLOCKED_ON_RECEIVE, second.tcb->state);
    fixture_free(f);
}

TEST(a_new_priority_changes_no_place_in_a_queue)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread first = fixture_running(f, 150);
    fixture_recv(f, ep, 0);
    struct fixture_thread second = fixture_running(f, 160);
    fixture_recv(f, ep, 0);

    CALL(f, second.cap, TCBSetPriority, ARGS(200), CAPS(seL4_CapInitThreadTCB));
    SEND(f, ep, WORDS(1));

    EXPECT_RUNS(f, first);
    fixture_free(f);
}

TEST(a_signal_wakes_who_has_waited_longest)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread first = fixture_running(f, 150);
    fixture_wait(f, ntfn);
    struct fixture_thread second = fixture_running(f, 160);
    fixture_wait(f, ntfn);

    SEND(f, ntfn);

    EXPECT_RUNS(f, first);
    EXPECT_EQ(THREAD_BLOCKED_ON_NOTIFICATION, second.tcb->state);
    fixture_free(f);
}

TEST(a_signal_interrupts_a_bound_thread_that_receives)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr ntfn = fixture_mint(f, fixture_make(f, seL4_NotificationObject, 0), ALL_RIGHTS, 5);
    struct fixture_thread server = fixture_thread(f, 150, FIXTURE_ACTIVE);
    CALL(f, server.cap, TCBBindNotification, .length = 0, CAPS(ntfn));
    fixture_start(f, server);
    fixture_recv(f, ep, 0);

    SEND(f, ntfn);

    EXPECT_RUNS(f, server);
    EXPECT_EQ(5, fixture_received(f, server.tcb).badge);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    fixture_free(f);
}

TEST(a_bound_thread_that_receives_gets_the_pending_signal)
{
    struct fixture *f = fixture_new("sel4test-classic");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr ntfn = fixture_mint(f, fixture_make(f, seL4_NotificationObject, 0), ALL_RIGHTS, 5);
    CALL(f, seL4_CapInitThreadTCB, TCBBindNotification, .length = 0, CAPS(ntfn));
    SEND(f, ntfn);

    fixture_recv(f, ep, 0);

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(5, *fixture_register(f, SYSCALL_CAP));
    fixture_free(f);
}

TEST(polling_an_idle_endpoint_clears_the_badge)
{
    struct fixture *f = fixture_new("sel4test-classic");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);

    fixture_nbrecv(f, ep, 0);

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(0, *fixture_register(f, SYSCALL_CAP));
    fixture_free(f);
}

TEST(a_message_that_does_not_wait_is_dropped_when_nobody_receives)
{
    struct fixture *f = fixture_new("sel4test-classic");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);

    NBSEND(f, ep, WORDS(1));

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    fixture_free(f);
}

TEST(who_waits_on_an_endpoint_that_is_deleted_tries_again)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread receiver = fixture_running(f, 150);
    receiver.tcb->registers.r[X86_RIP] = 0x401000;
    fixture_recv(f, ep, 0);

    fixture_delete(f, ep);

    EXPECT_RUNS(f, receiver);
    EXPECT_EQ(0x401000, *fixture_register(f, X86_RIP));
    fixture_free(f);
}

TEST(senders_of_a_revoked_badge_try_again_and_others_wait)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr one = fixture_mint(f, ep, ALL_RIGHTS, 1);
    cptr two = fixture_mint(f, ep, ALL_RIGHTS, 2);
    struct fixture_thread first = fixture_running(f, 150);
    SEND(f, one);
    struct fixture_thread second = fixture_running(f, 160);
    SEND(f, two);

    EXPECT_EQ(seL4_NoError,
              CALL(f, seL4_CapInitThreadCNode, CNodeCancelBadgedSends, ARGS(one, 64)).error);

    EXPECT_RUNS(f, first);
    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, second.tcb->state);
    fixture_free(f);
}

TEST(a_system_call_of_the_other_kernel_is_no_call)
{
    struct fixture *f = fixture_new("sel4test-classic");

    fixture_syscall(f, SYSCALLS_CLASSIC_LAST - 30);

    EXPECT_EQ(1, f->fault_count);
    EXPECT_EQ(FAULT_UNKNOWN_SYSCALL, f->last_fault.label);
    fixture_free(f);
}
