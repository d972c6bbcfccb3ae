/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/cache.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/mapper.h"

static bool overlap(const struct mapping *mapping, uint64_t first, uint64_t end)
{
    return mapping->first < end && first < mapping->end;
}

/* b goes on where a ends, in both spaces and with the same rights. */
static bool continues(const struct mapping *a, const struct mapping *b)
{
    return a->end == b->first && a->frame + (a->end - a->first) == b->frame &&
           a->writable == b->writable && a->touched == b->touched;
}

/* What is left of a mapping below and above a hole. Returns how many parts: 0, 1 or 2. */
static unsigned cut(const struct mapping *whole, uint64_t first, uint64_t end,
                    struct mapping parts[2])
{
    unsigned count = 0;
    if (whole->first < first) {
        parts[count] = *whole;
        parts[count++].end = first;
    }
    if (end < whole->end) {
        parts[count] = *whole;
        parts[count].frame += end - whole->first;
        parts[count++].first = end;
    }
    return count;
}

static void pending_add(struct cache *cache, struct mapping mapping)
{
    for (size_t i = 0; i < cache->pending_count; i++) {
        if (continues(&cache->pending[i], &mapping)) {
            mapping.first = cache->pending[i].first;
            mapping.frame = cache->pending[i].frame;
        } else if (continues(&mapping, &cache->pending[i])) {
            mapping.end = cache->pending[i].end;
        } else {
            continue;
        }
        cache->pending[i--] = cache->pending[--cache->pending_count];
    }
    if (cache->pending_count < CACHE_PENDING_MAX) {
        cache->pending[cache->pending_count++] = mapping;
    }
}

static void pending_remove(struct cache *cache, uint64_t first, uint64_t end)
{
    for (size_t i = 0; i < cache->pending_count; i++) {
        if (overlap(&cache->pending[i], first, end)) {
            struct mapping parts[2];
            unsigned count = cut(&cache->pending[i], first, end, parts);
            cache->pending[i--] = cache->pending[--cache->pending_count];
            while (count > 0) {
                /* Parts lie outside the hole, so the loop never cuts them again. */
                pending_add(cache, parts[--count]);
            }
        }
    }
}

