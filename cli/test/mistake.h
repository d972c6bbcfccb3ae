/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What is said of mistakes in a test's file: where they are, with the line and a caret. */
#pragma once

#include "cli/test/case.h"
#include "microkit/spelling.h"

/* The place of a character of the file's text. */
struct position mistake_position(struct test_case *test, const char *where);

/* Something is wrong at a character of the file's text. Advice may follow: diagnostic_advise(). */
void mistake_at(struct test_case *test, const char *where, const char *what, ...)
    __attribute__((format(printf, 3, 4)));

/* "Did you mean", if a word is near; else what is to be said otherwise. */
void mistake_advise_nearest(struct test_case *test, const struct spelling *spelling,
                            const char *otherwise);

void mistake_lack_memory(struct test_case *test);
