/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Breakpoints of a thread: hardware breakpoints that Linux sets on its Linux thread, as perf events,
 * where Linux and the CPU do so. Some hosts forbid perf events, and some virtual machines accept
 * breakpoints that then never fire. There the thread runs one instruction at a time (run.c), and
 * each is looked at before it is executed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/x86/debug.h"
#include "abi/x86/registers.h"

struct cell;
struct instruction;
struct platform;
struct platform_thread;
struct thread;

/* What a thread has set on its Linux thread. */
struct breakpoint_events {
    struct x86_breakpoint set[X86_BREAKPOINTS];
    int fd[X86_BREAKPOINTS]; /* of those in `set` that are enabled */
    uint64_t count[X86_BREAKPOINTS];
};

/*
 * Have the CPU stop the thread, which sits in a slot, at the breakpoints that it is to have from now
 * on; NULL: at none.
 *
 * Returns   false when the host does not do that, and none is set.
 */
bool breakpoints_set(struct thread *thread, const struct x86_breakpoint *breakpoints);

/* The thread leaves its slot. */
void breakpoints_clear(struct thread *thread);

/* The thread was stopped by a debug exception: which of the breakpoints that breakpoints_set() has set
 * were hit since the last call, as X86_DEBUG_HIT(). */
uint64_t breakpoints_hit(struct thread *thread);

/* Without the CPU: which of the breakpoints stop the instruction at rip before it is executed, */
uint64_t breakpoints_before(const struct x86_breakpoint *breakpoints,
                            const struct x86_registers *registers);
/* and which of them after. */
uint64_t breakpoints_behind(const struct x86_breakpoint *breakpoints,
                            const struct instruction *instruction,
                            const struct x86_registers *registers);
