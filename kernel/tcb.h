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

/* Stop it with a debug exception after so many instructions; 0: never. */
void tcb_single_step(struct tcb *tcb, uint64_t instructions);

/*
 * A debug exception: what its handler is to hear of it.
 *
 * debug     why, X86_DEBUG_…
 * Returns   false when it need not hear of it: one of the instructions to skip, or `int1`, of which
 *           seL4 makes nothing.
 */
bool tcb_debug_fault(struct tcb *tcb, uint64_t debug, struct fault *fault);

/* It is deleted: suspended, and in no list any more. */
void tcb_forget(struct kernel *k, struct tcb *tcb);

/* The parts of decode_tcb that have files of their own; `tcb` is the invoked one. */

/* tcb_registers.c: ReadRegisters, WriteRegisters, CopyRegisters. */
enum answer decode_tcb_read_registers(struct call *call, struct tcb *tcb);
enum answer decode_tcb_write_registers(struct call *call, struct tcb *tcb);
enum answer decode_tcb_copy_registers(struct call *call, struct tcb *tcb);

/* tcb_caps.c: the caps that a TCB holds. */
enum answer decode_tcb_set_ipc_buffer(struct call *call, struct tcb *tcb);

/* tcb_debug.c: breakpoints and single steps, of the hardware debug API. */
enum answer decode_tcb_set_breakpoint(struct call *call, struct tcb *tcb);
enum answer decode_tcb_get_breakpoint(struct call *call, struct tcb *tcb);
enum answer decode_tcb_unset_breakpoint(struct call *call, struct tcb *tcb);
enum answer decode_tcb_configure_single_stepping(struct call *call, struct tcb *tcb);

/*
 * Each product's own.
 */

/* Let a stopped or blocked thread go on, from its last instruction. */
void tcb_restart(struct kernel *k, struct tcb *tcb);

/* The last cap to it goes. Its slots are emptied afterwards, by a zombie. */
void tcb_finalise(struct kernel *k, struct tcb *tcb);

/* The labels that are not the same in both: Configure, SetSpace, SetSchedParams and what one
 * product has alone. */
enum answer decode_tcb_own(struct call *call, struct tcb *tcb);

/* For a person, add: whether it has time, waits because of a fault, and who is to reply. */
void tcb_describe(struct kernel *k, const struct tcb *tcb, struct kernel_thread *thread);

/* The thread executes its system call (again) when it runs next, or is done with it. */
static inline void tcb_restart_syscall(struct tcb *tcb)
{
    tcb->next_rip = tcb->registers.r[X86_RIP];
    tcb->in_syscall = false;
}

static inline struct cap tcb_cap(const struct tcb *tcb, enum tcb_slot slot)
{
    return tcb->slots[slot].cap;
}
