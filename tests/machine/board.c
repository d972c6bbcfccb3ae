/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The board: its memory map, and what answers where nothing is. */
#include "machine/acpi.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

/* QEMU 7.2, `-m 512M`, the default PC: the memory map that its firmware reports. */
static const struct kernel_region qemu_512_mib[] = {
    {0, 0x9fc00, REGION_RAM},
    {0x9fc00, 0xa0000, REGION_ROM},
    {0xf0000, 0x100000, REGION_ROM},
    {0x100000, 0x1ffe0000, REGION_RAM},
    {0x1ffe0000, 0x20000000, REGION_ROM},
    {0xfffc0000, 0x100000000, REGION_ROM},
    {0xfd00000000, 0x10000000000, REGION_ROM},
};
#define QEMU_REGIONS (sizeof(qemu_512_mib) / sizeof(qemu_512_mib[0]))

TEST(the_default_memory_map_is_that_of_qemu_with_512_mib)
{
    struct kernel_region regions[BOARD_REGIONS];

    EXPECT_EQ(QEMU_REGIONS, board_regions(BOARD_MEMORY_DEFAULT, regions));

    for (size_t i = 0; i < QEMU_REGIONS; i++) {
        EXPECT_EQ(qemu_512_mib[i].first, regions[i].first);
        EXPECT_EQ(qemu_512_mib[i].end, regions[i].end);
        EXPECT_EQ(qemu_512_mib[i].kind, regions[i].kind);
    }
}

TEST(memory_beyond_3_gib_lies_above_4_gib)
{
    struct kernel_region regions[BOARD_REGIONS];
    uint64_t memory = UINT64_C(6) << 30;

    size_t count = board_regions(memory, regions);

    EXPECT_EQ(8, count);
    EXPECT_EQ(0xbffe0000, regions[3].end);
    EXPECT_EQ(UINT64_C(0x100000000), regions[6].first);
    EXPECT_EQ(UINT64_C(0x1c0000000), regions[6].end);
    EXPECT_EQ(UINT64_C(0x1c0000000), board_memory_end(memory));
    EXPECT_EQ(UINT64_C(0xd0000000), board_memory_end(UINT64_C(0xd0000000)));
}

TEST(a_port_without_a_device_reads_ones)
{
    struct board_fixture f;
    board_fixture_open(&f);
    EXPECT_EQ(0xff, board_in(&f.board, 0x300, 1));
    EXPECT_EQ(0xffff, board_in(&f.board, 0x300, 2));
    EXPECT_EQ(0xffffffff, board_in(&f.board, 0x300, 4));
    board_out(&f.board, 0x300, 4, 0);
    EXPECT_EQ(0xff, board_in(&f.board, 0xffff, 1));
    board_fixture_close(&f);
}

TEST(an_address_without_a_device_reads_ones)
{
    struct board_fixture f;
    board_fixture_open(&f);
    EXPECT_EQ(0xff, board_read(&f.board, 0xfe000000, 1));
    EXPECT_EQ(UINT64_MAX, board_read(&f.board, 0xfe000000, 8));
    EXPECT_EQ(UINT64_MAX, board_read(&f.board, 0xfed003fc, 8)); /* reaches beyond the HPET */
    board_fixture_close(&f);
}

static uint8_t sum(const uint8_t *bytes, size_t size)
{
    uint8_t total = 0;
    for (size_t i = 0; i < size; i++) {
        total = (uint8_t)(total + bytes[i]);
    }
    return total;
}

static uint32_t word_at(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* As sel4test finds its timer: the RSDP by scanning, the RSDT, the HPET's table. */
TEST(software_finds_the_hpet_through_the_acpi_tables)
{
    uint8_t *ram = calloc(1, 32 << 20);
    acpi_write(ram, 32 << 20);

    paddr rsdp = 0xe0000;
    while (memcmp(ram + rsdp, "RSD PTR ", 8) != 0) {
        rsdp += 16;
        EXPECT_TRUE(rsdp < 0x100000);
    }
    EXPECT_EQ(0, sum(ram + rsdp, 20));
    const uint8_t *rsdt = ram + word_at(ram + rsdp + 16);
    EXPECT_MEM("RSDT", rsdt, 4);
    EXPECT_EQ(0, sum(rsdt, word_at(rsdt + 4)));
    const uint8_t *hpet = NULL;
    for (size_t offset = 36; offset < word_at(rsdt + 4); offset += 4) {
        const uint8_t *table = ram + word_at(rsdt + offset);
        EXPECT_EQ(0, sum(table, word_at(table + 4)));
        if (memcmp(table, "HPET", 4) == 0) {
            hpet = table;
        }
    }
    EXPECT_TRUE(hpet != NULL);
    EXPECT_EQ(0xfed00000, word_at(hpet + 44));
    free(ram);
}

/* ACPI 2.0, 5.2.4.3: software that knows the XSDT takes it for the RSDT. */
TEST(the_xsdt_names_the_tables_of_the_rsdt)
{
    uint8_t *ram = calloc(1, 32 << 20);
    acpi_write(ram, 32 << 20);
    const uint8_t *rsdp = ram + ACPI_RSDP_ADDRESS;
    EXPECT_EQ(2, rsdp[15]);
    EXPECT_EQ(36, word_at(rsdp + 20));
    EXPECT_EQ(0, sum(rsdp, 36));
    const uint8_t *rsdt = ram + word_at(rsdp + 16);
    const uint8_t *xsdt = ram + word_at(rsdp + 24);
    EXPECT_MEM("XSDT", xsdt, 4);
    EXPECT_EQ(0, sum(xsdt, word_at(xsdt + 4)));
    EXPECT_EQ(36 + 2 * (word_at(rsdt + 4) - 36), word_at(xsdt + 4));
    for (size_t i = 0; i < (word_at(rsdt + 4) - 36) / 4; i++) {
        EXPECT_EQ(word_at(rsdt + 36 + 4 * i), word_at(xsdt + 36 + 8 * i));
        EXPECT_EQ(0, word_at(xsdt + 40 + 8 * i));
    }
    free(ram);
}
