/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The figures side by side: a row for each, a column for each system. */
#pragma once

#include "compare/against.h"
#include "compare/comparison.h"

#include <stdio.h>

struct table_row {
    const char *figure;
    char of[FIGURE_OF_MAX + 1];
    char label[128]; /* for a person */
};

/* Rows under one heading. */
struct table {
    const char *title;
    struct table_row *items;
    size_t count, room;
};

enum {
    TABLE_LATENCY,
    TABLE_THROUGHPUT,
    TABLE_REST,
    TABLE_FAULT,
    TABLE_PARTS,
    TABLE_SILENCES,
    TABLES
};

/* The rows of one table that any subject has; free() is due for the items. */
struct table table_of(const struct comparison *comparison, unsigned which);

/* For a terminal: the tables, and what has changed where `changes` is not NULL. */
void table_print(const struct comparison *comparison, const struct changes *changes, FILE *stream);
