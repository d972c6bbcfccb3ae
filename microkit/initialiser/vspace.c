/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* VSpaces: ASIDs, page tables, frames and what is in them. */
#include "microkit/initialiser/initialiser.h"

#include <stdbool.h>
#include <stddef.h>

#define SIZE_4K UINT64_C(0x1000)
#define SIZE_2M UINT64_C(0x200000)

void assign_asids(const struct initialiser *init)
{
    const struct spec_objects *runs = spec_records(init->spec, init->spec->objects);
    for (uint32_t i = 0; i < init->spec->objects.count; i++) {
        const struct spec_objects *run = &runs[i];
        for (uint32_t n = 0; run->type == SPEC_PML4 && n < run->count; n++) {
            uint32_t object = run->first + n;
            seL4_Error error =
                seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, object_slot(init, object));
            check(init, error, "assign an ASID to", object);
        }
    }
}

static seL4_Error map_table(seL4_CPtr table, uint8_t type, seL4_CPtr vspace, uint64_t vaddr)
{
    switch (type) {
    case SPEC_PDPT:
        return seL4_X86_PDPT_Map(table, vspace, vaddr, seL4_X86_Default_VMAttributes);
    case SPEC_PAGE_DIRECTORY:
        return seL4_X86_PageDirectory_Map(table, vspace, vaddr, seL4_X86_Default_VMAttributes);
    default:
        return seL4_X86_PageTable_Map(table, vspace, vaddr, seL4_X86_Default_VMAttributes);
    }
}

void map_tables(const struct initialiser *init)
{
    const struct spec_page_table *table = spec_records(init->spec, init->spec->tables);
    for (uint32_t i = 0; i < init->spec->tables.count; i++, table++) {
        seL4_Error error =
            map_table(object_slot(init, table->object), object_run(init, table->object)->type,
                      object_slot(init, table->vspace), table->vaddr);
        check_at(init, error, "map", table->object, table->vaddr);
    }
}

static seL4_CPtr copy_cap(struct initialiser *init, seL4_CPtr cap, uint32_t vspace)
{
    seL4_CPtr copy = next_slot(init);
    seL4_Error error = seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, seL4_WordBits,
                                       seL4_CapInitThreadCNode, cap, seL4_WordBits, seL4_AllRights);
    check(init, error, "copy the cap to a frame for", vspace);
    return copy;
}

/* A cap to the n-th frame of a map, ready to be mapped. */
static seL4_CPtr frame_to_map(struct initialiser *init, const struct spec_map *map, uint32_t n)
{
    bool is_image = map->flags & SPEC_MAP_IMAGE;
    seL4_CPtr frame =
        is_image ? image_frame_slot(init, map->first + n) : object_slot(init, map->first + n);
    if (map->flags & SPEC_MAP_COPY) {
        return copy_cap(init, frame, map->vspace);
    }
    if (is_image) {
        check(init, seL4_X86_Page_Unmap(frame), "take a page of the image for", map->vspace);
    }
    return frame;
}

void map_frames(struct initialiser *init)
{
    const struct spec_map *map = spec_records(init->spec, init->spec->maps);
    for (uint32_t i = 0; i < init->spec->maps.count; i++, map++) {
        seL4_CPtr vspace = object_slot(init, map->vspace);
        seL4_CapRights_t rights = {{map->rights}};
        seL4_X86_VMAttributes attributes =
            map->flags & SPEC_MAP_UNCACHED ? seL4_X86_CacheDisabled : seL4_X86_Default_VMAttributes;
        for (uint32_t n = 0; n < map->count; n++) {
            uint64_t vaddr = map->vaddr + ((uint64_t)n << map->size_bits);
            seL4_CPtr frame = frame_to_map(init, map, n);
            seL4_Error error = seL4_X86_Page_Map(frame, vspace, vaddr, rights, attributes);
            check_at(init, error, "map a frame into", map->vspace, vaddr);
        }
    }
}

/* A page of the initialiser that gives its place to the frame that is being filled. */
static char window_4k[SIZE_4K] __attribute__((aligned(SIZE_4K)));

static void make_room_in_window(const struct initialiser *init, uint32_t object)
{
    uintptr_t image = (uintptr_t)init->spec - init->spec->first_image_page * SIZE_4K;
    seL4_CPtr frame =
        init->bootinfo->userImageFrames.start + ((uintptr_t)window_4k - image) / SIZE_4K;
    check(init, seL4_X86_Page_Unmap(frame), "make room to fill", object);
}

/* The first 2 MiB behind the bootinfo: in a page directory of the image, with nothing there. */
static char *window_2m(const struct initialiser *init)
{
    uintptr_t end = (uintptr_t)init->bootinfo + SIZE_4K + init->bootinfo->extraLen;
    return (char *)((end + SIZE_2M - 1) & ~(SIZE_2M - 1));
}

/* Bytes to copy. */
struct contents {
    const char *bytes;
    uint64_t length;
};

static struct contents bootinfo_contents(const struct initialiser *init, uint32_t id)
{
    const char *at = (const char *)init->bootinfo + SIZE_4K;
    const char *end = at + init->bootinfo->extraLen;
    while (at < end) {
        const seL4_BootInfoHeader *header = (const void *)at;
        if (header->id == id) {
            return (struct contents){.bytes = at, .length = header->len};
        }
        at += header->len;
    }
    return (struct contents){0};
}

static struct contents fill_contents(const struct initialiser *init, const struct spec_fill *fill)
{
    if (fill->source == SPEC_FILL_FROM_IMAGE) {
        return (struct contents){(const char *)init->spec + fill->offset, fill->length};
    }
    struct contents contents = bootinfo_contents(init, fill->source);
    uint64_t skipped = fill->offset < contents.length ? fill->offset : contents.length;
    contents.bytes += skipped;
    contents.length -= skipped;
    if (contents.length > fill->length) {
        contents.length = fill->length;
    }
    return contents;
}

static void copy_bytes(char *target, const char *source, uint64_t length)
{
    __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(length) : : "memory");
}

static void fill_frame(const struct initialiser *init, uint32_t object, char *window,
                       struct contents contents)
{
    seL4_CPtr frame = object_slot(init, object);
    seL4_Error error = seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, (seL4_Word)window,
                                         seL4_ReadWrite, seL4_X86_Default_VMAttributes);
    check_at(init, error, "map, to fill it,", object, (uint64_t)window);
    copy_bytes(window, contents.bytes, contents.length);
    check(init, seL4_X86_Page_Unmap(frame), "unmap, having filled it,", object);
}

static void fill_run(const struct initialiser *init, const struct spec_fill *fill)
{
    uint64_t size = UINT64_C(1) << object_run(init, fill->object)->size_bits;
    char *window = size == SIZE_2M ? window_2m(init) : window_4k;
    struct contents rest = fill_contents(init, fill);
    for (uint32_t object = fill->object; rest.length > 0; object++) {
        struct contents part = {rest.bytes, rest.length < size ? rest.length : size};
        fill_frame(init, object, window, part);
        rest.bytes += part.length;
        rest.length -= part.length;
    }
}

void fill_frames(struct initialiser *init)
{
    const struct spec_fill *fill = spec_records(init->spec, init->spec->fills);
    if (init->spec->fills.count > 0) {
        make_room_in_window(init, fill->object);
    }
    for (uint32_t i = 0; i < init->spec->fills.count; i++) {
        fill_run(init, &fill[i]);
    }
}
