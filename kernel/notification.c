/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications: words of binary semaphores. */
#include "kernel/notification.h"

#include "kernel/endpoint.h"
#include "kernel/sched.h"
#include "kernel/sched_context.h"

static void enter_queue(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    queue_append(k, &ntfn->queue, tcb);
    ntfn->state = NOTIFICATION_WAITING;
}

static void leave_queue(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    queue_remove(k, &ntfn->queue, tcb);
    if (!ntfn->queue.head) {
        ntfn->state = NOTIFICATION_IDLE;
    }
}

void ntfn_reorder(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    queue_remove(k, &ntfn->queue, tcb);
    queue_append(k, &ntfn->queue, tcb);
}

/* Signals. */

/* A thread that was waiting gets the signal. */
static void deliver(struct kernel *k, struct notification *ntfn, struct tcb *tcb, uint64_t badge)
{
    sched_set_state(k, tcb, THREAD_RUNNING);
    tcb->registers.r[SYSCALL_CAP] = badge;
    sc_donate_from_ntfn(k, ntfn, tcb);
    if (sched_is_schedulable(k, tcb)) {
        sched_possible_switch(k, tcb);
    }
    sc_wake(k, sc_at(k, tcb->sc));
}

static bool can_interrupt(const struct tcb *bound)
{
    return bound && bound->state == THREAD_BLOCKED_ON_RECEIVE;
}

void ntfn_signal(struct kernel *k, struct notification *ntfn, uint64_t badge)
{
    struct tcb *bound = tcb_at(k, ntfn->bound_tcb);
    struct tcb *first = tcb_at(k, ntfn->queue.head);
    switch (ntfn->state) {
    case NOTIFICATION_WAITING:
        leave_queue(k, ntfn, first);
        deliver(k, ntfn, first, badge);
        break;
    case NOTIFICATION_ACTIVE:
        ntfn->badge |= badge;
        break;
    default:
        if (can_interrupt(bound)) {
            ep_cancel(k, bound);
            deliver(k, ntfn, bound, badge);
        } else {
            ntfn->badge = badge;
            ntfn->state = NOTIFICATION_ACTIVE;
        }
    }
}

/* The pending signals go to a thread that runs. */
static void take(struct notification *ntfn, struct tcb *receiver)
{
    receiver->registers.r[SYSCALL_CAP] = ntfn->badge;
    ntfn->state = NOTIFICATION_IDLE;
}

void ntfn_complete(struct kernel *k, struct notification *ntfn, struct tcb *receiver)
{
    take(ntfn, receiver);
    sc_donate_from_ntfn(k, ntfn, receiver);
    if (receiver->sc == ntfn->sc) {
        sc_wake(k, sc_at(k, receiver->sc));
    }
}

void ntfn_receive(struct kernel *k, struct tcb *receiver, struct cap cap,
                  enum ntfn_blocking blocking)
{
    struct notification *ntfn = ntfn_at(k, cap_object(cap));
    if (ntfn->state == NOTIFICATION_ACTIVE) {
        take(ntfn, receiver);
        sc_donate_from_ntfn(k, ntfn, receiver);
        sc_wake(k, sc_at(k, receiver->sc));
    } else if (blocking == NTFN_BLOCK) {
        receiver->wait.object = ntfn_address(k, ntfn);
        sched_set_state(k, receiver, THREAD_BLOCKED_ON_NOTIFICATION);
        enter_queue(k, ntfn, receiver);
        sc_return_to_ntfn(k, ntfn, receiver);
    } else {
        receiver->registers.r[SYSCALL_CAP] = 0;
    }
}

/* Waiting no more. */

void ntfn_cancel(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    leave_queue(k, ntfn, tcb);
    sched_set_state(k, tcb, THREAD_INACTIVE);
}

void ntfn_cancel_all(struct kernel *k, struct notification *ntfn)
{
    if (ntfn->state != NOTIFICATION_WAITING) {
        return;
    }
    while (ntfn->queue.head) {
        struct tcb *tcb = tcb_at(k, ntfn->queue.head);
        leave_queue(k, ntfn, tcb);
        sched_set_state(k, tcb, THREAD_RESTART);
        sc_wake(k, sc_at(k, tcb->sc));
        sched_possible_switch(k, tcb);
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

void ntfn_finalise(struct kernel *k, struct notification *ntfn)
{
    struct sched_context *sc = sc_at(k, ntfn->sc);
    if (sc) {
        sc_unbind_ntfn(k, sc);
    }
    ntfn_unbind(k, ntfn);
    ntfn_cancel_all(k, ntfn);
}
