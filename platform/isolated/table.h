/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the host has for a seL4 object, found by the object's physical address. */
#pragma once

#include <stddef.h>

#include "platform/platform.h"

/* All zero is an empty table. Addresses are not 0. Pointers are the caller's. */
struct table {
    struct table_entry {
        paddr key; /* 0: free */
        void *value;
    } * entries;
    size_t capacity; /* 0 or a power of two */
    size_t count;
};

/* NULL if there is none. */
void *table_find(const struct table *table, paddr key);

/* The key must not be there. Returns 0 or -ENOMEM. */
int table_insert(struct table *table, paddr key, void *value);

/* Nothing happens if the key is not there. */
void table_remove(struct table *table, paddr key);

/* Frees the table, not what it points to. */
void table_free(struct table *table);
