/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The distribution of a set of values: what is usual, and how far from it the others are. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * A percentile is by nearest rank: the least value that so many percent of all do not exceed. The
 * median of an even count is the middle of its two middle values. The MAD is the median of the distances
 * from the median, a spread that a few extreme values do not change.
 */
struct distribution {
    size_t count; /* 0: all the others are 0 */
    double min, p1, median, p99, p999, max;
    double mad, mean;
};

/* Of values, which are sorted in place. */
struct distribution distribution_of(uint64_t *values, size_t count);

/* Of doubles, sorted in place; NAN for none. */
double median_of(double *values, size_t count);
