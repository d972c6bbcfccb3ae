/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Memory of each component. */
#include "compare/plot.h"

#include <string.h>

#define KINDS 3
#define GAP   2 /* between systems, in components */

static const struct kind {
    const char *figure;
    const char *title;
    const char *colour;
} kinds[KINDS] = {
    {"memory_private", "private", "#0072b2"},
    {"memory_shared", "shared", "#e69f00"},
    {"memory_kernel", "in the kernel", "#888888"},
};

/* One bar of each component; the scale begins at 1 KiB. Returns how many. */
static unsigned print_bars(struct sketch *sketch, const struct kind *kind, double offset)
{
    unsigned place = 0;
    unsigned bars = 0;
    fprintf(sketch->setup, "$%s << EOD\n", kind->figure);
    for (size_t i = 0; i < sketch->comparison->subjects.count; i++) {
        const struct figures *figures = &sketch->comparison->subjects.items[i].figures;
        unsigned before = bars;
        for (size_t f = 0; f < figures->count; f++) {
            const struct figure *figure = &figures->items[f];
            if (strcmp(figure->name, kind->figure) == 0) {
                fprintf(sketch->setup, "%.2f %.6g\n", place++ + offset,
                        figure->value < 1024 ? 1 : figure->value / 1024);
                bars++;
            }
        }
        place += bars > before ? GAP : 0;
    }
    fprintf(sketch->setup, "EOD\n");
    return bars;
}

/* Under each component its name, above those of a system the system's. */
static void print_names(struct sketch *sketch)
{
    unsigned place = 0;
    fprintf(sketch->setup, "set xtics rotate by -40 ()\n");
    for (size_t i = 0; i < sketch->comparison->subjects.count; i++) {
        const struct subject *subject = &sketch->comparison->subjects.items[i];
        unsigned begin = place;
        for (size_t f = 0; f < subject->figures.count; f++) {
            const struct figure *figure = &subject->figures.items[f];
            if (strcmp(figure->name, kinds[0].figure) == 0) {
                fprintf(sketch->setup, "set xtics add ('%s' %u)\n", figure->of, place++);
            }
        }
        if (place > begin) {
            fprintf(sketch->setup, "set label '%s' at first %.2f, graph 1.04 center tc rgb '%s'\n",
                    subject->name, (begin + place - 1) / 2.0, plot_colour(i));
            place += GAP;
        }
    }
    fprintf(sketch->setup, "set xrange [-1:%d]\n", (int)place - GAP);
}

static bool sketch_memory(struct sketch *sketch)
{
    unsigned bars = 0;
    fprintf(sketch->draw, "plot ");
    for (size_t i = 0; i < KINDS; i++) {
        bars += print_bars(sketch, &kinds[i], 0.27 * ((double)i - 1));
        fprintf(sketch->draw, "%s$%s using 1:2 with boxes fs solid 0.85 lc rgb '%s' title '%s'",
                i == 0 ? "" : ", \\\n     ", kinds[i].figure, kinds[i].colour, kinds[i].title);
    }
    fprintf(sketch->draw, "\n");
    print_names(sketch);
    fprintf(sketch->setup, "set boxwidth 0.25\nset logscale y\nset yrange [1:*]\n"
                           "set ylabel 'KiB'\nset key outside right top\nset tmargin 3\n"
                           "unset grid\nset grid y\n");
    return bars > 0;
}

const struct plot plot_memory = {
    .name = "memory",
    .title = "Memory of each component at rest",
    .caption =
        "Resident memory as Linux counts it; what is shared is counted in each component that "
        "has it. The scale is logarithmic.",
    .sketch = sketch_memory,
};
