/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the root task finds at start. */
#include "kernel/boot.h"

/* The multiboot memory map, as a boot loader passes it. */
#define MULTIBOOT_ENTRIES_MAX 50
#define MULTIBOOT_RAM         1
#define MULTIBOOT_RESERVED    2

struct multiboot_entry {
    uint32_t bytes; /* of the rest */
    uint64_t first;
    uint64_t length;
    uint32_t type;
} __attribute__((packed));

struct extra_memory_map {
    struct abi_bootinfo_header header;
    uint32_t bytes; /* of the entries that there are */
    struct multiboot_entry entries[MULTIBOOT_ENTRIES_MAX];
} __attribute__((packed));
_Static_assert(sizeof(struct extra_memory_map) == 1220, "seL4_X86_BootInfo_mmap_t");

#define RSDP_BYTES 36

struct extra_rsdp {
    struct abi_bootinfo_header header;
    uint8_t rsdp[RSDP_BYTES];
} __attribute__((packed));

struct extra_tsc_frequency {
    struct abi_bootinfo_header header;
    uint32_t mhz;
} __attribute__((packed));

_Static_assert(sizeof(struct extra_memory_map) + sizeof(struct extra_rsdp) +
                       sizeof(struct extra_tsc_frequency) <=
                   PAGE_BYTES,
               "one page is enough");

static struct extra_memory_map memory_map(const struct kernel_boot *boot)
{
    struct extra_memory_map map = {
        .header = {.id = SEL4_BOOTINFO_HEADER_X86_MBMMAP, .length = sizeof(map)}};
    unsigned count = 0;
    for (size_t i = 0; i < boot->region_count && count < MULTIBOOT_ENTRIES_MAX; i++) {
        const struct kernel_region *region = &boot->regions[i];
        if (region->kind == REGION_TRAP) {
            continue; /* Firmware does not report registers. */
        }
        map.entries[count++] = (struct multiboot_entry){
            .bytes = sizeof(struct multiboot_entry) - sizeof(uint32_t),
            .first = region->first,
            .length = region->end - region->first,
            .type = region->kind == REGION_RAM ? MULTIBOOT_RAM : MULTIBOOT_RESERVED};
    }
    map.bytes = count * (uint32_t)sizeof(struct multiboot_entry);
    return map;
}

uint64_t bootinfo_extra_bytes(const struct kernel_boot *boot)
{
    return (boot->acpi_rsdp ? sizeof(struct extra_rsdp) : 0) + sizeof(struct extra_memory_map) +
           sizeof(struct extra_tsc_frequency);
}

static void write_extra(struct booting *b)
{
    const struct kernel_boot *boot = b->boot;
    uint8_t *next = b->k->ram + b->at.extra;
    if (boot->acpi_rsdp) {
        struct extra_rsdp rsdp = {
            .header = {.id = SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, .length = sizeof(rsdp)}};
        boot_copy(rsdp.rsdp, boot->acpi_rsdp, sizeof(rsdp.rsdp));
        boot_copy(next, &rsdp, sizeof(rsdp));
        next += sizeof(rsdp);
    }
    struct extra_memory_map map = memory_map(boot);
    boot_copy(next, &map, sizeof(map));
    next += sizeof(map);

    struct extra_tsc_frequency tsc = {
        .header = {.id = SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, .length = sizeof(tsc)},
        .mhz = (uint32_t)boot->ticks_per_us};
    boot_copy(next, &tsc, sizeof(tsc));
}

void bootinfo_write(struct booting *b)
{
    const struct kernel_config *config = &b->k->config;
    void *frame = b->k->ram + b->at.bootinfo;
    b->bootinfo = frame;
    boot_describe(b);
    b->bootinfo->extra_length = b->extra_bytes;
    b->bootinfo->nodes = 1;
    b->bootinfo->io_page_table_levels = config->iommu ? 0 : UINT64_MAX;
    b->bootinfo->ipc_buffer = b->ipc_buffer_vaddr;
    b->bootinfo->init_cnode_size_bits = config->root_cnode_size_bits;
    write_extra(b);
}
