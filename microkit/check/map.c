/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Maps: in a PD, in a virtual machine, and in a device's address space. */
#include "microkit/arena.h"
#include "microkit/check/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A map of any kind. */
struct mapping {
    struct position at;
    struct memory_region *region;
    const char *region_name;
    uint64_t start;
    uint64_t end; /* set by check_mapping */
};

/* What they are mapped into. */
struct address_space {
    const char *name;       /* "protection domain 'x'" */
    const char *element;    /* "map" */
    const char *addr_name;  /* "vaddr" */
    const char *range_name; /* "virtual address range" */
    uint64_t end;           /* the first address that is invalid */
};

bool check_fail_unknown_region(struct check *c, const char *name, const char *element,
                               struct position at)
{
    diagnostic_error(c->found, "Error: invalid memory region name '%s' on '%s' @ " AT, name,
                     element, AT_OF(c->system, at));
    check_point_at(c, at);
    const char *nearest = names_nearest(&c->regions, name);
    if (nearest != NULL) {
        diagnostic_advise(c->found, "Did you mean '%s'?", nearest);
    } else {
        diagnostic_advise(c->found, "Add a <memory_region> with that name to <system>.");
    }
    return false;
}

static bool check_mapping(struct check *c, const struct address_space *space, struct mapping *map)
{
    const struct memory_region *region = map->region;
    if (region == NULL) {
        return check_fail_unknown_region(c, map->region_name, space->element, map->at);
    }
    if (map->start % region->page_size != 0) {
        diagnostic_error(c->found, "Error: invalid %s alignment on '%s' @ " AT, space->addr_name,
                         space->element, AT_OF(c->system, map->at));
        check_point_at(c, map->at);
        diagnostic_advise(c->found,
                          "The pages of '%s' are of 0x%" PRIx64 " bytes, and the %s 0x%" PRIx64
                          " is not a multiple of that.",
                          region->name, region->page_size, space->addr_name, map->start);
        return false;
    }
    if (__builtin_add_overflow(map->start, region->size, &map->end)) {
        diagnostic_error(c->found, "Error: %s for '%s' has address range that overflows @ " AT,
                         space->element, region->name, AT_OF(c->system, map->at));
        return check_advise(c, map->at, "The region goes beyond the last address there is.");
    }
    if (map->end > space->end) {
        diagnostic_error(c->found,
                         "Error: %s for '%s' has %s [0x%" PRIx64 "..0x%" PRIx64
                         ") which exceeds valid address space [0x0..0x%" PRIx64 ") @ " AT,
                         space->element, region->name, space->range_name, map->start, map->end,
                         space->end, AT_OF(c->system, map->at));
        return check_advise(c, map->at, "Map it lower, or make the region smaller.");
    }
    return true;
}

static bool check_mapping_is_apart(struct check *c, const struct address_space *space,
                                   const struct mapping *first, const struct mapping *map)
{
    for (const struct mapping *other = first; other < map; other++) {
        if (map->start < other->end && other->start < map->end) {
            diagnostic_error(
                c->found,
                "Error: map for '%s' has %s [0x%" PRIx64 "..0x%" PRIx64
                ") which overlaps with map for '%s' [0x%" PRIx64 "..0x%" PRIx64 ") in %s @ " AT,
                map->region_name, space->range_name, map->start, map->end, other->region_name,
                other->start, other->end, space->name, AT_OF(c->system, map->at));
            return check_advise_other(c, map->at, other->at, "Move one of them.");
        }
    }
    return true;
}

static bool check_address_space(struct check *c, const struct address_space *space,
                                struct mapping *maps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!check_mapping(c, space, &maps[i]) ||
            !check_mapping_is_apart(c, space, maps, &maps[i])) {
            return false;
        }
    }
    return true;
}

static struct mapping *mappings_new(struct check *c, size_t count)
{
    return arena_alloc(c->system->arena, count * sizeof(struct mapping));
}

static bool check_map_list(struct check *c, const char *owner_kind, const char *owner, uint64_t end,
                           struct map *maps, size_t count)
{
    size_t name_size = strlen(owner_kind) + strlen(owner) + sizeof(" ''");
    char *name = arena_alloc(c->system->arena, name_size);
    struct mapping *mappings = mappings_new(c, count);
    if (name == NULL || mappings == NULL) {
        return check_fail_no_memory(c);
    }
    snprintf(name, name_size, "%s '%s'", owner_kind, owner);
    for (size_t i = 0; i < count; i++) {
        maps[i].region = names_find(&c->regions, maps[i].region_name);
        mappings[i] = (struct mapping){
            .at = maps[i].at,
            .region = maps[i].region,
            .region_name = maps[i].region_name,
            .start = maps[i].vaddr,
        };
    }
    const struct address_space space = {name, "map", "vaddr", "virtual address range", end};
    return check_address_space(c, &space, mappings, count);
}

bool check_maps(struct check *c)
{
    const struct target *target = c->system->target;
    for (size_t i = 0; i < c->system->pd_count; i++) {
        struct protection_domain *pd = &c->system->pds[i];
        if (!check_map_list(c, "protection domain", pd->name,
                            target_stack_bottom(target, pd->stack_size), pd->maps, pd->map_count)) {
            return false;
        }
        if (pd->vm != NULL &&
            !check_map_list(c, "virtual machine", pd->vm->name, target->user_top + 1, pd->vm->maps,
                            pd->vm->map_count)) {
            return false;
        }
    }
    return true;
}

static bool check_iomap_pages(struct check *c, const struct io_address_space *space)
{
    for (size_t i = 0; i < space->iomap_count; i++) {
        struct iomap *iomap = &space->iomaps[i];
        iomap->region = names_find(&c->regions, iomap->region_name);
        if (iomap->region != NULL && iomap->region->page_size == PAGE_LARGE) {
            diagnostic_error(
                c->found, "Error: currently seL4 does not have large page support for the IOMMU");
            return check_advise_other(c, iomap->at, iomap->region->at,
                                      "Remove page_size there, or make it 0x1000.");
        }
    }
    return true;
}

static bool check_io_address_space(struct check *c, const struct io_address_space *space)
{
    char name[32];
    snprintf(name, sizeof(name), "PCI device %02x:%02x.%x", space->device.bus, space->device.device,
             space->device.function);
    struct mapping *mappings = mappings_new(c, space->iomap_count);
    if (mappings == NULL) {
        return check_fail_no_memory(c);
    }
    for (size_t i = 0; i < space->iomap_count; i++) {
        mappings[i] = (struct mapping){
            .at = space->iomaps[i].at,
            .region = space->iomaps[i].region,
            .region_name = space->iomaps[i].region_name,
            .start = space->iomaps[i].iovaddr,
        };
    }
    const struct address_space view = {name, "iomap", "iovaddr", "io address range",
                                       IO_ADDRESS_SPACE_END};
    return check_address_space(c, &view, mappings, space->iomap_count);
}

bool check_iomaps(struct check *c)
{
    const struct system *system = c->system;
    for (size_t i = 0; i < system->io_address_space_count; i++) {
        if (!check_iomap_pages(c, &system->io_address_spaces[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < system->io_address_space_count; i++) {
        if (!check_io_address_space(c, &system->io_address_spaces[i])) {
            return false;
        }
    }
    return true;
}
