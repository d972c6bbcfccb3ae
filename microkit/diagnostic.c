/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/diagnostic.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Of a line of the description; a longer one is shown in part, with the caret in view. */
#define EXCERPT_COLUMNS_MAX    96
#define EXCERPT_COLUMNS_BEFORE 32

static char *format_text(const char *format, va_list arguments)
{
    char *text = NULL;
    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

static void append(struct diagnostics *found, enum severity severity, char *text)
{
    if (severity == SEVERITY_ERROR) {
        found->errors++;
    }
    struct diagnostic *diagnostic = calloc(1, sizeof(*diagnostic));
    if (text == NULL || diagnostic == NULL) {
        found->lost = true;
        free(text);
        free(diagnostic);
        return;
    }
    diagnostic->severity = severity;
    diagnostic->text = text;
    if (found->last == NULL) {
        found->first = diagnostic;
    } else {
        found->last->next = diagnostic;
    }
    found->last = diagnostic;
}

void diagnostic_error(struct diagnostics *found, const char *message, ...)
{
    va_list arguments;
    va_start(arguments, message);
    append(found, SEVERITY_ERROR, format_text(message, arguments));
    va_end(arguments);
}

void diagnostic_warning(struct diagnostics *found, const char *message, ...)
{
    va_list arguments;
    va_start(arguments, message);
    append(found, SEVERITY_WARNING, format_text(message, arguments));
    va_end(arguments);
}

/* Add a line to the last diagnostic. Without memory the line is lost. */
static void extend(struct diagnostics *found, const char *indent, const char *line)
{
    struct diagnostic *last = found->last;
    char *text = NULL;
    if (last == NULL || asprintf(&text, "%s\n%s%s", last->text, indent, line) < 0) {
        found->lost = true;
        return;
    }
    free(last->text);
    last->text = text;
}

void diagnostic_advise(struct diagnostics *found, const char *line, ...)
{
    va_list arguments;
    va_start(arguments, line);
    char *text = format_text(line, arguments);
    va_end(arguments);
    if (text == NULL) {
        found->lost = true;
        return;
    }

    char *rest = text;
    for (char *one = strsep(&rest, "\n"); one != NULL; one = strsep(&rest, "\n")) {
        extend(found, "      ", one);
    }
    free(text);
}

/* The text of a line, counted from 1, or NULL if there are fewer. */
static const char *find_line(const struct source *source, uint32_t line, size_t *length)
{
    const char *start = source->text;
    const char *end = source->text + source->length;
    for (; line > 1; line--) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        if (newline == NULL) {
            return NULL;
        }
        start = newline + 1;
    }
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    *length = (size_t)((newline == NULL ? end : newline) - start);
    return start;
}

static bool continues_character(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The bytes of the UTF-8 character at `text`; 1 for a byte that starts none. */
static size_t character_length(const unsigned char *text, size_t left)
{
    size_t length = *text >= 0xf0 ? 4 : *text >= 0xe0 ? 3 : *text >= 0xc0 ? 2 : 1;
    for (size_t i = 1; i < length; i++) {
        if (i == left || !continues_character(text[i])) {
            return 1;
        }
    }
    return length;
}

/* Whether a terminal would act upon the character, or could not show it. */
static bool is_unsafe(const unsigned char *text, size_t length)
{
    bool is_c1 = length == 2 && text[0] == 0xc2 && text[1] < 0xa0;
    return length == 1 ? *text < 0x20 || *text >= 0x7f : is_c1;
}

/*
 * Copy the columns [first, first + EXCERPT_COLUMNS_MAX) of a line. What is unsafe is shown as '?',
 * and a tab as one blank, so that the caret stays below its column.
 */
static void copy_columns(char *excerpt, const char *line, size_t size, uint32_t first)
{
    const unsigned char *text = (const unsigned char *)line;
    if (size > 0 && text[size - 1] == '\r') {
        size--;
    }
    size_t length;
    uint32_t column = 1;
    for (size_t i = 0; i < size && column < first + EXCERPT_COLUMNS_MAX; i += length, column++) {
        length = character_length(text + i, size - i);
        if (column < first) {
            continue;
        }
        if (text[i] == '\t') {
            *excerpt++ = ' ';
        } else if (is_unsafe(text + i, length)) {
            *excerpt++ = '?';
        } else {
            memcpy(excerpt, text + i, length);
            excerpt += length;
        }
    }
    *excerpt = '\0';
}

void diagnostic_quote(struct diagnostics *found, const struct source *source, struct position at)
{
    size_t length;
    const char *line = source->text == NULL ? NULL : find_line(source, at.line, &length);
    if (line == NULL || at.line == 0 || at.column == 0) {
        return;
    }
    uint32_t first = 1;
    if (at.column > EXCERPT_COLUMNS_MAX / 2) {
        first = at.column - EXCERPT_COLUMNS_BEFORE;
    }

    char excerpt[EXCERPT_COLUMNS_MAX * 4 + 1]; /* four bytes a character, at most */
    copy_columns(excerpt, line, length, first);
    char text[sizeof(excerpt) + 16];
    snprintf(text, sizeof(text), "%5u | %s", at.line, excerpt);
    extend(found, "", text);
    snprintf(text, sizeof(text), "      | %*s", (int)(at.column - first + 1), "^");
    extend(found, "", text);
}

void diagnostics_print(const struct diagnostics *found, FILE *errors, FILE *warnings)
{
    for (const struct diagnostic *d = found->first; d != NULL; d = d->next) {
        fprintf(d->severity == SEVERITY_ERROR ? errors : warnings, "%s\n", d->text);
    }
    if (found->lost) {
        fprintf(errors, "Error: out of memory, so that some messages are missing here\n");
    }
}

void diagnostics_free(struct diagnostics *found)
{
    for (struct diagnostic *d = found->first; d != NULL;) {
        struct diagnostic *next = d->next;
        free(d->text);
        free(d);
        d = next;
    }
    *found = (struct diagnostics){0};
}
