/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Endpoints: their queues. Who meets whom, and what becomes of the two, is each product's own. */
#include "kernel/endpoint.h"

#include "kernel/sched.h"

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

void ep_enter(struct kernel *k, struct endpoint *ep, struct tcb *tcb, enum endpoint_state state)
{
    struct tcb_queue queue = queue_of(ep);
    queue_append(k, &queue, tcb);
    set_queue(ep, queue);
    ep->state = state;
}

void ep_leave(struct kernel *k, struct endpoint *ep, struct tcb *tcb)
{
    struct tcb_queue queue = queue_of(ep);
    queue_remove(k, &queue, tcb);
    set_queue(ep, queue);
    if (!queue.head) {
        ep->state = ENDPOINT_IDLE;
    }
}

struct tcb *ep_first(struct kernel *k, const struct endpoint *ep)
{
    struct tcb *tcb = tcb_at(k, queue_of(ep).head);
    ASSERT(tcb);
    return tcb;
}

void ep_wait_to_send(struct kernel *k, struct endpoint *ep, struct tcb *sender,
                     const struct ep_send *how)
{
    if (!how->is_blocking) {
        return;
    }
    sender->wait.object = ep_address(k, ep);
    sender->wait.badge = how->badge;
    sender->wait.can_grant = how->can_grant;
    sender->wait.can_grant_reply = how->can_grant_reply;
    sender->wait.is_call = how->is_call;
    sched_set_state(k, sender, THREAD_BLOCKED_ON_SEND);
    ep_enter(k, ep, sender, ENDPOINT_SENDING);
}

struct ep_send ep_waiting_send(const struct tcb *sender)
{
    return (struct ep_send){.is_blocking = true,
                            .is_call = sender->wait.is_call,
                            .can_grant = sender->wait.can_grant,
                            .can_grant_reply = sender->wait.can_grant_reply,
                            .badge = sender->wait.badge};
}

void ep_cancel_all(struct kernel *k, struct endpoint *ep)
{
    if (ep->state == ENDPOINT_IDLE) {
        return;
    }
    while (ep->state != ENDPOINT_IDLE) {
        ep_retry(k, ep, ep_first(k, ep));
    }
    sched_reschedule(k);
}

void ep_cancel_badged(struct kernel *k, struct endpoint *ep, uint64_t badge)
{
    if (ep->state != ENDPOINT_SENDING) {
        return;
    }
    struct tcb *next;
    for (struct tcb *tcb = ep_first(k, ep); tcb; tcb = next) {
        next = tcb_at(k, tcb->queue.next);
        if (tcb->wait.badge == badge) {
            ep_retry(k, ep, tcb);
        }
    }
    sched_reschedule(k);
}
