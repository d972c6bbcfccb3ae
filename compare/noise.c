/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How quiet the machine was. */
#include "compare/noise.h"

#include "compare/child.h"
#include "compare/distribution.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 2000
#define WORK   20000 /* steps of a round, some 40 us */

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* Each step needs the one before, so that no compiler and no CPU can do them at once. */
static uint64_t work(uint64_t seed)
{
    for (unsigned i = 0; i < WORK; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
    }
    return seed;
}

static struct distribution time_work(void)
{
    static uint64_t durations_ns[ROUNDS];
    volatile uint64_t seed = 88172645463325252ull;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t begin_ns = now_ns();
        seed = work(seed);
        durations_ns[i] = now_ns() - begin_ns;
    }
    return distribution_of(durations_ns, ROUNDS);
}

/* The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
static void read_ticks(struct noise *noise)
{
    unsigned long long ticks[8] = {0};
    FILE *stream = fopen("/proc/stat", "re");
    if (!stream) {
        return;
    }
    int count = fscanf(stream, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1],
                       &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]);
    fclose(stream);
    for (int i = 0; i < count && i < 7; i++) {
        noise->other_ticks += ticks[i];
    }
    noise->stolen_ticks = ticks[7];
}

struct noise noise_measure(int cpu)
{
    cpu_set_t before;
    cpu_set_t set;
    bool pinned = false;
    if (cpu != CHILD_ANY_CPU && sched_getaffinity(0, sizeof(before), &before) == 0) {
        CPU_ZERO(&set);
        CPU_SET((size_t)cpu, &set);
        pinned = sched_setaffinity(0, sizeof(set), &set) == 0;
    }
    struct distribution durations = time_work();
    if (pinned) {
        sched_setaffinity(0, sizeof(before), &before);
    }
    struct noise noise = {
        .work_median_us = durations.median / 1000,
        .work_p99_percent = 100 * (durations.p99 / durations.median - 1),
        .work_max_percent = 100 * (durations.max / durations.median - 1),
    };
    if (getloadavg(&noise.load, 1) != 1) {
        noise.load = 0;
    }
    read_ticks(&noise);
    return noise;
}

double noise_stolen_percent(const struct noise *before, const struct noise *after)
{
    double stolen = (double)(after->stolen_ticks - before->stolen_ticks);
    double all = stolen + (double)(after->other_ticks - before->other_ticks);
    return all > 0 ? 100 * stolen / all : 0;
}
