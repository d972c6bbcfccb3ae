/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/fit.h"

#include <inttypes.h>

#include "microkit/slots.h"

/* Slots of the initialiser's CNode: ROOT_CNODE_SIZE_BITS of Microkit's kernels is 17. */
#define ROOT_TASK_SLOTS (UINT64_C(1) << 17)

/* Each page takes a slot of the initialiser's CNode, which says so itself when all together are too
 * many. One region alone can be refused here, and its pages counted in 32 bits from then on. */
static bool check_region_sizes(const struct system *system, struct diagnostics *found)
{
    for (size_t i = 0; i < system->region_count; i++) {
        const struct memory_region *region = &system->regions[i];
        uint64_t pages = region->size / region->page_size;
        if (pages > ROOT_TASK_SLOTS) {
            diagnostic_error(found,
                             "Error: memory region '%s' has %" PRIu64
                             " pages, more than the %" PRIu64 " slots of the initialiser's CNode",
                             region->name, pages, ROOT_TASK_SLOTS);
            diagnostic_quote(found, &system->source, region->at);
            diagnostic_advise(found, region->page_size == PAGE_SMALL
                                         ? "With page_size=\"0x200000\" it takes fewer."
                                         : "Make it smaller.");
            return false;
        }
    }
    return true;
}

/* What the model has room for and this image has not. */
static bool check_supported(const struct system *system, struct diagnostics *found)
{
    if (system->io_address_space_count > 0) {
        const struct io_address_space *space = &system->io_address_spaces[0];
        diagnostic_error(found, "Error: I/O address spaces are not supported yet");
        diagnostic_quote(found, &system->source,
                         space->iomap_count > 0 ? space->iomaps[0].at : space->at);
        diagnostic_advise(found, "The image could not confine the device '%s'.", space->name);
        return false;
    }
    for (size_t i = 0; i < system->pd_count; i++) {
        const struct protection_domain *pd = &system->pds[i];
        if (pd->vm != NULL) {
            diagnostic_error(found, "Error: virtual machines are not supported yet");
            diagnostic_quote(found, &system->source, pd->vm->at);
            return false;
        }
        for (size_t n = 0; n < pd->user_cap_count; n++) {
            if (pd->user_caps[n].slot >= 1 << ROOT_CNODE_RADIX) {
                diagnostic_error(found,
                                 "Error: slot %" PRIu64
                                 " of PD '%s' does not exist: the root CNode "
                                 "has %d slots",
                                 pd->user_caps[n].slot, pd->name, 1 << ROOT_CNODE_RADIX);
                diagnostic_quote(found, &system->source, pd->user_caps[n].at);
                diagnostic_advise(found, "Use a slot from 1 to %d.", (1 << ROOT_CNODE_RADIX) - 1);
                return false;
            }
        }
    }
    return true;
}

/* A program and its address space, as messages name them. */
struct fit {
    const struct system *system;
    const char *name; /* of the PD, or "monitor" */
    const struct elf *program;
    uint64_t stack_size;
    struct diagnostics *found;
};

/* A page has one set of rights, so no two segments can share one. */
static bool check_segment(const struct fit *fit, size_t index)
{
    const struct elf *program = fit->program;
    const struct elf_segment *segment = &program->segments[index];
    uint64_t limit = target_stack_bottom(fit->system->target, fit->stack_size);
    if (elf_segment_end(segment) > limit || elf_segment_end(segment) < segment->vaddr) {
        diagnostic_error(fit->found,
                         "Error: the program of PD '%s' (%s) has a segment at [0x%" PRIx64
                         "..0x%" PRIx64 "), above the bottom of the stack, 0x%" PRIx64,
                         fit->name, program->path, segment->vaddr,
                         segment->vaddr + segment->memory_size, limit);
        diagnostic_advise(fit->found, "Link it with the SDK's microkit.ld.");
        return false;
    }
    for (size_t i = 0; i < index; i++) {
        const struct elf_segment *other = &program->segments[i];
        if (other->memory_size > 0 && elf_segment_start(segment) < elf_segment_end(other) &&
            elf_segment_start(other) < elf_segment_end(segment)) {
            diagnostic_error(fit->found,
                             "Error: two segments of the program of PD '%s' (%s) share a page: "
                             "[0x%" PRIx64 "..0x%" PRIx64 ") and [0x%" PRIx64 "..0x%" PRIx64 ")",
                             fit->name, program->path, other->vaddr,
                             other->vaddr + other->memory_size, segment->vaddr,
                             segment->vaddr + segment->memory_size);
            diagnostic_advise(fit->found,
                              "Align segments to 4 KiB, as the SDK's microkit.ld does.");
            return false;
        }
    }
    return true;
}

static bool check_program(const struct fit *fit)
{
    for (size_t i = 0; i < fit->program->segment_count; i++) {
        if (fit->program->segments[i].memory_size > 0 && !check_segment(fit, i)) {
            return false;
        }
    }
    return true;
}

/* Upstream finds this out as well; the description's check cannot, for it reads no program. */
static bool check_map(const struct fit *fit, const struct map *map)
{
    const struct elf *program = fit->program;
    uint64_t end = map->vaddr + map->region->size;
    for (size_t i = 0; i < program->segment_count; i++) {
        const struct elf_segment *segment = &program->segments[i];
        uint64_t segment_limit =
            segment->vaddr + ((segment->memory_size + PAGE_SMALL - 1) & ~(PAGE_SMALL - 1));
        if (segment->memory_size > 0 && map->vaddr < elf_segment_end(segment) &&
            elf_segment_start(segment) < end) {
            diagnostic_error(
                fit->found,
                "Error: \"ERROR: mapping MR '%s' to PD '%s' with vaddr [0x%" PRIx64 "..0x%" PRIx64
                ") will overlap with an ELF segment at [0x%" PRIx64 "..0x%" PRIx64 ")\"",
                map->region_name, fit->name, map->vaddr, end, segment->vaddr, segment_limit);
            diagnostic_quote(fit->found, &fit->system->source, map->at);
            diagnostic_advise(
                fit->found, "%s has its segments from 0x%" PRIx64 " on. Map the region elsewhere.",
                program->path, program->segments[0].vaddr);
            return false;
        }
    }
    return true;
}

static bool check_pd(const struct system *system, const struct protection_domain *pd,
                     const struct elf *program, struct diagnostics *found)
{
    struct fit fit = {system, pd->name, program, pd->stack_size, found};
    if (!check_program(&fit)) {
        return false;
    }
    for (size_t i = 0; i < pd->map_count; i++) {
        if (!check_map(&fit, &pd->maps[i])) {
            return false;
        }
    }
    return true;
}

bool fit_check_system(const struct system *system, struct diagnostics *found)
{
    return check_supported(system, found) && check_region_sizes(system, found);
}

bool fit_check_programs(const struct system *system, const struct programs *programs,
                        struct diagnostics *found)
{
    struct fit monitor = {system, "monitor", &programs->monitor, MONITOR_STACK_SIZE, found};
    if (!check_program(&monitor)) {
        return false;
    }
    for (size_t i = 0; i < system->pd_count; i++) {
        if (!check_pd(system, &system->pds[i], &programs->pds[i], found)) {
            return false;
        }
    }
    return true;
}
