/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How the guests of the benchmark print what they measured. */
#pragma once

#include <microkit.h>

#include "bench/samples.h"

#define SAMPLES 4000
#define WARM_UP 200

static inline void put_decimal(uint64_t value)
{
    char digits[21];
    unsigned i = sizeof(digits);
    digits[--i] = '\0';
    do {
        digits[--i] = '0' + (char)(value % 10);
        value /= 10;
    } while (value);
    microkit_dbg_puts(&digits[i]);
}

/* "ticks NAME MEDIAN TENTH NINETIETH": what bench/run reads. */
static inline void report(const char *name, uint64_t *samples)
{
    samples_sort(samples, SAMPLES);
    microkit_dbg_puts("ticks ");
    microkit_dbg_puts(name);
    for (unsigned i = 0; i < 3; i++) {
        static const unsigned char percents[] = {50, 10, 90};
        microkit_dbg_puts(" ");
        put_decimal(samples_percentile(samples, SAMPLES, percents[i]));
    }
    microkit_dbg_puts("\n");
}

/* Measure `action`, SAMPLES times after WARM_UP, into `samples`. */
#define MEASURE(samples, action)                                                                   \
    do {                                                                                           \
        for (int sample_ = -WARM_UP; sample_ < SAMPLES; sample_++) {                               \
            uint64_t start_ = ticks_now();                                                         \
            action;                                                                                \
            if (sample_ >= 0) {                                                                    \
                (samples)[sample_] = ticks_now() - start_;                                         \
            }                                                                                      \
        }                                                                                          \
    } while (0)
