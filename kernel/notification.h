/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications: words of binary semaphores. */
#pragma once

#include "kernel/call.h"

void ntfn_signal(struct kernel *k, struct notification *ntfn, uint64_t badge);

/* The queue: threads that wait for a signal. */
void ntfn_enter(struct kernel *k, struct notification *ntfn, struct tcb *tcb);
void ntfn_leave(struct kernel *k, struct notification *ntfn, struct tcb *tcb);
/* The first who waits here, or 0. */
paddr ntfn_first(const struct notification *ntfn);

/* The pending signals go to a thread that runs. */
void ntfn_take(struct notification *ntfn, struct tcb *receiver);

void ntfn_cancel(struct kernel *k, struct notification *ntfn,
                 struct tcb *tcb); /* that waits here */
void ntfn_cancel_all(struct kernel *k, struct notification *ntfn);

void ntfn_bind(struct kernel *k, struct notification *ntfn, struct tcb *tcb);
void ntfn_unbind(struct kernel *k, struct notification *ntfn); /* from its TCB, if any */

/*
 * What follows is each product's own.
 */

enum ntfn_blocking { NTFN_BLOCK, NTFN_POLL };
void ntfn_receive(struct kernel *k, struct tcb *receiver, struct cap cap,
                  enum ntfn_blocking blocking);

/* A thread that was waiting gets the signal. */
void ntfn_deliver(struct kernel *k, struct notification *ntfn, struct tcb *tcb, uint64_t badge);

/* A thread receives on an endpoint, and its bound notification is active: it gets that instead. */
void ntfn_complete(struct kernel *k, struct notification *ntfn, struct tcb *receiver);

/* The notification dies: nobody waits on it, is bound to it or has it as donor any more. */
void ntfn_finalise(struct kernel *k, struct notification *ntfn);
