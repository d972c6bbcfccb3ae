/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What the tool has to say to a person: errors and warnings, in the order they were found.
 *
 * A diagnostic has up to three parts. Its message is the upstream tool's text where upstream has
 * one, position included, so that scripts which look for it find it. Below it stands the line of the
 * system description with a caret, and then our own lines: why, and what to do.
 *
 *     diagnostic_error(found, "Error: duplicate memory region name '%s'.", name);
 *     diagnostic_quote(found, &system->source, region->at);
 *     diagnostic_advise(found, "It is declared first at line %u. Rename one of them.", line);
 *
 * Running out of memory here loses the text, never the error: it is counted, and reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Where an element of a system description starts: both count from 1, columns in characters. */
struct position {
    uint32_t line;
    uint32_t column;
};

/* A text that positions refer to. The name is the file's, as the user gave it. */
struct source {
    const char *name;
    const char *text;
    size_t length;
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
    enum severity severity;
    char *text; /* all three parts, without the last newline */
    struct diagnostic *next;
};

/* Starts as {0}. Whoever made it calls diagnostics_free. */
struct diagnostics {
    struct diagnostic *first;
    struct diagnostic *last;
    size_t errors;
    bool lost; /* some text was lost for want of memory */
};

/* Append an error or a warning. The message may have several lines; no newline at its end. */
void diagnostic_error(struct diagnostics *found, const char *message, ...)
    __attribute__((format(printf, 2, 3)));
void diagnostic_warning(struct diagnostics *found, const char *message, ...)
    __attribute__((format(printf, 2, 3)));

/* Below the last diagnostic: the line of `source` at `at`, with a caret. Nothing if there is no such
 * line. */
void diagnostic_quote(struct diagnostics *found, const struct source *source, struct position at);

/* Below the last diagnostic: a line of why, or of what to do. Newlines start further lines. */
void diagnostic_advise(struct diagnostics *found, const char *line, ...)
    __attribute__((format(printf, 2, 3)));

/* Errors to one stream, warnings to the other, each followed by a newline. */
void diagnostics_print(const struct diagnostics *found, FILE *errors, FILE *warnings);

void diagnostics_free(struct diagnostics *found);
