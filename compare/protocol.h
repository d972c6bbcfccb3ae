/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The measuring protocol: lines that a measured program prints among others.
 *
 *     measure begin NAME TICKS_PER_SECOND
 *     measure sample LATENCY_TICKS TIMESTAMP_TICKS
 *     measure packed DATA
 *     measure throughput BYTES REQUESTS TICKS
 *     measure event WHAT TIMESTAMP_TICKS
 *     measure count WHAT N
 *     measure part NAME SIGNS LONGEST_SILENCE_TICKS
 *     measure silence NAME CRASH never | SILENCE_TICKS AFTER_CRASH_TICKS [restarted]
 *     measure memory COMPONENT PRIVATE_BYTES SHARED_BYTES KERNEL_BYTES
 *     measure idle WALL_TICKS CPU_TICKS
 *     measure end NAME
 *
 * Names are of letters, digits, '.', '_' and '-', a letter or a digit first; numbers are decimal. DATA are
 * samples in few characters: measured/README.md. docs/comparison.md says what each means. What stands between a begin and its end is a section.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_NAME_MAX    63  /* of a NAME or a WHAT */
#define PROTOCOL_LINE_MAX    511 /* a longer line is none of the protocol's */
#define TICKS_PER_SECOND_MAX 1000000000000ull

struct sample {
    uint64_t latency_ns;
    uint64_t timestamp_ns; /* since the section's own beginning */
};

struct throughput {
    uint64_t bytes; /* of one message */
    uint64_t requests;
    uint64_t duration_ns;
};

struct event {
    char what[PROTOCOL_NAME_MAX + 1];
    uint64_t timestamp_ns;
};

struct count {
    char what[PROTOCOL_NAME_MAX + 1];
    uint64_t n;
};

/* A part of a system in which one crashes, and how it lived before that. */
struct part_life {
    char name[PROTOCOL_NAME_MAX + 1];
    uint64_t signs;
    uint64_t longest_ns; /* silence between two signs */
};

/* A part's silence around a crash. */
struct silence {
    char part[PROTOCOL_NAME_MAX + 1];
    uint64_t crash;    /* counted from 1 */
    bool ends;         /* it has given a sign of life since */
    bool restarted;    /* by being started anew */
    uint64_t ns;       /* from the last sign before the crash to the first one after it */
    uint64_t after_ns; /* from the crash to that one; at most `ns` */
};

struct memory_use {
    char component[PROTOCOL_NAME_MAX + 1];
    uint64_t private_bytes, shared_bytes, kernel_bytes;
};

struct section {
    char name[PROTOCOL_NAME_MAX + 1];
    uint64_t ticks_per_second;
    bool complete;         /* its end has come */
    uint64_t packed_ticks; /* when the answer of the last packed sample came */
    struct {
        struct sample *items;
        size_t count, room;
    } samples;
    struct {
        struct throughput *items;
        size_t count, room;
    } throughputs;
    struct {
        struct event *items;
        size_t count, room;
    } events;
    struct {
        struct count *items;
        size_t count, room;
    } counts;
    struct {
        struct part_life *items;
        size_t count, room;
    } lives;
    struct {
        struct silence *items;
        size_t count, room;
    } silences;
    struct {
        struct memory_use *items;
        size_t count, room;
    } memories;
    uint64_t idle_wall_ns; /* 0: nothing was said */
    uint64_t idle_cpu_ns;
};

/* What one run has said. Zeroes are an empty one. */
struct recording {
    struct {
        struct section *items;
        size_t count, room;
    } sections;
    size_t wrong_lines;                      /* began with "measure" and could not be read */
    char first_wrong[PROTOCOL_LINE_MAX + 1]; /* of these */
};

/* Take a line in, without its end. Returns whether it belongs to the protocol. */
bool recording_take(struct recording *recording, const char *line);

void recording_free(struct recording *recording);

/* The first section of that name, or NULL. */
const struct section *recording_find(const struct recording *recording, const char *name);

/* Whether there are sections, and the end of each has come. */
bool recording_is_complete(const struct recording *recording);

/* How many samples there are in all sections. */
size_t recording_samples(const struct recording *recording);

/* Whether a section of that name has come to its end. */
bool recording_has(const struct recording *recording, const char *name);

/* Lines from pieces of output, which end anywhere. */
struct line_reader {
    char line[PROTOCOL_LINE_MAX + 1];
    size_t length;
    bool broken; /* the beginning of this line has been handed out */
};

/*
 * Call `take` with each line that ends in these bytes; a carriage return before the end is not part of
 * it. A line above PROTOCOL_LINE_MAX comes in pieces, none of which is `whole`.
 */
typedef void line_taker(void *context, const char *line, bool whole);
void line_reader_feed(struct line_reader *reader, const char *bytes, size_t count, line_taker *take,
                      void *context);

/* What stands there behind the last end of a line, if anything does, is a line, too. */
void line_reader_finish(struct line_reader *reader, line_taker *take, void *context);
