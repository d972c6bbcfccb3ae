/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications: words of binary semaphores. */
#pragma once

#include "kernel/call.h"

void ntfn_signal(struct kernel *k, struct notification *ntfn, uint64_t badge);

enum ntfn_blocking { NTFN_BLOCK, NTFN_POLL };
void ntfn_receive(struct kernel *k, struct tcb *receiver, struct cap cap,
                  enum ntfn_blocking blocking);

/* A thread receives on an endpoint, and its bound notification is active: it gets that instead. */
void ntfn_complete(struct kernel *k, struct notification *ntfn, struct tcb *receiver);

void ntfn_cancel(struct kernel *k, struct notification *ntfn,
                 struct tcb *tcb); /* that waits here */
void ntfn_cancel_all(struct kernel *k, struct notification *ntfn);
/* The priority of a thread that waits here has changed: give it its new place. */
void ntfn_reorder(struct kernel *k, struct notification *ntfn, struct tcb *tcb);

void ntfn_bind(struct kernel *k, struct notification *ntfn, struct tcb *tcb);
void ntfn_unbind(struct kernel *k, struct notification *ntfn); /* from its TCB, if any */

/* The notification dies: nobody waits on it, is bound to it or has it as donor any more. */
void ntfn_finalise(struct kernel *k, struct notification *ntfn);
