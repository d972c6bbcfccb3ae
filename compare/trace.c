/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Latency over time. */
#include "compare/trace.h"

#include "compare/distribution.h"
#include "compare/list.h"

#include <stdlib.h>

static struct trace_point point_of(const struct sample *samples, size_t count, uint64_t *latencies)
{
    for (size_t i = 0; i < count; i++) {
        latencies[i] = samples[i].latency_ns;
    }
    struct distribution distribution = distribution_of(latencies, count); /* sorts them */
    return (struct trace_point){
        .timestamp_ns = samples[0].timestamp_ns,
        .least_ns = latencies[0],
        .median_ns = (uint64_t)distribution.median,
        .greatest_ns = latencies[count - 1],
    };
}

struct trace trace_of(const struct sample *samples, size_t count)
{
    size_t points = count < TRACE_POINTS_MAX ? count : TRACE_POINTS_MAX;
    struct trace trace = {.points = list_new(points, sizeof(trace.points[0])), .count = points};
    uint64_t *latencies = list_new(count / (points > 0 ? points : 1) + 1, sizeof(latencies[0]));
    for (size_t i = 0; i < points; i++) {
        size_t begin = count * i / points;
        size_t end = count * (i + 1) / points;
        trace.points[i] = point_of(&samples[begin], end - begin, latencies);
    }
    free(latencies);
    return trace;
}
