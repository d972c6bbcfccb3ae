/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a test to the command line of the quoll that runs it. */
#pragma once

#include "cli/option.h"
#include "cli/test/case.h"

#include <signal.h>

/* What the command line says on all runs. */
struct run_options {
    const char *time;           /* comes before what the files say; NULL: nothing */
    const char *const *folders; /* of programs, likewise */
    size_t folder_count;
    uint64_t timeout_ns; /* where files say nothing */
    sigset_t mask;       /* signals that a child blocks */
};

#define COMMAND_WORDS_MAX (CASE_ARGUMENTS_MAX + 2 * SEARCH_FOLDERS_MAX + 10)

/* Its words belong to the test and the options. */
struct command_line {
    const char *words[COMMAND_WORDS_MAX];
    size_t count; /* and a NULL behind them */
    char timeout[32];
};

/* How long the test may take. */
uint64_t command_line_timeout_ns(const struct test_case *test, const struct run_options *options);

void command_line_make(struct command_line *line, const struct test_case *test,
                       const struct run_options *options);

/* What a person would type to a shell, to be freed; NULL for lack of memory. */
char *command_line_text(const struct test_case *test, const struct run_options *options);
