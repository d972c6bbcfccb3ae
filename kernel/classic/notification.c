/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications of the classic kernel. */
#include "kernel/notification.h"

#include "kernel/sched.h"

void ntfn_deliver(struct kernel *k, struct notification *ntfn, struct tcb *tcb, uint64_t badge)
{
    (void)ntfn;
    sched_set_state(k, tcb, THREAD_RUNNING);
    tcb->registers.r[SYSCALL_CAP] = badge;
    sched_possible_switch(k, tcb);
}

void ntfn_complete(struct kernel *k, struct notification *ntfn, struct tcb *receiver)
{
    (void)k;
    ntfn_take(ntfn, receiver);
}

void ntfn_receive(struct kernel *k, struct tcb *receiver, struct cap cap,
                  enum ntfn_blocking blocking)
{
    struct notification *ntfn = ntfn_at(k, cap_object(cap));
    if (ntfn->state == NOTIFICATION_ACTIVE) {
        ntfn_take(ntfn, receiver);
    } else if (blocking == NTFN_BLOCK) {
        receiver->wait.object = ntfn_address(k, ntfn);
        sched_set_state(k, receiver, THREAD_BLOCKED_ON_NOTIFICATION);
        ntfn_enter(k, ntfn, receiver);
    } else {
        receiver->registers.r[SYSCALL_CAP] = 0;
    }
}

void ntfn_finalise(struct kernel *k, struct notification *ntfn)
{
    ntfn_unbind(k, ntfn);
    ntfn_cancel_all(k, ntfn);
}
