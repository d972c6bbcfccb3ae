/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Messages: how much of one arrives, and which caps come along. */
#include "tests/kernel/fixture_ipc.h"

#include "kernel/message.h"

TEST(a_message_info_word_keeps_all_its_fields)
{
    struct message_info info = {
        .label = 0xfedcba9876543, .unwrapped = 5, .extra = 3, .length = MESSAGE_LENGTH_MAX};

    struct message_info back = message_info_read(message_info_word(info));

    EXPECT_EQ(info.label, back.label);
    EXPECT_EQ(info.unwrapped, back.unwrapped);
    EXPECT_EQ(info.extra, back.extra);
    EXPECT_EQ(info.length, back.length);
}

TEST(a_message_length_above_120_counts_as_120)
{
    EXPECT_EQ(120, message_info_read(127).length);
    EXPECT_EQ(120, message_info_read(121).length);
    EXPECT_EQ(119, message_info_read(119).length);
}

/* A sender that runs and a receiver, the root task, that runs when the sender waits. */
struct pair {
    struct fixture *f;
    cptr ep;
    struct fixture_thread sender;
    struct fixture_thread receiver;
};

static struct pair pair_new(void)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    return (struct pair){.f = f, .ep = ep, .receiver = fixture_root(f)};
}

static struct incoming receive(struct pair *p)
{
    fixture_wait(p->f, p->ep);
    return fixture_received(p->f, p->receiver.tcb);
}

/* No thread in this file changes its priority, so the root task receives and the sender goes on. */
static void start_sender(struct pair *p)
{
    p->sender = fixture_running(p->f, 150);
}

TEST(a_long_message_arrives_whole)
{
    struct pair p = pair_new();
    start_sender(&p);
    SEND(p.f, p.ep, WORDS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));

    struct incoming message = receive(&p);

    EXPECT_EQ(10, message.length);
    for (unsigned i = 0; i < 10; i++) {
        EXPECT_EQ(i + 1, message.words[i]);
    }
    fixture_free(p.f);
}

TEST(a_message_of_120_words_arrives_whole)
{
    struct pair p = pair_new();
    start_sender(&p);
    struct abi_ipc_buffer *buffer = fixture_buffer(p.f, p.sender.tcb);
    for (unsigned i = 0; i < MESSAGE_LENGTH_MAX; i++) {
        buffer->msg[i] = 1000 + i;
    }
    *fixture_register(p.f, SYSCALL_CAP) = p.ep;
    *fixture_register(p.f, SYSCALL_INFO) = MESSAGE_LENGTH_MAX;
    fixture_syscall(p.f, SYS_Send);

    struct incoming message = receive(&p);

    EXPECT_EQ(MESSAGE_LENGTH_MAX, message.length);
    buffer = fixture_buffer(p.f, p.receiver.tcb);
    EXPECT_EQ(1004, buffer->msg[4]);
    EXPECT_EQ(1119, buffer->msg[119]);
    fixture_free(p.f);
}

static void take_ipc_buffer_away(struct fixture *f, struct fixture_thread thread)
{
    EXPECT_EQ(
        seL4_NoError,
        CALL(f, thread.cap, TCBSetIPCBuffer, ARGS(0), CAPS(seL4_CapInitThreadIPCBuffer)).error);
}

TEST(without_a_senders_ipc_buffer_four_words_arrive)
{
    struct pair p = pair_new();
    p.sender = fixture_thread(p.f, 150, FIXTURE_ACTIVE);
    take_ipc_buffer_away(p.f, p.sender);
    fixture_start(p.f, p.sender);
    SEND(p.f, p.ep, WORDS(1, 2, 3, 4, 5, 6));

    struct incoming message = receive(&p);

    EXPECT_EQ(4, message.length);
    EXPECT_EQ(4, message.words[3]);
    fixture_free(p.f);
}

TEST(without_a_receivers_ipc_buffer_four_words_arrive)
{
    struct pair p = pair_new();
    cptr reply = fixture_new_reply(p.f);
    struct fixture_thread receiver = fixture_thread(p.f, 150, FIXTURE_ACTIVE);
    take_ipc_buffer_away(p.f, receiver);
    fixture_start(p.f, receiver);
    fixture_recv(p.f, p.ep, reply);

    SEND(p.f, p.ep, WORDS(1, 2, 3, 4, 5, 6));

    EXPECT_EQ(4, fixture_received(p.f, receiver.tcb).length);
    fixture_free(p.f);
}

