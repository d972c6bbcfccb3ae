/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Measurements of the calls of a client, kept in a memory region until all are over; and how many there
 * are to be, which is a file's content: a decimal number in ASCII.
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

static inline void refuse_iterations(seL4_Uint64 most)
{
    put_text("client: the file 'iterations' has to be a number from 0 to ");
    put_number(most);
    put_text(", in decimal\n");
}

/* Returns false when the file holds no number, or one of more samples than fit; says so. */
static inline bool read_iterations(seL4_Uint64 *iterations)
{
    seL4_Uint64 most = samples_bytes / sizeof(struct sample);
    seL4_Uint64 number = 0;
    seL4_Word i = 0;
    while (i < iterations_bytes && iterations_text[i] >= '0' && iterations_text[i] <= '9' &&
           number <= most) {
        number = number * 10 + (seL4_Uint64)(iterations_text[i++] - '0');
    }
    bool ends = i == iterations_bytes || iterations_text[i] == '\n';
    if (i == 0 || !ends || number > most) {
        refuse_iterations(most);
        return false;
    }
    *iterations = number;
    return true;
}

static inline void report_samples(seL4_Uint64 count)
{
    for (seL4_Uint64 i = 0; i < count; i++) {
        put_text("measure sample ");
        put_number(samples[i].latency);
        put(' ');
        put_number(samples[i].timestamp);
        put('\n');
    }
}
