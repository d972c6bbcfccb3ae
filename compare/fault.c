/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What came of crashes. */
#include "compare/fault.h"

#include "compare/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX 1000 /* of a story: enough to read, and few enough to search */

static const char crash[] = "crash";
static const char next_answer[] = "next-answer";

/* --- The story --- */

static void add_event(struct fault_story *story, const char *what, unsigned number, double since_ns)
{
    struct fault_event *event = LIST_ADD(story);
    *event = (struct fault_event){.crash = number, .since_ns = since_ns};
    snprintf(event->what, sizeof(event->what), "%s", what);
}

/* When the first answer came after a time. Answers are in order. Returns the section's count for none. */
static size_t answer_after(const struct section *section, uint64_t time_ns)
{
    size_t low = 0;
    size_t high = section->samples.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (section->samples.items[middle].timestamp_ns <= time_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void add_next_answer(struct fault_story *story, const struct section *section,
                            uint64_t crash_ns)
{
    size_t next = answer_after(section, crash_ns);
    if (next < section->samples.count) {
        add_event(story, next_answer, story->crashes,
                  (double)(section->samples.items[next].timestamp_ns - crash_ns));
    }
}

/* The crash that an event belongs to: the last that was not after it. Returns its number, or 0. */
static unsigned crash_before(const struct section *section, uint64_t time_ns, uint64_t *crash_ns)
{
    unsigned number = 0;
    for (size_t i = 0; i < section->events.count; i++) {
        const struct event *event = &section->events.items[i];
        if (strcmp(event->what, crash) == 0 && event->timestamp_ns <= time_ns) {
            *crash_ns = event->timestamp_ns;
            number++;
        }
    }
    return number;
}

struct fault_story fault_story_of(const struct section *section)
{
    struct fault_story story = {0};
    for (size_t i = 0; i < section->events.count && i < EVENTS_MAX; i++) {
        const struct event *event = &section->events.items[i];
        uint64_t crash_ns = 0;
        if (strcmp(event->what, crash) == 0) {
            add_event(&story, crash, ++story.crashes, 0);
            add_next_answer(&story, section, event->timestamp_ns);
            continue;
        }
        unsigned number = crash_before(section, event->timestamp_ns, &crash_ns);
        if (number > 0) {
            add_event(&story, event->what, number, (double)(event->timestamp_ns - crash_ns));
        }
    }
    return story;
}

/* --- Figures --- */

/* Names of the median and of the greatest of some times. */
struct pair {
    const char *median, *greatest;
};

static const struct pair after_crash = {"fault_after_crash", "fault_after_crash_worst"};
static const struct pair gap = {"fault_gap", "fault_gap_worst"};

/* Sorts the values. */
static void add_pair(struct figures *figures, const struct pair *names, const char *of,
                     double *values, size_t count)
{
    if (count > 0) {
        figures_add(figures, names->median, of, "ns", median_of(values, count));
        figures_add(figures, names->greatest, of, "ns", values[count - 1]);
    }
}

static bool came_before(const struct fault_story *story, size_t position)
{
    for (size_t i = 0; i < position; i++) {
        if (strcmp(story->items[i].what, story->items[position].what) == 0) {
            return true;
        }
    }
    return false;
}

static void add_delays(struct figures *figures, const struct fault_story *story, double *values)
{
    for (size_t first = 0; first < story->count; first++) {
        const char *what = story->items[first].what;
        size_t count = 0;
        if (strcmp(what, crash) == 0 || came_before(story, first)) {
            continue;
        }
        for (size_t i = first; i < story->count; i++) {
            if (strcmp(story->items[i].what, what) == 0) {
                values[count++] = story->items[i].since_ns;
            }
        }
        add_pair(figures, &after_crash, what, values, count);
    }
}

static void add_gaps(struct figures *figures, const struct section *section, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < section->events.count; i++) {
        const struct event *event = &section->events.items[i];
        size_t next = answer_after(section, event->timestamp_ns);
        if (strcmp(event->what, crash) == 0 && next > 0 && next < section->samples.count) {
            values[count++] = (double)section->samples.items[next].timestamp_ns -
                              (double)section->samples.items[next - 1].timestamp_ns;
        }
    }
    add_pair(figures, &gap, "", values, count);
}

/* This one is a time: see docs/comparison.md. */
static void add_count(struct figures *figures, const struct section *section,
                      const struct count *count)
{
    if (strcmp(count->what, "longest-gap") == 0) {
        figures_add(figures, "fault_longest_gap", "", "ns",
                    (double)count->n * 1e9 / (double)section->ticks_per_second);
    } else {
        figures_add(figures, "fault_count", count->what, "count", (double)count->n);
    }
}

void figures_add_fault(struct figures *figures, const struct section *section,
                       const struct fault_story *story)
{
    double *values = list_new(story->count + section->events.count, sizeof(values[0]));
    add_delays(figures, story, values);
    add_gaps(figures, section, values);
    free(values);
    for (size_t i = 0; i < section->counts.count; i++) {
        add_count(figures, section, &section->counts.items[i]);
    }
}
