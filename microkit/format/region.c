/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <memory_region> */
#include "microkit/file.h"
#include "microkit/format/format.h"

#include "abi/bootinfo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void read_page_size(struct reader *r, const struct xml_element *element, const char *text,
                           void *object)
{
    struct memory_region *region = object;
    region->page_size = reader_number(r, element, text);
    region->page_size_given = true;
    if (region->page_size != PAGE_SMALL && region->page_size != PAGE_LARGE) {
        reader_refuse_value(r, element, "Pages are of 0x1000 (4 KiB) or 0x200000 (2 MiB) bytes.",
                            "page size 0x%" PRIx64 " not supported", region->page_size);
    }
}

static noreturn void refuse_prefill(struct reader *r, const struct xml_element *element,
                                    const char *name, const char *path, int error)
{
    reader_complain_value(r, element, "failed to read file '%s' at prefill_path", name);
    diagnostic_advise(r->found, "It was found as %s, but: %s.", path, file_error(error));
    reader_give_up(r);
}

static noreturn void refuse_unfound(struct reader *r, const struct xml_element *element,
                                    const char *name)
{
    reader_complain_value(r, element, "unable to find prefill file: '%s'", name);
    diagnostic_advise(r->found, "It is in none of these folders:");
    for (size_t i = 0; i < r->search->count; i++) {
        diagnostic_advise(r->found, "  %s", r->search->folders[i]);
    }
    diagnostic_advise(r->found, "Add the folder that has it with --search-path.");
    reader_give_up(r);
}

static void read_prefill_path(struct reader *r, const struct xml_element *element, const char *name,
                              void *object)
{
    struct memory_region *region = object;
    char *path = microkit_find_file(r->search, name);
    if (path == NULL) {
        refuse_unfound(r, element, name);
    }
    /* Into the arena, so that a refusal leaves nothing behind. */
    char *path_copy = arena_copy(r->system->arena, path, strlen(path));
    free(path);
    char *bytes;
    int error = ENOMEM;
    if (path_copy != NULL) {
        error = file_read(r->system->arena, path_copy, SIZE_MAX, &bytes, &region->prefill.size);
    }
    if (error != 0) {
        refuse_prefill(r, element, name, path_copy == NULL ? name : path_copy, error);
    }
    if (region->prefill.size == 0) {
        reader_refuse_value(r, element, "A region that is all zeros needs no prefill_path.",
                            "prefill file '%s' is empty", name);
    }
    region->prefill.kind = PREFILL_FILE;
    region->prefill.path = name;
    region->prefill.bytes = (const uint8_t *)bytes;
}

static void read_prefill_bootinfo(struct reader *r, const struct xml_element *element,
                                  const char *text, void *object)
{
    static const struct choice kinds[] = {
        {"x86_vbe", SEL4_BOOTINFO_HEADER_X86_VBE},
        {"x86_mbmmap", SEL4_BOOTINFO_HEADER_X86_MBMMAP},
        {"x86_acpi_rsdp", SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP},
        {"x86_framebuffer", SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER},
        {"x86_tsc_freq", SEL4_BOOTINFO_HEADER_X86_TSC_FREQ},
        {"fdt", SEL4_BOOTINFO_HEADER_FDT},
        {NULL, 0},
    };
    struct memory_region *region = object;
    const struct choice *kind = kinds;
    while (kind->word != NULL && strcmp(kind->word, text) != 0) {
        kind++;
    }
    if (kind->word == NULL) {
        reader_refuse_value(
            r, element,
            "The kernel's boot information has x86_vbe, x86_mbmmap, x86_acpi_rsdp,\n"
            "x86_framebuffer, x86_tsc_freq and fdt.",
            "BootInfoMap type: '%s' is not supported", text);
    }
    if (region->prefill.kind == PREFILL_FILE) {
        reader_refuse_value(r, element,
                            "Both would fill the region from its first byte on. Choose one.",
                            "prefill_path and prefill_bootinfo cannot be both specified");
    }
    region->prefill.kind = PREFILL_BOOTINFO;
    region->prefill.bootinfo_id = kind->value;
}

static void settle_region_size(struct reader *r, const struct xml_element *element,
                               struct memory_region *region)
{
    switch (region->prefill.kind) {
    case PREFILL_NONE:
        reader_refuse_value(r, element,
                            "Add size=\"0x1000\", or another multiple of the page size.",
                            "size must be specified if memory region is not prefilled");
    case PREFILL_FILE:
        region->size = (region->prefill.size + region->page_size - 1) & ~(region->page_size - 1);
        break;
    case PREFILL_BOOTINFO:
        region->size = region->page_size;
        break;
    }
}

static void check_region_size(struct reader *r, const struct xml_element *element, void *object)
{
    struct memory_region *region = object;
    if (xml_value(element, "size") == NULL) {
        settle_region_size(r, element, region);
        return;
    }
    if (region->size % region->page_size != 0) {
        reader_complain_value(r, element, "size is not a multiple of the page size");
        diagnostic_advise(r->found, "The next larger size that is one is 0x%" PRIx64 ".",
                          (region->size / region->page_size + 1) * region->page_size);
        reader_give_up(r);
    }
    if (region->prefill.size > region->size) {
        reader_refuse_value(r, element,
                            "Make the region larger, or leave out its size to fit the file.",
                            "size of prefill file exceeds memory region size: %zx > %" PRIx64,
                            region->prefill.size, region->size);
    }
}

static void check_phys_addr(struct reader *r, const struct xml_element *element, void *object)
{
    struct memory_region *region = object;
    region->phys_addr_given = xml_value(element, "phys_addr") != NULL;
    if (region->phys_addr % region->page_size != 0) {
        reader_complain_value(r, element, "phys_addr is not aligned to the page size");
        diagnostic_advise(r->found, "The region's pages are of 0x%" PRIx64 " bytes.",
                          region->page_size);
        reader_give_up(r);
    }
}

static const struct attribute region_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct memory_region, name)},
    {"page_size", OPTIONAL, VALUE_OTHER, FIELD(struct memory_region, page_size),
     .preset = PAGE_SMALL, .read = read_page_size},
    {"prefill_path", OPTIONAL, VALUE_OTHER, .read = read_prefill_path},
    {"prefill_bootinfo", OPTIONAL, VALUE_OTHER, .read = read_prefill_bootinfo},
    {"size", OPTIONAL, VALUE_NUMBER, FIELD(struct memory_region, size), .check = check_region_size},
    {"phys_addr", OPTIONAL, VALUE_NUMBER, FIELD(struct memory_region, phys_addr),
     .check = check_phys_addr},
    {0},
};

const struct schema region_schema = {
    .size = sizeof(struct memory_region),
    .attributes = region_attributes,
};
