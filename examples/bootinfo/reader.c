/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Says what the kernel knows of the machine: no figures, as each machine has its own. */

#include <microkit.h>
#include <sel4/arch/bootinfo_types.h>

#define RSDP_SIGNATURE 0x2052545020445352 /* "RSD PTR ", read as a little-endian number */

/* Set by the tool: see the .system file. */
const struct {
    seL4_BootInfoHeader header;
    seL4_Uint32 mhz;
} * tsc;
const seL4_X86_BootInfo_mmap_t *memory;
const struct {
    seL4_BootInfoHeader header;
    seL4_Uint64 signature;
} * acpi;
const void *vbe, *framebuffer, *fdt;

/* Whether a region holds this kind, or nothing at all. */
static const char *holds(const void *region, seL4_Word kind)
{
    const seL4_BootInfoHeader *header = region;
    if (header->id == kind && header->len > sizeof *header) {
        return ": there\n";
    }
    return header->id == 0 && header->len == 0 ? ": not here\n" : ": broken\n";
}

static void say(const char *name, const void *region, seL4_Word kind)
{
    microkit_dbg_puts(name);
    microkit_dbg_puts(holds(region, kind));
}

/* The map has a part of RAM above 1 MiB, where the kernel itself is. */
static seL4_Bool maps_ram(void)
{
    const seL4_X86_mb_mmap_t *entry = memory->mmap;
    for (seL4_Word i = 0; i < memory->mmap_length / sizeof *entry; i++) {
        if (entry[i].type == SEL4_MULTIBOOT_RAM_REGION_TYPE && entry[i].base_addr == 0x100000) {
            return seL4_True;
        }
    }
    return seL4_False;
}

void init(void)
{
    say("x86_tsc_freq", tsc, SEL4_BOOTINFO_HEADER_X86_TSC_FREQ);
    say("x86_mbmmap", memory, SEL4_BOOTINFO_HEADER_X86_MBMMAP);
    say("x86_acpi_rsdp", acpi, SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP);
    say("x86_vbe", vbe, SEL4_BOOTINFO_HEADER_X86_VBE);
    say("x86_framebuffer", framebuffer, SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER);
    say("fdt", fdt, SEL4_BOOTINFO_HEADER_FDT);
    microkit_dbg_puts(tsc->mhz > 0 ? "reader: the TSC has a frequency\n"
                                   : "reader: the TSC stands still\n");
    microkit_dbg_puts(maps_ram() ? "reader: there is memory from 1 MiB on\n"
                                 : "reader: there is no memory\n");
    microkit_dbg_puts(acpi->signature == RSDP_SIGNATURE ? "reader: the ACPI tables have a root\n"
                                                        : "reader: no root of ACPI tables\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
