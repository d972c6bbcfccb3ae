/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A test's rules against what its system prints, as it comes.
 *
 * What is found, and when something is typed, depends on the bytes alone and not on how they are cut into
 * chunks. An `expect` with `contains` is found as soon as its text is there, so that a prompt, which has no
 * newline, can be answered; all else is looked for in whole lines. An `expect` takes its line; when
 * something is typed upon it, what follows in the same line counts as a line of its own.
 */
#pragma once

#include "cli/test/case.h"
#include "cli/test/lines.h"

/* What has become of a rule. Lines count from 1; 0: none. */
struct finding {
    uint64_t line;  /* where it was found first */
    uint64_t early; /* an `expect`: where it was before its turn */
    uint64_t count; /* a `never`: how often it came */
    char *text;     /* of the line, its beginning; NULL: not found, or not kept */
    size_t length;
    bool reported; /* a `never`: quoll said it, not the system */
};

struct matcher {
    const struct test_case *test;
    struct finding *findings; /* one for each rule */
    struct lines output;
    struct lines report;
    size_t next;          /* the first rule that is still to come, of `expect` and `input` */
    size_t missing;       /* of `expect` and `anywhere` */
    size_t start;         /* of what is not taken yet in the unfinished line */
    size_t searched;      /* up to where it was looked at */
    bool taken;           /* no further `expect` looks at the line */
    bool used;            /* some `expect` was found in it */
    struct finding other; /* with `exact`: the first line that nobody expected, and how many */
    /* Something is to be typed. */
    void (*type)(void *context, const char *bytes, size_t length);
    void *context;
};

/* Returns false for lack of memory. What is typed before anything comes is typed at once. */
bool matcher_open(struct matcher *matcher, const struct test_case *test,
                  void (*type)(void *context, const char *bytes, size_t length), void *context);
void matcher_close(struct matcher *matcher);

/* The system printed this; quoll said this. */
void matcher_output(struct matcher *matcher, const char *bytes, size_t length);
void matcher_report(struct matcher *matcher, const char *bytes, size_t length);

/* Nothing more comes: what has no newline is a line all the same. */
void matcher_finish(struct matcher *matcher);

/* All that is to come has come. */
bool matcher_holds(const struct matcher *matcher);

/* There is nothing more to type. */
bool matcher_typed_all(const struct matcher *matcher);

/* Whether a rule holds now that nothing more comes. */
bool matcher_rule_holds(const struct matcher *matcher, size_t rule);
