/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The beginning and the end of an output that may be endless. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXCERPT_HEAD_BYTES 8192
#define EXCERPT_TAIL_BYTES 16384

/* Starts as {0}. */
struct excerpt {
    char *bytes;    /* the head, and behind it the tail as a ring */
    uint64_t total; /* of all that came */
};

void excerpt_add(struct excerpt *excerpt, const char *bytes, size_t length);

/*
 * What was kept as one text, with a line about what was left out, to be freed. NULL: nothing, or no memory.
 */
char *excerpt_text(const struct excerpt *excerpt, size_t *length);
void excerpt_free(struct excerpt *excerpt);
