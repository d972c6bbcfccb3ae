/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Endpoints: synchronous rendezvous between one sender and one receiver. */
#include "kernel/endpoint.h"

#include "kernel/message.h"
#include "kernel/notification.h"
#include "kernel/reply.h"
#include "kernel/say.h"
#include "kernel/sched.h"
#include "kernel/sched_context.h"

/* The queue. */

_Static_assert(TCB_BITS == 11, "links of endpoints are in units of 2048");

static struct tcb_queue queue_of(const struct endpoint *ep)
{
    return (struct tcb_queue){.head = (paddr)ep->head_2k << TCB_BITS,
                              .tail = (paddr)ep->tail_2k << TCB_BITS};
}

static void set_queue(struct endpoint *ep, struct tcb_queue queue)
{
    ep->head_2k = queue.head >> TCB_BITS;
    ep->tail_2k = queue.tail >> TCB_BITS;
}

static void enter_queue(struct kernel *k, struct endpoint *ep, struct tcb *tcb,
                        enum endpoint_state state)
{
    struct tcb_queue queue = queue_of(ep);
    queue_append(k, &queue, tcb);
    set_queue(ep, queue);
    ep->state = state;
}

static void leave_queue(struct kernel *k, struct endpoint *ep, struct tcb *tcb)
{
    struct tcb_queue queue = queue_of(ep);
    queue_remove(k, &queue, tcb);
    set_queue(ep, queue);
    if (!queue.head) {
        ep->state = ENDPOINT_IDLE;
    }
}

static struct tcb *first_in_queue(struct kernel *k, const struct endpoint *ep)
{
    struct tcb *tcb = tcb_at(k, queue_of(ep).head);
    ASSERT(tcb);
    return tcb;
}

void ep_reorder(struct kernel *k, struct endpoint *ep, struct tcb *tcb)
{
    struct tcb_queue queue = queue_of(ep);
    queue_remove(k, &queue, tcb);
    queue_append(k, &queue, tcb);
    set_queue(ep, queue);
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

static void wait_to_send(struct kernel *k, struct endpoint *ep, struct tcb *sender,
                         const struct ep_send *how)
{
    sender->wait.object = ep_address(k, ep);
    sender->wait.badge = how->badge;
    sender->wait.can_grant = how->can_grant;
    sender->wait.can_grant_reply = how->can_grant_reply;
    sender->wait.is_call = how->is_call;
    sched_set_state(k, sender, THREAD_BLOCKED_ON_SEND);
    enter_queue(k, ep, sender, ENDPOINT_SENDING);
}

void ep_send(struct kernel *k, struct endpoint *ep, struct tcb *sender, struct ep_send how)
{
    if (ep->state != ENDPOINT_RECEIVING) {
        if (how.is_blocking) {
            wait_to_send(k, ep, sender, &how);
        }
        return;
    }
    struct tcb *receiver = first_in_queue(k, ep);
    leave_queue(k, ep, receiver);
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
    enter_queue(k, ep, receiver, ENDPOINT_RECEIVING);
}

static void receive_from_sender(struct kernel *k, struct endpoint *ep, struct tcb *receiver,
                                struct reply *reply)
{
    struct tcb *sender = first_in_queue(k, ep);
    /* The scheduling context goes along if there is one, except that a timeout is no call. */
    struct ep_send how = {.is_call = sender->wait.is_call,
                          .can_grant = sender->wait.can_grant,
                          .can_grant_reply = sender->wait.can_grant_reply,
                          .can_donate = sender->sc && sender->fault.kind != TIMEOUT_FAULT,
                          .badge = sender->wait.badge};
    leave_queue(k, ep, sender);
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
        leave_queue(k, ep_at(k, tcb->wait.object), tcb);
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
static void retry_or_stop(struct kernel *k, struct endpoint *ep, struct tcb *tcb)
{
    leave_queue(k, ep, tcb);
    release_reply(k, tcb);
    if (tcb->fault.kind != NO_FAULT) {
        sched_set_state(k, tcb, THREAD_INACTIVE);
        return;
    }
    sched_set_state(k, tcb, THREAD_RESTART);
    sc_wake(k, sc_at(k, tcb->sc));
    sched_possible_switch(k, tcb);
}

void ep_cancel_all(struct kernel *k, struct endpoint *ep)
{
    if (ep->state == ENDPOINT_IDLE) {
        return;
    }
    while (ep->state != ENDPOINT_IDLE) {
        retry_or_stop(k, ep, first_in_queue(k, ep));
    }
    sched_reschedule(k);
}

void ep_cancel_badged(struct kernel *k, struct endpoint *ep, uint64_t badge)
{
    if (ep->state != ENDPOINT_SENDING) {
        return;
    }
    struct tcb *next;
    for (struct tcb *tcb = first_in_queue(k, ep); tcb; tcb = next) {
        next = tcb_at(k, tcb->queue.next);
        if (tcb->wait.badge == badge) {
            retry_or_stop(k, ep, tcb);
        }
    }
    sched_reschedule(k);
}
