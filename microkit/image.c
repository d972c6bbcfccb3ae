/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/image.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "microkit/capdl/encode.h"
#include "microkit/capdl/programs.h"
#include "microkit/fit.h"
#include "microkit/programs.h"

/* The variable of the initialiser that points to the spec. */
#define SPEC_SYMBOL "initialiser_spec"

static uint64_t page_down(uint64_t address)
{
    return address & ~(PAGE_SMALL - 1);
}

static uint64_t page_up(uint64_t address)
{
    return page_down(address + PAGE_SMALL - 1);
}

/* Where the kernel maps the initialiser: whole pages from its lowest to its highest byte. */
struct span {
    uint64_t start;
    uint64_t end;
};

static struct span program_span(const struct elf *program)
{
    struct span span = {.start = UINT64_MAX};
    for (size_t i = 0; i < program->segment_count; i++) {
        const struct elf_segment *segment = &program->segments[i];
        uint64_t end = page_up(segment->vaddr + segment->memory_size);
        if (segment->memory_size > 0) {
            span.start = segment->vaddr < span.start ? page_down(segment->vaddr) : span.start;
            span.end = end > span.end ? end : span.end;
        }
    }
    return span;
}

static uint32_t segment_flags(uint32_t flags)
{
    return (flags & ELF_READ ? PF_R : 0) | (flags & ELF_WRITE ? PF_W : 0) |
           (flags & ELF_EXECUTE ? PF_X : 0);
}

/* The file while it is written. */
struct writer {
    struct bytes *file;
    Elf64_Phdr *headers;
    size_t count;
};

/* Append a segment's data where its offset in the file and its address agree modulo the page. */
static void write_segment(struct writer *writer, const struct elf_segment *segment)
{
    bytes_align(writer->file, PAGE_SMALL);
    bytes_append(writer->file, NULL, segment->vaddr % PAGE_SMALL);
    size_t offset = bytes_append(writer->file, segment->data, segment->data_size);
    writer->headers[writer->count++] = (Elf64_Phdr){
        .p_type = PT_LOAD,
        .p_flags = segment_flags(segment->flags),
        .p_offset = offset,
        .p_vaddr = segment->vaddr,
        .p_paddr = segment->vaddr,
        .p_filesz = segment->data_size,
        .p_memsz = segment->memory_size,
        .p_align = PAGE_SMALL,
    };
}

static Elf64_Ehdr file_header(uint64_t entry, size_t segments)
{
    return (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = entry,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (Elf64_Half)segments,
        .e_shentsize = sizeof(Elf64_Shdr),
    };
}

/* The initialiser's segments and the spec's, as an executable without sections. */
static void write_file(struct bytes *file, const struct elf *initialiser,
                       const struct elf_segment *spec)
{
    size_t segments = initialiser->segment_count + 1;
    size_t headers_size = segments * sizeof(Elf64_Phdr);
    Elf64_Ehdr start = file_header(initialiser->entry, segments);
    struct writer writer = {.file = file, .headers = calloc(segments, sizeof(Elf64_Phdr))};
    if (writer.headers == NULL) {
        file->lost = true;
        return;
    }
    bytes_append(file, &start, sizeof start);
    bytes_append(file, NULL, headers_size);
    for (size_t i = 0; i < initialiser->segment_count; i++) {
        write_segment(&writer, &initialiser->segments[i]);
    }
    write_segment(&writer, spec);
    if (!file->lost) {
        memcpy(file->data + sizeof start, writer.headers, headers_size);
    }
    free(writer.headers);
}

/* Tell the initialiser where its spec is. */
static bool point_at_spec(struct elf *initialiser, uint64_t spec_vaddr, struct diagnostics *found)
{
    uint64_t vaddr;
    uint64_t size;
    if (elf_find(initialiser, SPEC_SYMBOL, &vaddr, &size) == ELF_FOUND &&
        size == sizeof spec_vaddr &&
        elf_write(initialiser, vaddr, &spec_vaddr, sizeof spec_vaddr) == 0) {
        return true;
    }
    diagnostic_error(found, "ERROR: the initialiser (%s) has no variable '%s' of 8 bytes",
                     initialiser->path, SPEC_SYMBOL);
    diagnostic_advise(found, "It is not the initialiser of this SDK.");
    return false;
}

