/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From chunks of bytes, cut anywhere, to lines. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is beyond that in a line is dropped, so that a line without an end fits. */
#define LINE_BYTES_MAX (1u << 20)

/* Starts as {0}. */
struct lines {
    char *text; /* of the unfinished line */
    size_t length;
    size_t capacity;
    uint64_t before; /* how many lines came before it */
    bool cut;        /* some line was longer than that */
};

/*
 * Take a chunk up to the first newline in it, or all of it.
 *
 * Returns   how many bytes were taken; *finished says whether the line in `text` is whole. It stays there
 *           until lines_next(), which whoever has seen a whole line calls.
 */
size_t lines_take(struct lines *lines, const char *bytes, size_t length, bool *finished);
void lines_next(struct lines *lines);

/* The unfinished line, and a NUL behind it: never NULL. */
const char *lines_text(const struct lines *lines);

/* Its number, from 1. */
uint64_t lines_number(const struct lines *lines);

void lines_free(struct lines *lines);
