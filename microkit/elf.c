/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/elf.h"
#include "microkit/file.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What a program takes once it is loaded. No frames for more are worth counting. */
#define PROGRAM_SIZE_MAX (UINT64_C(4) << 30)

/* A file while it is read. Every step returns false after it has reported one error. */
struct input {
    const uint8_t *bytes;
    size_t size;
    const char *name;
    const char
        *program; /* the file that messages name, as upstream's do; `name` may have its symbols */
    const char *pd_name; /* NULL: no PD's */
    const char *what;    /* "monitor", "initialiser": without a PD */
    const struct target *target;
    struct diagnostics *found;
    Elf64_Ehdr header;
};

/* As upstream reports it, "ERROR: failed to parse ELF 'x' for PD 'p': WHY", and what to do; the SDK's own
 * with "ERROR: failed to parse monitor ELF (x): WHY". */
static bool refuse(const struct input *in, const char *what_to_do, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(const struct input *in, const char *what_to_do, const char *why, ...)
{
    va_list arguments;
    char text[256];
    va_start(arguments, why);
    vsnprintf(text, sizeof(text), why, arguments);
    va_end(arguments);
    if (in->pd_name == NULL) {
        diagnostic_error(in->found, "ERROR: failed to parse %s ELF (%s): %s", in->what, in->program,
                         text);
    } else {
        diagnostic_error(in->found, "ERROR: failed to parse ELF '%s' for PD '%s': %s", in->program,
                         in->pd_name, text);
    }
    if (in->name != in->program) {
        diagnostic_advise(in->found, "That is the file with its symbols, '%s'.", in->name);
    }
    diagnostic_advise(in->found, "%s", what_to_do);
    return false;
}

static bool refuse_no_memory(const struct input *in)
{
    return refuse(in, "It takes more memory than there is.", "out of memory");
}

static bool refuse_cut_off(const struct input *in, const char *part)
{
    return refuse(in, "The file is cut off or damaged. Build it again.",
                  "its %s beyond the end of the file, which has %zu bytes", part, in->size);
}

/* Whether `count` items of `item_size` bytes at `offset` are all in the file. */
static bool is_inside(const struct input *in, uint64_t offset, uint64_t count, uint64_t item_size)
{
    uint64_t size;
    return !__builtin_mul_overflow(count, item_size, &size) && offset <= in->size &&
           size <= in->size - offset;
}

/* The header. */

static const char *machine_name(unsigned machine)
{
    switch (machine) {
    case EM_X86_64:
        return "x86-64";
    case EM_386:
        return "32-bit x86";
    case EM_AARCH64:
        return "AArch64";
    case EM_ARM:
        return "32-bit Arm";
    case EM_RISCV:
        return "RISC-V";
    default:
        return "another machine";
    }
}

static bool check_ident(const struct input *in)
{
    const uint8_t *ident = in->bytes;
    if (in->size < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG) != 0) {
        return refuse(in, "It is no ELF file. Does the path name the linked program?",
                      "magic check failed");
    }
    if (ident[EI_CLASS] == ELFCLASS32) {
        return refuse(in, "Compile and link it for 64 bits (-m64).",
                      "ELF '%s': unsupported word size: '32'", in->name);
    }
    if (ident[EI_CLASS] != ELFCLASS64) {
        return refuse(in, "The file is damaged. Build it again.", "invalid class '%u'",
                      ident[EI_CLASS]);
    }
    if (ident[EI_DATA] != ELFDATA2LSB) {
        return refuse(in, "Compile it for the target's machine.",
                      "incorrect endianness, only little endian architectures are supported");
    }
    return true;
}

static bool check_type(const struct input *in)
{
    static const unsigned machines[] = {
        [ARCH_X86_64] = EM_X86_64, [ARCH_AARCH64] = EM_AARCH64, [ARCH_RISCV64] = EM_RISCV};
    unsigned machine = machines[in->target->arch];
    if (in->header.e_machine != machine) {
        return refuse(in, "Compile it for the machine that the system is built for.",
                      "it is for %s (e_machine %u), not for %s", machine_name(in->header.e_machine),
                      in->header.e_machine, machine_name(machine));
    }
    switch (in->header.e_type) {
    case ET_EXEC:
        return true;
    case ET_REL:
        return refuse(in,
                      "It is an object file, compiled but not linked. Link it with -T microkit.ld.",
                      "has no program headers");
    case ET_DYN:
        return refuse(in, "Link it with -T microkit.ld, -static and -no-pie.",
                      "it is position independent, no executable for a fixed address");
    default:
        return refuse(in, "Link it with -T microkit.ld.", "it is no executable (e_type %u)",
                      in->header.e_type);
    }
}

