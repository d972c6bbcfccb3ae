/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Memory regions: their names, where they lie in memory, and the size of their pages. */
#include "microkit/arena.h"
#include "microkit/check/check.h"

#include <inttypes.h>

bool check_region_names(struct check *c)
{
    for (size_t i = 0; i < c->system->region_count; i++) {
        struct memory_region *region = &c->system->regions[i];
        const struct memory_region *first;
        switch (names_add(&c->regions, c->system->arena, region->name, region)) {
        case NAMES_ADDED:
            break;
        case NAMES_TAKEN:
            first = names_find(&c->regions, region->name);
            diagnostic_error(c->found, "Error: duplicate memory region name '%s'.", region->name);
            return check_advise_other(c, region->at, first->at, "Rename one of them.");
        case NAMES_NO_MEMORY:
            return check_fail_no_memory(c);
        }
    }
    return true;
}

static bool check_region_is_apart(struct check *c, const struct memory_region *region)
{
    uint64_t start = region->phys_addr;
    uint64_t end;
    if (__builtin_add_overflow(start, region->size, &end)) {
        diagnostic_error(c->found,
                         "Error: memory region '%s' physical address range overflows @ " AT,
                         region->name, AT_OF(c->system, region->at));
        return check_advise(c, region->at, "The region goes beyond the last address there is.");
    }
    for (const struct memory_region *other = c->system->regions; other < region; other++) {
        uint64_t other_end = other->phys_addr + other->size;
        if (other->phys_addr_given && start < other_end && other->phys_addr < end) {
            diagnostic_error(c->found,
                             "Error: memory region '%s' physical address range [0x%" PRIx64
                             "..0x%" PRIx64 ") overlaps with another memory region '%s' [0x%" PRIx64
                             "..0x%" PRIx64 ") @ " AT,
                             region->name, start, end, other->name, other->phys_addr, other_end,
                             AT_OF(c->system, region->at));
            return check_advise_other(
                c, region->at, other->at,
                "Move one of them, or drop\nphys_addr and the tool will place it. To share memory, "
                "map one region twice.");
        }
    }
    return true;
}

bool check_phys_addrs(struct check *c)
{
    for (size_t i = 0; i < c->system->region_count; i++) {
        const struct memory_region *region = &c->system->regions[i];
        if (region->phys_addr_given && !check_region_is_apart(c, region)) {
            return false;
        }
    }
    return true;
}

/* What is known of a region from its maps, by its index. */
struct region_use {
    bool mapped; /* in a PD or virtual machine */
    bool small;  /* some address needs small pages */
};

static void note_maps(const struct system *system, struct region_use *uses, const struct map *maps,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct region_use *use = &uses[maps[i].region - system->regions];
        use->mapped = true;
        use->small |= maps[i].vaddr % PAGE_LARGE != 0;
    }
}

static void note_uses(const struct system *system, struct region_use *uses)
{
    for (size_t i = 0; i < system->pd_count; i++) {
        const struct protection_domain *pd = &system->pds[i];
        note_maps(system, uses, pd->maps, pd->map_count);
        if (pd->vm != NULL) {
            note_maps(system, uses, pd->vm->maps, pd->vm->map_count);
        }
    }
    for (size_t i = 0; i < system->io_address_space_count; i++) {
        const struct io_address_space *space = &system->io_address_spaces[i];
        for (size_t j = 0; j < space->iomap_count; j++) {
            uses[space->iomaps[j].region - system->regions].small = true;
        }
    }
}

bool check_settle_regions(struct check *c)
{
    const struct system *system = c->system;
    struct region_use *uses = arena_alloc(system->arena, system->region_count * sizeof(*uses));
    if (uses == NULL) {
        return check_fail_no_memory(c);
    }
    note_uses(system, uses);
    for (size_t i = 0; i < system->region_count; i++) {
        struct memory_region *region = &system->regions[i];
        if (!uses[i].mapped) {
            diagnostic_warning(c->found, "WARNING: unused memory region '%s'", region->name);
        }
        if (!region->page_size_given && !uses[i].small && region->size % PAGE_LARGE == 0 &&
            region->phys_addr % PAGE_LARGE == 0) {
            region->page_size = PAGE_LARGE;
        }
    }
    return true;
}
