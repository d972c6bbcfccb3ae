/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Comparisons. */
#include "compare/comparison.h"

#include "compare/list.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct subject *comparison_add_subject(struct comparison *comparison, const char *name,
                                       const char *title, const char *about)
{
    struct subject *subject = LIST_ADD(&comparison->subjects);
    subject->name = text_of("%s", name);
    subject->title = text_of("%s", title);
    subject->about = text_of("%s", about);
    return subject;
}

const char *part_name(enum part_kind kind)
{
    static const char *const names[] = {
        [PART_START] = "start",   [PART_IPC] = "ipc",         [PART_FAULT] = "fault",
        [PART_REST] = "rest",     [PART_LATENCY] = "latency", [PART_THROUGHPUT] = "throughput",
        [PART_MEMORY] = "memory", [PART_IDLE] = "idle",       [PART_ALL] = "run",
    };
    return names[kind];
}

const char *const *part_sections(enum part_kind kind)
{
    static const char *const sections[][3] = {
        [PART_START] = {"latency"},   [PART_IPC] = {"latency", "throughput"},
        [PART_FAULT] = {"fault"},     [PART_REST] = {"latency", "throughput"},
        [PART_LATENCY] = {"latency"}, [PART_THROUGHPUT] = {"throughput"},
        [PART_MEMORY] = {"memory"},   [PART_IDLE] = {"idle"},
        [PART_ALL] = {NULL},
    };
    return sections[kind];
}

void subject_add_part(struct subject *subject, enum part_kind kind, ...)
{
    struct {
        char **items;
        size_t count, room;
    } arguments = {0};
    va_list list;
    va_start(list, kind);
    do {
        *LIST_ADD(&arguments) = va_arg(list, char *);
    } while (arguments.items[arguments.count - 1]);
    va_end(list);
    subject->parts[subject->part_count++] = (struct part){kind, arguments.items};
}

bool subject_has_part(const struct subject *subject, enum part_kind kind)
{
    for (size_t i = 0; i < subject->part_count; i++) {
        if (subject->parts[i].kind == kind) {
            return true;
        }
    }
    return false;
}

void comparison_remark(struct comparison *comparison, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    *LIST_ADD(&comparison->remarks) = text_of("%s", text);
}

/* --- Keeping a run --- */

static void keep_latencies(struct subject *subject, struct run_record *record,
                           const struct section *section)
{
    size_t before = subject->latencies.count;
    for (size_t i = 0; i < section->samples.count; i++) {
        *LIST_ADD(&subject->latencies) = section->samples.items[i].latency_ns;
    }
    record->trace = trace_of(section->samples.items, section->samples.count);
    struct distribution latency =
        distribution_of(&subject->latencies.items[before], section->samples.count);
    figures_add_latency(&record->figures, &latency);
}

static void add_memory(struct figures *figures, const char *component, uint64_t private_bytes,
                       uint64_t shared_bytes, uint64_t kernel_bytes)
{
    figures_add(figures, "memory_private", component, "bytes", (double)private_bytes);
    figures_add(figures, "memory_shared", component, "bytes", (double)shared_bytes);
    figures_add(figures, "memory_kernel", component, "bytes", (double)kernel_bytes);
}

/* What a program says of its memory and its rest comes before what its processes show. */
static bool keep_said(struct run_record *record, const struct recording *recording)
{
    const struct section *memory = recording_find(recording, "memory");
    const struct section *idle = recording_find(recording, "idle");
    for (size_t i = 0; memory && i < memory->memories.count; i++) {
        const struct memory_use *use = &memory->memories.items[i];
        add_memory(&record->figures, use->component, use->private_bytes, use->shared_bytes,
                   use->kernel_bytes);
    }
    if (idle && idle->idle_wall_ns > 0) {
        figures_add(&record->figures, "idle_cpu", "", "percent",
                    100.0 * (double)idle->idle_cpu_ns / (double)idle->idle_wall_ns);
    }
    return memory || idle;
}

