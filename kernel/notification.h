/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications: words of binary semaphores. */
#pragma once

#include "kernel/call.h"

void ntfn_signal(struct kernel *k, struct notification *ntfn, uint64_t badge);

enum ntfn_blocking { NTFN_BLOCK, NTFN_POLL };
void ntfn_receive(struct kernel *k, struct tcb *receiver, struct cap cap,
                  enum ntfn_blocking blocking);

void ntfn_cancel_all(struct kernel *k, struct notification *ntfn);
void ntfn_bind(struct kernel *k, struct notification *ntfn, struct tcb *tcb);
void ntfn_unbind(struct kernel *k, struct notification *ntfn); /* from its TCB, if any */

/* The notification dies: nobody waits on it, is bound to it or has it as donor any more. */
void ntfn_finalise(struct kernel *k, struct notification *ntfn);
