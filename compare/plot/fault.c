/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What happens when a part crashes, event by event. */
#include "compare/plot.h"

#include <string.h>

#define KINDS_MAX 12

/* Names without repetition: of events or of parts, in the order of the legend. */
struct kinds {
    const char *items[KINDS_MAX];
    size_t count;
};

/* The first run in which something crashed, or NULL. */
static const struct run_record *first_crashed(const struct subject *subject)
{
    for (size_t i = 0; i < subject->runs.count; i++) {
        if (subject->runs.items[i].fault.count > 0) {
            return &subject->runs.items[i];
        }
    }
    return NULL;
}

static void note_kind(struct kinds *kinds, const char *name)
{
    for (size_t k = 0; k < kinds->count; k++) {
        if (strcmp(kinds->items[k], name) == 0) {
            return;
        }
    }
    if (kinds->count < KINDS_MAX) {
        kinds->items[kinds->count++] = name;
    }
}

static void note_kinds(struct kinds *kinds, const struct fault_story *story)
{
    for (size_t i = 0; i < story->count; i++) {
        note_kind(kinds, story->items[i].what);
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

/* --- Silences of the parts: a bar for each, under the events of its crash --- */

/* What they are called, in the order of the bars. */
static struct kinds parts_of(const struct part_silences *silences)
{
    struct kinds parts = {.count = 0};
    for (size_t i = 0; i < silences->count; i++) {
        note_kind(&parts, silences->items[i].part);
    }
    return parts;
}

static double height_of(const struct fault_story *story, const struct part_silence *silence,
                        size_t part)
{
    return (double)story->crashes - (double)silence->crash + 1 - 0.12 * (double)(part + 1);
}

/* Begin, height, length. Where no sign came after the crash there is no bar, but a cross at its beginning. */
static void print_bars(FILE *stream, size_t number, size_t part, const char *name,
                       const struct run_record *record, bool ended)
{
    fprintf(stream, "$%s%zu_%zu << EOD\n", ended ? "b" : "n", number, part);
    for (size_t i = 0; i < record->silences.count; i++) {
        const struct part_silence *silence = &record->silences.items[i];
        if (strcmp(silence->part, name) == 0 && silence->ends == ended) {
            fprintf(stream, "%.6g %.6g %.6g\n", -silence->before_ns / 1000,
                    height_of(&record->fault, silence, part),
                    (silence->before_ns + silence->after_ns) / 1000);
        }
    }
    fprintf(stream, "EOD\n");
}

static void draw_bars(struct sketch *sketch, size_t number, const struct run_record *record)
{
    static const char *const colours[] = {"#56b4e9", "#009e73", "#999933", "#cc79a7",
                                          "#444444", "#aa4499", "#88ccee"};
    struct kinds parts = parts_of(&record->silences);
    for (size_t part = 0; part < parts.count; part++) {
        const char *colour = colours[part % (sizeof(colours) / sizeof(colours[0]))];
        print_bars(sketch->setup, number, part, parts.items[part], record, true);
        print_bars(sketch->setup, number, part, parts.items[part], record, false);
        fprintf(sketch->draw,
                ", \\\n     $b%zu_%zu using 1:2:3:(0) with vectors nohead lw 4 lc rgb '%s' title "
                "'%s silent', \\\n     $n%zu_%zu using 1:2 with points pt 2 ps 0.8 lw 2 lc rgb "
                "'%s' notitle",
                number, part, colour, parts.items[part], number, part, colour);
    }
}

static void draw_panel(struct sketch *sketch, size_t number, const struct kinds *kinds,
                       const struct run_record *record)
{
    const struct fault_story *story = &record->fault;
    static const char *const colours[] = {"#d55e00", "#e69f00", "#0072b2",
                                          "#009e73", "#cc79a7", "#56b4e9"};
    static const unsigned shapes[] = {2, 7, 5, 9, 11, 13};
    fprintf(sketch->draw, "set title '%s'\nset yrange [0.2:%u.3]\nset ytics (",
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
    draw_bars(sketch, number, record);
    fprintf(sketch->draw, "\n");
}

static bool sketch_fault(struct sketch *sketch)
{
    const struct comparison *comparison = sketch->comparison;
    struct kinds kinds = {.count = 0};
    unsigned panels = 0;
    unsigned lines = 0;
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        const struct run_record *record = first_crashed(&comparison->subjects.items[i]);
        if (record) {
            note_kinds(&kinds, &record->fault);
            panels++;
            lines += record->fault.crashes;
        }
    }
    sketch->height = 110 * panels + 60 * lines;
    fprintf(sketch->setup, "set key outside right top\nset xlabel 'since the crash, µs'\n"
                           "set offsets graph 0.03, graph 0.03, 0, 0\n");
    fprintf(sketch->draw, "set multiplot layout %u,1\n", panels);
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        const struct run_record *record = first_crashed(&comparison->subjects.items[i]);
        if (record) {
            draw_panel(sketch, i, &kinds, record);
        }
    }
    fprintf(sketch->draw, "unset multiplot\n");
    return panels > 0;
}

const struct plot plot_fault = {
    .name = "fault-timeline",
    .title = "What happens after a crash",
    .caption = "The first run of each system, crash by crash; each system has a scale of its own. "
               "next-answer is when the caller, who crashed nothing, had its next answer. A bar "
               "goes from a "
               "part's last sign of life before the crash to its first one after it; a cross "
               "stands where there was none after it.",
    .sketch = sketch_fault,
};