static bool read_header(struct input *in)
{
    if (!check_ident(in)) {
        return false;
    }
    if (in->size < sizeof(in->header)) {
        return refuse_cut_off(in, "header goes");
    }
    memcpy(&in->header, in->bytes, sizeof(in->header));
    return check_type(in);
}

/* Segments. */

static bool check_segment(const struct input *in, const Elf64_Phdr *header)
{
    if (!is_inside(in, header->p_offset, header->p_filesz, 1)) {
        return refuse_cut_off(in, "segments go");
    }
    if (header->p_filesz > header->p_memsz) {
        return refuse(in, "The file is damaged. Build it again.",
                      "the segment at 0x%" PRIx64 " has more data than memory", header->p_vaddr);
    }
    uint64_t top = in->target->user_top;
    if (header->p_vaddr > top || header->p_memsz > top - header->p_vaddr + 1) {
        return refuse(in, "Link it lower: microkit.ld starts it at 0x200000.",
                      "the segment at 0x%" PRIx64 " goes beyond the address space, which ends at "
                      "0x%" PRIx64,
                      header->p_vaddr, top + 1);
    }
    return true;
}

static bool add_segment(struct elf *elf, const struct input *in, const Elf64_Phdr *header)
{
    struct elf_segment *segment = &elf->segments[elf->segment_count];
    *segment = (struct elf_segment){
        .vaddr = header->p_vaddr,
        .memory_size = header->p_memsz,
        .data_size = header->p_filesz,
        .data = arena_alloc(elf->arena, header->p_filesz),
        .flags = (header->p_flags & PF_R ? ELF_READ : 0U) |
                 (header->p_flags & PF_W ? ELF_WRITE : 0U) |
                 (header->p_flags & PF_X ? ELF_EXECUTE : 0U),
    };
    if (segment->data == NULL) {
        return refuse_no_memory(in);
    }
    memcpy(segment->data, in->bytes + header->p_offset, header->p_filesz);
    for (size_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *other = &elf->segments[i];
        if (segment->vaddr < other->vaddr + other->memory_size &&
            other->vaddr < segment->vaddr + segment->memory_size) {
            return refuse(in, "The linker script has put two things into one place.",
                          "the segments at 0x%" PRIx64 " and 0x%" PRIx64 " overlap", other->vaddr,
                          segment->vaddr);
        }
    }
    elf->segment_count++;
    return true;
}

static bool check_entry(const struct elf *elf, const struct input *in)
{
    for (size_t i = 0; i < elf->segment_count; i++) {
        if (elf->entry - elf->segments[i].vaddr < elf->segments[i].memory_size) {
            return true;
        }
    }
    return refuse(in, "Link it with -T microkit.ld and -lmicrokit, which has _start.",
                  "its entry point 0x%" PRIx64 " is in no segment", elf->entry);
}

static bool check_program_size(const struct elf *elf, const struct input *in)
{
    uint64_t size = 0; /* no overflow: no two segments share a byte */
    for (size_t i = 0; i < elf->segment_count; i++) {
        size += elf->segments[i].memory_size;
    }
    if (size <= PROGRAM_SIZE_MAX) {
        return true;
    }
    return refuse(in, "Put large arrays into a <memory_region> and <map> it.",
                  "it takes %" PRIu64 " MiB of memory; at most %" PRIu64 " MiB are possible",
                  size >> 20, PROGRAM_SIZE_MAX >> 20);
}

static bool read_segments(struct elf *elf, const struct input *in)
{
    uint64_t count = in->header.e_phnum;
    if (count == 0) {
        return refuse(in, "Link it with -T microkit.ld.", "has no program headers");
    }
    if (in->header.e_phentsize != sizeof(Elf64_Phdr) ||
        !is_inside(in, in->header.e_phoff, count, sizeof(Elf64_Phdr))) {
        return refuse_cut_off(in, "program headers go");
    }
    elf->segments = arena_alloc(elf->arena, count * sizeof(*elf->segments));
    if (elf->segments == NULL) {
        return refuse_no_memory(in);
    }
    for (size_t i = 0; i < count; i++) {
        Elf64_Phdr header;
        memcpy(&header, in->bytes + in->header.e_phoff + i * sizeof(header), sizeof(header));
        if (header.p_type != PT_LOAD || header.p_memsz == 0) {
            continue;
        }
        if (!check_segment(in, &header) || !add_segment(elf, in, &header)) {
            return false;
        }
    }
    elf->entry = in->header.e_entry;
    return check_entry(elf, in) && check_program_size(elf, in);
}

