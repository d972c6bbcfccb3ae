/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A table of names, each for one thing: the first that was added under it. */
#pragma once

#include "microkit/arena.h"

/* Starts as {0}. Grows in the arena that is given to names_add. */
struct names {
    size_t count;
    size_t capacity; /* a power of two, or 0 */
    struct name *slots;
};

enum names_result { NAMES_ADDED, NAMES_TAKEN, NAMES_NO_MEMORY };

/* Add a name, which must outlive the table, for a thing, which is not NULL. */
enum names_result names_add(struct names *names, struct arena *arena, const char *name,
                            void *thing);

/* What the name is for, or NULL. */
void *names_find(const struct names *names, const char *name);

/* The name in the table that is most like a wrong one, for "did you mean"; NULL if none is near. */
const char *names_nearest(const struct names *names, const char *wrong);
