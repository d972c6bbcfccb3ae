/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications: words of binary semaphores. */
#include "kernel/notification.h"

#include "kernel/endpoint.h"
#include "kernel/sched.h"

/* The queue. */

static struct tcb_queue queue_of(const struct notification *ntfn)
{
    return (struct tcb_queue){.head = (paddr)ntfn->head_2k << TCB_BITS,
                              .tail = (paddr)ntfn->tail_2k << TCB_BITS};
}

static void set_queue(struct notification *ntfn, struct tcb_queue queue)
{
    ntfn->head_2k = queue.head >> TCB_BITS;
    ntfn->tail_2k = queue.tail >> TCB_BITS;
}

paddr ntfn_first(const struct notification *ntfn)
{
    return queue_of(ntfn).head;
}

void ntfn_enter(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    struct tcb_queue queue = queue_of(ntfn);
    queue_append(k, &queue, tcb);
    set_queue(ntfn, queue);
    ntfn->state = NOTIFICATION_WAITING;
}

void ntfn_leave(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    struct tcb_queue queue = queue_of(ntfn);
    queue_remove(k, &queue, tcb);
    set_queue(ntfn, queue);
    if (!queue.head) {
        ntfn->state = NOTIFICATION_IDLE;
    }
}

/* Signals. */

static bool can_interrupt(const struct tcb *bound)
{
    return bound && bound->state == THREAD_BLOCKED_ON_RECEIVE;
}

void ntfn_signal(struct kernel *k, struct notification *ntfn, uint64_t badge)
{
    struct tcb *bound = tcb_at(k, ntfn->bound_tcb);
    struct tcb *first = tcb_at(k, ntfn_first(ntfn));
    switch (ntfn->state) {
    case NOTIFICATION_WAITING:
        ntfn_leave(k, ntfn, first);
        ntfn_deliver(k, ntfn, first, badge);
        break;
    case NOTIFICATION_ACTIVE:
        ntfn->badge |= badge;
        break;
    default:
        if (can_interrupt(bound)) {
            ep_cancel(k, bound);
            ntfn_deliver(k, ntfn, bound, badge);
        } else {
            ntfn->badge = badge;
            ntfn->state = NOTIFICATION_ACTIVE;
        }
    }
}

void ntfn_take(struct notification *ntfn, struct tcb *receiver)
{
    receiver->registers.r[SYSCALL_CAP] = ntfn->badge;
    ntfn->state = NOTIFICATION_IDLE;
}

/* Waiting no more. */

void ntfn_cancel(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    ntfn_leave(k, ntfn, tcb);
    sched_set_state(k, tcb, THREAD_INACTIVE);
}

void ntfn_cancel_all(struct kernel *k, struct notification *ntfn)
{
    if (ntfn->state != NOTIFICATION_WAITING) {
        return;
    }
    while (ntfn_first(ntfn)) {
        struct tcb *tcb = tcb_at(k, ntfn_first(ntfn));
        ntfn_leave(k, ntfn, tcb);
        sched_retry(k, tcb);
    }
    sched_reschedule(k);
}

/* Binding. */

void ntfn_bind(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    ntfn->bound_tcb = tcb_address(k, tcb);
    tcb->bound_notification = ntfn_address(k, ntfn);
}

void ntfn_unbind(struct kernel *k, struct notification *ntfn)
{
    struct tcb *tcb = tcb_at(k, ntfn->bound_tcb);
    if (tcb) {
        tcb->bound_notification = 0;
        ntfn->bound_tcb = 0;
    }
}
