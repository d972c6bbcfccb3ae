/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Bytes that grow at their end. Starts as {0}; bytes_free at the end.
 *
 * Running out of memory sets `lost` and keeps what is there: who fills it asks once, when done.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *data;
    size_t size;
    size_t capacity;
    bool lost;
};

/* Append `size` bytes from `data`; zeros if it is NULL. Returns the offset of the first of them. */
size_t bytes_append(struct bytes *bytes, const void *data, size_t size);

/* Append zeros up to a multiple of `alignment`, a power of two. Returns the size then. */
size_t bytes_align(struct bytes *bytes, size_t alignment);

void bytes_free(struct bytes *bytes);
