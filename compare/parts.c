/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Parts around a crash. */
#include "compare/parts.h"

#include "compare/list.h"
#include "compare/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct part_silences part_silences_of(const struct section *section)
{
    struct part_silences list = {0};
    for (size_t i = 0; i < section->silences.count; i++) {
        const struct silence *silence = &section->silences.items[i];
        struct part_silence *item = LIST_ADD(&list);
        memcpy(item->part, silence->part, sizeof(item->part));
        item->crash = (unsigned)silence->crash;
        item->ends = silence->ends;
        item->before_ns = (double)(silence->ns - silence->after_ns);
        item->after_ns = (double)silence->after_ns;
    }
    return list;
}

/* --- Figures --- */

/* A part's crashes, by what became of it. */
struct fates {
    unsigned went_on, stopped, restarted, lost;
};

/* It stopped, if it was silent for longer than it ever was when nothing had crashed. */
static void count_fate(struct fates *fates, const struct silence *silence,
                       const struct part_life *life)
{
    if (!silence->ends) {
        fates->lost++;
    } else if (silence->restarted) {
        fates->restarted++;
    } else if (silence->ns > life->longest_ns) {
        fates->stopped++;
    } else {
        fates->went_on++;
    }
}

/* `values` has room for all silences. */
static void add_part(struct figures *figures, const struct section *section,
                     const struct part_life *life, double *values)
{
    size_t count = 0;
    struct fates fates = {0};
    for (size_t i = 0; i < section->silences.count; i++) {
        const struct silence *silence = &section->silences.items[i];
        if (strcmp(silence->part, life->name) != 0) {
            continue;
        }
        count_fate(&fates, silence, life);
        if (silence->ends) {
            values[count++] = (double)silence->ns;
        }
    }
    if (count > 0) {
        figures_add(figures, "part_silence", life->name, "ns", median_of(values, count));
        figures_add(figures, "part_silence_worst", life->name, "ns", values[count - 1]);
    }
    if (life->longest_ns > 0) {
        figures_add(figures, "part_silence_before", life->name, "ns", (double)life->longest_ns);
    }
    figures_add(figures, "part_went_on", life->name, "count", fates.went_on);
    figures_add(figures, "part_stopped", life->name, "count", fates.stopped);
    figures_add(figures, "part_restarted", life->name, "count", fates.restarted);
    figures_add(figures, "part_never_came_back", life->name, "count", fates.lost);
}

void figures_add_parts(struct figures *figures, const struct section *section)
{
    double *values = list_new(section->silences.count, sizeof(values[0]));
    for (size_t i = 0; i < section->lives.count; i++) {
        add_part(figures, section, &section->lives.items[i], values);
    }
    free(values);
}

/* --- In words --- */

/* The most in any run: what happened in one of several is not to be lost in a median. */
static unsigned most_of(const struct figures *figures, const char *name, const char *part)
{
    const struct figure *figure = figures_find(figures, name, part);
    return figure ? (unsigned)figure->high : 0;
}

/* "WHAT in N crashes", behind what is there already; and how long at most, where a word leads to that. */
static void append(char text[PART_TEXT_MAX], const char *what, unsigned crashes,
                   const char *leading, const struct figure *worst)
{
    char time[UNIT_TEXT_MAX] = "";
    size_t length = strlen(text);
    if (leading && worst) {
        unit_text(time, "ns", worst->high);
    }
    snprintf(text + length, PART_TEXT_MAX - length, "%s%s in %u crash%s%s%s",
             length > 0 ? "; " : "", what, crashes, crashes == 1 ? "" : "es",
             time[0] != '\0' ? leading : "", time);
}

const char *part_text(char text[PART_TEXT_MAX], const struct figures *figures, const char *part)
{
    const struct figure *worst = figures_find(figures, "part_silence_worst", part);
    unsigned stopped = most_of(figures, "part_stopped", part);
    unsigned restarted = most_of(figures, "part_restarted", part);
    unsigned lost = most_of(figures, "part_never_came_back", part);
    text[0] = '\0';
    if (restarted > 0) {
        append(text, "restarted", restarted, ", after at most ", worst);
    }
    if (stopped > 0) {
        append(text, "stopped", stopped, ", for at most ", worst);
    }
    if (lost > 0) {
        append(text, "never came back", lost, NULL, NULL);
    }
    if (text[0] == '\0' && most_of(figures, "part_went_on", part) > 0) {
        snprintf(text, PART_TEXT_MAX, "went on");
    }
    return text;
}
