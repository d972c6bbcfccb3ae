/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A set of measurements of one thing, in ticks of the time stamp counter: median and spread. */
#pragma once

#include <stdint.h>

static inline uint64_t ticks_now(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtscp" : "=a"(low), "=d"(high) : : "rcx", "memory");
    return (uint64_t)high << 32 | low;
}

/* Sort in place, ascending. Shell's method: short, and quick enough for some thousands. */
static inline void samples_sort(uint64_t *samples, unsigned count)
{
    for (unsigned gap = count / 2; gap > 0; gap /= 2) {
        for (unsigned i = gap; i < count; i++) {
            uint64_t sample = samples[i];
            unsigned j = i;
            for (; j >= gap && samples[j - gap] > sample; j -= gap) {
                samples[j] = samples[j - gap];
            }
            samples[j] = sample;
        }
    }
}

/* Of sorted samples. */
static inline uint64_t samples_percentile(const uint64_t *samples, unsigned count, unsigned percent)
{
    return samples[(uint64_t)(count - 1) * percent / 100];
}