TEST(an_ipc_buffer_that_is_read_only_sends_but_does_not_receive)
{
    struct pair p = pair_new();
    start_sender(&p);
    p.sender.tcb->slots[TCB_IPC_BUFFER].cap.frame.rights = FRAME_READ_ONLY;

    EXPECT_TRUE(message_buffer(p.f->k, p.sender.tcb, BUFFER_READ) != NULL);
    EXPECT_TRUE(message_buffer(p.f->k, p.sender.tcb, BUFFER_WRITE) == NULL);

    p.sender.tcb->slots[TCB_IPC_BUFFER].cap.frame.rights = FRAME_KERNEL_ONLY;
    EXPECT_TRUE(message_buffer(p.f->k, p.sender.tcb, BUFFER_READ) == NULL);
    fixture_free(p.f);
}

TEST(an_ipc_buffer_in_device_memory_is_none)
{
    struct pair p = pair_new();
    start_sender(&p);
    p.sender.tcb->slots[TCB_IPC_BUFFER].cap.frame.is_device = true;

    EXPECT_TRUE(message_buffer(p.f->k, p.sender.tcb, BUFFER_READ) == NULL);
    fixture_free(p.f);
}

TEST(a_cap_arrives_in_the_slot_that_the_receiver_named)
{
    struct pair p = pair_new();
    cptr ntfn = fixture_make(p.f, seL4_NotificationObject, 0);
    cptr target = fixture_slots(p.f, 1);
    fixture_receive_into(p.f, p.receiver.tcb, target);
    start_sender(&p);
    SEND(p.f, p.ep, .label = 7, CARRY(ntfn));

    struct incoming message = receive(&p);

    EXPECT_EQ(7, message.label);
    EXPECT_EQ(1, message.extra);
    EXPECT_EQ(0, message.unwrapped);
    EXPECT_CAP(p.f, target, CAP_NOTIFICATION);
    EXPECT_CAP(p.f, ntfn, CAP_NOTIFICATION);
    fixture_expect_tree_sound(p.f);
    fixture_free(p.f);
}

TEST(without_grant_no_cap_arrives)
{
    struct pair p = pair_new();
    cptr ntfn = fixture_make(p.f, seL4_NotificationObject, 0);
    cptr no_grant = fixture_mint(p.f, p.ep, RIGHT_WRITE | RIGHT_GRANT_REPLY, 0);
    cptr target = fixture_slots(p.f, 1);
    fixture_receive_into(p.f, p.receiver.tcb, target);
    start_sender(&p);
    SEND(p.f, no_grant, WORDS(3), CARRY(ntfn));

    struct incoming message = receive(&p);

    EXPECT_EQ(1, message.length);
    EXPECT_EQ(0, message.extra);
    EXPECT_CAP(p.f, target, CAP_NULL);
    fixture_free(p.f);
}

TEST(a_cap_to_the_endpoint_itself_arrives_as_its_badge)
{
    struct pair p = pair_new();
    cptr badged = fixture_mint(p.f, p.ep, RIGHT_READ, 0x55);
    cptr target = fixture_slots(p.f, 1);
    fixture_receive_into(p.f, p.receiver.tcb, target);
    start_sender(&p);
    SEND(p.f, p.ep, CARRY(badged));

    struct incoming message = receive(&p);

    EXPECT_EQ(1, message.extra);
    EXPECT_EQ(1, message.unwrapped);
    EXPECT_EQ(0x55, fixture_buffer(p.f, p.receiver.tcb)->caps_or_badges[0]);
    EXPECT_CAP(p.f, target, CAP_NULL);
    fixture_free(p.f);
}

TEST(badges_and_one_other_cap_arrive_together)
{
    struct pair p = pair_new();
    cptr ntfn = fixture_make(p.f, seL4_NotificationObject, 0);
    cptr red = fixture_mint(p.f, p.ep, ALL_RIGHTS, 1);
    cptr blue = fixture_mint(p.f, p.ep, ALL_RIGHTS, 2);
    cptr target = fixture_slots(p.f, 1);
    fixture_receive_into(p.f, p.receiver.tcb, target);
    start_sender(&p);
    SEND(p.f, p.ep, CARRY(red, ntfn, blue));

    struct incoming message = receive(&p);

    EXPECT_EQ(3, message.extra);
    EXPECT_EQ(5, message.unwrapped);
    const struct abi_ipc_buffer *buffer = fixture_buffer(p.f, p.receiver.tcb);
    EXPECT_EQ(1, buffer->caps_or_badges[0]);
    EXPECT_EQ(2, buffer->caps_or_badges[2]);
    EXPECT_CAP(p.f, target, CAP_NOTIFICATION);
    fixture_free(p.f);
}

