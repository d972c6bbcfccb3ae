/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications of the MCS kernel: one can lend its scheduling context to whom it wakes. */
#include "kernel/mcs/ipc.h"

#include "kernel/mcs/sched_context.h"
#include "kernel/sched.h"

void ntfn_reorder(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    ntfn_leave(k, ntfn, tcb);
    ntfn_enter(k, ntfn, tcb);
}

void ntfn_deliver(struct kernel *k, struct notification *ntfn, struct tcb *tcb, uint64_t badge)
{
    sched_set_state(k, tcb, THREAD_RUNNING);
    tcb->registers.r[SYSCALL_CAP] = badge;
    sc_donate_from_ntfn(k, ntfn, tcb);
    if (sched_is_schedulable(k, tcb)) {
        sched_possible_switch(k, tcb);
    }
    sc_wake(k, sc_at(k, tcb->sc));
}

void ntfn_complete(struct kernel *k, struct notification *ntfn, struct tcb *receiver)
{
    ntfn_take(ntfn, receiver);
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
        ntfn_take(ntfn, receiver);
        sc_donate_from_ntfn(k, ntfn, receiver);
        sc_wake(k, sc_at(k, receiver->sc));
    } else if (blocking == NTFN_BLOCK) {
        receiver->wait.object = ntfn_address(k, ntfn);
        sched_set_state(k, receiver, THREAD_BLOCKED_ON_NOTIFICATION);
        ntfn_enter(k, ntfn, receiver);
        sc_return_to_ntfn(k, ntfn, receiver);
    } else {
        receiver->registers.r[SYSCALL_CAP] = 0;
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
