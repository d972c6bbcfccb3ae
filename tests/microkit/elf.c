/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Programs of PDs: what is read from a good one, and why a bad one is refused. */
#include "microkit/elf.h"
#include "tests/microkit/fixture_program.h"
#include "tests/test.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool open_bytes(struct elf *elf, const struct bytes *file, struct diagnostics *found)
{
    return elf_open_bytes(elf, "monitor", "pd.elf", file->data, file->size, &target_x86_64, found);
}

static struct elf opened(const struct bytes *file)
{
    struct elf elf;
    struct diagnostics found = {0};
    EXPECT_TRUE(open_bytes(&elf, file, &found));
    EXPECT_EQ(0, found.errors);
    return elf;
}

/* The file is refused with one error whose first line ends so. Frees the file. */
static void expect_refusal(const char *why, struct bytes *file)
{
    char first[512];
    struct elf elf;
    struct diagnostics found = {0};
    snprintf(first, sizeof first, "ERROR: failed to parse monitor ELF (pd.elf): %s\n", why);
    EXPECT_FALSE(open_bytes(&elf, file, &found));
    EXPECT_EQ(1, found.errors);
    char *text = strdup(found.first->text);
    *(strchr(text, '\n') + 1) = '\0';
    EXPECT_STR(first, text);
    free(text);
    elf_close(&elf);
    diagnostics_free(&found);
    bytes_free(file);
}

static Elf64_Ehdr *header_of(struct bytes *file)
{
    return (void *)file->data;
}

static Elf64_Phdr *segment_of(struct bytes *file, size_t index)
{
    return (Elf64_Phdr *)(void *)(file->data + header_of(file)->e_phoff) + index;
}

static Elf64_Shdr *symbol_table_of(struct bytes *file)
{
    Elf64_Shdr *section = (void *)(file->data + header_of(file)->e_shoff);
    while (section->sh_type != SHT_SYMTAB) {
        section++;
    }
    return section;
}

TEST(program_has_its_entry_and_segments)
{
    struct bytes file = program_of_pd();
    struct elf elf = opened(&file);

    EXPECT_STR("pd.elf", elf.path);
    EXPECT_EQ(PD_TEXT, elf.entry);
    EXPECT_EQ(2, elf.segment_count);
    EXPECT_EQ(PD_TEXT, elf.segments[0].vaddr);
    EXPECT_EQ(ELF_READ | ELF_EXECUTE, elf.segments[0].flags);
    EXPECT_MEM("TEXT", elf.segments[0].data, 4);
    EXPECT_EQ(ELF_READ | ELF_WRITE, elf.segments[1].flags);
    EXPECT_EQ(PD_END - PD_DATA, elf.segments[1].memory_size);
    EXPECT_TRUE(elf.segments[1].data_size < elf.segments[1].memory_size);
    elf_close(&elf);
    bytes_free(&file);
}

TEST(symbol_is_found_by_name)
{
    struct bytes file = program_of_pd();
    struct elf elf = opened(&file);
    uint64_t vaddr = 0;
    uint64_t size = 0;

    EXPECT_EQ(ELF_FOUND, elf_find(&elf, "counter", &vaddr, &size));
    EXPECT_EQ(PD_COUNTER, vaddr);
    EXPECT_EQ(8, size);
    EXPECT_EQ(ELF_MISSING, elf_find(&elf, "counte", &vaddr, &size));
    EXPECT_EQ(ELF_MISSING, elf_find(&elf, "", &vaddr, &size));
    EXPECT_EQ(PD_COUNTER, vaddr);
    elf_close(&elf);
    bytes_free(&file);
}

static struct bytes program_with_symbols(const struct elf_symbol *symbols, size_t count)
{
    static uint8_t text[16] = "TEXT";
    const struct elf_segment segment = {PD_TEXT, 16, 16, text, ELF_READ | ELF_EXECUTE};
    const struct program_parts parts = {PD_TEXT, 1, &segment, count, symbols};
    return program_make(&parts);
}

