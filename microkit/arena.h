/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* An arena: memory that is given out bit by bit and given back all at once. */
#pragma once

#include <stddef.h>

struct arena;

/* A new arena; NULL without memory. */
struct arena *arena_new(void);

/* `size` zeroed bytes, aligned for anything; NULL without memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of `length` bytes with a NUL after them; NULL without memory. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

/* Frees all that the arena has given out. NULL is fine. */
void arena_free(struct arena *arena);
