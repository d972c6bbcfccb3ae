/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Endpoints: who meets whom, and what becomes of those who wait. */
#include "tests/kernel/fixture_ipc.h"

TEST(a_waiting_sender_goes_on_when_its_message_is_received)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr badged = fixture_mint(f, ep, ALL_RIGHTS, 77);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread root = fixture_root(f);
    struct fixture_thread sender = fixture_running(f, 150);

    SEND(f, badged, .label = 5, WORDS(11, 22));
    EXPECT_RUNS(f, root);
    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, sender.tcb->state);
    fixture_recv(f, ep, reply);

    EXPECT_RUNS(f, sender);
    struct incoming message = fixture_received(f, root.tcb);
    EXPECT_EQ(77, message.badge);
    EXPECT_EQ(5, message.label);
    EXPECT_EQ(2, message.length);
    EXPECT_EQ(11, message.words[0]);
    EXPECT_EQ(22, message.words[1]);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    EXPECT_EQ(0, fixture_reply(f, reply)->tcb);
    fixture_free(f);
}

TEST(a_waiting_receiver_gets_the_message_at_once)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread receiver = fixture_running(f, 150);
    fixture_recv(f, ep, reply);
    EXPECT_EQ(ENDPOINT_RECEIVING, fixture_endpoint(f, ep)->state);

    SEND(f, ep, .label = 9, WORDS(1, 2, 3));

    EXPECT_RUNS(f, receiver);
    struct incoming message = fixture_received(f, receiver.tcb);
    EXPECT_EQ(9, message.label);
    EXPECT_EQ(3, message.length);
    EXPECT_EQ(3, message.words[2]);
    EXPECT_EQ(THREAD_RUNNING, fixture_root(f).tcb->state);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    fixture_free(f);
}

TEST(nbsend_to_nobody_is_dropped)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);

    NBSEND(f, ep, WORDS(1));

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    fixture_free(f);
}

TEST(nbrecv_from_nobody_clears_the_badge_and_nothing_else)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    *fixture_register(f, SYSCALL_INFO) = 0x1234;
    *fixture_register(f, SYSCALL_MR0) = 0x5678;

    fixture_nbrecv(f, ep, reply);

    EXPECT_EQ(0, *fixture_register(f, SYSCALL_CAP));
    EXPECT_EQ(0x1234, *fixture_register(f, SYSCALL_INFO));
    EXPECT_EQ(0x5678, *fixture_register(f, SYSCALL_MR0));
    EXPECT_EQ(0, fixture_reply(f, reply)->tcb);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    fixture_free(f);
}

/* Three threads that wait to send their priority through `ep`. */
static void start_senders(struct fixture *f, cptr ep, struct fixture_thread senders[3],
                          const uint8_t priorities[3])
{
    for (unsigned i = 0; i < 3; i++) {
        senders[i] = fixture_running(f, priorities[i]);
        SEND(f, ep, .label = i);
        EXPECT_EQ(THREAD_BLOCKED_ON_SEND, senders[i].tcb->state);
    }
}

static uint64_t next_label(struct fixture *f, cptr ep)
{
    struct fixture_thread root = fixture_root(f);
    fixture_nbwait(f, ep);
    return fixture_received(f, root.tcb).label;
}

/* The root task is the most important again, so that it stays the one that runs. */
static void root_steps_forward(struct fixture *f)
{
    EXPECT_EQ(seL4_NoError,
              CALL(f, seL4_CapInitThreadTCB, TCBSetPriority, ARGS(255), CAPS(seL4_CapInitThreadTCB))
                  .error);
}

TEST(senders_are_served_by_priority_and_among_equals_in_order)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread senders[3];
    start_senders(f, ep, senders, (uint8_t[]){150, 160, 150});
    root_steps_forward(f);

    EXPECT_EQ(1, next_label(f, ep));
    EXPECT_EQ(0, next_label(f, ep));
    EXPECT_EQ(2, next_label(f, ep));

    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    fixture_free(f);
}

TEST(a_waiting_thread_whose_priority_is_set_takes_its_new_place)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread senders[3];
    start_senders(f, ep, senders, (uint8_t[]){150, 160, 150});
    root_steps_forward(f);

    EXPECT_EQ(
        seL4_NoError,
        CALL(f, senders[2].cap, TCBSetPriority, ARGS(170), CAPS(seL4_CapInitThreadTCB)).error);

    EXPECT_EQ(2, next_label(f, ep));
    EXPECT_EQ(1, next_label(f, ep));
    EXPECT_EQ(0, next_label(f, ep));
    fixture_free(f);
}

TEST(a_waiting_thread_whose_priority_is_set_to_the_same_goes_behind_its_equals)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread senders[3];
    start_senders(f, ep, senders, (uint8_t[]){150, 150, 150});
    root_steps_forward(f);

    EXPECT_EQ(
        seL4_NoError,
        CALL(f, senders[0].cap, TCBSetPriority, ARGS(150), CAPS(seL4_CapInitThreadTCB)).error);

    EXPECT_EQ(1, next_label(f, ep));
    EXPECT_EQ(2, next_label(f, ep));
    EXPECT_EQ(0, next_label(f, ep));
    fixture_free(f);
}

