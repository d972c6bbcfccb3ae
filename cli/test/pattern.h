/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a line of output is compared with: the whole line, a part of it, or a regular expression. */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

enum pattern_kind {
    PATTERN_LINE,     /* the line is this, but for blanks at its end */
    PATTERN_CONTAINS, /* the line has this in it */
    PATTERN_MATCHES,  /* a POSIX extended regular expression finds something in the line */
};

struct pattern {
    enum pattern_kind kind;
    char *text; /* `length` bytes and a NUL */
    size_t length;
    regex_t regex; /* PATTERN_MATCHES */
};

/*
 * Make a pattern of a copy of `text`.
 *
 * Returns   0; else what is wrong with it is in `why`, as words for a person.
 */
int pattern_make(struct pattern *pattern, enum pattern_kind kind, const char *text, size_t length,
                 char *why, size_t why_size);
void pattern_free(struct pattern *pattern);

/* Look at a line, without its newline. *end is then where what was found ends. */
bool pattern_find(const struct pattern *pattern, const char *line, size_t length, size_t *end);

/* Without blanks and carriage returns at its end. */
size_t line_length_trimmed(const char *line, size_t length);
