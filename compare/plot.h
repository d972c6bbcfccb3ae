/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Plots, by gnuplot: for each a script with its data in plots/, which makes an SVG and a PNG of it, and
 * makes them anew when somebody changes it.
 */
#pragma once

#include "compare/comparison.h"

#include <stdbool.h>
#include <stdio.h>

/* A script in the making. */
struct sketch {
    const struct comparison *comparison;
    FILE *setup;            /* comes once: data and settings */
    FILE *draw;             /* comes twice, for each picture */
    unsigned width, height; /* of the SVG */
};

struct plot {
    const char *name;                      /* latency: plots/latency.gp, .svg and .png */
    const char *title;                     /* for the report */
    const char *caption;                   /* how to read it */
    bool (*sketch)(struct sketch *sketch); /* returns false when there is nothing to draw */
};

extern const struct plot plot_distribution, plot_percentiles, plot_time; /* plot/latency.c */
extern const struct plot plot_throughput;
extern const struct plot plot_memory;
extern const struct plot plot_fault;

enum plot_result {
    PLOT_DRAWN,
    PLOT_EMPTY,      /* there is nothing to draw */
    PLOT_NO_GNUPLOT, /* only its script is written */
    PLOT_FAILED,     /* a person has been told */
};

/* Draw one, into plots/ of the comparison's folder. */
enum plot_result plot_draw(const struct plot *plot, const struct comparison *comparison);

/* The colour of a subject, in all plots and tables: #rrggbb. */
const char *plot_colour(size_t subject);