TEST(symbols_of_one_name_are_duplicates_wherever_they_stand)
{
    const struct elf_symbol symbols[] = {{"b", 1, 8}, {"a", 2, 8}, {"b", 3, 8},
                                         {"c", 4, 8}, {"c", 5, 8}, {"d", 6, 8}};
    struct bytes file = program_with_symbols(symbols, 6);
    struct elf elf = opened(&file);
    uint64_t vaddr;
    uint64_t size;

    EXPECT_EQ(ELF_FOUND, elf_find(&elf, "a", &vaddr, &size));
    EXPECT_EQ(ELF_DUPLICATE, elf_find(&elf, "b", &vaddr, &size));
    EXPECT_EQ(ELF_DUPLICATE, elf_find(&elf, "c", &vaddr, &size));
    EXPECT_EQ(ELF_FOUND, elf_find(&elf, "d", &vaddr, &size));
    elf_close(&elf);
    bytes_free(&file);
}

TEST(write_changes_data_that_the_file_has)
{
    struct bytes file = program_of_pd();
    struct elf elf = opened(&file);
    uint64_t data_size = elf.segments[1].data_size;

    EXPECT_EQ(0, elf_write(&elf, PD_COUNTER, "12345678", 8));
    EXPECT_MEM("12345678", elf.segments[1].data + (PD_COUNTER - PD_DATA), 8);
    EXPECT_EQ(data_size, elf.segments[1].data_size);
    elf_close(&elf);
    bytes_free(&file);
}

TEST(write_into_zeros_makes_them_data)
{
    struct bytes file = program_of_pd();
    struct elf elf = opened(&file);
    uint64_t last = PD_END - 8;

    EXPECT_EQ(0, elf_write(&elf, last, "12345678", 8));
    EXPECT_EQ(elf.segments[1].memory_size, elf.segments[1].data_size);
    EXPECT_MEM("12345678", elf.segments[1].data + (last - PD_DATA), 8);
    EXPECT_EQ(0, elf.segments[1].data[last - PD_DATA - 1]);
    elf_close(&elf);
    bytes_free(&file);
}

TEST(write_that_is_not_inside_one_segment_changes_nothing)
{
    struct bytes file = program_of_pd();
    struct elf elf = opened(&file);

    EXPECT_EQ(ENOENT, elf_write(&elf, PD_END - 4, "12345678", 8));
    EXPECT_EQ(ENOENT, elf_write(&elf, PD_END, "1", 1));
    EXPECT_EQ(ENOENT, elf_write(&elf, PD_TEXT - 1, "1", 1));
    EXPECT_EQ(ENOENT, elf_write(&elf, UINT64_MAX, "1", 1));
    EXPECT_EQ(ENOENT, elf_write(&elf, PD_COUNTER, "1", UINT64_MAX));
    EXPECT_TRUE(elf.segments[1].data_size < elf.segments[1].memory_size);
    elf_close(&elf);
    bytes_free(&file);
}

TEST(file_that_is_no_elf_is_refused)
{
    struct bytes file = program_of_pd();
    file.data[0] = '#';
    expect_refusal("magic check failed", &file);
}

TEST(file_for_32_bits_is_refused)
{
    struct bytes file = program_of_pd();
    file.data[EI_CLASS] = ELFCLASS32;
    expect_refusal("ELF 'pd.elf': unsupported word size: '32'", &file);
}

TEST(file_of_an_unknown_class_is_refused)
{
    struct bytes file = program_of_pd();
    file.data[EI_CLASS] = 7;
    expect_refusal("invalid class '7'", &file);
}

TEST(big_endian_file_is_refused)
{
    struct bytes file = program_of_pd();
    file.data[EI_DATA] = ELFDATA2MSB;
    expect_refusal("incorrect endianness, only little endian architectures are supported", &file);
}

TEST(program_for_another_machine_is_refused)
{
    struct bytes file = program_of_pd();
    header_of(&file)->e_machine = EM_AARCH64;
    expect_refusal("it is for AArch64 (e_machine 183), not for x86-64", &file);
}

