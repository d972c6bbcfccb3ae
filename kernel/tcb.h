/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: their invocations, and what stops and starts them. */
#pragma once

#include "kernel/call.h"

enum answer decode_tcb(struct call *call);

/* Initialise in zeroed memory. */
void tcb_create(struct kernel *k, struct tcb *tcb);

/* Take it off whatever it does or waits for; it becomes inactive. */
void tcb_suspend(struct kernel *k, struct tcb *tcb);

/* Let a stopped or blocked thread go on, from its last instruction. */
void tcb_restart(struct kernel *k, struct tcb *tcb);

/* The last cap to it goes. Its slots are emptied afterwards, by a zombie. */
void tcb_finalise(struct kernel *k, struct tcb *tcb);

/* The thread executes its system call (again) when it runs next, or is done with it. */
static inline void tcb_restart_syscall(struct tcb *tcb)
{
    tcb->next_rip = tcb->registers.r[X86_RIP];
}

static inline struct cap tcb_cap(const struct tcb *tcb, enum tcb_slot slot)
{
    return tcb->slots[slot].cap;
}
