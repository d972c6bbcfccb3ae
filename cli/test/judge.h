/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What is to be said of one run of a test: did it do as the file says, and if not, what was it? */
#pragma once

#include "cli/test/match.h"

enum verdict {
    VERDICT_NOT_RUN, /* or not to its end */
    VERDICT_PASSED,
    VERDICT_FAILED,
    VERDICT_BROKEN, /* it could not be tried: the file is wrong, or quoll did not start the system */
    VERDICT_SKIPPED,
};

/* How quoll ended. */
struct run_end {
    int status;         /* its exit status; 128 + N: killed by signal N */
    bool was_matched;   /* it was ended because all had come */
    bool was_killed;    /* it did not end by itself, long after the time-out */
    const char *report; /* what it said, or the end of that; may be NULL */
    size_t report_length;
    uint64_t timeout_ns;
};

/* Everything that is wrong goes to `failures`. */
enum verdict judge(const struct matcher *matcher, const struct run_end *end,
                   struct diagnostics *failures);
