/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Faults: what stops a thread becomes a message to its handler, and the reply decides. */
#pragma once

#include "kernel/call.h"
#include "kernel/message.h"

/* What is told about a fault, before anybody handles it: the host, unless somebody asked for it. */
void fault_report(struct kernel *k, struct tcb *tcb, const struct fault *fault, bool handled);

/* Nobody handles it, and `why` says why: tell a person, and stop the thread. */
void fault_stop(struct kernel *k, struct tcb *tcb, const struct fault *fault, struct why why);

/* Write the words of the message for tcb->fault, of any kind but a timeout, into the receiver's
 * message registers. Returns how many there was room for. */
unsigned fault_words(struct tcb *faulter, struct tcb *receiver, struct abi_ipc_buffer *buffer);

/* Apply a handler's reply. Returns whether the faulter is to be restarted. */
bool fault_reply(struct kernel *k, struct tcb *faulter, struct tcb *handler);

/*
 * What follows is each product's own: who handles faults, and the labels.
 */

/* A thread cannot go on because of `fault`: tell its handler, or stop it for good. */
void fault_raise(struct kernel *k, struct tcb *tcb, struct fault fault);

/* FAULT_… of abi/message.h. */
unsigned fault_label(enum fault_kind kind);

/* The message for tcb->fault, as fault_words() writes it; *label gets the fault's label. */
unsigned fault_message(struct kernel *k, struct tcb *faulter, struct tcb *receiver,
                       struct abi_ipc_buffer *buffer, uint64_t *label);
