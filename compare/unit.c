/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Figures as a person reads them. */
#include "compare/unit.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct scale {
    double factor; /* the largest scale whose factor does not exceed the value is taken */
    const char *name;
};

static const struct scale times[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}};
static const struct scale sizes[] = {
    {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "B"}};
static const struct scale flows[] = {{1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}, {1, "B/s"}};
static const struct scale rates[] = {{1e6, "M/s"}, {1e3, "k/s"}, {1, "/s"}};

#define SCALES(table) table, sizeof(table) / sizeof(table[0])

/* Three digits, or all that stand before the point. */
static int decimals(double value)
{
    double size = fabs(value);
    return size == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
}

static void write_scaled(char *text, double value, const struct scale *scales, size_t count)
{
    size_t i = 0;
    while (i + 1 < count && fabs(value) < scales[i].factor) {
        i++;
    }
    double scaled = value / scales[i].factor;
    snprintf(text, UNIT_TEXT_MAX, "%.*f %s", decimals(scaled), scaled, scales[i].name);
}

const char *unit_text(char *text, const char *unit, double value)
{
    if (strcmp(unit, "ns") == 0) {
        write_scaled(text, value, SCALES(times));
    } else if (strcmp(unit, "bytes") == 0) {
        write_scaled(text, value, SCALES(sizes));
    } else if (strcmp(unit, "bytes_per_second") == 0) {
        write_scaled(text, value, SCALES(flows));
    } else if (strcmp(unit, "per_second") == 0) {
        write_scaled(text, value, SCALES(rates));
    } else if (strcmp(unit, "percent") == 0) {
        snprintf(text, UNIT_TEXT_MAX, "%.*f %%", decimals(value), value);
    } else {
        snprintf(text, UNIT_TEXT_MAX, "%.*f", value == floor(value) ? 0 : 1, value);
    }
    return text;
}
