/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "compare/distribution.h"
#include "compare/histogram.h"
#include "compare/trace.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>

static int is_near(double expected, double actual)
{
    return fabs(expected - actual) < 1e-9;
}

TEST(the_median_of_an_odd_count_is_its_middle_value)
{
    uint64_t values[] = {9, 1, 5};
    struct distribution d = distribution_of(values, 3);
    EXPECT_TRUE(d.median == 5 && d.min == 1 && d.max == 9 && d.mean == 5);
    EXPECT_TRUE(d.mad == 4);
}

TEST(the_median_of_an_even_count_is_between_the_two_in_the_middle)
{
    uint64_t values[] = {4, 1, 3, 10};
    struct distribution d = distribution_of(values, 4);
    EXPECT_TRUE(is_near(3.5, d.median));
    EXPECT_TRUE(is_near(1.5, d.mad)); /* 0.5 0.5 2.5 6.5 */
}

TEST(percentiles_are_values_by_nearest_rank)
{
    uint64_t values[1000];
    for (unsigned i = 0; i < 1000; i++) {
        values[i] = 1000 - i;
    }
    struct distribution d = distribution_of(values, 1000);
    EXPECT_TRUE(d.p1 == 10 && d.p99 == 990 && d.p999 == 999 && d.max == 1000);
    EXPECT_TRUE(is_near(250, d.mad));
}

TEST(one_value_is_all_of_its_distribution)
{
    uint64_t values[] = {7};
    struct distribution d = distribution_of(values, 1);
    EXPECT_TRUE(d.min == 7 && d.p1 == 7 && d.median == 7 && d.p999 == 7 && d.max == 7 &&
                d.mad == 0);
}

TEST(no_values_have_no_distribution)
{
    struct distribution d = distribution_of(NULL, 0);
    EXPECT_EQ(0, d.count);
}

/* By the definition, with a sort. */
static double slow_mad(const uint64_t *values, size_t count, double median)
{
    double *distances = calloc(count, sizeof(distances[0]));
    for (size_t i = 0; i < count; i++) {
        distances[i] = fabs((double)values[i] - median);
    }
    double mad = median_of(distances, count);
    free(distances);
    return mad;
}

TEST(the_mad_is_what_its_definition_says)
{
    uint64_t seed = 1;
    for (size_t count = 1; count < 200; count++) {
        uint64_t values[200];
        for (size_t i = 0; i < count; i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            values[i] = seed >> (count % 2 ? 60 : 50);
        }
        struct distribution d = distribution_of(values, count);
        EXPECT_TRUE(is_near(slow_mad(values, count, d.median), d.mad));
    }
}

TEST(the_shares_of_a_histogram_are_those_of_its_values)
{
    uint64_t values[300];
    for (unsigned i = 0; i < 300; i++) {
        values[i] = 1000 + i;
    }
    values[299] = 1000000000; /* the slowest hundredth has no bins */
    struct histogram histogram = histogram_of(values, 300);
    double sum = 0;
    for (size_t i = 0; i < histogram.count; i++) {
        sum += histogram.bins[i].share;
    }
    EXPECT_TRUE(is_near(297.0 / 300, sum));
    EXPECT_TRUE(histogram.bins[0].share == 0);
    EXPECT_TRUE(histogram.bins[histogram.count - 1].share == 0);
    EXPECT_TRUE(histogram.bins[1].begin_ns <= 1000 && histogram.bins[2].begin_ns > 1000);
    EXPECT_TRUE(histogram.count < 100);
    free(histogram.bins);
}

TEST(a_few_samples_are_a_trace_as_they_are)
{
    const struct sample samples[] = {{5, 10}, {7, 20}};
    struct trace trace = trace_of(samples, 2);
    EXPECT_EQ(2, trace.count);
    EXPECT_EQ(20, trace.points[1].timestamp_ns);
    EXPECT_EQ(7, trace.points[1].median_ns);
    free(trace.points);
}

TEST(a_million_samples_are_thinned_and_no_outlier_is_lost)
{
    size_t count = 1000000;
    struct sample *samples = calloc(count, sizeof(samples[0]));
    for (size_t i = 0; i < count; i++) {
        samples[i] = (struct sample){.latency_ns = 10, .timestamp_ns = i * 12};
    }
    samples[777777].latency_ns = 99;
    samples[5].latency_ns = 1;
    struct trace trace = trace_of(samples, count);
    uint64_t greatest = 0;
    uint64_t least = UINT64_MAX;
    EXPECT_EQ(TRACE_POINTS_MAX, trace.count);
    for (size_t i = 0; i < trace.count; i++) {
        greatest = trace.points[i].greatest_ns > greatest ? trace.points[i].greatest_ns : greatest;
        least = trace.points[i].least_ns < least ? trace.points[i].least_ns : least;
        EXPECT_EQ(10, trace.points[i].median_ns);
    }
    EXPECT_EQ(99, greatest);
    EXPECT_EQ(1, least);
    free(trace.points);
    free(samples);
}
