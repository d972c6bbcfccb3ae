/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The keys of a test's file: what each does with its line. */
#pragma once

#include "cli/test/case.h"

/* A part of the file's text. */
struct part {
    const char *text;
    size_t length;
};

/* A line that says something, taken apart. */
struct line {
    struct part key;
    struct part mark; /* empty: none */
    struct part value;
};

struct key {
    const char *name;
    /* Does what the line says, or adds a mistake. */
    void (*take)(struct test_case *test, const struct line *line);
    bool many;  /* it may stand in several lines */
    bool marks; /* it takes a mark */
};

#define KEY_COUNT 18

/* NULL: there is none of that name, and the mistake has been added. */
const struct key *key_find(struct test_case *test, struct part name);

/* Which of all keys it is, from 0. */
size_t key_number(const struct key *key);
