/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How latencies are distributed, and how they went over time. */
#include "compare/histogram.h"
#include "compare/plot.h"

#include <math.h>
#include <stdlib.h>

static bool has_latencies(const struct subject *subject)
{
    return subject->latency.count > 0;
}

/* Between the curves of one plot command. */
static const char *separator(bool first)
{
    return first ? "plot " : ", \\\n     ";
}

/* --- Distribution --- */

static void print_histogram(FILE *stream, size_t number, const struct subject *subject)
{
    struct histogram histogram = histogram_of(subject->latencies.items, subject->latencies.count);
    fprintf(stream, "$s%zu << EOD\n", number);
    for (size_t i = 0; i < histogram.count; i++) {
        fprintf(stream, "%.6g %.6g\n", histogram.bins[i].begin_ns / 1000,
                100 * histogram.bins[i].share);
    }
    fprintf(stream, "EOD\n");
    free(histogram.bins);
}

static bool sketch_distribution(struct sketch *sketch)
{
    bool first = true;
    for (size_t i = 0; i < sketch->comparison->subjects.count; i++) {
        const struct subject *subject = &sketch->comparison->subjects.items[i];
        if (!has_latencies(subject)) {
            continue;
        }
        print_histogram(sketch->setup, i, subject);
        fprintf(sketch->draw,
                "%s$s%zu using 1:2 with fillsteps lc rgb '%s' notitle, \\\n"
                "     $s%zu using 1:2 with steps lw 1.5 lc rgb '%s' title '%s'",
                separator(first), i, plot_colour(i), i, plot_colour(i), subject->name);
        first = false;
    }
    fprintf(sketch->draw, "\n");
    fprintf(sketch->setup,
            "set logscale x\nset autoscale xfix\nset yrange [0:*]\nset xlabel 'latency, µs'\n"
            "set ylabel 'share of the round trips, %%'\n");
    return !first;
}

const struct plot plot_distribution = {
    .name = "latency-distribution",
    .title = "How latencies are distributed",
    .caption =
        "The share of all round trips that took so long. The scale is logarithmic; the slowest "
        "hundredth is left out: see the next plot.",
    .sketch = sketch_distribution,
};

/* --- Percentiles --- */

/* What is left above each point is 1.12 times less than above the one before. */
static void print_percentiles(FILE *stream, size_t number, const struct subject *subject)
{
    size_t count = subject->latencies.count;
    fprintf(stream, "$s%zu << EOD\n", number);
    for (double rest = 1; rest * (double)count >= 1; rest /= 1.12) {
        size_t rank = count - (size_t)floor(rest * (double)count);
        fprintf(stream, "%.9g %.6g\n", 1 / rest, (double)subject->latencies.items[rank] / 1000);
    }
    fprintf(stream, "%zu %.6g\nEOD\n", count, (double)subject->latencies.items[count - 1] / 1000);
}

static bool sketch_percentiles(struct sketch *sketch)
{
    bool first = true;
    for (size_t i = 0; i < sketch->comparison->subjects.count; i++) {
        const struct subject *subject = &sketch->comparison->subjects.items[i];
        if (!has_latencies(subject)) {
            continue;
        }
        print_percentiles(sketch->setup, i, subject);
        fprintf(sketch->draw, "%s$s%zu using 1:2 with lines lw 2 lc rgb '%s' title '%s'",
                separator(first), i, plot_colour(i), subject->name);
        first = false;
    }
    fprintf(sketch->draw, "\n");
    fprintf(sketch->setup,
            "set logscale xy\nset key left top\nset ylabel 'latency, µs'\n"
            "set xlabel 'so many of the round trips took at most so long'\n"
            "set xtics ('least' 1, '50 %%%%' 2, '90 %%%%' 10, '99 %%%%' 100, '99.9 %%%%' 1000, "
            "'99.99 %%%%' 10000, '99.999 %%%%' 100000, '99.9999 %%%%' 1000000)\n");
    return !first;
}

const struct plot plot_percentiles = {
    .name = "latency-percentiles",
    .title = "How bad the bad ones are",
    .caption =
        "The latency that so many of all round trips did not exceed. To the right are the rare "
        "ones.",
    .sketch = sketch_percentiles,
};

/* --- Over time --- */

/* The first run that has one, or NULL. */
static const struct trace *first_trace(const struct subject *subject)
{
    for (size_t i = 0; i < subject->runs.count; i++) {
        if (subject->runs.items[i].trace.count > 0) {
            return &subject->runs.items[i].trace;
        }
    }
    return NULL;
}

static void print_trace(FILE *stream, size_t number, const struct trace *trace)
{
    fprintf(stream, "$s%zu << EOD\n", number);
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_point *point = &trace->points[i];
        fprintf(stream, "%.6g %.6g %.6g %.6g\n", (double)point->timestamp_ns / 1e6,
                (double)point->least_ns / 1000, (double)point->median_ns / 1000,
                (double)point->greatest_ns / 1000);
    }
    fprintf(stream, "EOD\n");
}

/* A panel for each, because some take far longer than others. */
static bool sketch_time(struct sketch *sketch)
{
    unsigned panels = 0;
    for (size_t i = 0; i < sketch->comparison->subjects.count; i++) {
        panels += first_trace(&sketch->comparison->subjects.items[i]) ? 1 : 0;
    }
    sketch->height = 60 + 170 * panels;
    fprintf(sketch->setup, "set logscale y\nset ylabel 'latency, µs'\nset key right top\n");
    fprintf(sketch->draw, "unset xlabel\nset multiplot layout %u,1\n", panels);
    unsigned left = panels;
    for (size_t i = 0; i < sketch->comparison->subjects.count; i++) {
        const struct subject *subject = &sketch->comparison->subjects.items[i];
        const struct trace *trace = first_trace(subject);
        if (!trace) {
            continue;
        }
        print_trace(sketch->setup, i, trace);
        left--;
        fprintf(sketch->draw,
                "%splot $s%zu using 1:2:4 with filledcurves lc rgb '%s' notitle, \\\n"
                "     $s%zu using 1:4 with points pt 7 ps 0.15 lc rgb '%s' notitle, \\\n"
                "     $s%zu using 1:3 with lines lc rgb '%s' title '%s'\n",
                left == 0 ? "set xlabel 'time since the first sample, ms'\n" : "", i,
                plot_colour(i), i, plot_colour(i), i, plot_colour(i), subject->name);
    }
    fprintf(sketch->draw, "unset multiplot\n");
    return panels > 0;
}

const struct plot plot_time = {
    .name = "latency-time",
    .title = "Latency over time",
    .caption =
        "The first run of each system. The line is the median of neighbouring samples; the band "
        "goes from the least to the greatest, which is a dot.",
    .sketch = sketch_time,
};
