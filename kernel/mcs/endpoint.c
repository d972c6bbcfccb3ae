/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Endpoints of the MCS kernel: time is lent along with calls, replies go through reply objects. */
#include "kernel/mcs/ipc.h"

#include "kernel/mcs/reply.h"
#include "kernel/mcs/sched_context.h"
#include "kernel/message.h"
#include "kernel/say.h"
#include "kernel/sched.h"

void ep_reorder(struct kernel *k, struct endpoint *ep, struct tcb *tcb)
{
    enum endpoint_state state = (enum endpoint_state)ep->state;
    ep_leave(k, ep, tcb);
    ep_enter(k, ep, tcb, state);
}

/* Sending and receiving. */

static bool expects_reply(const struct tcb *sender, bool is_call)
{
    return is_call || sender->fault.kind != NO_FAULT;
}

/* A sender whose message has arrived waits for the reply, if there can be one. Else it stops. */
static void await_reply(struct kernel *k, struct tcb *sender, struct tcb *receiver,
                        struct reply *reply, const struct ep_send *how)
{
    if (reply && (how->can_grant || how->can_grant_reply)) {
        reply_push(k, sender, receiver, reply, how->can_donate);
    } else {
        sched_set_state(k, sender, THREAD_INACTIVE);
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

    struct reply *reply = reply_at(k, receiver->wait.reply);
    if (reply) {
        reply_unlink(k, reply, receiver);
    }
    if (expects_reply(sender, how.is_call)) {
        await_reply(k, sender, receiver, reply, &how);
    } else if (how.can_donate && !receiver->sc) {
        sc_donate(k, sc_at(k, sender->sc), receiver);
    }
    sched_set_state(k, receiver, THREAD_RUNNING);
    sc_wake(k, sc_at(k, receiver->sc));
    sched_possible_switch(k, receiver);
}

static void wait_to_receive(struct kernel *k, struct endpoint *ep, struct tcb *receiver,
                            struct reply *reply)
{
    receiver->wait.object = ep_address(k, ep);
    receiver->wait.reply = reply_address(k, reply);
    if (reply) {
        reply->tcb = tcb_address(k, receiver);
    }
    sched_set_state(k, receiver, THREAD_BLOCKED_ON_RECEIVE);
    ep_enter(k, ep, receiver, ENDPOINT_RECEIVING);
}

static void receive_from_sender(struct kernel *k, struct endpoint *ep, struct tcb *receiver,
                                struct reply *reply)
{
    struct tcb *sender = ep_first(k, ep);
    struct ep_send how = ep_waiting_send(sender);
    /* The scheduling context goes along if there is one, except that a timeout is no call. */
    how.can_donate = sender->sc && sender->fault.kind != TIMEOUT_FAULT;
    ep_leave(k, ep, sender);
    message_transfer(
        k, sender, receiver,
        (struct transfer){.badge = how.badge, .can_grant = how.can_grant, .endpoint = ep});
    sc_wake(k, sc_at(k, sender->sc));

    if (expects_reply(sender, how.is_call)) {
        await_reply(k, sender, receiver, reply, &how);
    } else {
        sched_set_state(k, sender, THREAD_RUNNING);
        sched_possible_switch(k, sender);
    }
}

/* A reply object serves one thread at a time: whoever it served before is thrown out. */
static void claim_reply(struct kernel *k, struct reply *reply, struct tcb *receiver)
{
    struct tcb *previous = tcb_at(k, reply->tcb);
    if (previous && previous != receiver) {
        say_why(k, WHY("thread %n receives with a reply object that %n was waiting for: %n stops",
                       tcb_address(k, receiver), reply->tcb, reply->tcb));
        ep_cancel(k, previous);
    }
}

void ep_receive(struct kernel *k, struct cap cap, struct tcb *receiver, enum ep_blocking blocking,
                struct cap reply_cap)
{
    struct endpoint *ep = ep_at(k, cap_object(cap));
    struct reply *reply = reply_at(k, cap_object(reply_cap));
    if (reply) {
        claim_reply(k, reply, receiver);
    }
    struct notification *bound = ntfn_at(k, receiver->bound_notification);
    if (bound && bound->state == NOTIFICATION_ACTIVE) {
        ntfn_complete(k, bound, receiver);
        return;
    }
    /* From now on it lives on what its callers lend it. */
    if (bound && blocking == EP_BLOCK) {
        sc_return_to_ntfn(k, bound, receiver);
    }
    if (ep->state == ENDPOINT_SENDING) {
        receive_from_sender(k, ep, receiver, reply);
    } else if (blocking == EP_BLOCK) {
        wait_to_receive(k, ep, receiver, reply);
    } else {
        receiver->registers.r[SYSCALL_CAP] = 0;
    }
}

/* Waiting no more. */

/* A receiver that waits no more gives its reply object back. */
static void release_reply(struct kernel *k, struct tcb *tcb)
{
    if (tcb->state == THREAD_BLOCKED_ON_RECEIVE && tcb->wait.reply) {
        reply_unlink(k, reply_at(k, tcb->wait.reply), tcb);
    }
}

void ep_cancel(struct kernel *k, struct tcb *tcb)
{
    tcb->fault.kind = NO_FAULT;
    switch (tcb->state) {
    case THREAD_BLOCKED_ON_SEND:
    case THREAD_BLOCKED_ON_RECEIVE:
        ep_leave(k, ep_at(k, tcb->wait.object), tcb);
        release_reply(k, tcb);
        sched_set_state(k, tcb, THREAD_INACTIVE);
        break;
    case THREAD_BLOCKED_ON_NOTIFICATION:
        ntfn_cancel(k, ntfn_at(k, tcb->wait.object), tcb);
        break;
    case THREAD_BLOCKED_ON_REPLY:
        reply_remove_tcb(k, tcb);
        break;
    default:
        break;
    }
}

/* A faulter's message was its fault, and there is nobody to tell it to any more: it stays. */
void ep_retry(struct kernel *k, struct endpoint *ep, struct tcb *tcb)
{
    ep_leave(k, ep, tcb);
    release_reply(k, tcb);
    if (tcb->fault.kind != NO_FAULT) {
        sched_set_state(k, tcb, THREAD_INACTIVE);
    } else {
        sched_retry(k, tcb);
    }
}
