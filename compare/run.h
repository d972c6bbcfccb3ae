/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* One run of one measured program: started, listened to, looked at while it rests, ended. */
#pragma once

#include "compare/process.h"
#include "compare/protocol.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum run_result {
    RUN_COMPLETE,    /* it has said all that was expected */
    RUN_NOT_STARTED, /* `failure` has the errno */
    RUN_ENDED,       /* it ended before; `wait_status` says how */
    RUN_SILENT,      /* it said nothing of the protocol for too long */
    RUN_INTERRUPTED, /* by Ctrl-C or its like, at us */
};

struct run_order {
    char *const *arguments;      /* the program and its arguments, NULL after the last */
    const char *const *expected; /* names of sections, NULL after the last */
    int cpu;                     /* or CHILD_ANY_CPU */
    uint64_t silence_ns;         /* how long it may say nothing */
    uint64_t rest_ns;            /* how long to watch it at rest; 0: not at all */
    FILE *log;                   /* gets all lines but the samples */
    void (*progress)(void *context, const struct recording *recording); /* now and then */
    void *context;
};

struct run_report {
    enum run_result result;
    int failure;
    int wait_status;
    uint64_t start_ns; /* from its start to its first `begin`; 0: that never came */
    struct recording recording;
    struct components memory; /* at rest; empty when it did not rest */
    bool rested;
    double idle_percent;      /* of one CPU, while it rested */
    struct processor_use use; /* until it had said all; zeroes when it had ended by then */
};

/* Returns a report in any case; run_report_free() is due. */
struct run_report run_watch(const struct run_order *order);

void run_report_free(struct run_report *report);

/* What became of it, for a person: "complete", or what went wrong; to be freed. */
char *run_result_text(const struct run_report *report);
