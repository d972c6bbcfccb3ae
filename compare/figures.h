/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Figures: what has been found out about a run, or about a system over all its runs. */
#pragma once

#include "compare/distribution.h"
#include "compare/protocol.h"

#include <stdbool.h>

#define FIGURE_OF_MAX PROTOCOL_NAME_MAX

struct figure {
    const char *name;           /* latency_median: a constant */
    const char *unit;           /* ns, bytes, per_second, count, percent: a constant */
    char of[FIGURE_OF_MAX + 1]; /* which of several: a component, a message size; or empty */
    double value;
    double low, high; /* over the runs; both `value` where there is one run */
    unsigned runs;
};

/* In the order in which they were added. Zeroes are an empty set. */
struct figures {
    struct figure *items;
    size_t count, room;
};

/* Add the figure of one run. What its name says and what it is of are cut to fit. */
void figures_add(struct figures *figures, const char *name, const char *of, const char *unit,
                 double value);

/* The nine figures of a distribution, latency_min and so on; none where it is empty. */
void figures_add_latency(struct figures *figures, const struct distribution *distribution);

/* Throughput by message size. */
void figures_add_throughput(struct figures *figures, const struct section *section);

/* NULL: there is none. */
const struct figure *figures_find(const struct figures *figures, const char *name, const char *of);

/* Whether the name begins so: latency_ and the like are groups. */
bool figure_is_in(const struct figure *figure, const char *group);

/*
 * A system's figures from those of its runs: for each the median, the least and the greatest.
 * The latencies of all runs together have figures of their own, whose low and high are the runs'.
 */
struct figures figures_over(const struct figures *runs, size_t run_count,
                            const struct distribution *all_latencies);
