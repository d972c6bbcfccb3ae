/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Running a thread beside the core, on a second CPU.
 *
 * Usually a thread shares the core's CPU and the two take turns, each waking the other: on the same CPU
 * that costs least. But a thread that enters the kernel again and again, while no other runs, is better off
 * on a CPU of its own. Neither side sleeps then: each watches for the other for some microseconds, and an
 * entry takes a tenth of the time.
 *
 * Its cell's mapper comes along. To interrupt a CPU that runs is slow, and so is to wake one that has gone
 * to sleep; so the second CPU is neither. When there is work for the mapper, the thread is told to wake it
 * and to sleep; and the mapper watches until it is told to wake the thread and to sleep.
 *
 * All that takes a second CPU with nothing else to do. Where the thread has to stand in line for it, it comes
 * back, and the next try waits longer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "platform/platform.h"

struct cell;

/* So long each side watches before it sleeps. */
#define BESIDE_GUEST_NS 200000u
#define BESIDE_CORE_NS  50000u

struct beside {
    int home_cpu, other_cpu; /* the core's, and the one beside it; -1: none */
    uint32_t guest_loops;    /* of the stub, in BESIDE_GUEST_NS */
    unsigned streak;         /* exchanges of the same thread, one after the other */
    unsigned streak_min;     /* so many it takes to be moved: more after each failure */
    uint64_t window_at;      /* when the present window of measurement ends; 0: it is to begin */
    uint64_t window_line_ns; /* how long the thread stood in line in it, as far as is known */
    uint64_t window_core_line_ns; /* how long the core had in its life when the window began */
    unsigned good_windows;        /* since streak_min was last changed */
    uint64_t core_lost_ns;        /* CPU time that others took while the core watched last */
    uint64_t core_line_ns;        /* how long it had stood in line after that; 0: it was rung */
    bool slept;                   /* the thread, when it was told to run ... */
    uint64_t woken_ticks;         /* ... at this moment, on the TSC */
    uint64_t believable_ns;       /* of what threads tell, so much more is believed ... */
    uint64_t believed_at;         /* ... and since when it is so much */
    uint64_t rang_ns; /* when the thread that ran last rang, if it ran beside the core; else 0 */
    uint64_t mapper_until; /* until then the mapper of the cell that ran last watches for sure */
};

/* The core thread has been pinned to this CPU. */
void beside_start(struct platform *platform, int cpu);

/* The thread in a slot is about to run, now. Moves it to the CPU where it should, if that is another one.
 * Returns whether it runs beside the core. */
bool beside_run(struct cell *cell, unsigned slot, uint64_t now_ns);

/* Its wake word has changed: it is to see that. Returns whether it slept. */
bool beside_wake(struct cell *cell, unsigned slot);

/* Watch the cell's bell. Returns soon after it was rung, or anybody kicked, or after BESIDE_CORE_NS. */
void beside_watch(struct cell *cell, unsigned slot);

/* It ran beside the core from then on, and has rung now. */
void beside_rang(struct cell *cell, unsigned slot, uint64_t start_ns, uint64_t now_ns);

/* There are new orders for the mapper of a cell. Returns whether it will look at them without having
 * been woken, or soon be woken by its thread; then the caller may watch for its answer. */
bool beside_hand_over(struct cell *cell);

/* It has answered, and watches for the next ones. */
void beside_answered(struct cell *cell);

/* The mapper is to make a thread, which will be where the mapper is: have both at home. */
void beside_leave(struct cell *cell);
