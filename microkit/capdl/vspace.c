/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/capdl/vspace.h"

#include <inttypes.h>

#include "microkit/spec.h"

#define PAGE_SMALL_BITS 12
#define PAGE_LARGE_BITS 21

/* The page tables of x86-64: four levels of 512 slots. */
#define LEVELS     4
#define LEVEL_BITS 9

struct capdl_cap capdl_frame_cap(uint32_t object, uint8_t rights, bool executable, bool cached)
{
    return (struct capdl_cap){.type = CAPDL_FRAME,
                              .object = object,
                              .rights = rights,
                              .executable = executable,
                              .cached = cached};
}

uint32_t capdl_add_frame(struct capdl *capdl, const char *name, const struct capdl_fill *fill)
{
    struct capdl_object object = {.type = CAPDL_FRAME, .size_bits = PAGE_SMALL_BITS, .name = name};
    if (fill != NULL) {
        object.fills = arena_alloc(capdl->arena, sizeof *fill);
        capdl->lost |= object.fills == NULL;
        if (object.fills != NULL) {
            object.fills[0] = *fill;
            object.fill_count = 1;
        }
    }
    return capdl_add(capdl, &object);
}

uint32_t capdl_add_page_table(struct capdl *capdl, uint8_t level, const char *name)
{
    struct capdl_object object = {
        .type = CAPDL_PAGE_TABLE, .level = level, .is_root = level == 0, .name = name};
    return capdl_add(capdl, &object);
}

/* log2 of what a slot of a table of this level covers. */
static unsigned level_shift(unsigned level)
{
    return PAGE_SMALL_BITS + (LEVELS - 1 - level) * LEVEL_BITS;
}

static uint32_t level_slot(unsigned level, uint64_t vaddr)
{
    return (uint32_t)(vaddr >> level_shift(level)) & ((1u << LEVEL_BITS) - 1);
}

/* The table of the next level for an address: made, and named after the address, if it is missing. */
static uint32_t next_table(struct capdl *capdl, uint32_t table, unsigned level, const char *name,
                           uint64_t vaddr)
{
    static const char *const names[LEVELS] = {"pml4", "pdpt", "pd", "pt"};
    uint32_t slot = level_slot(level, vaddr);
    const struct capdl_cap *found = capdl_cap_in(capdl_object(capdl, table), slot);
    if (found != NULL) {
        return found->object;
    }
    uint64_t start = vaddr >> level_shift(level + 1) << level_shift(level + 1);
    uint32_t next = capdl_add_page_table(
        capdl, (uint8_t)(level + 1),
        capdl_name(capdl, "%s_%s_vaddr_0x%" PRIx64, names[level + 1], name, start));
    capdl_put(capdl, table, slot, (struct capdl_cap){.type = CAPDL_PAGE_TABLE, .object = next});
    return next;
}

void capdl_map_frame(struct capdl *capdl, uint32_t vspace, const char *name, uint64_t vaddr,
                     struct capdl_cap frame)
{
    unsigned leaf =
        capdl_object(capdl, frame.object)->size_bits == PAGE_LARGE_BITS ? LEVELS - 2 : LEVELS - 1;
    uint32_t table = vspace;
    for (unsigned level = 0; level < leaf && !capdl->lost; level++) {
        table = next_table(capdl, table, level, name, vaddr);
    }
    capdl_put(capdl, table, level_slot(leaf, vaddr), frame);
}

static void map_segment(struct capdl *capdl, uint32_t vspace, const char *name, uint64_t elf,
                        const struct elf_segment *segment, uint64_t index, unsigned *sequence)
{
    uint64_t end = segment->vaddr + segment->memory_size;
    uint8_t rights =
        (segment->flags & ELF_READ ? SPEC_READ : 0) | (segment->flags & ELF_WRITE ? SPEC_WRITE : 0);
    uint64_t page = segment->vaddr & ~(PAGE_SMALL - 1);
    for (; page < end && !capdl->lost; page += PAGE_SMALL) {
        uint64_t from = page > segment->vaddr ? page : segment->vaddr;
        uint64_t to = page + PAGE_SMALL < end ? page + PAGE_SMALL : end;
        struct capdl_fill fill = {.kind = CAPDL_FILL_ELF,
                                  .start = from - page,
                                  .end = to - page,
                                  .elf = elf,
                                  .segment = index,
                                  .offset = from - segment->vaddr};
        uint32_t frame = capdl_add_frame(
            capdl, capdl_name(capdl, "frame_elf_%s_%09u", name, (*sequence)++), &fill);
        if (!capdl->lost) {
            capdl_map_frame(capdl, vspace, name, page,
                            capdl_frame_cap(frame, rights, segment->flags & ELF_EXECUTE, true));
        }
    }
}

void capdl_map_program(struct capdl *capdl, uint32_t vspace, const char *name, uint64_t elf,
                       const struct elf *program)
{
    unsigned sequence = 0;
    for (size_t i = 0; i < program->segment_count; i++) {
        map_segment(capdl, vspace, name, elf, &program->segments[i], i, &sequence);
    }
}

uint32_t capdl_frame_at(const struct capdl *capdl, uint32_t vspace, uint64_t vaddr)
{
    uint32_t object = vspace;
    for (unsigned level = 0; level < LEVELS; level++) {
        object = capdl_cap_in(capdl_object(capdl, object), level_slot(level, vaddr))->object;
    }
    return object;
}
