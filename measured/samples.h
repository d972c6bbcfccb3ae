/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Measurements of the calls of a client, kept in a memory region until all are over; and how many there
 * are to be, which is a file's content: a decimal number in ASCII, and perhaps the word `packed`.
 */
#pragma once

#include "report.h"

#include <stdbool.h>

struct sample {
    seL4_Uint64 latency;   /* ticks */
    seL4_Uint64 timestamp; /* of the answer, in ticks from the first request */
};

/* Set by the tool: see the .system files. */
struct sample *samples;
seL4_Word samples_bytes;
const char *iterations_text;
seL4_Word iterations_bytes;

/* What the file asks for. */
struct wish {
    seL4_Uint64 count;
    bool packed; /* many samples a line */
};

static inline void refuse_iterations(seL4_Uint64 most)
{
    put_text("client: the file 'iterations' has to be a number from 0 to ");
    put_number(most);
    put_text(", in decimal, and may end in ' packed'\n");
}

/* Whether that is all that stands in the file from there, but for the end of the line. */
static inline bool file_ends_in(seL4_Word from, const char *text)
{
    while (*text != '\0' && from < iterations_bytes && iterations_text[from] == *text) {
        text++;
        from++;
    }
    return *text == '\0' && (from == iterations_bytes || iterations_text[from] == '\n');
}

/* Returns false when the file holds no number, or one of more samples than fit; says so. */
static inline bool read_iterations(struct wish *wish)
{
    seL4_Uint64 most = samples_bytes / sizeof(struct sample);
    seL4_Uint64 number = 0;
    seL4_Word i = 0;
    while (i < iterations_bytes && iterations_text[i] >= '0' && iterations_text[i] <= '9' &&
           number <= most) {
        number = number * 10 + (seL4_Uint64)(iterations_text[i++] - '0');
    }
    wish->count = number;
    wish->packed = file_ends_in(i, " packed");
    if (i == 0 || number > most || !(wish->packed || file_ends_in(i, ""))) {
        refuse_iterations(most);
        return false;
    }
    return true;
}

static inline void report_plainly(seL4_Uint64 count)
{
    for (seL4_Uint64 i = 0; i < count; i++) {
        put_text("measure sample ");
        put_number(samples[i].latency);
        put(' ');
        put_number(samples[i].timestamp);
        put('\n');
    }
}

/* Five bits a character, the lowest first; all but the last of a number have the sixth bit set. */
static inline void put_packed(seL4_Uint64 number)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (number >= 32) {
        put(digits[32 | (number & 31)]);
        number >>= 5;
    }
    put(digits[number]);
}

#define PACKED_LINE 16 /* samples */

/* Of each sample the latency, and the ticks from the answer before to the request. */
static inline void report_packed(seL4_Uint64 count)
{
    seL4_Uint64 answer = 0;
    for (seL4_Uint64 i = 0; i < count; i++) {
        if (i % PACKED_LINE == 0) {
            put_text(i > 0 ? "\nmeasure packed " : "measure packed ");
        }
        put_packed(samples[i].latency);
        put_packed(samples[i].timestamp - samples[i].latency - answer);
        answer = samples[i].timestamp;
    }
    if (count > 0) {
        put('\n');
    }
}

static inline void report_samples(const struct wish *wish)
{
    if (wish->packed) {
        report_packed(wish->count);
    } else {
        report_plainly(wish->count);
    }
}
