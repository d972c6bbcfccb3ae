/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How quiet the machine was: what disturbs a measurement, before it, after it and meanwhile. */
#pragma once

#include <stdint.h>

struct noise {
    /* A loop of fixed work, again and again, on the CPU where the runs are. */
    double work_median_us;
    double
        work_p99_percent; /* how much longer than the median the slowest hundredth took, at least */
    double work_max_percent;
    double load;           /* average over a minute */
    uint64_t stolen_ticks; /* CPU time that a hypervisor gave to others, of all CPUs, since boot */
    uint64_t other_ticks;  /* all other time of all CPUs, idle time among it */
};

/* Takes a tenth of a second. On that CPU, or any. */
struct noise noise_measure(int cpu);

/* The share of all CPU time that was stolen between two of them. */
double noise_stolen_percent(const struct noise *before, const struct noise *after);