TEST(a_call_waits_for_the_reply_and_lends_its_time_to_a_passive_server)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread server = fixture_passive_server(f, 150, ep, reply);
    struct fixture_thread root = fixture_root(f);
    paddr sc = root.tcb->sc;

    CALL_EP(f, ep, WORDS(1));

    EXPECT_RUNS(f, server);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, root.tcb->state);
    EXPECT_EQ(0, root.tcb->sc);
    EXPECT_EQ(sc, server.tcb->sc);
    EXPECT_EQ(tcb_address(f->k, root.tcb), fixture_reply(f, reply)->tcb);
    EXPECT_EQ(sc, fixture_reply(f, reply)->next);
    EXPECT_TRUE(fixture_reply(f, reply)->is_head);
    EXPECT_EQ(reply_address(f->k, fixture_reply(f, reply)), sc_at(f->k, sc)->reply);
    fixture_free(f);
}

TEST(a_call_to_a_server_with_its_own_time_lends_none)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread server = fixture_running(f, 150);
    fixture_recv(f, ep, reply);
    struct fixture_thread root = fixture_root(f);
    paddr own = server.tcb->sc;
    paddr roots = root.tcb->sc;

    CALL_EP(f, ep, WORDS(1));

    EXPECT_RUNS(f, server);
    EXPECT_EQ(own, server.tcb->sc);
    EXPECT_EQ(roots, root.tcb->sc);
    EXPECT_EQ(0, fixture_reply(f, reply)->next);
    fixture_free(f);
}

TEST(a_send_lends_no_time_so_a_passive_receiver_does_not_run)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread server = fixture_passive_server(f, 150, ep, reply);

    SEND(f, ep, .label = 4);

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(THREAD_RUNNING, server.tcb->state);
    EXPECT_EQ(4, fixture_received(f, server.tcb).label);
    fixture_free(f);
}

TEST(a_call_that_is_received_without_a_reply_object_strands_the_caller)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread caller = fixture_running(f, 150);
    CALL_EP(f, ep, WORDS(1));

    fixture_wait(f, ep);

    EXPECT_EQ(THREAD_INACTIVE, caller.tcb->state);
    EXPECT_RUNS(f, fixture_root(f));
    fixture_free(f);
}

TEST(a_call_without_grant_or_grant_reply_strands_the_caller)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr write_only = fixture_mint(f, ep, RIGHT_WRITE, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread server = fixture_running(f, 150);
    fixture_recv(f, ep, reply);
    struct fixture_thread caller = fixture_thread(f, 120, FIXTURE_ACTIVE);
    fixture_start(f, caller);

    CALL_EP(f, write_only, WORDS(1));

    EXPECT_RUNS(f, server);
    EXPECT_EQ(THREAD_INACTIVE, caller.tcb->state);
    EXPECT_EQ(0, fixture_reply(f, reply)->tcb);
    fixture_free(f);
}

TEST(a_call_with_grant_reply_alone_waits_for_the_reply)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr limited = fixture_mint(f, ep, RIGHT_WRITE | RIGHT_GRANT_REPLY, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    fixture_running(f, 150);
    fixture_recv(f, ep, reply);

    CALL_EP(f, limited, WORDS(1));

    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, fixture_root(f).tcb->state);
    fixture_free(f);
}

TEST(sending_through_a_cap_without_write_answers_invalid_capability_0)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr read_only = fixture_mint(f, ep, RIGHT_READ, 0);
    struct fixture_thread root = fixture_root(f);

    CALL_EP(f, read_only, WORDS(1));

    EXPECT_RUNS(f, root);
    struct incoming answer = fixture_received(f, root.tcb);
    EXPECT_EQ(seL4_InvalidCapability, answer.label);
    EXPECT_EQ(1, answer.length);
    EXPECT_EQ(0, answer.words[0]);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    fixture_free(f);
}

TEST(receiving_through_a_cap_without_read_is_a_cap_fault)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr write_only = fixture_mint(f, ep, RIGHT_WRITE, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread root = fixture_root(f);

    fixture_recv(f, write_only, reply);

    EXPECT_EQ(THREAD_INACTIVE, root.tcb->state);
    EXPECT_EQ(1, f->fault_count);
    EXPECT_EQ(FAULT_CAP, f->last_fault.label);
    EXPECT_EQ(write_only, f->last_fault.address);
    EXPECT_FALSE(f->last_fault.handled);
    fixture_free(f);
}

