/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Faults: what stops a thread becomes a message to its handler, and the reply decides. */
#pragma once

#include "kernel/call.h"
#include "kernel/message.h"

/* A thread cannot go on because of `fault`: tell its handler, or stop it for good. */
void fault_raise(struct kernel *k, struct tcb *tcb, struct fault fault);

/* It has a timeout handler. MCS. */
bool fault_wants_timeout(const struct tcb *tcb);

/* Its scheduling context ran out, and it wants timeouts: tell the handler. MCS. */
void fault_timeout(struct kernel *k, struct tcb *tcb);

/* Write the message for tcb->fault into the receiver's message registers. Returns its length;
 * *label gets the fault's label. */
unsigned fault_message(struct kernel *k, struct tcb *faulter, struct tcb *receiver,
                       struct abi_ipc_buffer *buffer, uint64_t *label);

/* Apply a handler's reply. Returns whether the faulter is to be restarted. */
bool fault_reply(struct kernel *k, struct tcb *faulter, struct tcb *handler);
