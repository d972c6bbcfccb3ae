/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/restart.h"

#include <inttypes.h>

#define SYMBOL "quoll_restart_children"

/* As in sdk/libmicrokit/restart.c. */
struct restart_child {
    uint64_t entry;
    uint64_t stack_top;
    uint64_t window;
    uint64_t filled_bytes;
    uint64_t empty_bytes;
};

bool restart_calls(const struct elf *program)
{
    uint64_t vaddr;
    uint64_t size;
    return elf_find(program, SYMBOL, &vaddr, &size) != ELF_MISSING;
}

/* The entry of a child whose memory is to be seen from `window` on. */
static struct restart_child describe(const struct elf *program, const struct target *target,
                                     uint64_t window)
{
    struct restart_child child = {
        .entry = program->entry, .stack_top = target_stack_top(target), .window = window};
    for (size_t i = 0; i < program->segment_count; i++) {
        const struct elf_segment *segment = &program->segments[i];
        if (!(segment->flags & ELF_WRITE)) {
            continue;
        }
        uint64_t vaddr = elf_segment_start(segment);
        for (; vaddr < elf_segment_end(segment); vaddr += PAGE_SMALL) {
            *(elf_page_is_filled(segment, vaddr) ? &child.filled_bytes : &child.empty_bytes) +=
                PAGE_SMALL;
        }
    }
    return child;
}

static uint64_t window_end(const struct restart_child *child)
{
    return child->window + 2 * child->filled_bytes + child->empty_bytes;
}

/* What a PD has of its own, where it would see its children's memory. */
static bool refuse_overlap(const struct protection_domain *pd, uint64_t end, const char *what,
                           uint64_t from, uint64_t to, struct diagnostics *found)
{
    diagnostic_error(found,
                     "Error: PD '%s' calls quoll_pd_restart_clean(), so it sees its children's "
                     "memory at [0x%" PRIx64 "..0x%" PRIx64 "): %s [0x%" PRIx64 "..0x%" PRIx64
                     ") is in the way",
                     pd->name, RESTART_BASE, end, what, from, to);
    return false;
}

static bool check_is_free(const struct system *system, const struct protection_domain *pd,
                          const struct elf *program, uint64_t end, struct diagnostics *found)
{
    char what[300];
    for (size_t i = 0; i < pd->map_count; i++) {
        const struct map *map = &pd->maps[i];
        if (map->vaddr < end && RESTART_BASE < map->vaddr + map->region->size) {
            snprintf(what, sizeof what, "its map of '%s'", map->region_name);
            refuse_overlap(pd, end, what, map->vaddr, map->vaddr + map->region->size, found);
            diagnostic_quote(found, &system->source, map->at);
            diagnostic_advise(found, "Map the region elsewhere.");
            return false;
        }
    }
    for (size_t i = 0; i < program->segment_count; i++) {
        const struct elf_segment *segment = &program->segments[i];
        if (elf_segment_start(segment) < end && RESTART_BASE < elf_segment_end(segment)) {
            snprintf(what, sizeof what, "a segment of its program (%s)", pd->program_image);
            refuse_overlap(pd, end, what, segment->vaddr, segment->vaddr + segment->memory_size,
                           found);
            diagnostic_advise(found, "Link it with the SDK's microkit.ld.");
            return false;
        }
    }
    return true;
}

static bool write_table(struct programs *programs, const struct system *system, size_t index,
                        struct diagnostics *found)
{
    const struct protection_domain *pd = &system->pds[index];
    struct restart_child table[CHILD_ID_MAX + 1] = {0};
    uint64_t next = RESTART_BASE;
    for (size_t i = 0; i < system->pd_count; i++) {
        if (system->pds[i].parent == pd) {
            struct restart_child *child = &table[system->pds[i].id];
            *child = describe(&programs->pds[i], system->target, next);
            next = window_end(child);
        }
    }
    return check_is_free(system, pd, &programs->pds[index], next, found) &&
           program_write_bytes(&programs->pds[index], pd->name, pd->program_image, SYMBOL, table,
                               sizeof table, found);
}

/* Children come after their parents, and can have a table themselves: from the last one on. */
bool restart_write_tables(struct programs *programs, const struct system *system,
                          struct diagnostics *found)
{
    for (size_t i = system->pd_count; i-- > 0;) {
        if (restart_calls(&programs->pds[i]) && !write_table(programs, system, i, found)) {
            return false;
        }
    }
    return true;
}
