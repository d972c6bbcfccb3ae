/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Figures. */
#include "compare/figures.h"

#include "compare/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Sets --- */

void figures_add(struct figures *figures, const char *name, const char *of, const char *unit,
                 double value)
{
    struct figure *figure = LIST_ADD(figures);
    *figure = (struct figure){
        .name = name, .unit = unit, .value = value, .low = value, .high = value, .runs = 1};
    snprintf(figure->of, sizeof(figure->of), "%s", of);
}

const struct figure *figures_find(const struct figures *figures, const char *name, const char *of)
{
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *figure = &figures->items[i];
        if (strcmp(figure->name, name) == 0 && strcmp(figure->of, of) == 0) {
            return figure;
        }
    }
    return NULL;
}

bool figure_is_in(const struct figure *figure, const char *group)
{
    return strncmp(figure->name, group, strlen(group)) == 0;
}

/* --- Of one run --- */

void figures_add_latency(struct figures *figures, const struct distribution *distribution)
{
    if (distribution->count == 0) {
        return;
    }
    figures_add(figures, "latency_count", "", "count", (double)distribution->count);
    figures_add(figures, "latency_min", "", "ns", distribution->min);
    figures_add(figures, "latency_p1", "", "ns", distribution->p1);
    figures_add(figures, "latency_median", "", "ns", distribution->median);
    figures_add(figures, "latency_p99", "", "ns", distribution->p99);
    figures_add(figures, "latency_p99.9", "", "ns", distribution->p999);
    figures_add(figures, "latency_max", "", "ns", distribution->max);
    figures_add(figures, "latency_mad", "", "ns", distribution->mad);
    figures_add(figures, "latency_mean", "", "ns", distribution->mean);
}

void figures_add_throughput(struct figures *figures, const struct section *section)
{
    for (size_t i = 0; i < section->throughputs.count; i++) {
        const struct throughput *throughput = &section->throughputs.items[i];
        char of[32];
        snprintf(of, sizeof(of), "%llu", (unsigned long long)throughput->bytes);
        double per_second = (double)throughput->requests * 1e9 / (double)throughput->duration_ns;
        figures_add(figures, "throughput_requests", of, "per_second", per_second);
        figures_add(figures, "throughput_bytes", of, "bytes_per_second",
                    per_second * (double)throughput->bytes);
    }
}

/* --- Of all runs --- */

/* Over the runs that have it. `values` has room for one of each. */
static void merge(struct figure *figure, const struct figures *runs, size_t run_count,
                  double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < run_count; i++) {
        const struct figure *one = figures_find(&runs[i], figure->name, figure->of);
        if (one) {
            values[count++] = one->value;
        }
    }
    figure->value = median_of(values, count); /* sorts them */
    figure->low = values[0];
    figure->high = values[count - 1];
    figure->runs = (unsigned)count;
}

static void take_over_values(struct figures *figures, const struct figures *values)
{
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *value =
            figures_find(values, figures->items[i].name, figures->items[i].of);
        if (value) {
            figures->items[i].value = value->value;
        }
    }
}

struct figures figures_over(const struct figures *runs, size_t run_count,
                            const struct distribution *all_latencies)
{
    struct figures over = {0};
    double *values = list_new(run_count, sizeof(values[0]));
    for (size_t run = 0; run < run_count; run++) {
        for (size_t i = 0; i < runs[run].count; i++) {
            const struct figure *figure = &runs[run].items[i];
            if (!figures_find(&over, figure->name, figure->of)) {
                *LIST_ADD(&over) = *figure;
                merge(&over.items[over.count - 1], runs, run_count, values);
            }
        }
    }
    free(values);
    struct figures latencies = {0};
    figures_add_latency(&latencies, all_latencies);
    take_over_values(&over, &latencies);
    free(latencies.items);
    return over;
}
