/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Where a program was when it faulted: symbols, source lines and callers, from its ELF. */
#pragma once

#include "kernel/kernel.h"
#include "machine/error.h"
#include "machine/memory.h"

struct backtrace;

/* Returns NULL for lack of memory. */
struct backtrace *backtrace_open(struct kernel *kernel, const struct memory *memory);
void backtrace_close(struct backtrace *backtrace);

/*
 * Threads of that name run this program.
 *
 * Returns   0 or -ENOMEM. Whether the file can be used is seen when a thread faults.
 */
int backtrace_add_program(struct backtrace *backtrace, const char *thread, const char *path);

/* Somebody has said which program threads of that name run. */
bool backtrace_knows(const struct backtrace *backtrace, const char *thread);

/*
 * Explain a fault, a line at a time, without newlines: what happened, whether the stack overflowed,
 * then the function and its callers.
 */
void backtrace_fault(struct backtrace *backtrace, const struct kernel_fault *fault,
                     void (*line)(void *context, const char *text), void *context);
