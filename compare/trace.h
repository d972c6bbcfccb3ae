/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Latency over time, thinned: few enough points to draw, and no outlier is lost. */
#pragma once

#include "compare/protocol.h"

#include <stddef.h>
#include <stdint.h>

#define TRACE_POINTS_MAX 1500

/* Consecutive samples as one. */
struct trace_point {
    uint64_t timestamp_ns; /* of the first of them */
    uint64_t least_ns, median_ns, greatest_ns;
};

struct trace {
    struct trace_point *points;
    size_t count;
};

/* free() is due for its points. */
struct trace trace_of(const struct sample *samples, size_t count);
