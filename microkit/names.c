/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/names.h"
#include "microkit/spelling.h"

#include <stdint.h>
#include <string.h>

struct name {
    const char *text; /* NULL: the slot is free */
    void *thing;
};

/* FNV-1a, 64 bits. */
static size_t hash(const char *text)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++) {
        value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
    return (size_t)(value ^ value >> 32);
}

/* The slot that has the name, or the free one where it belongs. The table is never full. */
static struct name *find_slot(const struct names *names, const char *text)
{
    size_t i = hash(text) & (names->capacity - 1);
    while (names->slots[i].text != NULL && strcmp(names->slots[i].text, text) != 0) {
        i = (i + 1) & (names->capacity - 1);
    }
    return &names->slots[i];
}

static int grow(struct names *names, struct arena *arena)
{
    struct names larger = {.capacity = names->capacity == 0 ? 16 : names->capacity * 2};
    larger.slots = arena_alloc(arena, larger.capacity * sizeof(struct name));
    if (larger.slots == NULL) {
        return -1;
    }
    for (size_t i = 0; i < names->capacity; i++) {
        if (names->slots[i].text != NULL) {
            *find_slot(&larger, names->slots[i].text) = names->slots[i];
        }
    }
    larger.count = names->count;
    *names = larger;
    return 0;
}

enum names_result names_add(struct names *names, struct arena *arena, const char *name, void *thing)
{
    if (names->count * 2 >= names->capacity && grow(names, arena) < 0) {
        return NAMES_NO_MEMORY;
    }
    struct name *slot = find_slot(names, name);
    if (slot->text != NULL) {
        return NAMES_TAKEN;
    }
    *slot = (struct name){name, thing};
    names->count++;
    return NAMES_ADDED;
}

void *names_find(const struct names *names, const char *name)
{
    return names->capacity == 0 ? NULL : find_slot(names, name)->thing;
}

const char *names_nearest(const struct names *names, const char *wrong)
{
    struct spelling spelling = spelling_of(wrong);
    for (size_t i = 0; i < names->capacity; i++) {
        if (names->slots[i].text != NULL) {
            spelling_try(&spelling, names->slots[i].text);
        }
    }
    return spelling.nearest;
}
