/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What gdb sees of a machine that stands still: threads, their registers, and memory as their
 * VSpaces map it.
 *
 * A thread is a TCB. Its number for gdb is the TCB's physical address in units of 2048, which TCBs
 * are aligned to: it stays the same for as long as the thread lives, and is never 0.
 *
 * The FPU's registers stay in the cell: gdb is told that they are not available.
 */
#pragma once

#include "kernel/kernel.h"
#include "machine/machine.h"

#define GDB_THREAD_SHIFT 11

/* The thread with this TCB; false: there is none. */
bool gdb_target_thread(struct machine *machine, paddr tcb, struct kernel_thread *thread);

/* The first of all threads, 0: there is none. */
paddr gdb_target_any(struct machine *machine);

/* "name (waits to receive, priority 100)". Returns its length. */
size_t gdb_target_describe(const struct kernel_thread *thread, char *text, size_t size);

/* The target description of gdb's manual, appendix "Target Descriptions". */
const char *gdb_target_xml(void);

/* All registers as digits, 'x' for what is not available. Returns how many characters. */
size_t gdb_target_registers(struct machine *machine, const struct kernel_thread *thread,
                            char *text);
bool gdb_target_set_registers(struct machine *machine, const struct kernel_thread *thread,
                              const char *text, size_t length);

/* One register, by its number in the description. Returns 0 or false: there is none. */
size_t gdb_target_register(struct machine *machine, const struct kernel_thread *thread,
                           uint64_t number, char *text);
bool gdb_target_set_register(struct machine *machine, const struct kernel_thread *thread,
                             uint64_t number, const char *text, size_t length);

/* Copy out of a VSpace. Returns how many bytes could be read: fewer when nothing is mapped behind
 * them, or a device is, whose registers reading could change. */
size_t gdb_target_read(struct machine *machine, paddr vspace, uint64_t vaddr, void *bytes,
                       size_t count);

/* Copy into a VSpace, read-only pages included: into the frame, wherever else that is mapped.
 * Returns false, having written nothing, when not all of it is RAM. */
bool gdb_target_write(struct machine *machine, paddr vspace, uint64_t vaddr, const void *bytes,
                      size_t count);
