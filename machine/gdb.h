/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * gdb looks at a machine, over the remote serial protocol. docs/gdb.md is for people.
 *
 * Rules
 *   All-stop: while gdb looks, nothing runs and the machine's time stands still.
 *   The machine is held before its first instruction, or that of a thread that was named, until a gdb has
 *   connected and lets it go on; then
 *   on breakpoints, steps, Ctrl-C, and on each fault before its handler hears of it.
 *   A client that detaches, or is gone while the machine runs, lets it go on without stops. One that
 *   is gone while it is held leaves it to the next.
 *   What a client sends can be wrong in any way: it gets an error, and the machine stays as it is.
 *
 * The loop calls these where it would run a thread; without --gdb there is no struct gdb, and nothing
 * of this is done.
 */
#pragma once

#include "kernel/kernel.h"
#include "machine/ending.h"
#include "machine/error.h"
#include "platform/platform.h"

struct gdb;
struct machine;

/* Bytes of RAM behind the machine's own that gdb needs for itself. */
#define GDB_SPARE_BYTES UINT64_C(0x40000)

/*
 * Listen for gdb.
 *
 * where     as in gdb_socket.h
 * until     the thread before whose first instruction the machine is held; NULL: before any
 * spare     the address of GDB_SPARE_BYTES in RAM
 *
 * Returns   0, or -errno with *error filled in and nothing left behind. -EINVAL: `where` or `until`
 *           is wrong.
 */
int gdb_open(struct machine *machine, const char *where, const char *until, paddr spare,
             struct gdb **gdb, struct machine_error *error);
void gdb_close(struct gdb *gdb); /* NULL is fine */

/* The machine has ended: tell the client. */
void gdb_tell_ending(struct gdb *gdb, const struct ending *ending);

/* A thread is about to run: hold the machine if there is a reason. Returns false when it was held, so
 * that the loop has to look anew at what is due. Else thread->single_step is what gdb needs. */
bool gdb_before_run(struct gdb *gdb, const struct kernel_next *next,
                    struct platform_thread *thread);

/* It has run. Returns what is left of the answer for the loop: RUN_KICKED when it was gdb's alone. */
enum run_result gdb_after_run(struct gdb *gdb, const struct kernel_next *next,
                              struct platform_thread *thread, enum run_result result);

/* Nothing can run: hold the machine if somebody wants that. Returns false when it was held. */
bool gdb_before_idle(struct gdb *gdb);

/* The kernel reports a fault: hold the machine, inside of the kernel's entry. */
void gdb_fault(struct gdb *gdb, const struct kernel_fault *fault);

/* A cell got a mapping of the frames themselves. */
void gdb_mapped(struct gdb *gdb, paddr vspace, uint64_t vaddr, uint64_t bytes);

/* A VSpace is gone. */
void gdb_release_vspace(struct gdb *gdb, paddr vspace);
