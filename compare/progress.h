/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a person sees while it runs: on a terminal one line that changes, else a line for each run. */
#pragma once

#include "compare/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool quiet;
    bool terminal;
    size_t run, runs; /* which, of how many */
    char what[96];    /* is being run */
    uint64_t begin_ns, shown_ns;
};

struct progress progress_new(bool quiet, size_t runs);

/* The next run begins; it is over. */
void progress_begin(struct progress *progress, const char *what);
void progress_end(struct progress *progress, const char *result);

/* For run_order: shows what has come so far. */
void progress_show(void *progress, const struct recording *recording);

/* What is done besides runs. */
void progress_say(struct progress *progress, const char *what);

/* Away with the line that changes. */
void progress_clear(struct progress *progress);
