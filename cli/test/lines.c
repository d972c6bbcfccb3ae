/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Lines. */
#include "cli/test/lines.h"

#include <stdlib.h>
#include <string.h>

/* Room for so many more bytes and a NUL; for fewer where there is an end to it. */
static size_t make_room(struct lines *lines, size_t more)
{
    size_t wanted = lines->length + more;
    if (wanted > LINE_BYTES_MAX) {
        wanted = LINE_BYTES_MAX;
        lines->cut = true;
    }
    if (wanted > lines->capacity) {
        size_t capacity = lines->capacity * 2 > wanted ? lines->capacity * 2 : wanted;
        char *text = realloc(lines->text, capacity + 1);
        if (!text) {
            lines->cut = true;
            return lines->capacity - lines->length;
        }
        lines->text = text;
        lines->capacity = capacity;
    }
    return wanted - lines->length;
}

size_t lines_take(struct lines *lines, const char *bytes, size_t length, bool *finished)
{
    const char *newline = memchr(bytes, '\n', length);
    size_t taken = newline ? (size_t)(newline - bytes) : length;
    size_t kept = taken > 0 ? make_room(lines, taken) : 0;
    if (kept > 0) {
        memcpy(lines->text + lines->length, bytes, kept);
        lines->length += kept;
        lines->text[lines->length] = '\0';
    }
    *finished = newline;
    return taken + *finished;
}

void lines_next(struct lines *lines)
{
    lines->length = 0;
    lines->before++;
    if (lines->text) {
        lines->text[0] = '\0';
    }
}

const char *lines_text(const struct lines *lines)
{
    return lines->text ? lines->text : "";
}

uint64_t lines_number(const struct lines *lines)
{
    return lines->before + 1;
}

void lines_free(struct lines *lines)
{
    free(lines->text);
    *lines = (struct lines){.text = NULL};
}
