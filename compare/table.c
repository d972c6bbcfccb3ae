/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The figures side by side. */
#include "compare/table.h"

#include "compare/list.h"
#include "compare/unit.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_WIDTH  34
#define COLUMN_WIDTH 15

/* How figures are called, in the order in which they are shown. `%s` is what it is of. */
static const struct naming {
    unsigned table;
    const char *figure;
    const char *label;
} namings[] = {
    {TABLE_LATENCY, "latency_median", "median"},
    {TABLE_LATENCY, "latency_mad", "median distance from it"},
    {TABLE_LATENCY, "latency_mean", "mean"},
    {TABLE_LATENCY, "latency_min", "least"},
    {TABLE_LATENCY, "latency_p1", "1 % are at most"},
    {TABLE_LATENCY, "latency_p99", "99 % are at most"},
    {TABLE_LATENCY, "latency_p99.9", "99.9 % are at most"},
    {TABLE_LATENCY, "latency_max", "greatest"},
    {TABLE_LATENCY, "latency_count", "samples"},
    {TABLE_THROUGHPUT, "throughput_requests", "requests of %s bytes"},
    {TABLE_THROUGHPUT, "throughput_bytes", "in messages of %s bytes"},
    {TABLE_REST, "start_up", "start-up"},
    {TABLE_REST, "idle_cpu", "CPU use at rest"},
    {TABLE_REST, "involuntary_switches", "times Linux took the CPU away"},
    {TABLE_FAULT, "fault_after_crash", "crash until %s"},
    {TABLE_FAULT, "fault_after_crash_worst", "at worst until %s"},
    {TABLE_FAULT, "fault_gap", "gap between answers"},
    {TABLE_FAULT, "fault_gap_worst", "at worst"},
    {TABLE_FAULT, "fault_longest_gap", "longest gap, crash or not"},
    {TABLE_FAULT, "fault_count", "%s"},
    {TABLE_PARTS, "part_went_on", "%s"},
    {TABLE_SILENCES, "part_silence", "%s, around a crash"},
    {TABLE_SILENCES, "part_silence_worst", "%s, at worst"},
    {TABLE_SILENCES, "part_silence_before", "%s, at most before a crash"},
};

static const char *const titles[TABLES] = {
    [TABLE_LATENCY] = "Round trip",        [TABLE_THROUGHPUT] = "Throughput",
    [TABLE_REST] = "Start and rest",       [TABLE_FAULT] = "Fault impact",
    [TABLE_PARTS] = "Which parts stopped", [TABLE_SILENCES] = "Silence between two signs of life",
};

/* --- Rows --- */

static bool has_row(const struct table *table, const struct figure *figure)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->items[i].figure, figure->name) == 0 &&
            strcmp(table->items[i].of, figure->of) == 0) {
            return true;
        }
    }
    return false;
}

static void write_label(struct table_row *row, const char *label)
{
    const char *place = strstr(label, "%s");
    if (place) {
        snprintf(row->label, sizeof(row->label), "%.*s%s%s", (int)(place - label), label, row->of,
                 place + 2);
    } else {
        snprintf(row->label, sizeof(row->label), "%s", label);
    }
}

static void add_rows(struct table *table, const struct naming *naming,
                     const struct figures *figures)
{
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *figure = &figures->items[i];
        if (strcmp(figure->name, naming->figure) != 0 || has_row(table, figure)) {
            continue;
        }
        struct table_row *row = LIST_ADD(table);
        row->figure = figure->name;
        memcpy(row->of, figure->of, sizeof(row->of));
        write_label(row, naming->label);
    }
}

struct table table_of(const struct comparison *comparison, unsigned which)
{
    struct table table = {.title = titles[which]};
    for (size_t i = 0; i < sizeof(namings) / sizeof(namings[0]); i++) {
        for (size_t s = 0; s < comparison->subjects.count && namings[i].table == which; s++) {
            add_rows(&table, &namings[i], &comparison->subjects.items[s].figures);
        }
    }
    return table;
}

/* --- On a terminal --- */

static void print_cell(FILE *stream, const struct figure *figure)
{
    char text[UNIT_TEXT_MAX] = "-";
    if (figure) {
        unit_text(text, figure->unit, figure->value);
    }
    /* A column counts characters; the micro sign is two bytes. */
    int extra = strstr(text, "µ") ? 1 : 0;
    fprintf(stream, "%*s", COLUMN_WIDTH + extra, text);
}

static void print_table(const struct comparison *comparison, const struct table *table,
                        FILE *stream)
{
    fprintf(stream, "\n%-*s", LABEL_WIDTH, table->title);
    for (size_t s = 0; s < comparison->subjects.count; s++) {
        fprintf(stream, "%*s", COLUMN_WIDTH, comparison->subjects.items[s].name);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < table->count; i++) {
        const struct table_row *row = &table->items[i];
        fprintf(stream, "  %-*s", LABEL_WIDTH - 2, row->label);
        for (size_t s = 0; s < comparison->subjects.count; s++) {
            print_cell(stream,
                       figures_find(&comparison->subjects.items[s].figures, row->figure, row->of));
        }
        fputc('\n', stream);
    }
}

/* What became of parts takes more room than a column has: a line for each system. */
static void print_parts(const struct comparison *comparison, const struct table *table,
                        FILE *stream)
{
    char text[PART_TEXT_MAX];
    fprintf(stream, "\n%s\n", table->title);
    for (size_t i = 0; i < table->count; i++) {
        const char *part = table->items[i].of;
        for (size_t s = 0; s < comparison->subjects.count; s++) {
            const struct subject *subject = &comparison->subjects.items[s];
            if (part_text(text, &subject->figures, part)[0] != '\0') {
                fprintf(stream, "  %-*s%-*s%s\n", COLUMN_WIDTH, part, COLUMN_WIDTH, subject->name,
                        text);
            }
        }
    }
}

static void print_change(const struct change *change, FILE *stream)
{
    char old[UNIT_TEXT_MAX];
    char now[UNIT_TEXT_MAX];
    fprintf(stream, "  %s, %s%s%s: %s, was %s (%+.1f %%)%s\n", change->system, change->now->name,
            change->now->of[0] != '\0' ? " of " : "", change->now->of,
            unit_text(now, change->now->unit, change->now->value),
            unit_text(old, change->now->unit, change->old_value), change->percent,
            change->kind == CHANGE_UNKNOWN ? ", of one run" : "");
}

static void print_changes(const struct changes *changes, FILE *stream)
{
    size_t same = 0;
    fprintf(stream, "\nSince %s (%s)\n", changes->against, changes->date);
    if (changes->caution) {
        fprintf(stream, "  Take care: %s.\n", changes->caution);
    }
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->items[i].kind == CHANGE_NONE) {
            same++;
        } else {
            print_change(&changes->items[i], stream);
        }
    }
    fprintf(stream, "  %zu figures are the same within the spread of their runs.\n", same);
}

void table_print(const struct comparison *comparison, const struct changes *changes, FILE *stream)
{
    for (unsigned which = 0; which < TABLES; which++) {
        struct table table = table_of(comparison, which);
        if (table.count > 0) {
            (which == TABLE_PARTS ? print_parts : print_table)(comparison, &table, stream);
        }
        free(table.items);
    }
    if (changes) {
        print_changes(changes, stream);
    }
}
