/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Root tasks: what is refused, and what is loaded where. */
#include "machine/boot.h"
#include "machine/board.h"
#include "machine/machine.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A small executable: a page of text, and data with room for zeros behind it. */
struct small_elf {
    Elf64_Ehdr header;
    Elf64_Phdr segments[2];
    char text[16];
    char data[16];
};

static struct small_elf small_elf(void)
{
    struct small_elf elf = {
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = EM_X86_64,
                   .e_entry = 0x400010,
                   .e_phoff = offsetof(struct small_elf, segments),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 2},
        .segments = {{.p_type = PT_LOAD,
                      .p_offset = offsetof(struct small_elf, text),
                      .p_vaddr = 0x400010,
                      .p_filesz = 16,
                      .p_memsz = 16},
                     {.p_type = PT_LOAD,
                      .p_offset = offsetof(struct small_elf, data),
                      .p_vaddr = 0x402800,
                      .p_filesz = 16,
                      .p_memsz = 0x1000}},
        .text = "the text is here",
        .data = "data are in here",
    };
    return elf;
}

static void expect_refused(const struct small_elf *elf, size_t size, const char *what)
{
    struct boot_image image;
    struct machine_error error = {.text = ""};
    EXPECT_EQ(-ENOEXEC, boot_image_open(&image, "root.elf", elf, size, &error));
    if (!strstr(error.text, what) || strncmp(error.text, "root.elf: ", 10) != 0) {
        EXPECT_STR(what, error.text);
    }
}

TEST(a_root_task_spans_whole_pages)
{
    struct small_elf elf = small_elf();
    struct boot_image image;
    struct machine_error error;

    EXPECT_EQ(0, boot_image_open(&image, "root.elf", &elf, sizeof(elf), &error));

    EXPECT_EQ(0x400000, image.first);
    EXPECT_EQ(0x404000, image.end);
    EXPECT_EQ(0x400010, image.entry);
}

TEST(segments_are_loaded_at_their_distance_from_the_image_base)
{
    struct small_elf elf = small_elf();
    struct boot_image image;
    struct memory memory;
    struct machine_error error;
    struct kernel_region regions[BOARD_REGIONS];
    struct kernel_boot boot = {.regions = regions};
    EXPECT_EQ(0, boot_image_open(&image, "root.elf", &elf, sizeof(elf), &error));
    EXPECT_EQ(0, memory_open(&memory, 16 << 20, &error));
    boot.region_count = board_regions(16 << 20, regions);

    EXPECT_EQ(0, boot_image_load(&image, &memory, &boot, &error));

    EXPECT_EQ(0x200000, boot.image_base); /* the double's */
    EXPECT_MEM("the text is here", memory.ram + 0x200010, 16);
    EXPECT_MEM("data are in here", memory.ram + 0x202800, 16);
    EXPECT_EQ(0, memory.ram[0x202810]);
    memory_close(&memory);
}

/* As on seL4 16.0.0, whose loader takes every program header for a segment. */
TEST(a_tls_header_without_data_clears_what_lies_at_its_address)
{
    struct small_elf elf = small_elf();
    elf.segments[1] = (Elf64_Phdr){.p_type = PT_TLS, .p_vaddr = 0x400014, .p_memsz = 4};
    struct boot_image image;
    struct memory memory;
    struct machine_error error;
    struct kernel_region regions[BOARD_REGIONS];
    struct kernel_boot boot = {.regions = regions};
    EXPECT_EQ(0, boot_image_open(&image, "root.elf", &elf, sizeof(elf), &error));
    EXPECT_EQ(0, memory_open(&memory, 16 << 20, &error));
    boot.region_count = board_regions(16 << 20, regions);

    EXPECT_EQ(0, boot_image_load(&image, &memory, &boot, &error));

    EXPECT_MEM("the \0\0\0\0 is here", memory.ram + 0x200010, 16);
    memory_close(&memory);
}

/* Microkit 2.3.0's tool tells its initialiser where things are by further headers for a segment:
 * 0x64c34003 for the spec, source rust-sel4 crates/sel4-phdrs/constants. */
TEST(a_header_that_microkit_lays_over_a_segment_changes_nothing)
{
    struct small_elf elf = small_elf();
    elf.segments[1] = elf.segments[0];
    elf.segments[1].p_type = 0x64c34003;
    struct boot_image image;
    struct memory memory;
    struct machine_error error;
    struct kernel_region regions[BOARD_REGIONS];
    struct kernel_boot boot = {.regions = regions};
    EXPECT_EQ(0, boot_image_open(&image, "root.elf", &elf, sizeof(elf), &error));
    EXPECT_EQ(0x401000, image.end);
    EXPECT_EQ(0, memory_open(&memory, 16 << 20, &error));
    boot.region_count = board_regions(16 << 20, regions);

    EXPECT_EQ(0, boot_image_load(&image, &memory, &boot, &error));

    EXPECT_MEM("the text is here", memory.ram + 0x200010, 16);
    memory_close(&memory);
}

