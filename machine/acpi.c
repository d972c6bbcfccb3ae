/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The tables of the firmware: RSDP, RSDT and XSDT, FADT, MADT, HPET, and a DSDT without a program.
 *
 * They say what QEMU's say of the devices that are there; the XSDT is for software that knows only
 * that. There is no power management hardware: its ports in the FADT are 0.
 */
#include "machine/acpi.h"

#include <stddef.h>
#include <string.h>

#define PACKED __attribute__((packed))

struct acpi_rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision; /* 2: what follows the RSDT's address is there */
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t checksum_of_all;
    uint8_t reserved[3];
} PACKED;
_Static_assert(sizeof(struct acpi_rsdp) == ACPI_RSDP_BYTES, "ACPI 2.0, 5.2.4.3");

#define RSDP_1_BYTES 20 /* of revision 0, which has a checksum of its own */

struct acpi_header {
    char signature[4];
    uint32_t length;
    uint8_t revision;
    uint8_t checksum;
    char oem[6];
    char oem_table[8];
    uint32_t oem_revision;
    char creator[4];
    uint32_t creator_revision;
} PACKED;
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 1.0b, 5.2.3");

#define TABLES 3

struct acpi_rsdt {
    struct acpi_header header;
    uint32_t tables[TABLES];
} PACKED;

struct acpi_xsdt {
    struct acpi_header header;
    uint64_t tables[TABLES];
} PACKED;

struct acpi_fadt {
    struct acpi_header header;
    uint32_t facs;
    uint32_t dsdt;
    uint8_t interrupt_model; /* 1: I/O APICs beside the 8259s */
    uint8_t reserved;
    uint16_t sci_interrupt;
    uint8_t to_flags[64];
    uint32_t flags;
} PACKED;
_Static_assert(sizeof(struct acpi_fadt) == 116, "ACPI 1.0b, 5.2.5");

#define FADT_WBINVD          0x1
#define FADT_PROC_C1         0x4
#define FADT_NO_POWER_BUTTON 0x10
#define FADT_NO_SLEEP_BUTTON 0x20

struct acpi_madt {
    struct acpi_header header;
    uint32_t local_apic;
    uint32_t flags; /* 1: there are 8259s as well */
    struct madt_local_apic {
        uint8_t type;
        uint8_t length;
        uint8_t processor;
        uint8_t id;
        uint32_t flags;
    } PACKED processor;
    struct madt_io_apic {
        uint8_t type;
        uint8_t length;
        uint8_t id;
        uint8_t reserved;
        uint32_t address;
        uint32_t first_interrupt;
    } PACKED io_apic;
    struct madt_override {
        uint8_t type;
        uint8_t length;
        uint8_t bus;
        uint8_t source;
        uint32_t interrupt;
        uint16_t flags;
    } PACKED overrides[5];
} PACKED;

#define MADT_LEVEL_HIGH 0xd

struct acpi_hpet {
    struct acpi_header header;
    uint32_t id; /* the low half of its capabilities register */
    uint8_t space;
    uint8_t width;
    uint8_t offset;
    uint8_t access;
    uint64_t address;
    uint8_t number;
    uint16_t ticks_min;
    uint8_t attributes;
} PACKED;
_Static_assert(sizeof(struct acpi_hpet) == 56, "IA-PC HPET 1.0a, 3.2.4");

/* Offsets from the end of low memory. That of the RSDT is QEMU 7.2's, which bootinfo shows. */
#define TABLES_BYTES 0x20000
#define RSDT_OFFSET  0x1ad8
#define FADT_OFFSET  0x198c
#define MADT_OFFSET  0x1a00
#define HPET_OFFSET  0x1a90
#define XSDT_OFFSET  0x1b10
#define DSDT_OFFSET  0x0040
_Static_assert(FADT_OFFSET + sizeof(struct acpi_fadt) <= MADT_OFFSET, "no overlap");
_Static_assert(MADT_OFFSET + sizeof(struct acpi_madt) <= HPET_OFFSET, "no overlap");
_Static_assert(HPET_OFFSET + sizeof(struct acpi_hpet) <= RSDT_OFFSET, "no overlap");
_Static_assert(RSDT_OFFSET + sizeof(struct acpi_rsdt) <= XSDT_OFFSET, "no overlap");

/* All bytes of a table add up to 0. */
static uint8_t checksum(const void *table, size_t size)
{
    const uint8_t *bytes = table;
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    return (uint8_t)-sum;
}

