/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Root tasks: from file to memory. */
#include "machine/boot.h"

#include "abi/x86/registers.h"
#include "machine/board.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define PAGE_BYTES   UINT64_C(4096)
#define SEGMENTS_MAX 1024 /* each is compared with each */

static uint64_t page_down(uint64_t address)
{
    return address & ~(PAGE_BYTES - 1);
}

static uint64_t page_up(uint64_t address)
{
    return page_down(address + PAGE_BYTES - 1);
}

static const char *machine_name(const Elf64_Ehdr *header)
{
    if (header->e_ident[EI_DATA] != ELFDATA2LSB) {
        return "a big-endian processor"; /* its other fields are not what they seem */
    }
    switch (header->e_machine) {
    case EM_X86_64:
        return "x32, 64-bit x86 with addresses of 32 bits";
    case EM_386:
        return "32-bit x86";
    case EM_ARM:
        return "32-bit Arm";
    case EM_AARCH64:
        return "64-bit Arm";
    case EM_RISCV:
        return "RISC-V";
    default:
        return "another processor";
    }
}

static int refuse_header(const struct boot_image *image, struct machine_error *error)
{
    const Elf64_Ehdr *header = (const void *)image->elf;
    if (image->elf_bytes < SELFMAG || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        machine_error_set(error,
                          "%s: is not an ELF file\n"
                          "      It does not start with 7f 'ELF'. Give the root task as its linker "
                          "made it.",
                          image->path);
        return -ENOEXEC;
    }
    if (image->elf_bytes < sizeof(*header)) {
        machine_error_set(error,
                          "%s: is cut off: it has %zu bytes, and the ELF header alone has %zu\n"
                          "      Build or copy it again.",
                          image->path, image->elf_bytes, sizeof(*header));
        return -ENOEXEC;
    }
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_X86_64) {
        machine_error_set(error,
                          "%s: is for %s; this machine is 64-bit x86\n"
                          "      Build it for x86_64.",
                          image->path, machine_name(header));
        return -ENOEXEC;
    }
    if (header->e_type != ET_EXEC) {
        machine_error_set(error,
                          "%s: is %s; a root task is an executable for fixed addresses\n"
                          "      Link it statically, with -no-pie.",
                          image->path,
                          header->e_type == ET_DYN   ? "position independent or a shared library"
                          : header->e_type == ET_REL ? "an object file"
                                                     : "no executable");
        return -ENOEXEC;
    }
    return 0;
}

static int refuse_cut_off(const struct boot_image *image, const char *what, uint64_t needed,
                          struct machine_error *error)
{
    machine_error_set(error,
                      "%s: is cut off: its %s ends at byte %" PRIu64 ", the file at byte %zu\n"
                      "      Build or copy it again.",
                      image->path, what, needed, image->elf_bytes);
    return -ENOEXEC;
}

/* Program headers need not be aligned in the file. */
static Elf64_Phdr segment_at(const struct boot_image *image, unsigned i)
{
    const Elf64_Ehdr *header = (const void *)image->elf;
    Elf64_Phdr segment;
    memcpy(&segment, image->elf + header->e_phoff + (size_t)i * header->e_phentsize,
           sizeof(segment));
    return segment;
}

static unsigned segment_count(const struct boot_image *image)
{
    return ((const Elf64_Ehdr *)(const void *)image->elf)->e_phnum;
}

static int refuse_table(const struct boot_image *image, struct machine_error *error)
{
    const Elf64_Ehdr *header = (const void *)image->elf;
    if (header->e_phnum == 0) {
        machine_error_set(error,
                          "%s: has no program headers, so there is nothing to load\n"
                          "      An object file has none: link it.",
                          image->path);
        return -ENOEXEC;
    }
    if (header->e_phentsize < sizeof(Elf64_Phdr) || header->e_phnum > SEGMENTS_MAX) {
        machine_error_set(error,
                          "%s: has %u program headers of %u bytes; they have %zu bytes, and there "
                          "can be %u\n"
                          "      The file is damaged, or no linker made it. Build it again.",
                          image->path, header->e_phnum, header->e_phentsize, sizeof(Elf64_Phdr),
                          SEGMENTS_MAX);
        return -ENOEXEC;
    }
    uint64_t bytes = (uint64_t)header->e_phnum * header->e_phentsize;
    if (header->e_phoff > image->elf_bytes || bytes > image->elf_bytes - header->e_phoff) {
        return refuse_cut_off(image, "program header table", header->e_phoff + bytes, error);
    }
    return 0;
}

