/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What happens when a part crashes, event by event. */
#include "compare/plot.h"

#include <string.h>

#define KINDS_MAX 12

/* What events are called, in the order of the legend. */
struct kinds {
    const char *items[KINDS_MAX];
    size_t count;
};

/* The first run in which something crashed, or NULL. */
static const struct fault_story *first_story(const struct subject *subject)
{
    for (size_t i = 0; i < subject->runs.count; i++) {
        if (subject->runs.items[i].fault.count > 0) {
            return &subject->runs.items[i].fault;
        }
    }
    return NULL;
}

static void note_kinds(struct kinds *kinds, const struct fault_story *story)
{
    for (size_t i = 0; i < story->count; i++) {
        bool known = false;
        for (size_t k = 0; k < kinds->count; k++) {
            known = known || strcmp(kinds->items[k], story->items[i].what) == 0;
        }
        if (!known && kinds->count < KINDS_MAX) {
            kinds->items[kinds->count++] = story->items[i].what;
        }
    }
}

/* A line for each crash, the first on top: time and height. */
static void print_events(FILE *stream, size_t number, size_t kind, const char *what,
                         const struct fault_story *story)
{
    fprintf(stream, "$s%zu_%zu << EOD\n", number, kind);
    for (size_t i = 0; i < story->count; i++) {
        if (strcmp(story->items[i].what, what) == 0) {
            fprintf(stream, "%.6g %u\n", story->items[i].since_ns / 1000,
                    story->crashes - story->items[i].crash + 1);
        }
    }
    fprintf(stream, "EOD\n");
}

static void draw_panel(struct sketch *sketch, size_t number, const struct kinds *kinds,
                       const struct fault_story *story)
{
    static const char *const colours[] = {"#d55e00", "#e69f00", "#0072b2",
                                          "#009e73", "#cc79a7", "#56b4e9"};
    static const unsigned shapes[] = {2, 7, 5, 9, 11, 13};
    fprintf(sketch->draw, "set title '%s'\nset yrange [0.4:%u.6]\nset ytics (",
            sketch->comparison->subjects.items[number].name, story->crashes);
    for (unsigned crash = 1; crash <= story->crashes; crash++) {
        fprintf(sketch->draw, "%s'crash %u' %u", crash == 1 ? "" : ", ", crash,
                story->crashes - crash + 1);
    }
    fprintf(sketch->draw, ")\n");
    for (size_t kind = 0; kind < kinds->count; kind++) {
        print_events(sketch->setup, number, kind, kinds->items[kind], story);
        fprintf(sketch->draw,
                "%s$s%zu_%zu using 1:2 with points pt %u ps 0.9 lc rgb '%s' title '%s'",
                kind == 0 ? "plot " : ", \\\n     ", number, kind, shapes[kind % 6],
                colours[kind % 6], kinds->items[kind]);
    }
    fprintf(sketch->draw, "\n");
}

static bool sketch_fault(struct sketch *sketch)
{
    const struct comparison *comparison = sketch->comparison;
    struct kinds kinds = {.count = 0};
    unsigned panels = 0;
    unsigned lines = 0;
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        const struct fault_story *story = first_story(&comparison->subjects.items[i]);
        if (story) {
            note_kinds(&kinds, story);
            panels++;
            lines += story->crashes;
        }
    }
    sketch->height = 110 * panels + 22 * lines;
    fprintf(sketch->setup, "set key outside right top\nset xlabel 'since the crash, µs'\n"
                           "set offsets graph 0.03, graph 0.03, 0, 0\n");
    fprintf(sketch->draw, "set multiplot layout %u,1\n", panels);
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        const struct fault_story *story = first_story(&comparison->subjects.items[i]);
        if (story) {
            draw_panel(sketch, i, &kinds, story);
        }
    }
    fprintf(sketch->draw, "unset multiplot\n");
    return panels > 0;
}

const struct plot plot_fault = {
    .name = "fault-timeline",
    .title = "What happens after a crash",
    .caption = "The first run of each system, crash by crash; each system has a scale of its own. "
               "next-answer is when the caller, who crashed nothing, had its next answer.",
    .sketch = sketch_fault,
};
