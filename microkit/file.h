/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Whole files, read into an arena. */
#pragma once

#include "microkit/arena.h"

#include <stdint.h>

/*
 * Read a file of at most `size_max` bytes. A NUL follows the last byte, and does not count.
 * Returns 0; else an errno: that of open or read, EISDIR for a folder, EFBIG if it is larger,
 * ENOTSUP if it is no regular file (reading it might never end), ENOMEM.
 */
int file_read(struct arena *arena, const char *path, size_t size_max, char **bytes, size_t *size);

/* What to say of one of these. */
const char *file_error(int error);