TEST(an_image_that_does_not_fit_is_refused_with_what_to_do)
{
    struct small_elf elf = small_elf();
    elf.segments[1].p_memsz = 15 << 20;
    struct boot_image image;
    struct memory memory;
    struct machine_error error;
    struct kernel_region regions[BOARD_REGIONS];
    struct kernel_boot boot = {.regions = regions};
    EXPECT_EQ(0, boot_image_open(&image, "root.elf", &elf, sizeof(elf), &error));
    EXPECT_EQ(0, memory_open(&memory, 16 << 20, &error));
    boot.region_count = board_regions(16 << 20, regions);

    EXPECT_EQ(-ENOSPC, boot_image_load(&image, &memory, &boot, &error));

    EXPECT_TRUE(strstr(error.text, "--memory") != NULL);
    EXPECT_EQ(0, memory.ram[0x200010]);
    memory_close(&memory);
}

TEST(a_text_file_is_refused)
{
    struct small_elf elf = small_elf();
    elf.header.e_ident[0] = '#';
    expect_refused(&elf, sizeof(elf), "is not an ELF file");
    expect_refused(&elf, 0, "is not an ELF file");
}

TEST(a_file_that_is_cut_off_is_refused_wherever_it_is_cut)
{
    struct small_elf elf = small_elf();
    for (size_t size = 4; size < sizeof(elf); size++) {
        expect_refused(&elf, size, "is cut off");
    }
}

TEST(an_elf_for_another_machine_is_refused_by_its_name)
{
    struct small_elf elf = small_elf();
    elf.header.e_machine = EM_AARCH64;
    expect_refused(&elf, sizeof(elf), "is for 64-bit Arm");
    elf.header.e_machine = EM_386;
    elf.header.e_ident[EI_CLASS] = ELFCLASS32;
    expect_refused(&elf, sizeof(elf), "is for 32-bit x86");
}

TEST(a_position_independent_elf_is_refused)
{
    struct small_elf elf = small_elf();
    elf.header.e_type = ET_DYN;
    expect_refused(&elf, sizeof(elf), "-no-pie");
    elf.header.e_type = ET_REL;
    expect_refused(&elf, sizeof(elf), "an object file");
}

TEST(overlapping_segments_are_refused_and_both_are_named)
{
    struct small_elf elf = small_elf();
    elf.segments[1].p_vaddr = 0x400018;
    expect_refused(&elf, sizeof(elf),
                   "segment 1 [0x400018, 0x401018) overlaps segment 0 [0x400010, 0x400020)");
}

TEST(a_segment_beyond_user_addresses_is_refused)
{
    struct small_elf elf = small_elf();
    elf.segments[1].p_vaddr = 0x7ffffffff000;
    expect_refused(&elf, sizeof(elf), "reaches beyond");
    elf.segments[1].p_vaddr = UINT64_MAX - 8;
    expect_refused(&elf, sizeof(elf), "reaches beyond");
}

TEST(a_segment_larger_in_the_file_than_in_memory_is_refused)
{
    struct small_elf elf = small_elf();
    elf.segments[0].p_memsz = 8;
    expect_refused(&elf, sizeof(elf), "cannot have more in the file");
}

TEST(an_entry_point_outside_is_refused)
{
    struct small_elf elf = small_elf();
    elf.header.e_entry = 0x500000;
    expect_refused(&elf, sizeof(elf), "entry point 0x500000");
}

TEST(an_elf_without_anything_to_load_is_refused)
{
    struct small_elf elf = small_elf();
    elf.segments[0].p_memsz = 0;
    elf.segments[1].p_memsz = 0;
    expect_refused(&elf, sizeof(elf), "no segment to load");
    elf.header.e_phnum = 0;
    expect_refused(&elf, sizeof(elf), "no program headers");
}

TEST(a_big_endian_elf_is_refused)
{
    struct small_elf elf = small_elf();
    elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
    expect_refused(&elf, sizeof(elf), "is for a big-endian processor");
}

TEST(an_elf_with_short_pointers_is_refused)
{
    struct small_elf elf = small_elf();
    elf.header.e_ident[EI_CLASS] = ELFCLASS32;
    expect_refused(&elf, sizeof(elf), "is for x32");
}

