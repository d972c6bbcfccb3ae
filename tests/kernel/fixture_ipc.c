/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads that talk, for tests of IPC. */
#include "tests/kernel/fixture_ipc.h"

static const enum x86_register message_registers[MESSAGE_REGISTERS] = {SYSCALL_MR0, SYSCALL_MR1,
                                                                       SYSCALL_MR2, SYSCALL_MR3};

struct incoming fixture_received(struct fixture *f, const struct tcb *tcb)
{
    const struct abi_ipc_buffer *buffer = fixture_buffer(f, (struct tcb *)tcb);
    uint64_t info = tcb->registers.r[SYSCALL_INFO];
    struct incoming message = {.badge = tcb->registers.r[SYSCALL_CAP],
                               .label = info >> MESSAGE_LABEL_SHIFT,
                               .length = info & 0x7f,
                               .extra = info >> MESSAGE_EXTRA_CAPS_SHIFT & 3,
                               .unwrapped = info >> MESSAGE_UNWRAPPED_SHIFT & 7};
    for (unsigned i = 0; i < message.length && i < FIXTURE_ARGS_MAX; i++) {
        message.words[i] = i < MESSAGE_REGISTERS ? tcb->registers.r[message_registers[i]]
                           : buffer              ? buffer->msg[i]
                                                 : 0;
    }
    return message;
}

static void put_message(struct fixture *f, struct outgoing message)
{
    struct tcb *sender = fixture_current(f);
    struct abi_ipc_buffer *buffer = fixture_buffer(f, sender);
    for (unsigned i = 0; i < message.length; i++) {
        if (i < MESSAGE_REGISTERS) {
            sender->registers.r[message_registers[i]] = message.words[i];
        } else if (buffer) {
            buffer->msg[i] = message.words[i];
        }
    }
    for (unsigned i = 0; i < message.caps_length; i++) {
        buffer->caps_or_badges[i] = message.caps[i];
    }
    sender->registers.r[SYSCALL_INFO] = message.label << MESSAGE_LABEL_SHIFT |
                                        message.caps_length << MESSAGE_EXTRA_CAPS_SHIFT |
                                        message.length;
}

void fixture_send(struct fixture *f, int64_t number, cptr cap, struct outgoing message)
{
    put_message(f, message);
    *fixture_register(f, SYSCALL_CAP) = cap;
    fixture_syscall(f, number);
}

static void receive(struct fixture *f, int64_t number, cptr object, cptr reply)
{
    *fixture_register(f, SYSCALL_CAP) = object;
    *fixture_register(f, SYSCALL_REPLY) = reply;
    fixture_syscall(f, number);
}

void fixture_recv(struct fixture *f, cptr ep, cptr reply)
{
    receive(f, SYS_Recv, ep, reply);
}

void fixture_nbrecv(struct fixture *f, cptr ep, cptr reply)
{
    receive(f, SYS_NBRecv, ep, reply);
}

void fixture_reply_recv(struct fixture *f, cptr ep, cptr reply, struct outgoing message)
{
    put_message(f, message);
    receive(f, SYS_ReplyRecv, ep, reply);
}

void fixture_root_steps_back(struct fixture *f)
{
    EXPECT_EQ(seL4_NoError,
              CALL(f, seL4_CapInitThreadTCB, TCBSetPriority, ARGS(100), CAPS(seL4_CapInitThreadTCB))
                  .error);
}

struct fixture_thread fixture_running(struct fixture *f, uint8_t priority)
{
    struct fixture_thread thread = fixture_thread(f, priority, FIXTURE_ACTIVE);
    fixture_start(f, thread);
    EXPECT_RUNS(f, thread);
    return thread;
}

struct fixture_thread fixture_root(struct fixture *f)
{
    return (struct fixture_thread){
        .cap = seL4_CapInitThreadTCB,
        .sc = seL4_CapInitThreadSC,
        .tcb = tcb_at(f->k, cap_object(fixture_slot(f, seL4_CapInitThreadTCB)->cap))};
}

cptr fixture_mint(struct fixture *f, cptr source, uint64_t rights, uint64_t badge)
{
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError,
              CALL(f, seL4_CapInitThreadCNode, CNodeMint, ARGS(slot, 64, source, 64, rights, badge),
                   CAPS(seL4_CapInitThreadCNode))
                  .error);
    return slot;
}

void fixture_delete(struct fixture *f, cptr slot)
{
    EXPECT_EQ(seL4_NoError, CALL(f, seL4_CapInitThreadCNode, CNodeDelete, ARGS(slot, 64)).error);
}

static void *object(struct fixture *f, cptr address, enum cap_type type)
{
    struct cap cap = fixture_slot(f, address)->cap;
    EXPECT_EQ(type, cap.type);
    return object_at(f->k, cap_object(cap));
}

struct endpoint *fixture_endpoint(struct fixture *f, cptr address)
{
    return object(f, address, CAP_ENDPOINT);
}

struct notification *fixture_notification(struct fixture *f, cptr address)
{
    return object(f, address, CAP_NOTIFICATION);
}

struct reply *fixture_reply(struct fixture *f, cptr address)
{
    return object(f, address, CAP_REPLY);
}

struct sched_context *fixture_sched_context(struct fixture *f, cptr address)
{
    return object(f, address, CAP_SCHED_CONTEXT);
}

void fixture_receive_into(struct fixture *f, struct tcb *tcb, cptr slot)
{
    struct abi_ipc_buffer *buffer = fixture_buffer(f, tcb);
    buffer->receive_cnode = seL4_CapInitThreadCNode;
    buffer->receive_index = slot;
    buffer->receive_depth = 64;
}

void fixture_handle_faults(struct fixture *f, struct fixture_thread thread, cptr handler)
{
    fixture_set_space(f, thread.cap, seL4_CapInitThreadVSpace, handler);
}
