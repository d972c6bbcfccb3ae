/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A comparison: what is measured, how, where, and what came out. All that is written is written from it. */
#pragma once

#include "compare/fault.h"
#include "compare/figures.h"
#include "compare/noise.h"
#include "compare/parts.h"
#include "compare/run.h"
#include "compare/testbed.h"
#include "compare/trace.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* What a run of a part is for. */
enum part_kind {
    PART_START, /* nothing is measured but how long it takes to start */
    PART_IPC,   /* latency and throughput; and what PART_REST is for, where there is none */
    PART_FAULT, /* the impact of faults */
    PART_REST,  /* a few round trips, and then memory and CPU use at rest */
    /* What plain Linux measures one at a time. */
    PART_LATENCY,
    PART_THROUGHPUT,
    PART_MEMORY,
    PART_IDLE,
    PART_ALL, /* whatever the program says */
};

struct part {
    enum part_kind kind;
    char **arguments; /* of the program, NULL after the last; owned */
};

#define PARTS_MAX 6

/* Its name, a word: start, ipc and so on; run for PART_ALL. */
const char *part_name(enum part_kind kind);

/* The names of the sections that it has to print, NULL after the last. */
const char *const *part_sections(enum part_kind kind);

/* What is left of a run when it is over and its own files are written. */
struct run_record {
    enum part_kind kind;
    char *name;   /* ipc-1 */
    char *folder; /* runs/quoll-ipc-1, in the comparison's folder */
    char *result; /* "complete", or what went wrong */
    bool complete;
    struct figures figures;
    struct trace trace;            /* of its latencies */
    struct fault_story fault;      /* empty when nothing crashed */
    struct part_silences silences; /* of its parts, when something crashed */
};

struct runs {
    struct run_record *items;
    size_t count, room;
};

/* A system that is compared with others. */
struct subject {
    char *name;    /* quoll, linux, ...: a word, also of file names */
    char *title;   /* for a person */
    char *about;   /* what a person must know of its figures */
    bool emulated; /* its times say nothing of real hardware */
    struct part parts[PARTS_MAX];
    size_t part_count;
    struct runs runs;
    struct {
        uint64_t *items;
        size_t count, room;
    } latencies; /* of all runs, in ns; sorted once they are summed up */
    struct distribution latency;
    struct figures figures; /* over the runs */
};

struct comparison {
    struct {
        struct subject *items;
        size_t count, room;
    } subjects;
    struct {
        char **items;
        size_t count, room;
    } remarks; /* what is missing, and why */
    struct testbed testbed;
    struct noise before, after;
    struct tm date;
    char *folder; /* where it all is written */
    uint64_t iterations;
    uint64_t rounds;
    int cpu;
    bool interrupted;
};

struct subject *comparison_add_subject(struct comparison *comparison, const char *name,
                                       const char *title, const char *about);

/* Add a part. Its arguments, NULL after the last, are texts to be freed, and are taken over. */
void subject_add_part(struct subject *subject, enum part_kind kind, ...);

/* Whether a part of that kind has been added. */
bool subject_has_part(const struct subject *subject, enum part_kind kind);

/* Note for the report what a person has been told, or should be. */
void comparison_remark(struct comparison *comparison, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Keep what a run has said: its figures, its latencies, a trace and the fault. */
void comparison_keep(struct subject *subject, struct run_record *record,
                     const struct run_report *report);

/* The figures of all subjects over their runs. */
void comparison_sum_up(struct comparison *comparison);

/* Whether any run was complete. */
bool comparison_has_figures(const struct comparison *comparison);

void comparison_free(struct comparison *comparison);
