/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Time that the machine did not have: the core thread and the guest that it let run share one CPU and
 * take turns, so whatever passes without either of them using it went to others, or into waiting for
 * them. Linux's CPU clocks tell: what has passed less what they used. Looking costs system calls, so
 * one look answers for many short runs.
 */
#pragma once

#include <stdint.h>

struct cell;
struct platform;

#define STOLEN_CELLS_MAX 8

/* a - b, and no time at all where that is negative. */
static inline uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

struct stolen {
    uint64_t exchange_ns;                 /* to a guest that does nothing, and back */
    uint64_t asked_ns;                    /* the last question */
    uint64_t looked_ns;                   /* the last look */
    uint64_t core_cpu_ns;                 /* CPU time of the core thread at that look */
    uint64_t found_ns;                    /* since the last question */
    uint64_t added_ns;                    /* by stolen_add() since the last look */
    uint64_t watched_ns;                  /* of that, for watching a guest, since the last look */
    uint64_t waited_ns;                   /* that the core had nothing to do since the last look */
    uint64_t beside_ns;                   /* used by guests beside the core since the last look */
    uint64_t watched_run_ns;              /* what the last run took; 0: somebody had to be woken */
    uint64_t fault_ns;                    /* the least of that up to a page fault; 0: not known */
    uint64_t line_ns;                     /* how long the core stood in line until it slept */
    struct cell *cells[STOLEN_CELLS_MAX]; /* that ran since the last look */
    uint64_t cell_cpu_ns[STOLEN_CELLS_MAX]; /* their CPU time when they joined */
    unsigned cell_count;
};

/* Count from now on. */
void stolen_start(struct platform *platform);

/* A cell is about to run, or its process about to end. */
void stolen_run(struct cell *cell);
void stolen_end(struct cell *cell);

/* The core made cells or mappings for so long, which no guest should pay for. */
void stolen_add(struct platform *platform, uint64_t ns);

/* A guest ran for so long that had to be woken first. What it takes to get to it and back is the host's doing; but
 * some time passes for a guest that does nothing else. Nor is it the guest's doing if the core's CPU went away meanwhile, to an
 * interrupt or to another virtual machine, which Linux counts as the core's use of it. */
void stolen_exchange(struct platform *platform, uint64_t ns);

/* A guest ran for so long beside the core (beside.h). Linux would tell its CPU time too late: what it took
 * is taken for its own use. */
void stolen_beside(struct platform *platform, uint64_t ns);

/* Meanwhile the core used its own CPU for so long, to watch: nobody needed that. */
void stolen_watched(struct platform *platform, uint64_t ns);

/* The core is about to sleep while nothing runs, and has woken again: only what it stood in line for the
 * CPU then is stolen. */
void stolen_sleep(struct platform *platform);
void stolen_wake(struct platform *platform);
