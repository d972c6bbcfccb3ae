/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The platform itself: what its cells and threads have in common. */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "platform/isolated/alarm.h"
#include "platform/isolated/beside.h"
#include "platform/isolated/stolen.h"
#include "platform/isolated/table.h"
#include "platform/isolated/thunk.h"
#include "platform/platform.h"

struct cell;

struct platform {
    struct platform_options options;
    struct platform_stats stats;
    struct table cells;   /* struct cell, by PML4 */
    struct table threads; /* struct thread, by TCB */
    struct table frames;  /* pages.c: frames that cells have pages of, by address */
    struct thunks thunks;
    struct cell *last; /* ran last */
    unsigned last_slot;
    cpu_set_t affinity_before; /* of the core thread, to be put back */
    bool ordinary; /* the core thread was an ordinary task, and is a batch task meanwhile */

    int stub_fd;         /* memfd with the stub's program */
    bool traps_tsc;      /* a guest's rdtsc was tried, and raised an exception */
    bool traps_cpuid;    /* likewise its cpuid */
    bool user_dispatch;  /* Linux has Syscall User Dispatch */
    bool bases_by_linux; /* bases.c: the stub must ask Linux to set FS and GS base */
    enum {
        BREAKPOINTS_UNTRIED,
        BREAKPOINTS_WORK,
        BREAKPOINTS_FAIL,
    } breakpoints;     /* breakpoints.c: whether perf events see them */
    uint64_t fpu_mask; /* the FPU states that this CPU and Linux have enabled */
    size_t fpu_bytes;

    struct alarm alarm;
    struct beside beside;

    /* platform_kick(): any thread, any time. */
    bool kicked;
    uint32_t *waiting; /* the word that the core thread sleeps on; NULL: it does not */
    uint32_t idle_word;
    unsigned kickers; /* of those that look at `waiting` now: it must not go away */

    struct stolen stolen;

    /* watch.c */
    uint64_t watch_at; /* when the next sweep is due */
    size_t watch_next; /* entry of `cells` where it goes on */
    bool watch_calm;   /* nobody had used the CPU since the one before */

    struct platform_range reserved[4];
    size_t reserved_count;
};

/* Wait until no kicker looks at a word that is about to go away. */
void platform_outlive_kickers(struct platform *platform);