static int refuse_segment(const struct boot_image *image, unsigned i, const Elf64_Phdr *segment,
                          struct machine_error *error)
{
    if (segment->p_offset > image->elf_bytes ||
        segment->p_filesz > image->elf_bytes - segment->p_offset) {
        return refuse_cut_off(image, "data", segment->p_offset + segment->p_filesz, error);
    }
    if (segment->p_filesz > segment->p_memsz) {
        machine_error_set(error,
                          "%s: segment %u has %" PRIu64 " bytes in the file and %" PRIu64
                          " in memory; it cannot have more in the file\n"
                          "      The file is damaged. Build or copy it again.",
                          image->path, i, segment->p_filesz, segment->p_memsz);
        return -ENOEXEC;
    }
    if (segment->p_vaddr >= X86_USER_TOP || segment->p_memsz > X86_USER_TOP - segment->p_vaddr) {
        machine_error_set(error,
                          "%s: segment %u at 0x%" PRIx64 ", %" PRIu64 " bytes, reaches beyond the "
                          "addresses of user programs, which end at 0x%" PRIx64 "\n"
                          "      Link it lower: 0x400000 is usual.",
                          image->path, i, segment->p_vaddr, segment->p_memsz,
                          (uint64_t)X86_USER_TOP);
        return -ENOEXEC;
    }
    return 0;
}

/* seL4's loader does not look at types: what it finds in a PT_TLS or PT_NOTE is copied, and cleared
 * behind, like a segment. A PT_TLS of .tbss alone zeroes what the linker has put at its address. */
static bool is_loaded(const Elf64_Phdr *segment)
{
    return segment->p_memsz > 0;
}

/* Those of other types lie over a segment: they describe a part of it. */
static bool overlap(const Elf64_Phdr *a, const Elf64_Phdr *b)
{
    return a->p_type == PT_LOAD && b->p_type == PT_LOAD && a->p_memsz > 0 && b->p_memsz > 0 &&
           a->p_vaddr < b->p_vaddr + b->p_memsz && b->p_vaddr < a->p_vaddr + a->p_memsz;
}

static int refuse_overlap(const struct boot_image *image, unsigned i, const Elf64_Phdr *segment,
                          struct machine_error *error)
{
    for (unsigned j = 0; j < i; j++) {
        Elf64_Phdr other = segment_at(image, j);
        if (overlap(segment, &other)) {
            machine_error_set(error,
                              "%s: segment %u [0x%" PRIx64 ", 0x%" PRIx64
                              ") overlaps segment %u [0x%" PRIx64 ", 0x%" PRIx64 ")\n"
                              "      Mend the linker script: two parts of it share addresses.",
                              image->path, i, segment->p_vaddr, segment->p_vaddr + segment->p_memsz,
                              j, other.p_vaddr, other.p_vaddr + other.p_memsz);
            return -ENOEXEC;
        }
    }
    return 0;
}

/* It is executed as it stands: nobody is there who would load a dynamic linker. */
static int refuse_interpreter(const struct boot_image *image, const Elf64_Phdr *segment,
                              struct machine_error *error)
{
    if (segment->p_type != PT_INTERP) {
        return 0;
    }
    machine_error_set(error,
                      "%s: needs a dynamic linker, and seL4 has none\n"
                      "      Link it statically, with -static -no-pie.",
                      image->path);
    return -ENOEXEC;
}

/* All segments: refuse the bad, and find the range that they span. */
static int survey_segments(struct boot_image *image, struct machine_error *error)
{
    image->first = UINT64_MAX;
    image->end = 0;
    for (unsigned i = 0; i < segment_count(image); i++) {
        Elf64_Phdr segment = segment_at(image, i);
        if (!is_loaded(&segment)) {
            continue;
        }
        int failure = refuse_segment(image, i, &segment, error);
        if (failure == 0) {
            failure = refuse_overlap(image, i, &segment, error);
        }
        if (failure == 0) {
            failure = refuse_interpreter(image, &segment, error);
        }
        if (failure != 0) {
            return failure;
        }
        uint64_t first = page_down(segment.p_vaddr);
        uint64_t end = page_up(segment.p_vaddr + segment.p_memsz);
        image->first = first < image->first ? first : image->first;
        image->end = end > image->end ? end : image->end;
    }
    return 0;
}

static bool lies_in_a_segment(const struct boot_image *image, uint64_t address)
{
    for (unsigned i = 0; i < segment_count(image); i++) {
        Elf64_Phdr segment = segment_at(image, i);
        if (address - segment.p_vaddr < segment.p_memsz) {
            return true;
        }
    }
    return false;
}

