/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Patterns. */
#include "cli/test/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pattern_make(struct pattern *pattern, enum pattern_kind kind, const char *text, size_t length,
                 char *why, size_t why_size)
{
    *pattern = (struct pattern){.kind = kind, .text = malloc(length + 1), .length = length};
    if (!pattern->text) {
        snprintf(why, why_size, "there is no memory for it");
        return -1;
    }
    memcpy(pattern->text, text, length);
    pattern->text[length] = '\0';
    if (kind == PATTERN_LINE) {
        pattern->length = line_length_trimmed(text, length);
    }
    int failure =
        kind == PATTERN_MATCHES ? regcomp(&pattern->regex, pattern->text, REG_EXTENDED) : 0;
    if (failure != 0) {
        regerror(failure, &pattern->regex, why, why_size);
        free(pattern->text);
        *pattern = (struct pattern){.text = NULL};
    }
    return failure;
}

void pattern_free(struct pattern *pattern)
{
    if (pattern->text && pattern->kind == PATTERN_MATCHES) {
        regfree(&pattern->regex);
    }
    free(pattern->text);
    *pattern = (struct pattern){.text = NULL};
}

static bool is_line(const struct pattern *pattern, const char *line, size_t length)
{
    return line_length_trimmed(line, length) == pattern->length &&
           memcmp(line, pattern->text, pattern->length) == 0;
}

static bool contains(const struct pattern *pattern, const char *line, size_t length, size_t *end)
{
    const char *found = memmem(line, length, pattern->text, pattern->length);
    *end = found ? (size_t)(found - line) + pattern->length : length;
    return found;
}

static bool matches(const struct pattern *pattern, const char *line, size_t length)
{
    /* REG_STARTEND: glibc's, as the BSDs have it. Lines may hold NULs, and have none at the end. */
    regmatch_t match = {.rm_so = 0, .rm_eo = (regoff_t)line_length_trimmed(line, length)};
    return regexec(&pattern->regex, line, 1, &match, REG_STARTEND) == 0;
}

bool pattern_find(const struct pattern *pattern, const char *line, size_t length, size_t *end)
{
    *end = length;
    switch (pattern->kind) {
    case PATTERN_LINE:
        return is_line(pattern, line, length);
    case PATTERN_CONTAINS:
        return contains(pattern, line, length, end);
    case PATTERN_MATCHES:
        return matches(pattern, line, length);
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

size_t line_length_trimmed(const char *line, size_t length)
{
    while (length > 0 && is_blank(line[length - 1])) {
        length--;
    }
    return length;
}