TEST(program_headers_of_another_size_or_without_end_are_refused)
{
    struct small_elf elf = small_elf();
    elf.header.e_phentsize = 8;
    expect_refused(&elf, sizeof(elf), "has 2 program headers of 8 bytes");
    elf = small_elf();
    elf.header.e_phnum = 0xffff;
    expect_refused(&elf, sizeof(elf), "has 65535 program headers");
    elf.header.e_phnum = 0;
    expect_refused(&elf, sizeof(elf), "link it");
}

TEST(an_elf_that_needs_a_dynamic_linker_is_refused)
{
    struct small_elf elf = small_elf();
    elf.segments[1].p_type = PT_INTERP;
    expect_refused(&elf, sizeof(elf), "-static -no-pie");
}

TEST(an_entry_point_between_segments_is_refused)
{
    struct small_elf elf = small_elf();
    elf.header.e_entry = 0x401000;
    expect_refused(&elf, sizeof(elf), "lies in no segment");
}

TEST(segments_that_span_more_than_any_memory_are_refused)
{
    struct small_elf elf = small_elf();
    elf.segments[1].p_vaddr = 0x7f0000000000;
    expect_refused(&elf, sizeof(elf), "too far apart");
}

TEST(an_image_over_addresses_that_nobody_can_map_is_refused_with_the_reason)
{
    static const struct kernel_reserved reserved[] = {
        {0, 0xfff, "is low"}, {0x403000, 0x403fff, "is where something else lives"}};
    struct small_elf elf = small_elf();
    struct boot_image image;
    struct machine_error error;
    EXPECT_EQ(0, boot_image_open(&image, "root.elf", &elf, sizeof(elf), &error));
    EXPECT_EQ(0, boot_image_fits(&image, reserved, 1, &error));
    EXPECT_EQ(-ENOEXEC, boot_image_fits(&image, reserved, 2, &error));
    EXPECT_TRUE(strstr(error.text, "[0x403000, 0x403fff] is where something else lives") != NULL);
}

/* --- Damaged files --- */

static uint64_t state;

static uint64_t chance(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

/* Numbers at which something changes. */
static uint64_t interesting(void)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       8,
                                       16,
                                       56,
                                       64,
                                       4095,
                                       4096,
                                       0xffff,
                                       0x400000,
                                       0x400010,
                                       0x7fffffffffff,
                                       0x7ffffffff000,
                                       0x800000000000,
                                       INT64_MAX,
                                       UINT64_MAX};
    uint64_t number = numbers[chance(sizeof(numbers) / sizeof(numbers[0]))];
    return chance(2) ? number : number + chance(64) - 32;
}

static void damage(struct small_elf *elf)
{
    uint8_t *bytes = (uint8_t *)elf;
    for (uint64_t i = chance(4) + 1; i > 0; i--) {
        uint64_t value = interesting();
        if (chance(2) != 0) {
            /* A field of a program header, or one of the header's that are as long. */
            size_t fields = (offsetof(struct small_elf, text) - 24) / 8;
            memcpy(bytes + 24 + 8 * chance(fields), &value, 8);
        } else {
            bytes[chance(sizeof(*elf))] = (uint8_t)value;
        }
    }
}

TEST(a_damaged_root_task_is_refused_with_its_name_or_loaded_whole)
{
    static const struct kernel_config config = {.name = "test"};
    struct machine_options options = {
        .config = &config, .memory_bytes = 16 << 20, .serial = "null", .quiet = true};
    struct machine *machine;
    struct machine_error error;
    const char *given = getenv("SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)getpid() * 2654435761u + 1;
    printf("# SEED=%llu\n", (unsigned long long)seed);
    state = seed;
    doubles_reset();
    EXPECT_EQ(0, machine_open(&options, &machine, &error));
    unsigned loaded = 0;
    for (unsigned round = 0; round < 20000; round++) {
        struct small_elf elf = small_elf();
        damage(&elf);
        size_t size = chance(4) != 0 ? sizeof(elf) : chance(sizeof(elf) + 1);
        /* Of its own, so that a sanitizer sees the first byte behind it. */
        void *file = malloc(size);
        memcpy(file, &elf, size);
        error.text[0] = '\0';
        int failure = machine_boot(machine, "root.elf", file, size, &error);
        free(file);
        loaded += failure == 0;
        EXPECT_TRUE(failure == 0 || failure == -ENOEXEC || failure == -ENOSPC);
        EXPECT_TRUE(failure == 0 || strncmp(error.text, "root.elf: ", 10) == 0);
        EXPECT_TRUE(failure != 0 || doubles.boot.image_end > doubles.boot.image_first);
    }
    EXPECT_TRUE(loaded > 0);
    EXPECT_TRUE(loaded < 20000);
    machine_close(machine);
}