/* What is between two segments is memory like them, and takes as much. */
static int refuse_span(const struct boot_image *image, struct machine_error *error)
{
    if (image->end == 0) {
        machine_error_set(error,
                          "%s: has no segment to load\n"
                          "      All of them are empty. Link it with its text and data.",
                          image->path);
        return -ENOEXEC;
    }
    if (image->end - image->first > BOARD_MEMORY_MAX) {
        machine_error_set(error,
                          "%s: its segments lie too far apart: they span [0x%" PRIx64 ", 0x%" PRIx64
                          "), more than any machine has memory\n"
                          "      seL4 loads them as one image. Link them side by side.",
                          image->path, image->first, image->end);
        return -ENOEXEC;
    }
    return 0;
}

static int refuse_entry(const struct boot_image *image, struct machine_error *error)
{
    if (lies_in_a_segment(image, image->entry)) {
        return 0;
    }
    machine_error_set(error,
                      "%s: its entry point 0x%" PRIx64
                      " lies in no segment of its image [0x%" PRIx64 ", 0x%" PRIx64 ")\n"
                      "      Give the linker the right entry symbol (-e).",
                      image->path, image->entry, image->first, image->end);
    return -ENOEXEC;
}

int boot_image_open(struct boot_image *image, const char *path, const void *elf, size_t elf_bytes,
                    struct machine_error *error)
{
    *image = (struct boot_image){.path = path, .elf = elf, .elf_bytes = elf_bytes};
    int failure = refuse_header(image, error);
    if (failure == 0) {
        failure = refuse_table(image, error);
    }
    if (failure == 0) {
        failure = survey_segments(image, error);
    }
    if (failure == 0) {
        failure = refuse_span(image, error);
    }
    if (failure == 0) {
        image->entry = ((const Elf64_Ehdr *)elf)->e_entry;
        failure = refuse_entry(image, error);
    }
    return failure;
}

int boot_image_fits(const struct boot_image *image, const struct kernel_reserved *reserved,
                    size_t count, struct machine_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (image->first <= reserved[i].last && reserved[i].first < image->end) {
            machine_error_set(error,
                              "%s: its image [0x%" PRIx64 ", 0x%" PRIx64
                              ") takes addresses that no program can have on this host: [0x%" PRIx64
                              ", 0x%" PRIx64 "] %s\n"
                              "      Link it elsewhere: 0x400000 is usual.",
                              image->path, image->first, image->end, reserved[i].first,
                              reserved[i].last, reserved[i].why);
            return -ENOEXEC;
        }
    }
    return 0;
}

/* The RAM above 1 MiB and below 4 GiB: where boot loaders put things. */
static uint64_t loadable_end(const struct kernel_boot *boot)
{
    for (size_t i = 0; i < boot->region_count; i++) {
        if (boot->regions[i].kind == REGION_RAM && boot->regions[i].first == 0x100000) {
            return boot->regions[i].end;
        }
    }
    return 0;
}

/* What a segment has in memory and not in the file is zeros. Memory is zeros already, and stays
 * untouched where no header before this one can have put anything. */
static void clear_behind(const struct boot_image *image, unsigned i, uint8_t *at,
                         const Elf64_Phdr *segment)
{
    uint64_t first = segment->p_vaddr + segment->p_filesz;
    uint64_t end = segment->p_vaddr + segment->p_memsz;
    for (unsigned j = 0; j < i; j++) {
        Elf64_Phdr before = segment_at(image, j);
        uint64_t from = before.p_vaddr > first ? before.p_vaddr : first;
        uint64_t to = before.p_vaddr + before.p_filesz;
        to = to < end ? to : end;
        if (is_loaded(&before) && from < to) {
            memset(at + (from - segment->p_vaddr), 0, to - from);
        }
    }
}

int boot_image_load(const struct boot_image *image, struct memory *memory, struct kernel_boot *boot,
                    struct machine_error *error)
{
    boot->image_first = image->first;
    boot->image_end = image->end;
    boot->entry = image->entry;
    boot->image_base = kernel_image_base(boot);
    uint64_t bytes = image->end - image->first;
    uint64_t end = loadable_end(boot);
    if (boot->image_base > end || bytes > end - boot->image_base) {
        machine_error_set(error,
                          "%s: its image takes %" PRIu64 " KiB from address 0x%" PRIx64
                          " on, and memory ends at 0x%" PRIx64 "\n"
                          "      Give the machine more memory, with --memory.",
                          image->path, bytes >> 10, boot->image_base, end);
        return -ENOSPC;
    }
    for (unsigned i = 0; i < segment_count(image); i++) {
        Elf64_Phdr segment = segment_at(image, i);
        if (is_loaded(&segment)) {
            uint8_t *at = memory->ram + boot->image_base + (segment.p_vaddr - image->first);
            memcpy(at, image->elf + segment.p_offset, segment.p_filesz);
            clear_behind(image, i, at, &segment);
        }
    }
    return 0;
}
