/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A test case: what a file NAME.test says. docs/testing.md is for people; in short, a line is
 *
 *     KEY [MARK]: VALUE        or empty, or a comment that starts with #
 *
 *     system, boot             what is run; else what stands beside it as NAME.system, .img, .json or .elf
 *     kernel, config, search-path, args, time, timeout
 *                              how it is run
 *     expect, anywhere, never, report, ignore
 *                              rules on lines; MARK is `contains` or `matches`, or the line is the VALUE
 *     input                    what is typed once all `expect` above it have come
 *     exact, ends              rules on the whole
 *     needs, skip              when it is not run
 *
 * Paths are relative to the file.
 */
#pragma once

#include "cli/test/pattern.h"
#include "microkit/diagnostic.h"

#include <stdint.h>

enum rule_kind {
    RULE_EXPECT,   /* in order, each behind the one before */
    RULE_INPUT,    /* likewise; the pattern's text is typed */
    RULE_ANYWHERE, /* it comes some time */
    RULE_NEVER,    /* neither the system nor quoll says it */
    RULE_REPORT,   /* quoll says it, on its standard error */
    RULE_IGNORE,   /* no line that `exact` counts */
};

struct rule {
    enum rule_kind kind;
    struct pattern pattern;
    struct position at;
};

enum ends {
    ENDS_WELL, /* halted or idle: nothing was said */
    ENDS_IDLE,
    ENDS_HALTED,
    ENDS_STUCK,
    ENDS_TIMEOUT,
    ENDS_MATCHED, /* it is ended as soon as all expectations hold */
    ENDS_EXIT,    /* with `exit_status` */
};

#define CASE_ARGUMENTS_MAX 64

struct test_case {
    char *path;           /* of the file */
    char *name;           /* the same without .test */
    struct source source; /* its text */

    bool boots; /* `quoll boot`, else `quoll run` */
    char *system;
    char *arguments[CASE_ARGUMENTS_MAX]; /* further options of that */
    size_t argument_count;
    const char *time;    /* NULL: nothing was said */
    uint64_t timeout_ns; /* 0: likewise */

    struct rule *rules; /* in the file's order */
    size_t rule_count;
    bool exact; /* every line is expected or ignored */
    enum ends ends;
    int exit_status;         /* ENDS_EXIT */
    struct position ends_at; /* line 0: nothing was said */

    char *skip;               /* why it is not run; NULL: it is */
    struct diagnostics found; /* mistakes in the file */

    /* Private. */
    size_t rule_room;
    const char *counted; /* a character whose place is known, */
    struct position counted_at;
};

/* Read and check a file. Mistakes are in test->found. Whoever opened it closes it in either case. */
void case_open(struct test_case *test, const char *path);
void case_close(struct test_case *test);

/* The same for a text in memory: what case_open does once it has read the file. Takes the text over. */
void case_parse(struct test_case *test, const char *path, char *text, size_t length);

/* The key that a rule was written with. */
const char *rule_key(enum rule_kind kind);
