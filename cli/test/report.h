/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a person sees of the tests while they run, and at the end. */
#pragma once

#include "cli/test/pool.h"

#include <stdio.h>

struct report {
    FILE *stream;
    bool quiet;    /* only what failed, and the summary */
    bool verbose;  /* what those that pass print, too */
    bool terminal; /* a line shows what is going on */
    bool colours;
    uint64_t start_ns;
    uint64_t shown_ns; /* when that line was last written; 0: it does not stand there */
};

struct report report_start(FILE *stream, bool quiet, bool verbose);

/* pool_observer's functions, with a struct report for context. */
void report_finished(void *report, const struct result *result);
bool report_tick(void *report, const struct pool_state *state);

void report_summary(struct report *report, const struct results *results);