TEST(a_second_cap_and_all_after_it_are_lost)
{
    struct pair p = pair_new();
    cptr ntfn = fixture_make(p.f, seL4_NotificationObject, 0);
    cptr other = fixture_make(p.f, seL4_NotificationObject, 0);
    cptr badged = fixture_mint(p.f, p.ep, ALL_RIGHTS, 1);
    cptr target = fixture_slots(p.f, 1);
    fixture_receive_into(p.f, p.receiver.tcb, target);
    start_sender(&p);
    SEND(p.f, p.ep, CARRY(ntfn, other, badged));

    struct incoming message = receive(&p);

    EXPECT_EQ(1, message.extra);
    EXPECT_EQ(0, message.unwrapped);
    EXPECT_EQ(fixture_slot(p.f, ntfn)->cap.object_16, fixture_slot(p.f, target)->cap.object_16);
    fixture_free(p.f);
}

TEST(a_cap_for_a_full_slot_is_lost_and_the_words_arrive)
{
    struct pair p = pair_new();
    cptr ntfn = fixture_make(p.f, seL4_NotificationObject, 0);
    fixture_receive_into(p.f, p.receiver.tcb, p.ep);
    start_sender(&p);
    SEND(p.f, p.ep, WORDS(8), CARRY(ntfn));

    struct incoming message = receive(&p);

    EXPECT_EQ(0, message.extra);
    EXPECT_EQ(1, message.length);
    EXPECT_CAP(p.f, p.ep, CAP_ENDPOINT);
    fixture_free(p.f);
}

TEST(a_cap_for_a_slot_of_depth_0_is_lost)
{
    struct pair p = pair_new();
    cptr ntfn = fixture_make(p.f, seL4_NotificationObject, 0);
    cptr target = fixture_slots(p.f, 1);
    fixture_receive_into(p.f, p.receiver.tcb, target);
    fixture_buffer(p.f, p.receiver.tcb)->receive_depth = 0;
    start_sender(&p);
    SEND(p.f, p.ep, CARRY(ntfn));

    EXPECT_EQ(0, receive(&p).extra);
    EXPECT_CAP(p.f, target, CAP_NULL);
    fixture_free(p.f);
}

TEST(a_cap_that_cannot_be_copied_is_lost)
{
    struct pair p = pair_new();
    cptr target = fixture_slots(p.f, 1);
    fixture_receive_into(p.f, p.receiver.tcb, target);
    start_sender(&p);
    /* It has children: all that these tests make. */
    SEND(p.f, p.ep, CARRY(p.f->untyped));

    EXPECT_EQ(0, receive(&p).extra);
    EXPECT_CAP(p.f, target, CAP_NULL);
    fixture_free(p.f);
}

TEST(an_extra_cap_that_is_not_found_faults_the_sender_before_it_sends)
{
    struct pair p = pair_new();
    start_sender(&p);

    SEND(p.f, p.ep, CARRY(1ul << 40));

    EXPECT_EQ(THREAD_INACTIVE, p.sender.tcb->state);
    EXPECT_EQ(FAULT_CAP, p.f->last_fault.label);
    EXPECT_EQ(1ul << 40, p.f->last_fault.address);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(p.f, p.ep)->state);
    fixture_free(p.f);
}

TEST(a_cap_whose_address_has_gone_bad_while_its_sender_waited_takes_the_others_along)
{
    struct pair p = pair_new();
    cptr ntfn = fixture_make(p.f, seL4_NotificationObject, 0);
    cptr target = fixture_slots(p.f, 1);
    fixture_receive_into(p.f, p.receiver.tcb, target);
    start_sender(&p);
    SEND(p.f, p.ep, WORDS(6), CARRY(ntfn, ntfn));
    fixture_buffer(p.f, p.sender.tcb)->caps_or_badges[1] = 1ul << 40;

    struct incoming message = receive(&p);

    EXPECT_EQ(1, message.length);
    EXPECT_EQ(0, message.extra);
    EXPECT_CAP(p.f, target, CAP_NULL);
    fixture_free(p.f);
}
