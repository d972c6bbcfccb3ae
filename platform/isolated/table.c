/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Open addressing, linear probing, at most half full; removal moves later entries up, so there are
 * no tombstones. */
#include "platform/isolated/table.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "platform/isolated/host.h"

#define CAPACITY_FIRST 64

static size_t home(const struct table *table, paddr key)
{
    /* Objects are aligned, so the low bits say little: take high bits of a product. */
    return (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (table->capacity - 1);
}

static size_t next(const struct table *table, size_t i)
{
    return (i + 1) & (table->capacity - 1);
}

/* The entry of the key, or the free one where it would go. */
static size_t seek(const struct table *table, paddr key)
{
    size_t i = home(table, key);
    while (table->entries[i].key != 0 && table->entries[i].key != key) {
        i = next(table, i);
    }
    return i;
}

static int grow(struct table *table)
{
    struct table larger = {.capacity = table->capacity ? 2 * table->capacity : CAPACITY_FIRST};
    larger.entries = host.calloc(larger.capacity, sizeof(*larger.entries));
    if (larger.entries == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->entries[i].key != 0) {
            larger.entries[seek(&larger, table->entries[i].key)] = table->entries[i];
        }
    }
    larger.count = table->count;
    free(table->entries);
    *table = larger;
    return 0;
}

void *table_find(const struct table *table, paddr key)
{
    if (table->count == 0) {
        return NULL;
    }
    const struct table_entry *entry = &table->entries[seek(table, key)];
    return entry->key == 0 ? NULL : entry->value;
}

int table_insert(struct table *table, paddr key, void *value)
{
    assert(key != 0);
    if (2 * (table->count + 1) > table->capacity) {
        int code = grow(table);
        if (code != 0) {
            return code;
        }
    }
    struct table_entry *entry = &table->entries[seek(table, key)];
    assert(entry->key == 0);
    *entry = (struct table_entry){.key = key, .value = value};
    table->count++;
    return 0;
}

void table_remove(struct table *table, paddr key)
{
    if (table->count == 0) {
        return;
    }
    size_t gap = seek(table, key);
    if (table->entries[gap].key == 0) {
        return;
    }
    table->count--;
    for (size_t i = next(table, gap); table->entries[i].key != 0; i = next(table, i)) {
        size_t wanted = home(table, table->entries[i].key);
        size_t mask = table->capacity - 1;
        /* It may move up unless its home lies behind the gap. */
        if (((i - wanted) & mask) >= ((i - gap) & mask)) {
            table->entries[gap] = table->entries[i];
            gap = i;
        }
    }
    table->entries[gap] = (struct table_entry){0};
}

void table_free(struct table *table)
{
    free(table->entries);
    *table = (struct table){0};
}
