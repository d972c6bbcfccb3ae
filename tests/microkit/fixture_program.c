/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "tests/microkit/fixture_program.h"

#include <assert.h>
#include <dirent.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t program_flags(uint32_t flags)
{
    return (flags & ELF_READ ? PF_R : 0) | (flags & ELF_WRITE ? PF_W : 0) |
           (flags & ELF_EXECUTE ? PF_X : 0);
}

static void put_segments(struct bytes *file, const struct program_parts *parts)
{
    size_t headers = bytes_append(file, NULL, parts->segment_count * sizeof(Elf64_Phdr));
    for (size_t i = 0; i < parts->segment_count; i++) {
        const struct elf_segment *segment = &parts->segments[i];
        bytes_align(file, 0x1000);
        bytes_append(file, NULL, segment->vaddr % 0x1000);
        Elf64_Phdr header = {
            .p_type = PT_LOAD,
            .p_flags = program_flags(segment->flags),
            .p_offset = bytes_append(file, segment->data, segment->data_size),
            .p_vaddr = segment->vaddr,
            .p_filesz = segment->data_size,
            .p_memsz = segment->memory_size,
            .p_align = 0x1000,
        };
        memcpy(file->data + headers + i * sizeof header, &header, sizeof header);
    }
}

/* Three sections: none, symbols, names. Returns where their headers are. */
static size_t put_symbols(struct bytes *file, const struct program_parts *parts)
{
    struct bytes names = {0};
    bytes_append(&names, NULL, 1);
    bytes_align(file, 8);
    Elf64_Shdr sections[3] = {
        [1] = {.sh_type = SHT_SYMTAB,
               .sh_link = 2,
               .sh_info = 1,
               .sh_addralign = 8,
               .sh_entsize = sizeof(Elf64_Sym),
               .sh_size = (parts->symbol_count + 1) * sizeof(Elf64_Sym),
               .sh_offset = bytes_append(file, NULL, sizeof(Elf64_Sym))},
        [2] = {.sh_type = SHT_STRTAB, .sh_addralign = 1},
    };
    for (size_t i = 0; i < parts->symbol_count; i++) {
        const struct elf_symbol *symbol = &parts->symbols[i];
        Elf64_Sym record = {
            .st_name = (Elf64_Word)bytes_append(&names, symbol->name, strlen(symbol->name) + 1),
            .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
            .st_shndx = SHN_ABS,
            .st_value = symbol->vaddr,
            .st_size = symbol->size,
        };
        bytes_append(file, &record, sizeof record);
    }
    sections[2].sh_size = names.size;
    sections[2].sh_offset = bytes_append(file, names.data, names.size);
    bytes_free(&names);
    bytes_align(file, 8);
    return bytes_append(file, sections, sizeof sections);
}

struct bytes program_make(const struct program_parts *parts)
{
    struct bytes file = {0};
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = parts->entry,
        .e_phoff = sizeof header,
        .e_ehsize = sizeof header,
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (Elf64_Half)parts->segment_count,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = 3,
        .e_shstrndx = 2,
    };
    bytes_append(&file, NULL, sizeof header);
    put_segments(&file, parts);
    header.e_shoff = put_symbols(&file, parts);
    assert(!file.lost);
    memcpy(file.data, &header, sizeof header);
    return file;
}

/* With one segment more, or none; with a table of children, or of size 0 for none. */
static struct bytes make_pd(const struct elf_segment *extra, uint64_t table_size)
{
    static uint8_t text[] = "TEXT";
    static uint8_t data[0x80] = "not patched";
    struct elf_segment segments[] = {
        {PD_TEXT, sizeof text, sizeof text, text, ELF_READ | ELF_EXECUTE},
        {PD_DATA, PD_END - PD_DATA, sizeof data, data, ELF_READ | ELF_WRITE},
        {0},
    };
    const struct elf_symbol symbols[] = {
        {"counter", PD_COUNTER, 8},       {"microkit_ioports", PD_IOPORTS, 8},
        {"microkit_irqs", PD_IRQS, 8},    {"microkit_name", PD_NAME, 64},
        {"microkit_pps", PD_PPS, 8},      {"microkit_notifications", PD_NOTIFICATIONS, 8},
        {"small", PD_DATA + 0x70, 4},     {"microkit_passive", PD_PASSIVE, 1},
        {"twice", PD_DATA + 0x78, 8},     {"twice", PD_COUNTER, 8},
        {"nowhere", PD_END + 0x10000, 8}, {"quoll_restart_children", PD_RESTART_TABLE, table_size},
    };
    size_t symbol_count = sizeof symbols / sizeof symbols[0] - (table_size == 0);
    if (extra != NULL) {
        segments[2] = *extra;
    }
    return program_make(&(struct program_parts){.entry = PD_TEXT,
                                                .segment_count = extra == NULL ? 2 : 3,
                                                .segments = segments,
                                                .symbol_count = symbol_count,
                                                .symbols = symbols});
}

struct bytes program_of_pd(void)
{
    return make_pd(NULL, 0);
}

struct bytes program_of_parent(uint64_t table_size)
{
    return make_pd(NULL, table_size);
}

struct bytes program_of_pd_and(struct elf_segment segment)
{
    return make_pd(&segment, 0);
}

struct bytes program_of_monitor(void)
{
    static uint8_t text[] = "MONITOR";
    static const struct elf_segment segments[] = {
        {0x200000, sizeof text, sizeof text, text, ELF_READ | ELF_EXECUTE},
        {MONITOR_NAMES, 0x2000, 0, NULL, ELF_READ | ELF_WRITE},
    };
    static const struct elf_symbol symbols[] = {
        {"pd_names", MONITOR_NAMES, 64 * 64},
        {"pd_names_len", MONITOR_NAMES_LEN, 8},
        {"vm_names_len", MONITOR_NAMES_LEN + 8, 8},
        {"pd_stack_bottom_addrs", MONITOR_STACK_BOTTOMS, 64 * 8},
    };
    return program_make(&(struct program_parts){.entry = 0x200000,
                                                .segment_count = 2,
                                                .segments = segments,
                                                .symbol_count = 4,
                                                .symbols = symbols});
}

struct bytes program_of_initialiser(void)
{
    static uint8_t text[] = "INITIALISER";
    static uint8_t data[0x10] = "data";
    static const struct elf_segment segments[] = {
        {INITIALISER_START, sizeof text, sizeof text, text, ELF_READ | ELF_EXECUTE},
        {0x401000, 0x1234, sizeof data, data, ELF_READ | ELF_WRITE},
    };
    static const struct elf_symbol symbols[] = {{"initialiser_spec", INITIALISER_SPEC, 8}};
    return program_make(&(struct program_parts){.entry = INITIALISER_START,
                                                .segment_count = 2,
                                                .segments = segments,
                                                .symbol_count = 1,
                                                .symbols = symbols});
}

char *program_folder(void)
{
    char *folder = strdup("/tmp/quoll-test-XXXXXX");
    if (folder == NULL || mkdtemp(folder) == NULL) {
        abort();
    }
    return folder;
}

void program_folder_put(const char *folder, const char *name, const struct bytes *file)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    assert(out != NULL);
    size_t written = fwrite(file->data, 1, file->size, out);
    assert(written == file->size);
    int closed = fclose(out);
    assert(closed == 0);
}

void program_folder_remove(char *folder)
{
    DIR *listing = opendir(folder);
    assert(listing != NULL);
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') {
            unlink(path);
        }
    }
    closedir(listing);
    rmdir(folder);
    free(folder);
}