static void keep_seen(struct run_record *record, const struct run_report *report)
{
    struct figures *figures = &record->figures;
    for (size_t i = 0; i < report->memory.count; i++) {
        const struct component *component = &report->memory.items[i];
        add_memory(figures, component->name, component->private_bytes, component->shared_bytes,
                   component->kernel_bytes);
    }
    if (report->rested) {
        figures_add(figures, "idle_cpu", "", "percent", report->idle_percent);
    }
}

/* The few round trips of a run that is there to rest are no measurement. */
static void keep_work(struct subject *subject, struct run_record *record,
                      const struct run_report *report)
{
    const struct section *latency = recording_find(&report->recording, "latency");
    const struct section *throughput = recording_find(&report->recording, "throughput");
    if (latency) {
        keep_latencies(subject, record, latency);
    }
    if (throughput) {
        figures_add_throughput(&record->figures, throughput);
    }
    if (report->use.cpu_ns > 0) {
        figures_add(&record->figures, "involuntary_switches", "", "count",
                    (double)report->use.involuntary_switches);
    }
}

void comparison_keep(struct subject *subject, struct run_record *record,
                     const struct run_report *report)
{
    const struct section *fault = recording_find(&report->recording, "fault");
    record->complete = report->result == RUN_COMPLETE;
    record->result = run_result_text(report);
    bool starts = record->kind == PART_START || record->kind == PART_ALL;
    if (starts && report->start_ns != 0) {
        figures_add(&record->figures, "start_up", "", "ns", (double)report->start_ns);
    }
    if (record->kind != PART_REST) {
        keep_work(subject, record, report);
    }
    if (!keep_said(record, &report->recording)) {
        keep_seen(record, report);
    }
    if (fault) {
        record->fault = fault_story_of(fault);
        figures_add_fault(&record->figures, fault, &record->fault);
        record->silences = part_silences_of(fault);
        figures_add_parts(&record->figures, fault);
    }
}

/* --- Summing up --- */

static void sum_up(struct subject *subject)
{
    struct figures *runs = list_new(subject->runs.count, sizeof(runs[0]));
    for (size_t i = 0; i < subject->runs.count; i++) {
        runs[i] = subject->runs.items[i].figures;
    }
    subject->latency = distribution_of(subject->latencies.items, subject->latencies.count);
    subject->figures = figures_over(runs, subject->runs.count, &subject->latency);
    free(runs);
}

void comparison_sum_up(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        sum_up(&comparison->subjects.items[i]);
    }
}

bool comparison_has_figures(const struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        if (comparison->subjects.items[i].figures.count > 0) {
            return true;
        }
    }
    return false;
}

/* --- Freeing --- */

static void free_arguments(char **arguments)
{
    for (size_t i = 0; arguments && arguments[i]; i++) {
        free(arguments[i]);
    }
    free(arguments);
}

static void free_subject(struct subject *subject)
{
    for (size_t i = 0; i < subject->runs.count; i++) {
        struct run_record *record = &subject->runs.items[i];
        free(record->name);
        free(record->folder);
        free(record->result);
        free(record->figures.items);
        free(record->trace.points);
        free(record->fault.items);
        free(record->silences.items);
    }
    for (size_t i = 0; i < subject->part_count; i++) {
        free_arguments(subject->parts[i].arguments);
    }
    free(subject->runs.items);
    free(subject->latencies.items);
    free(subject->figures.items);
    free(subject->name);
    free(subject->title);
    free(subject->about);
}

void comparison_free(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        free_subject(&comparison->subjects.items[i]);
    }
    free(comparison->subjects.items);
    for (size_t i = 0; i < comparison->remarks.count; i++) {
        free(comparison->remarks.items[i]);
    }
    free(comparison->remarks.items);
    testbed_free(&comparison->testbed);
    free(comparison->folder);
    *comparison = (struct comparison){0};
}