/* Fill in the header of a finished table and put it in its place. */
static void place(uint8_t *ram, paddr address, struct acpi_header *table, const char *signature,
                  uint8_t revision, uint32_t size)
{
    memcpy(table->signature, signature, sizeof(table->signature));
    table->length = size;
    table->revision = revision;
    memcpy(table->oem, "QUOLL ", sizeof(table->oem));
    memcpy(table->oem_table, "QUOLLPC ", sizeof(table->oem_table));
    table->oem_revision = 1;
    memcpy(table->creator, "QUOL", sizeof(table->creator));
    table->creator_revision = 1;
    table->checksum = 0;
    table->checksum = checksum(table, size);
    memcpy(ram + address, table, size);
}

static void write_rsdp(uint8_t *ram, paddr rsdt, paddr xsdt)
{
    struct acpi_rsdp rsdp = {.signature = {'R', 'S', 'D', ' ', 'P', 'T', 'R', ' '},
                             .oem = {'Q', 'U', 'O', 'L', 'L', ' '},
                             .revision = 2,
                             .rsdt = (uint32_t)rsdt,
                             .length = sizeof(rsdp),
                             .xsdt = xsdt};
    rsdp.checksum = checksum(&rsdp, RSDP_1_BYTES);
    rsdp.checksum_of_all = checksum(&rsdp, sizeof(rsdp));
    memcpy(ram + ACPI_RSDP_ADDRESS, &rsdp, sizeof(rsdp));
}

static void write_fadt(uint8_t *ram, paddr tables)
{
    struct acpi_header dsdt = {.length = 0};
    place(ram, tables + DSDT_OFFSET, &dsdt, "DSDT", 1, sizeof(dsdt));
    struct acpi_fadt fadt = {
        .dsdt = (uint32_t)(tables + DSDT_OFFSET),
        .interrupt_model = 1,
        .sci_interrupt = 9,
        .flags = FADT_WBINVD | FADT_PROC_C1 | FADT_NO_POWER_BUTTON | FADT_NO_SLEEP_BUTTON,
    };
    place(ram, tables + FADT_OFFSET, &fadt.header, "FACP", 1, sizeof(fadt));
}

static void write_madt(uint8_t *ram, paddr tables)
{
    struct acpi_madt madt = {
        .local_apic = 0xfee00000,
        .flags = 1,
        .processor = {.type = 0, .length = 8, .processor = 0, .id = 0, .flags = 1},
        .io_apic = {.type = 1, .length = 12, .id = 0, .address = 0xfec00000},
    };
    /* The timer's line is on pin 2; those of PCI are level-triggered. */
    static const uint8_t sources[] = {0, 5, 9, 10, 11};
    for (size_t i = 0; i < sizeof(sources); i++) {
        madt.overrides[i] = (struct madt_override){.type = 2, .length = 10, .source = sources[i]};
        madt.overrides[i].interrupt = sources[i] == 0 ? 2 : sources[i];
        madt.overrides[i].flags = sources[i] == 0 ? 0 : MADT_LEVEL_HIGH;
    }
    place(ram, tables + MADT_OFFSET, &madt.header, "APIC", 1, sizeof(madt));
}

static void write_hpet(uint8_t *ram, paddr tables)
{
    struct acpi_hpet hpet = {.id = 0x8086a201, .address = 0xfed00000};
    place(ram, tables + HPET_OFFSET, &hpet.header, "HPET", 1, sizeof(hpet));
}

void acpi_write(uint8_t *ram, paddr low_memory_end)
{
    static const paddr offsets[TABLES] = {FADT_OFFSET, MADT_OFFSET, HPET_OFFSET};
    paddr tables = low_memory_end - TABLES_BYTES;
    struct acpi_rsdt rsdt;
    struct acpi_xsdt xsdt;
    write_fadt(ram, tables);
    write_madt(ram, tables);
    write_hpet(ram, tables);
    for (size_t i = 0; i < TABLES; i++) {
        rsdt.tables[i] = (uint32_t)(tables + offsets[i]);
        xsdt.tables[i] = tables + offsets[i];
    }
    place(ram, tables + RSDT_OFFSET, &rsdt.header, "RSDT", 1, sizeof(rsdt));
    place(ram, tables + XSDT_OFFSET, &xsdt.header, "XSDT", 1, sizeof(xsdt));
    write_rsdp(ram, tables + RSDT_OFFSET, tables + XSDT_OFFSET);
}
