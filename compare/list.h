/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Arrays that grow.
 *
 * Without memory nothing can be kept that is not on disk already, and each run is, once it is over: the
 * program ends with one clear line, and its children end with it (child.h).
 */
#pragma once

#include <stddef.h>

/* Make room for one more item behind `count`, at least doubling. `*items` may move. */
void *list_room(void *items, size_t count, size_t *room, size_t item_size);

/* Memory filled with zeroes, never NULL. */
void *list_new(size_t count, size_t item_size);

/* Text as printf makes it, to be freed; never NULL. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* LIST_ADD(list): a new zeroed item at the end of a struct of `items`, `count` and `room`. */
#define LIST_ADD(list)                                                                             \
    ((list)->items =                                                                               \
         list_room((list)->items, (list)->count, &(list)->room, sizeof(*(list)->items)),           \
     &(list)->items[(list)->count++])
