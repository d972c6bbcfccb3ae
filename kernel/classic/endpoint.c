/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Endpoints of the classic kernel: who receives a call gets a reply cap, and holds the caller. */
#include "kernel/classic/ipc.h"

#include "kernel/classic/reply.h"
#include "kernel/message.h"
#include "kernel/notification.h"
#include "kernel/sched.h"

/* A caller whose message has arrived waits for the reply, if there can be one. Else it stops.
 * What a reply can carry is up to the receiver's endpoint cap. */
static void await_reply(struct kernel *k, struct tcb *caller, struct tcb *receiver,
                        const struct ep_send *how, bool reply_can_grant)
{
    if (how->can_grant || how->can_grant_reply) {
        reply_hold_caller(k, caller, receiver, reply_can_grant);
    } else {
        sched_set_state(k, caller, THREAD_INACTIVE);
    }
}

void ep_send(struct kernel *k, struct endpoint *ep, struct tcb *sender, struct ep_send how)
{
    if (ep->state != ENDPOINT_RECEIVING) {
        ep_wait_to_send(k, ep, sender, &how);
        return;
    }
    struct tcb *receiver = ep_first(k, ep);
    ep_leave(k, ep, receiver);
    message_transfer(
        k, sender, receiver,
        (struct transfer){.badge = how.badge, .can_grant = how.can_grant, .endpoint = ep});
    sched_set_state(k, receiver, THREAD_RUNNING);
    sched_possible_switch(k, receiver);
    if (how.is_call) {
        await_reply(k, sender, receiver, &how, receiver->wait.can_grant);
    }
}

static void receive_from_sender(struct kernel *k, struct endpoint *ep, struct tcb *receiver,
                                bool reply_can_grant)
{
    struct tcb *sender = ep_first(k, ep);
    struct ep_send how = ep_waiting_send(sender);
    ep_leave(k, ep, sender);
    message_transfer(
        k, sender, receiver,
        (struct transfer){.badge = how.badge, .can_grant = how.can_grant, .endpoint = ep});
    if (how.is_call) {
        await_reply(k, sender, receiver, &how, reply_can_grant);
    } else {
        sched_set_state(k, sender, THREAD_RUNNING);
        sched_possible_switch(k, sender);
    }
}

static void wait_to_receive(struct kernel *k, struct endpoint *ep, struct tcb *receiver,
                            bool reply_can_grant)
{
    receiver->wait.object = ep_address(k, ep);
    receiver->wait.can_grant = reply_can_grant;
    sched_set_state(k, receiver, THREAD_BLOCKED_ON_RECEIVE);
    ep_enter(k, ep, receiver, ENDPOINT_RECEIVING);
}

void ep_receive(struct kernel *k, struct cap cap, struct tcb *receiver, enum ep_blocking blocking)
{
    struct endpoint *ep = ep_at(k, cap_object(cap));
    struct notification *bound = ntfn_at(k, receiver->bound_notification);
    if (bound && bound->state == NOTIFICATION_ACTIVE) {
        ntfn_complete(k, bound, receiver);
    } else if (ep->state == ENDPOINT_SENDING) {
        receive_from_sender(k, ep, receiver, cap.endpoint.can_grant);
    } else if (blocking == EP_BLOCK) {
        wait_to_receive(k, ep, receiver, cap.endpoint.can_grant);
    } else {
        receiver->registers.r[SYSCALL_CAP] = 0;
    }
}

/* Waiting no more. */

/* A fault that has been told to nobody yet is not forgotten: as in seL4, the thread's next message
 * to anybody is the fault. */
void ep_cancel(struct kernel *k, struct tcb *tcb)
{
    switch (tcb->state) {
    case THREAD_BLOCKED_ON_SEND:
    case THREAD_BLOCKED_ON_RECEIVE:
        ep_leave(k, ep_at(k, tcb->wait.object), tcb);
        sched_set_state(k, tcb, THREAD_INACTIVE);
        break;
    case THREAD_BLOCKED_ON_NOTIFICATION:
        ntfn_cancel(k, ntfn_at(k, tcb->wait.object), tcb);
        break;
    case THREAD_BLOCKED_ON_REPLY:
        tcb->fault.kind = NO_FAULT;
        reply_cancel(k, tcb);
        break;
    default:
        break;
    }
}

void ep_retry(struct kernel *k, struct endpoint *ep, struct tcb *tcb)
{
    ep_leave(k, ep, tcb);
    sched_retry(k, tcb);
}
