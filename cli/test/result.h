/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What has come of the tests, for whoever tells of it. */
#pragma once

#include "cli/test/case.h"
#include "cli/test/judge.h"

/* One test, over all its runs. */
struct result {
    struct test_case test;
    enum verdict verdict; /* the worst of its runs */
    uint64_t runs;        /* that came to their end */
    uint64_t failed;      /* of them */
    uint64_t total_ns;    /* that they took together */
    uint64_t shortest_ns;
    uint64_t longest_ns;

    /* Of the first run that failed; or, where that is asked for, of the last one that passed. */
    uint64_t failed_run; /* which one, from 0 */
    struct diagnostics failures;
    char *output; /* its beginning and its end; NULL: it printed nothing */
    size_t output_length;
    uint64_t output_lines;
    char *report; /* what quoll said, likewise */
    size_t report_length;
    char *command; /* that runs it again; NULL: it was never run */
};

struct results {
    struct result *all;
    size_t count;
    uint64_t elapsed_ns;
    uint64_t not_started; /* runs that were to be, and were not to their end */
    int interrupted;      /* the signal that ended it; 0: none */
    char *trouble;        /* what the host did not do, in a person's words; NULL: nothing */
};

/* How many have this verdict. */
size_t results_count(const struct results *results, enum verdict verdict);

/* It failed or could not be tried. */
bool result_is_bad(const struct result *result);

/* The first thing that was wrong, in one line: *length bytes of a longer text. */
const char *result_message(const struct result *result, size_t *length);

void result_free(struct result *result);
