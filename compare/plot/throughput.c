/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Throughput by the size of a message. */
#include "compare/plot.h"

#include <string.h>

static const struct panel {
    const char *figure;
    const char *label;
    double factor;
} panels[] = {
    {"throughput_requests", "requests a second", 1},
    {"throughput_bytes", "MB a second", 1e-6},
};

/* Returns false when the subject has none. */
static bool print_points(FILE *stream, const struct panel *panel, const struct subject *subject)
{
    bool any = false;
    for (size_t i = 0; i < subject->figures.count; i++) {
        const struct figure *figure = &subject->figures.items[i];
        if (strcmp(figure->name, panel->figure) == 0) {
            fprintf(stream, "%s%s %.6g %.6g %.6g\n", any ? "" : "<< EOD\n", figure->of,
                    figure->value * panel->factor, figure->low * panel->factor,
                    figure->high * panel->factor);
            any = true;
        }
    }
    return any;
}

static bool sketch_panel(struct sketch *sketch, size_t number)
{
    const struct panel *panel = &panels[number];
    bool first = true;
    fprintf(sketch->draw, "set ylabel '%s'\n", panel->label);
    for (size_t i = 0; i < sketch->comparison->subjects.count; i++) {
        const struct subject *subject = &sketch->comparison->subjects.items[i];
        fprintf(sketch->setup, "\n$p%zu_%zu ", number, i);
        if (print_points(sketch->setup, panel, subject)) {
            fprintf(sketch->setup, "EOD\n");
            fprintf(sketch->draw,
                    "%s$p%zu_%zu using 1:2:3:4 with yerrorlines pt 7 ps 0.5 lw 1.5 lc rgb '%s' "
                    "title '%s'",
                    first ? "plot " : ", \\\n     ", number, i, plot_colour(i), subject->name);
            first = false;
        } else {
            fprintf(sketch->setup, "<< EOD\nEOD\n");
        }
    }
    fprintf(sketch->draw, "\n");
    return !first;
}

static bool sketch_throughput(struct sketch *sketch)
{
    fprintf(sketch->setup, "set logscale xy\nset logscale x 2\nset key left bottom\n"
                           "set xlabel 'bytes in a message'\nset format y '%%g'\nset xtics 8\nset "
                           "format x '%%.0b%%BB'\n");
    fprintf(sketch->draw, "set multiplot layout 1,2\n");
    bool requests = sketch_panel(sketch, 0);
    bool bytes = sketch_panel(sketch, 1);
    fprintf(sketch->draw, "unset multiplot\n");
    return requests && bytes;
}

const struct plot plot_throughput = {
    .name = "throughput",
    .title = "Throughput by the size of a message",
    .caption = "The median over the runs; the bars go from the least to the greatest run.",
    .sketch = sketch_throughput,
};
