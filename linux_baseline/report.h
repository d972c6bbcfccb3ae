/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What is printed: the measuring protocol of measured/README.md on standard output, and for a person
 * at a terminal a summary on standard error.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sample {
    uint64_t latency;   /* ticks */
    uint64_t timestamp; /* of the answer, in ticks from the first request */
};

void report_begin(const char *section);
void report_samples(const struct sample *samples, uint64_t count);
void report_event(const char *what, uint64_t timestamp);
void report_count(const char *what, uint64_t count);
void report_life(const char *part, uint64_t signs, uint64_t longest_silence);
void report_silence(const char *part, unsigned crash, uint64_t silence, uint64_t after_crash,
                    bool restarted);
void report_silence_for_ever(const char *part, unsigned crash);
void report_end(const char *section);

/* Write out what is still in the program. Ends it, if standard output takes no more. */
void report_flush(void);

/* Median, 99th percentile, least and greatest, at a terminal. Puts the samples in another order. */
void summarise_samples(const char *section, struct sample *samples, uint64_t count);

/* No summary from now on. */
void summarise_nothing(void);

/* A line of text, at a terminal. */
void summarise(const char *format, ...) __attribute__((format(printf, 1, 2)));