/* Symbols. */

static bool read_section(const struct input *in, uint64_t index, Elf64_Shdr *section)
{
    if (index >= in->header.e_shnum) {
        return refuse(in, "The file is damaged. Build it again.",
                      "its symbol table names section %" PRIu64 ", which is not there", index);
    }
    memcpy(section, in->bytes + in->header.e_shoff + index * sizeof(*section), sizeof(*section));
    if (!is_inside(in, section->sh_offset, section->sh_size, 1)) {
        return refuse_cut_off(in, "symbol table goes");
    }
    return true;
}

/* The last one there is, as upstream; the count of sections if there is none. */
static uint64_t find_symbol_table(const struct input *in)
{
    uint64_t table = in->header.e_shnum;
    for (uint64_t i = 0; i < in->header.e_shnum; i++) {
        Elf64_Shdr section;
        memcpy(&section, in->bytes + in->header.e_shoff + i * sizeof(section), sizeof(section));
        if (section.sh_type == SHT_SYMTAB) {
            table = i;
        }
    }
    return table;
}

static int compare_symbols(const void *a, const void *b)
{
    return strcmp(((const struct elf_symbol *)a)->name, ((const struct elf_symbol *)b)->name);
}

static bool read_symbol_table(struct elf *elf, const struct input *in, const Elf64_Shdr *table,
                              const Elf64_Shdr *strings)
{
    size_t count = table->sh_size / sizeof(Elf64_Sym);
    /* The copy ends in a NUL even if the table does not. */
    char *names =
        arena_copy(elf->arena, (const char *)in->bytes + strings->sh_offset, strings->sh_size);
    elf->symbols = arena_alloc(elf->arena, count * sizeof(*elf->symbols));
    if (names == NULL || elf->symbols == NULL) {
        return refuse_no_memory(in);
    }
    for (size_t i = 0; i < count; i++) {
        Elf64_Sym symbol;
        memcpy(&symbol, in->bytes + table->sh_offset + i * sizeof(symbol), sizeof(symbol));
        if (symbol.st_name >= strings->sh_size) {
            return refuse(in, "The file is damaged. Build it again.",
                          "the name of its symbol %zu is not in the string table", i);
        }
        if (names[symbol.st_name] != '\0') {
            elf->symbols[elf->symbol_count++] = (struct elf_symbol){
                .name = names + symbol.st_name, .vaddr = symbol.st_value, .size = symbol.st_size};
        }
    }
    qsort(elf->symbols, elf->symbol_count, sizeof(*elf->symbols), compare_symbols);
    return true;
}

static bool refuse_stripped(const struct input *in)
{
    return refuse(
        in,
        in->pd_name == NULL || in->name != in->program
            ? "It has been stripped. Build it again, with symbols."
            : "It has been stripped. Name a file that has its symbols in path_for_symbols "
              "of <program_image>, or strip it with -g only.",
        "unable to find symbol table section");
}

static bool read_symbols(struct elf *elf, const struct input *in)
{
    if (in->header.e_shoff == 0 || in->header.e_shnum == 0) {
        return refuse_stripped(in);
    }
    if (in->header.e_shentsize != sizeof(Elf64_Shdr) ||
        !is_inside(in, in->header.e_shoff, in->header.e_shnum, sizeof(Elf64_Shdr))) {
        return refuse_cut_off(in, "section headers go");
    }
    uint64_t index = find_symbol_table(in);
    if (index == in->header.e_shnum) {
        return refuse_stripped(in);
    }
    Elf64_Shdr table = {0};
    Elf64_Shdr strings = {0};
    return read_section(in, index, &table) && read_section(in, table.sh_link, &strings) &&
           read_symbol_table(elf, in, &table, &strings);
}

/* Files. */

static bool read_input(struct elf *elf, struct input *in)
{
    char *bytes;
    int error = file_read(elf->arena, in->name, SIZE_MAX, &bytes, &in->size);
    if (error != 0) {
        return refuse(in, "Has it been built, and may you read it?",
                      "failed to read ELF: %s (os error %d)", file_error(error), error);
    }
    in->bytes = (const uint8_t *)bytes;
    return read_header(in);
}

static bool open_files(struct elf *elf, struct input *program, struct input *symbols)
{
    if (!read_input(elf, program) || !read_segments(elf, program)) {
        return false;
    }
    if (symbols->name == NULL) {
        return read_symbols(elf, program);
    }
    return read_input(elf, symbols) && read_symbols(elf, symbols);
}

