/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The mappings of a cell, a cache of the kernel's page tables.
 *
 * A mapping starts as pending: the cell does not have it yet. cache_apply() makes all pending ones
 * present, in one batch, before a thread runs, if one of them is due. Too many of either are forgotten,
 * and come back one by one when the guest faults on them. What goes away goes away at once if it is
 * present.
 *
 * No two mappings overlap, pending or present.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/platform.h"

struct cell;

struct mapping {
    uint64_t first, end; /* guest addresses, [first, end) */
    paddr frame;         /* of `first` */
    bool writable;
    bool touched; /* pending: a guest waits for it, so into Linux's page tables at once */
};

#define CACHE_PENDING_MAX 48
#define CACHE_PRESENT_MAX 4096

struct cache {
    size_t pending_count, present_count, present_room;
    bool due; /* the cell is to have what is pending before it runs */
    struct mapping pending[CACHE_PENDING_MAX];
    struct mapping *present; /* sorted by address */
};

/* Replaces what is there. Due at once. */
void cache_add(struct cell *cell, struct mapping mapping);

/* The same, but due when something else is; and what is there already stays. */
void cache_offer(struct cell *cell, struct mapping mapping);

/* Offer those parts of it where nothing is mapped. */
void cache_fill(struct cell *cell, struct mapping mapping);

/* Whether something of [first, end) is present. */
bool cache_holds(const struct cell *cell, uint64_t first, uint64_t end);

/* Nothing can reach [first, end) when this returns; a cell in which that cannot be had is killed.
 * Returns 0 or -EPIPE (the cell is lost). */
int cache_remove(struct cell *cell, uint64_t first, uint64_t end);

/* Whether a thread may run: nothing that is pending is due. */
bool cache_is_applied(const struct cell *cell);

/* Make it so. Returns 0, or -errno: the cell is lost, and cell->why or *error says why. */
int cache_apply(struct cell *cell, struct platform_error *error);

/* Order a mapping of RAM from the cell's mapper. Where cpuid is trapped it cannot be executed: cpuid.h. Returns 0 or -errno, see mapper.h. */
int cache_order(struct cell *cell, const struct mapping *mapping);

/* The present mapping that holds the address, or NULL. */
const struct mapping *cache_find(const struct cell *cell, uint64_t address);

void cache_free(struct cache *cache);