TEST(object_file_is_refused)
{
    struct bytes file = program_of_pd();
    header_of(&file)->e_type = ET_REL;
    expect_refusal("has no program headers", &file);
}

TEST(position_independent_program_is_refused)
{
    struct bytes file = program_of_pd();
    header_of(&file)->e_type = ET_DYN;
    expect_refusal("it is position independent, no executable for a fixed address", &file);
}

TEST(program_without_segments_is_refused)
{
    struct bytes file = program_of_pd();
    header_of(&file)->e_phnum = 0;
    expect_refusal("has no program headers", &file);
}

TEST(segment_with_more_data_than_memory_is_refused)
{
    struct bytes file = program_of_pd();
    segment_of(&file, 0)->p_memsz = 1;
    expect_refusal("the segment at 0x200000 has more data than memory", &file);
}

TEST(segment_beyond_the_address_space_is_refused)
{
    struct bytes file = program_of_pd();
    segment_of(&file, 1)->p_vaddr = UINT64_C(0xffffffff80000000);
    expect_refusal("the segment at 0xffffffff80000000 goes beyond the address space, which ends at "
                   "0x7ffffffff000",
                   &file);
}

TEST(segment_that_wraps_round_is_refused)
{
    struct bytes file = program_of_pd();
    segment_of(&file, 1)->p_memsz = UINT64_MAX;
    expect_refusal("the segment at 0x201000 goes beyond the address space, which ends at "
                   "0x7ffffffff000",
                   &file);
}

TEST(program_of_more_than_four_gibibytes_is_refused)
{
    struct bytes file = program_of_pd();
    segment_of(&file, 1)->p_memsz = UINT64_C(100) << 40;
    expect_refusal("it takes 104857600 MiB of memory; at most 4096 MiB are possible", &file);
}

TEST(segments_that_overlap_are_refused)
{
    struct bytes file = program_of_pd();
    segment_of(&file, 1)->p_vaddr = PD_TEXT;
    expect_refusal("the segments at 0x200000 and 0x200000 overlap", &file);
}

TEST(entry_point_outside_the_program_is_refused)
{
    struct bytes file = program_of_pd();
    header_of(&file)->e_entry = 0;
    expect_refusal("its entry point 0x0 is in no segment", &file);
}

TEST(program_without_sections_is_refused)
{
    struct bytes file = program_of_pd();
    header_of(&file)->e_shoff = 0;
    header_of(&file)->e_shnum = 0;
    expect_refusal("unable to find symbol table section", &file);
}

TEST(program_without_a_symbol_table_is_refused)
{
    struct bytes file = program_of_pd();
    symbol_table_of(&file)->sh_type = SHT_PROGBITS;
    expect_refusal("unable to find symbol table section", &file);
}

TEST(symbol_table_that_names_no_strings_is_refused)
{
    struct bytes file = program_of_pd();
    symbol_table_of(&file)->sh_link = 999;
    expect_refusal("its symbol table names section 999, which is not there", &file);
}

TEST(symbol_whose_name_is_not_there_is_refused)
{
    struct bytes file = program_of_pd();
    Elf64_Sym *symbols = (void *)(file.data + symbol_table_of(&file)->sh_offset);
    symbols[1].st_name = UINT32_MAX;
    expect_refusal("the name of its symbol 1 is not in the string table", &file);
}

/* Sizes to cut a file off at: every one in its headers and at its end, some between. */
static size_t next_cut(size_t size, size_t whole)
{
    return size < 256 || size + 256 > whole ? size + 1 : size + 31;
}

TEST(program_that_is_cut_off_anywhere_is_refused)
{
    struct bytes file = program_of_pd();
    for (size_t size = 0; size < file.size; size = next_cut(size, file.size)) {
        struct elf elf;
        struct diagnostics found = {0};
        uint8_t *prefix = malloc(size == 0 ? 1 : size); /* the sanitizer sees its end */
        memcpy(prefix, file.data, size);
        EXPECT_FALSE(
            elf_open_bytes(&elf, "monitor", "pd.elf", prefix, size, &target_x86_64, &found));
        EXPECT_EQ(1, found.errors);
        diagnostics_free(&found);
        free(prefix);
    }
    bytes_free(&file);
}