static bool start(struct elf *elf, const struct input *in)
{
    *elf = (struct elf){.arena = arena_new()};
    if (elf->arena != NULL) {
        elf->path = arena_copy(elf->arena, in->name, strlen(in->name));
    }
    return elf->path != NULL || refuse_no_memory(in);
}

/* Close what is half open. */
static bool settle(struct elf *elf, bool opened)
{
    if (!opened) {
        elf_close(elf);
    }
    return opened;
}

bool elf_open(struct elf *elf, const char *path, const char *symbols_path, const char *pd_name,
              const struct target *target, struct diagnostics *found)
{
    struct input program = {
        .name = path, .program = path, .pd_name = pd_name, .target = target, .found = found};
    struct input symbols = program;
    symbols.name = symbols_path;
    return settle(elf, start(elf, &program) && open_files(elf, &program, &symbols));
}

bool elf_open_bytes(struct elf *elf, const char *what, const char *name, const void *data,
                    size_t size, const struct target *target, struct diagnostics *found)
{
    struct input in = {.bytes = data,
                       .size = size,
                       .name = name,
                       .program = name,
                       .what = what,
                       .target = target,
                       .found = found};
    return settle(elf, start(elf, &in) && read_header(&in) && read_segments(elf, &in) &&
                           read_symbols(elf, &in));
}

void elf_close(struct elf *elf)
{
    arena_free(elf->arena);
    *elf = (struct elf){0};
}

/* Use. */

enum elf_lookup elf_find(const struct elf *elf, const char *name, uint64_t *vaddr, uint64_t *size)
{
    if (elf->symbol_count == 0) {
        return ELF_MISSING;
    }
    const struct elf_symbol key = {.name = name};
    const struct elf_symbol *end = elf->symbols + elf->symbol_count;
    const struct elf_symbol *symbol =
        bsearch(&key, elf->symbols, elf->symbol_count, sizeof(key), compare_symbols);
    if (symbol == NULL) {
        return ELF_MISSING;
    }
    if ((symbol > elf->symbols && strcmp(symbol[-1].name, name) == 0) ||
        (symbol + 1 < end && strcmp(symbol[1].name, name) == 0)) {
        return ELF_DUPLICATE;
    }
    *vaddr = symbol->vaddr;
    *size = symbol->size;
    return ELF_FOUND;
}

/* Give a segment at least `size` bytes of data. */
static bool extend_data(struct elf *elf, struct elf_segment *segment, uint64_t size)
{
    /* To the page's end, as whoever writes one word there will write the next. */
    uint64_t rounded = (size + PAGE_SMALL - 1) & ~(PAGE_SMALL - 1);
    size = rounded < segment->memory_size ? rounded : segment->memory_size;
    uint8_t *data = arena_alloc(elf->arena, size);
    if (data == NULL) {
        return false;
    }
    memcpy(data, segment->data, segment->data_size);
    segment->data = data;
    segment->data_size = size;
    return true;
}

int elf_write(struct elf *elf, uint64_t vaddr, const void *bytes, uint64_t size)
{
    for (size_t i = 0; i < elf->segment_count; i++) {
        struct elf_segment *segment = &elf->segments[i];
        uint64_t offset = vaddr - segment->vaddr;
        if (vaddr < segment->vaddr || offset > segment->memory_size ||
            size > segment->memory_size - offset) {
            continue;
        }
        if (offset + size > segment->data_size && !extend_data(elf, segment, offset + size)) {
            return ENOMEM;
        }
        memcpy(segment->data + offset, bytes, size);
        return 0;
    }
    return ENOENT;
}

uint64_t elf_segment_start(const struct elf_segment *segment)
{
    return segment->vaddr & ~(PAGE_SMALL - 1);
}

uint64_t elf_segment_end(const struct elf_segment *segment)
{
    return (segment->vaddr + segment->memory_size + PAGE_SMALL - 1) & ~(PAGE_SMALL - 1);
}

bool elf_page_is_filled(const struct elf_segment *segment, uint64_t vaddr)
{
    uint64_t end = segment->vaddr + segment->data_size;
    uint64_t first = vaddr > segment->vaddr ? vaddr : segment->vaddr;
    uint64_t last = vaddr + PAGE_SMALL < end ? vaddr + PAGE_SMALL : end;
    for (uint64_t at = first; at < last; at++) {
        if (segment->data[at - segment->vaddr] != 0) {
            return true;
        }
    }
    return false;
}