TEST(a_receiver_gives_way_to_the_next_one_with_the_same_reply_object)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr other = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread first = fixture_running(f, 150);
    fixture_recv(f, ep, reply);
    struct fixture_thread second = fixture_running(f, 150);

    fixture_recv(f, other, reply);

    EXPECT_EQ(THREAD_INACTIVE, first.tcb->state);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    EXPECT_EQ(THREAD_BLOCKED_ON_RECEIVE, second.tcb->state);
    EXPECT_EQ(tcb_address(f->k, second.tcb), fixture_reply(f, reply)->tcb);
    fixture_free(f);
}

TEST(a_caller_whose_reply_object_is_used_again_never_hears_back)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread caller = fixture_running(f, 120);
    CALL_EP(f, ep, WORDS(1));
    struct fixture_thread server = fixture_running(f, 150);
    fixture_recv(f, ep, reply);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, caller.tcb->state);
    EXPECT_RUNS(f, server);

    fixture_recv(f, ep, reply);

    EXPECT_EQ(THREAD_INACTIVE, caller.tcb->state);
    EXPECT_EQ(tcb_address(f->k, server.tcb), fixture_reply(f, reply)->tcb);
    fixture_free(f);
}

TEST(cancelling_badged_sends_lets_those_senders_alone_try_again)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr red = fixture_mint(f, ep, ALL_RIGHTS, 1);
    cptr blue = fixture_mint(f, ep, ALL_RIGHTS, 2);
    struct fixture_thread first = fixture_running(f, 150);
    SEND(f, red);
    struct fixture_thread second = fixture_running(f, 150);
    SEND(f, blue);
    struct fixture_thread third = fixture_running(f, 150);
    SEND(f, red);
    root_steps_forward(f);

    EXPECT_EQ(seL4_NoError,
              CALL(f, seL4_CapInitThreadCNode, CNodeCancelBadgedSends, ARGS(red, 64)).error);

    EXPECT_EQ(THREAD_RESTART, first.tcb->state);
    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, second.tcb->state);
    EXPECT_EQ(THREAD_RESTART, third.tcb->state);
    EXPECT_EQ(ENDPOINT_SENDING, fixture_endpoint(f, ep)->state);
    EXPECT_EQ(2, second.tcb->wait.badge);
    fixture_free(f);
}

TEST(those_who_wait_try_again_when_the_endpoint_is_deleted)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread first = fixture_running(f, 150);
    fixture_recv(f, ep, reply);
    struct fixture_thread second = fixture_running(f, 150);
    fixture_wait(f, ep);
    root_steps_forward(f);

    fixture_delete(f, ep);

    EXPECT_EQ(THREAD_RESTART, first.tcb->state);
    EXPECT_EQ(THREAD_RESTART, second.tcb->state);
    EXPECT_EQ(0, fixture_reply(f, reply)->tcb);
    EXPECT_EQ(0, first.tcb->wait.reply);
    EXPECT_TRUE(first.tcb->in_ready_queue);
    EXPECT_TRUE(second.tcb->in_ready_queue);
    fixture_free(f);
}

TEST(a_faulter_stays_stopped_when_its_handlers_endpoint_is_deleted)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread faulter = fixture_running(f, 150);
    fixture_handle_faults(f, faulter, ep);
    fixture_exception(f, 6, 0, 0);
    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, faulter.tcb->state);
    /* The handler's cap in the TCB keeps the endpoint alive. */
    EXPECT_EQ(seL4_NoError, CALL(f, seL4_CapInitThreadCNode, CNodeRevoke, ARGS(ep, 64)).error);

    fixture_delete(f, ep);

    EXPECT_EQ(THREAD_INACTIVE, faulter.tcb->state);
    EXPECT_EQ(USER_EXCEPTION, faulter.tcb->fault.kind);
    fixture_free(f);
}

TEST(suspending_a_receiver_takes_it_off_the_endpoint_and_its_reply_object)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread receiver = fixture_running(f, 150);
    fixture_recv(f, ep, reply);

    EXPECT_EQ(seL4_NoError, CALL(f, receiver.cap, TCBSuspend).error);

    EXPECT_EQ(THREAD_INACTIVE, receiver.tcb->state);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    EXPECT_EQ(0, fixture_reply(f, reply)->tcb);
    fixture_free(f);
}

TEST(a_signal_that_waits_is_received_before_a_message)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    cptr badged = fixture_mint(f, ntfn, ALL_RIGHTS, 8);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread root = fixture_root(f);
    EXPECT_EQ(seL4_NoError, CALL(f, root.cap, TCBBindNotification, .length = 0, CAPS(ntfn)).error);
    struct fixture_thread sender = fixture_running(f, 150);
    SEND(f, ep, .label = 3);
    SEND(f, badged);
    EXPECT_EQ(NOTIFICATION_ACTIVE, fixture_notification(f, ntfn)->state);

    fixture_recv(f, ep, reply);

    EXPECT_RUNS(f, root);
    EXPECT_EQ(8, fixture_received(f, root.tcb).badge);
    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, ntfn)->state);
    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, sender.tcb->state);
    fixture_free(f);
}
