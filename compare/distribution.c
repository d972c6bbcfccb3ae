/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Distributions. */
#include "compare/distribution.h"

#include "compare/list.h"

#include <math.h>
#include <stdlib.h>

static int compare_integers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of sorted values; at least one. */
static double middle(const uint64_t *values, size_t count)
{
    size_t half = count / 2;
    double upper = (double)values[half];
    return count % 2 == 1 ? upper : ((double)values[half - 1] + upper) / 2;
}

/* In thousandths, so that the rank is exact. */
static double percentile(const uint64_t *values, size_t count, unsigned thousandths)
{
    size_t rank = (count * thousandths + 999) / 1000;
    return (double)values[rank > 0 ? rank - 1 : 0];
}

/*
 * The values are sorted, so their distances come in order when they are taken from the middle outwards:
 * the nearer of the two sides is next.
 */
static double median_distance(const uint64_t *values, size_t count, double median)
{
    size_t below = count / 2; /* values[0..below) are not above the median, the others not below */
    size_t above = count / 2;
    double last = 0;
    double before_last = 0;
    for (size_t taken = 0; taken <= count / 2; taken++) {
        double down = below > 0 ? median - (double)values[below - 1] : INFINITY;
        double up = above < count ? (double)values[above] - median : INFINITY;
        before_last = last;
        last = fmin(down, up);
        if (down < up) {
            below--;
        } else {
            above++;
        }
    }
    return count % 2 == 1 ? last : (before_last + last) / 2;
}

struct distribution distribution_of(uint64_t *values, size_t count)
{
    if (count == 0) {
        return (struct distribution){0};
    }
    qsort(values, count, sizeof(values[0]), compare_integers);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)values[i];
    }
    double median = middle(values, count);
    return (struct distribution){
        .count = count,
        .min = (double)values[0],
        .p1 = percentile(values, count, 10),
        .median = median,
        .p99 = percentile(values, count, 990),
        .p999 = percentile(values, count, 999),
        .max = (double)values[count - 1],
        .mad = median_distance(values, count, median),
        .mean = sum / (double)count,
    };
}

double median_of(double *values, size_t count)
{
    if (count == 0) {
        return NAN;
    }
    qsort(values, count, sizeof(values[0]), compare_doubles);
    double upper = values[count / 2];
    return count % 2 == 1 ? upper : (values[count / 2 - 1] + upper) / 2;
}