/* The number of the image's page behind the initialiser, in which the spec starts. */
static uint32_t spec_page(const struct elf *initialiser)
{
    struct span span = program_span(initialiser);
    return (uint32_t)((span.end - span.start) / PAGE_SMALL);
}

/* The spec is with the pages behind it. */
static bool assemble(struct image *image, const struct bytes *spec, struct elf *initialiser,
                     struct diagnostics *found)
{
    struct span span = program_span(initialiser);
    struct bytes file = {0};
    struct elf_segment segment = {.vaddr = span.end,
                                  .memory_size = spec->size,
                                  .data_size = spec->size,
                                  .data = spec->data,
                                  .flags = ELF_READ | ELF_WRITE};
    bool assembled = !spec->lost && point_at_spec(initialiser, span.end, found);
    if (assembled) {
        write_file(&file, initialiser, &segment);
    }
    if (spec->lost || file.lost) {
        diagnostic_error(found, "Error: out of memory for the image");
        assembled = false;
    }
    if (assembled) {
        *image = (struct image){.data = file.data,
                                .size = file.size,
                                .spec = (const void *)(file.data + file.size - spec->size),
                                .memory_size = span.end - span.start + page_up(spec->size)};
    } else {
        bytes_free(&file);
    }
    return assembled;
}

static bool assemble_capdl(struct image *image, const struct capdl *capdl, const char *name,
                           const struct capdl_elfs *elfs, struct elf *initialiser,
                           struct diagnostics *found)
{
    struct bytes spec = {0};
    bool assembled = capdl_encode(capdl, name, elfs, spec_page(initialiser), &spec, found) &&
                     assemble(image, &spec, initialiser, found);
    bytes_free(&spec);
    return assembled;
}

static bool build(struct image *image, const struct capdl *capdl, const char *name,
                  const struct capdl_elfs *elfs, const struct program_bytes *bytes,
                  struct diagnostics *found)
{
    struct elf initialiser = {0};
    bool built = elf_open_bytes(&initialiser, "initialiser", bytes->name, bytes->data, bytes->size,
                                &target_x86_64, found) &&
                 assemble_capdl(image, capdl, name, elfs, &initialiser, found);
    elf_close(&initialiser);
    return built;
}

/* The monitor's number is that of PDs. */
static bool build_system(struct image *image, struct capdl *capdl,
                         const struct image_request *request, const struct programs *programs,
                         struct diagnostics *found)
{
    const struct system *system = request->system;
    const struct elf *elfs[PD_COUNT_MAX + 1];
    struct capdl_elfs numbered = {.count = system->pd_count + 1, .elfs = elfs};
    for (size_t i = 0; i < system->pd_count; i++) {
        elfs[i] = &programs->pds[i];
    }
    elfs[system->pd_count] = &programs->monitor;
    if (!capdl_build(capdl, system, programs)) {
        diagnostic_error(found, "Error: out of memory for the system in capDL");
        return false;
    }
    return build(image, capdl, system->source.name, &numbered, &request->programs.initialiser,
                 found);
}

bool image_build(struct image *image, const struct image_request *request,
                 struct diagnostics *found)
{
    struct programs programs = {0};
    struct capdl capdl = {0};
    *image = (struct image){0};
    bool built = fit_check_system(request->system, found) &&
                 programs_open(&programs, request, found) &&
                 fit_check_programs(request->system, &programs, found) &&
                 build_system(image, &capdl, request, &programs, found);
    if (built && request->capdl != NULL) {
        *request->capdl = capdl;
    } else {
        capdl_free(&capdl);
    }
    programs_close(&programs);
    return built;
}

bool image_build_capdl(struct image *image, struct capdl *capdl, const char *name,
                       const struct search_path *search, const struct sdk_programs *programs,
                       struct diagnostics *found)
{
    struct capdl_programs opened;
    *image = (struct image){0};
    bool built = capdl_programs_open(&opened, capdl, name, search, programs, found) &&
                 build(image, capdl, name, &opened.elfs, &programs->initialiser, found);
    capdl_programs_close(&opened);
    return built;
}

void image_free(struct image *image)
{
    free(image->data);
    *image = (struct image){0};
}
