/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A TCB that has run, and the Linux thread that stands for it.
 *
 * A thread sits in one slot of one cell, or in none: before its first run, after it was evicted, and
 * after its cell was lost. FPU state stays in the Linux thread; it is fetched only when the thread
 * leaves its slot alive.
 */
#pragma once

#include <stdint.h>

#include "platform/isolated/breakpoints.h"
#include "platform/isolated/cell.h"
#include "platform/platform.h"

struct thread {
    paddr tcb;
    struct cell *cell; /* NULL: in no slot */
    unsigned slot;
    uint64_t last_run; /* who is evicted first */
    uint8_t *fpu;      /* FPU state to load at the next run; NULL: keep what the slot has */
    struct breakpoint_events breakpoints; /* that its slot has */
};

/* The thread of a TCB; makes the record if there is none. NULL if the host has no memory. */
struct thread *thread_of(struct platform *platform, paddr tcb);

/* Give the thread a slot in the cell, taking it out of another cell if it sits there.
 * Returns   0 or -errno with *error filled in; the cell may be lost then. */
int thread_place(struct thread *thread, struct cell *cell, const char *name,
                 struct platform_error *error);

/* The thread's FPU state, fetched from its slot; the next run loads it again. NULL: it has none, the
 * cell was lost over it, or the host has no memory. */
uint8_t *thread_fpu(struct thread *thread);

/* Take all threads out of a cell that is about to go, their FPU states with them. */
void thread_evict_all(struct cell *cell);

/* Its cell has died and took the FPU state along. */
void thread_lost(struct thread *thread);

/* The TCB is gone: free the slot and the record. */
void thread_free(struct platform *platform, struct thread *thread);