static void write_file(char *path, const struct bytes *file)
{
    int fd = mkstemp(path);
    EXPECT_TRUE(fd >= 0);
    EXPECT_EQ(file->size, write(fd, file->data, file->size));
    close(fd);
}

TEST(symbols_may_come_from_another_file)
{
    char program_path[] = "/tmp/quoll-test-XXXXXX";
    char symbols_path[] = "/tmp/quoll-test-XXXXXX";
    const struct elf_symbol symbol = {"elsewhere", PD_COUNTER, 8};
    struct bytes program = program_of_pd();
    struct bytes symbols = program_with_symbols(&symbol, 1);
    write_file(program_path, &program);
    write_file(symbols_path, &symbols);

    struct elf elf;
    struct diagnostics found = {0};
    uint64_t vaddr;
    uint64_t size;
    EXPECT_TRUE(elf_open(&elf, program_path, symbols_path, "client", &target_x86_64, &found));
    EXPECT_EQ(2, elf.segment_count);
    EXPECT_EQ(ELF_FOUND, elf_find(&elf, "elsewhere", &vaddr, &size));
    EXPECT_EQ(ELF_MISSING, elf_find(&elf, "counter", &vaddr, &size));
    elf_close(&elf);
    unlink(program_path);
    unlink(symbols_path);
    bytes_free(&program);
    bytes_free(&symbols);
}

/* As upstream, the message names the program; then ours says which file it is about. */
static void expect_symbols_refused(struct bytes *symbols, const char *message, const char *advice)
{
    char program_path[] = "/tmp/quoll-test-XXXXXX";
    char symbols_path[] = "/tmp/quoll-test-XXXXXX";
    char expected[1024];
    struct bytes program = program_of_pd();
    write_file(program_path, &program);
    write_file(symbols_path, symbols);
    snprintf(expected, sizeof expected,
             "ERROR: failed to parse ELF '%s' for PD 'client': %s\n"
             "      That is the file with its symbols, '%s'.\n"
             "      %s",
             program_path, message, symbols_path, advice);

    struct elf elf;
    struct diagnostics found = {0};
    EXPECT_FALSE(elf_open(&elf, program_path, symbols_path, "client", &target_x86_64, &found));
    EXPECT_EQ(1, found.errors);
    EXPECT_STR(expected, found.first->text);
    diagnostics_free(&found);
    unlink(program_path);
    unlink(symbols_path);
    bytes_free(&program);
    bytes_free(symbols);
}

TEST(symbols_from_a_stripped_file_are_refused)
{
    struct bytes symbols = program_of_pd();
    symbol_table_of(&symbols)->sh_type = SHT_PROGBITS;
    expect_symbols_refused(&symbols, "unable to find symbol table section",
                           "It has been stripped. Build it again, with symbols.");
}

TEST(symbols_from_a_file_that_is_no_elf_are_refused)
{
    struct bytes symbols = program_of_pd();
    symbols.data[0] = '#';
    expect_symbols_refused(&symbols, "magic check failed",
                           "It is no ELF file. Does the path name the linked program?");
}

TEST(missing_program_is_refused_with_its_pds_name)
{
    struct elf elf;
    struct diagnostics found = {0};
    EXPECT_FALSE(elf_open(&elf, "/nowhere/pd.elf", NULL, "client", &target_x86_64, &found));
    EXPECT_STR("ERROR: failed to parse ELF '/nowhere/pd.elf' for PD 'client': failed to read ELF: "
               "No such file or directory (os error 2)\n"
               "      Has it been built, and may you read it?",
               found.first->text);
    diagnostics_free(&found);
}

TEST(folder_is_no_program)
{
    struct elf elf;
    struct diagnostics found = {0};
    EXPECT_FALSE(elf_open(&elf, "/", NULL, "client", &target_x86_64, &found));
    EXPECT_EQ(1, found.errors);
    diagnostics_free(&found);
}
