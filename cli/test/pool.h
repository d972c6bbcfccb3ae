/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Runs tests, several at a time, until all have run, one has failed, or a signal comes. */
#pragma once

#include "cli/test/attempt.h"
#include "cli/test/result.h"

struct pool_options {
    struct run_options run;
    size_t jobs;      /* how many at a time */
    uint64_t repeat;  /* how often each; UINT64_MAX: without end */
    bool until_fail;  /* and no further when one has failed */
    bool keep_output; /* of those that pass, too */
};

/* What is going on, for whoever shows it. */
struct pool_state {
    const struct attempt *attempts; /* in slots, some of which may be running */
    size_t slots;
    uint64_t done; /* runs */
    uint64_t total;
    uint64_t failed;
};

struct pool_observer {
    /* All runs of a test are done, or it is one that is not run. */
    void (*finished)(void *context, const struct result *result);
    /* Now and then. Returns false to stop. */
    bool (*tick)(void *context, const struct pool_state *state);
    void *context;
};

/* Run all that have no verdict yet. What came of it is in `results`; nothing that was started is left. */
void pool_run(struct results *results, const struct pool_options *options,
              const struct pool_observer *observer);