/* The first present mapping that ends above the address. */
static size_t present_above(const struct cache *cache, uint64_t address)
{
    size_t low = 0;
    size_t high = cache->present_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cache->present[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct mapping *cache_find(const struct cell *cell, uint64_t address)
{
    const struct cache *cache = &cell->cache;
    size_t i = present_above(cache, address);
    if (i == cache->present_count || address < cache->present[i].first) {
        return NULL;
    }
    return &cache->present[i];
}

/* Put `count` mappings in the place of `old` ones from i on. There is room. */
static void present_replace(struct cache *cache, size_t i, size_t old,
                            const struct mapping *mappings, size_t count)
{
    assert(i + old <= cache->present_count);
    assert(cache->present_count - old + count <= cache->present_room);
    memmove(&cache->present[i + count], &cache->present[i + old],
            (cache->present_count - i - old) * sizeof(*cache->present));
    if (count > 0) {
        memcpy(&cache->present[i], mappings, count * sizeof(*mappings));
    }
    cache->present_count += count - old;
}

static void present_remove(struct cache *cache, uint64_t first, uint64_t end)
{
    size_t i = present_above(cache, first);
    size_t old = 0;
    struct mapping parts[4];
    size_t count = 0;
    while (i + old < cache->present_count && cache->present[i + old].first < end) {
        /* Only the first and the last of them can leave a part. */
        count += cut(&cache->present[i + old], first, end, &parts[count]);
        old++;
    }
    present_replace(cache, i, old, parts, count);
}

static void present_add(struct cache *cache, struct mapping mapping)
{
    size_t i = present_above(cache, mapping.first);
    size_t old = 0;
    if (i < cache->present_count && continues(&mapping, &cache->present[i])) {
        mapping.end = cache->present[i].end;
        old++;
    }
    if (i > 0 && continues(&cache->present[i - 1], &mapping)) {
        mapping.first = cache->present[i - 1].first;
        mapping.frame = cache->present[i - 1].frame;
        i--;
        old++;
    }
    present_replace(cache, i, old, &mapping, 1);
}

/* The parts of the address space between what the stub needs. */
static const struct {
    uint64_t first, end;
} guest_ranges[] = {
    {0, STUB_LOW_BASE},
    {STUB_LOW_BASE + STUB_LOW_BYTES, STUB_BASE},
    {STUB_BASE + STUB_HIGH_BYTES, X86_USER_TOP},
};

/* Forget everything that is present. Takes no memory, so it works when Linux has none left for one
 * mapping more, or less: a hole in the middle of a mapping makes two. */
static int forget_all(struct cell *cell)
{
    cell->cache.present_count = 0;
    pages_forget(cell, 0, X86_USER_TOP);
    int code = 0;
    for (size_t i = 0; code == 0 && i < sizeof(guest_ranges) / sizeof(guest_ranges[0]); i++) {
        code =
            mapper_unmap(cell, guest_ranges[i].first, guest_ranges[i].end - guest_ranges[i].first);
    }
    if (code == 0) {
        code = mapper_run(cell);
    }
    if (code != 0 && !cell->lost) {
        cell_kill(cell, "Linux would not unmap its memory");
    }
    return code == 0 ? 0 : -EPIPE;
}

/* Room for one mapping more, and for the second part of one that is cut later. */
static int make_room(struct cell *cell)
{
    struct cache *cache = &cell->cache;
    if (cache->present_count + 2 <= cache->present_room) {
        return 0;
    }
    if (cache->present_room >= CACHE_PRESENT_MAX) {
        return forget_all(cell);
    }
    size_t room = cache->present_room ? 2 * cache->present_room : 32;
    struct mapping *larger = host.calloc(room, sizeof(*larger));
    if (larger == NULL) {
        return cache->present_room >= 2 ? forget_all(cell) : -ENOMEM;
    }
    if (cache->present_count > 0) {
        memcpy(larger, cache->present, cache->present_count * sizeof(*larger));
    }
    free(cache->present);
    cache->present = larger;
    cache->present_room = room;
    return 0;
}

bool cache_holds(const struct cell *cell, uint64_t first, uint64_t end)
{
    const struct cache *cache = &cell->cache;
    size_t i = present_above(cache, first);
    return i < cache->present_count && cache->present[i].first < end;
}

int cache_remove(struct cell *cell, uint64_t first, uint64_t end)
{
    struct cache *cache = &cell->cache;
    pending_remove(cache, first, end);

    int code = 0;
    if (!cache_holds(cell, first, end)) {
        return 0;
    }
    size_t i = present_above(cache, first);
    for (; i < cache->present_count && cache->present[i].first < end; i++) {
        const struct mapping *mapping = &cache->present[i];
        uint64_t from = mapping->first < first ? first : mapping->first;
        uint64_t to = mapping->end < end ? mapping->end : end;
        code = mapper_unmap(cell, from, to - from);
        if (code != 0) {
            break;
        }
    }
    if (code == 0) {
        code = mapper_run(cell);
    }
    if (code == 0) {
        code = make_room(cell);
    }
    if (code == 0) {
        present_remove(cache, first, end);
        pages_forget(cell, first, end);
        return 0;
    }
    return cell->lost ? -EPIPE : forget_all(cell);
}

static bool is_present(const struct cell *cell, const struct mapping *mapping)
{
    const struct mapping *present = cache_find(cell, mapping->first);
    return present != NULL && mapping->end <= present->end &&
           mapping->frame == present->frame + (mapping->first - present->first) &&
           mapping->writable == present->writable;
}

void cache_offer(struct cell *cell, struct mapping mapping)
{
    if (!is_present(cell, &mapping) && cache_remove(cell, mapping.first, mapping.end) == 0) {
        pending_add(&cell->cache, mapping);
    }
}

void cache_add(struct cell *cell, struct mapping mapping)
{
    struct cache *cache = &cell->cache;
    if (cache_remove(cell, mapping.first, mapping.end) == 0) {
        if (cache->pending_count == CACHE_PENDING_MAX) {
            cache->pending_count--; /* what was offered can be forgotten; this one is wanted now */
        }
        pending_add(cache, mapping);
    }
    cache->due = true;
}

void cache_fill(struct cell *cell, struct mapping mapping)
{
    struct cache *cache = &cell->cache;
    size_t i = present_above(cache, mapping.first);
    while (mapping.first < mapping.end) {
        struct mapping gap = mapping;
        if (i < cache->present_count && cache->present[i].first < gap.end) {
            gap.end = cache->present[i].first;
        }
        if (gap.first < gap.end) {
            pending_remove(cache, gap.first, gap.end);
            pending_add(cache, gap);
        }
        if (gap.end == mapping.end) {
            break;
        }
        uint64_t resume = cache->present[i++].end;
        mapping.frame += resume - mapping.first;
        mapping.first = resume;
    }
}

/* Read-only frames are private mappings: they follow the frame as shared ones do, and a debugger can
 * put a breakpoint in without changing it. */
int cache_order(struct cell *cell, const struct mapping *mapping)
{
    int prot = PROT_READ | (mapping->writable ? PROT_WRITE : 0);
    prot |= cell->platform->options.trap_cpuid ? 0 : PROT_EXEC;
    int flags = MAP_FIXED | (mapping->writable ? MAP_SHARED : MAP_PRIVATE);
    flags |= mapping->touched ? MAP_POPULATE : 0;
    return mapper_map(cell, mapping->first, mapping->end - mapping->first, prot, flags, CELL_FD_RAM,
                      mapping->frame);
}

static int apply_pending(struct cell *cell)
{
    struct cache *cache = &cell->cache;
    for (size_t i = 0; i < cache->pending_count; i++) {
        int code = make_room(cell);
        if (code != 0) {
            return code;
        }
        code = cache_order(cell, &cache->pending[i]);
        if (code != 0) {
            return code;
        }
        /* Before it is known to be there: to unmap what is not there does no harm. */
        cache->pending[i].touched = false;
        present_add(cache, cache->pending[i]);
    }
    return mapper_run(cell);
}

bool cache_is_applied(const struct cell *cell)
{
    const struct cache *cache = &cell->cache;
    /* A cell that has nothing cannot even fetch an instruction. */
    return cache->pending_count == 0 || (!cache->due && cache->present_count != 0);
}

int cache_apply(struct cell *cell, struct platform_error *error)
{
    struct cache *cache = &cell->cache;
    bool applied = cache_is_applied(cell);
    cache->due = false;
    if (applied) {
        return 0;
    }
    int code = apply_pending(cell);
    if (code == -ENOMEM && forget_all(cell) == 0) {
        code = apply_pending(cell);
    }
    cache->pending_count = 0;
    if (code == 0) {
        return 0;
    }
    if (cell->lost) {
        return code;
    }
    host_refused(error, -code, "map memory in a cell",
                 "The host is short of memory, or vm.max_map_count is too small for this machine.\n"
                 "Raise it, as root: sysctl vm.max_map_count=131072");
    cell_kill(cell, error->text);
    return code;
}

void cache_free(struct cache *cache)
{
    free(cache->present);
    *cache = (struct cache){0};
}
