/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Histograms. */
#include "compare/histogram.h"

#include "compare/list.h"

#include <math.h>

/* Bins for each factor of ten: the more values, the finer. */
static double bins_per_decade(size_t count)
{
    return count < 200 ? 20 : count < 5000 ? 100 : 200;
}

static double bin_of(double value_ns, double per_decade)
{
    return floor(log10(value_ns < 1 ? 1 : value_ns) * per_decade);
}

struct histogram histogram_of(const uint64_t *sorted, size_t count)
{
    if (count == 0) {
        return (struct histogram){0};
    }
    double per_decade = bins_per_decade(count);
    size_t shown = count - count / 100;
    double first = bin_of((double)sorted[0], per_decade);
    double last = bin_of((double)sorted[shown - 1], per_decade);
    struct histogram histogram = {.count = (size_t)(last - first) + 3};
    histogram.bins = list_new(histogram.count, sizeof(histogram.bins[0]));
    for (size_t i = 0; i < histogram.count; i++) {
        histogram.bins[i].begin_ns = pow(10, (first + (double)i - 1) / per_decade);
    }
    for (size_t i = 0; i < shown; i++) {
        size_t bin = (size_t)(bin_of((double)sorted[i], per_decade) - first) + 1;
        histogram.bins[bin].share += 1 / (double)count;
    }
    return histogram;
}
