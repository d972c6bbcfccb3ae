/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The comparison as a whole: from what a person asked for to a folder with a report. */
#pragma once

#include "machine/ending.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a person asked for. */
struct plan {
    uint64_t iterations;
    uint64_t rounds;
    uint64_t silence_ns;      /* how long a run may say nothing; 0: by the iterations */
    const char *out;          /* where the folder of this comparison is made */
    const char *against;      /* the folder of an older one; NULL: none */
    const char *only;         /* names of systems, with commas between; NULL: all */
    const char *sel4_kernel;  /* ELF of a real kernel; NULL: none */
    const char *microkit_sdk; /* another SDK, with a kernel in it; NULL: none */
    size_t also_count;
    const char *const *also; /* NAME=COMMAND: more programs that speak the protocol */
    const char *quoll;       /* path of this program */
    const char *sdk;         /* of the SDK that came with it */
    bool quiet;
};

/*
 * Run it all. Ctrl-C and its like end it, and what has been measured by then is kept and written.
 *
 * Returns EXIT_OK; EXIT_USAGE or EXIT_INPUT when the plan is wrong; EXIT_HOST when runs have failed or
 * files could not be written; EXIT_SIGNAL + N. A person has been told.
 */
enum exit_status pipeline_run(const struct plan *plan);
