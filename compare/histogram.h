/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A histogram of latencies over a logarithmic scale. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct histogram_bin {
    double begin_ns; /* it goes to the next one's */
    double share;    /* of all values */
};

struct histogram {
    struct histogram_bin *bins;
    size_t count;
};

/*
 * Of sorted values. The slowest hundredth has no bins of its own, so that a few of them do not press
 * all others together; they count in the shares. The first and the last bin are empty. free() is due for the bins.
 */
struct histogram histogram_of(const uint64_t *sorted, size_t count);
