/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A TCB's name says whose it is: tcb_PD. Which ELF that PD has, the frames in its VSpace say by
 * number. What libmicrokit wants to know of channels is what caps the PD's CNode has.
 */
#include "microkit/capdl/programs.h"

#include <stdlib.h>
#include <string.h>

#include "microkit/capdl/vspace.h"
#include "microkit/slots.h"

#define MONITOR    "monitor"
#define TCB_PREFIX "tcb_"
#define IDS        (CHANNEL_ID_MAX + 1)

/* The PD of a TCB, or NULL. */
static const char *pd_of(const struct capdl_object *tcb)
{
    bool named =
        tcb->type == CAPDL_TCB && strncmp(tcb->name, TCB_PREFIX, sizeof TCB_PREFIX - 1) == 0;
    return named ? tcb->name + sizeof TCB_PREFIX - 1 : NULL;
}

static bool is_of_elf(const struct capdl_object *frame)
{
    return frame->type == CAPDL_FRAME && frame->fill_count > 0 &&
           frame->fills[0].kind == CAPDL_FILL_ELF;
}

/* The number of the ELF of which a table, or one below it, has a frame. */
static bool find_elf(const struct capdl *capdl, uint32_t table, uint64_t *elf)
{
    const struct capdl_object *object = capdl_object(capdl, table);
    for (size_t i = 0; i < capdl_cap_count(object); i++) {
        const struct capdl_cap *cap = &capdl_caps(object)[i];
        if (cap->type == CAPDL_PAGE_TABLE && find_elf(capdl, cap->object, elf)) {
            return true;
        }
        if (cap->type == CAPDL_FRAME && is_of_elf(capdl_object(capdl, cap->object))) {
            *elf = capdl_object(capdl, cap->object)->fills[0].elf;
            return true;
        }
    }
    return false;
}

/* The ids for which a CNode has caps from a slot on, as bits. */
static uint64_t ids_from(const struct capdl_object *cnode, uint32_t base)
{
    uint64_t ids = 0;
    for (size_t i = 0; i < capdl_cap_count(cnode); i++) {
        uint32_t id = capdl_caps(cnode)[i].slot - base;
        if (id < IDS) {
            ids |= UINT64_C(1) << id;
        }
    }
    return ids;
}

/* libmicrokit's CNode is in slot 0 of a PD's root CNode. */
static struct program_words words_of(const struct capdl *capdl, const struct capdl_object *tcb)
{
    const struct capdl_cap *root = capdl_cap_in(tcb, CAPDL_TCB_CSPACE);
    const struct capdl_cap *cap = capdl_cap_in(capdl_object(capdl, root->object), 0);
    if (cap == NULL || cap->type != CAPDL_CNODE) {
        return (struct program_words){0};
    }
    const struct capdl_object *cnode = capdl_object(capdl, cap->object);
    return (struct program_words){
        .irqs = ids_from(cnode, PD_BASE_IRQ),
        .notifications = ids_from(cnode, PD_BASE_NOTIFICATION),
        .pps = ids_from(cnode, PD_BASE_ENDPOINT),
        .ioports = ids_from(cnode, PD_BASE_IOPORT),
        .passive = capdl_cap_in(cnode, PD_MONITOR_EP) != NULL,
    };
}

static const struct capdl_program *program_of(const struct capdl *capdl, uint64_t elf)
{
    const struct capdl_program *programs = (const void *)capdl->programs.data;
    for (size_t i = 0; i < capdl->programs.size / sizeof *programs; i++) {
        if (programs[i].elf == elf) {
            return &programs[i];
        }
    }
    return NULL;
}

/* Along the search path. False with an error in `found`. */
static bool open_program(struct elf *elf, const char *pd, const struct capdl_program *program,
                         const struct search_path *search, struct diagnostics *found)
{
    char *path = program_find(search, program->path, "", found);
    char *symbols = NULL;
    bool opened = path != NULL;
    if (opened && program->symbols_path != NULL) {
        symbols = program_find(search, program->symbols_path, " for symbols", found);
        opened = symbols != NULL;
    }
    opened = opened && elf_open(elf, path, symbols, pd, &target_x86_64, found);
    free(path);
    free(symbols);
    return opened;
}

/* Remember where a program was, for those who want to read its debugging information. */
static void note_found(struct capdl *capdl, uint64_t number, const char *pd, const struct elf *elf)
{
    struct capdl_program *program = (struct capdl_program *)program_of(capdl, number);
    struct capdl_program plain = {
        .elf = number, .pd = pd, .path = capdl_name(capdl, "%s", elf->path)};
    if (program == NULL) {
        plain.found = plain.path;
        bytes_append(&capdl->programs, &plain, sizeof plain);
        capdl->lost |= capdl->programs.lost;
    } else {
        program->pd = pd;
        program->found = plain.path;
    }
}

/* What setvar can set is a word. Names that start so are libmicrokit's and the linker's. */
static bool can_be_set(const struct elf *elf, const struct elf_symbol *symbol)
{
    if (symbol->size != sizeof(uint64_t) || strncmp(symbol->name, "microkit_", 9) == 0 ||
        strncmp(symbol->name, "__", 2) == 0) {
        return false;
    }
    for (size_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (symbol->vaddr >= segment->vaddr &&
            symbol->vaddr - segment->vaddr < segment->memory_size) {
            return (segment->flags & ELF_WRITE) != 0;
        }
    }
    return false;
}

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Whether a table, or one below it, has a frame of a memory region. */
static bool maps_region(const struct capdl *capdl, uint32_t table, const char *stack)
{
    const struct capdl_object *object = capdl_object(capdl, table);
    for (size_t i = 0; i < capdl_cap_count(object); i++) {
        const struct capdl_cap *cap = &capdl_caps(object)[i];
        const struct capdl_object *target = capdl_object(capdl, cap->object);
        if (cap->type == CAPDL_PAGE_TABLE && maps_region(capdl, cap->object, stack)) {
            return true;
        }
        if (cap->type == CAPDL_FRAME && !is_of_elf(target) && !has_prefix(target->name, stack) &&
            !has_prefix(target->name, "frame_ipcbuf_")) {
            return true;
        }
    }
    return false;
}

/* setvar sets addresses and sizes of regions and ports, and ids of all that has one. */
static bool has_what_is_set(struct capdl *capdl, const struct capdl_object *tcb)
{
    const struct capdl_cap *root = capdl_cap_in(tcb, CAPDL_TCB_CSPACE);
    const struct capdl_cap *cap = capdl_cap_in(capdl_object(capdl, root->object), 0);
    const struct capdl_object *cnode = cap == NULL ? NULL : capdl_object(capdl, cap->object);
    const struct program_words words = words_of(capdl, tcb);
    const char *stack = capdl_name(capdl, "frame_%s_stack_", pd_of(tcb));
    return (words.irqs | words.notifications | words.pps | words.ioports) != 0 ||
           (cnode != NULL && cap->type == CAPDL_CNODE && ids_from(cnode, PD_BASE_TCB) != 0) ||
           maps_region(capdl, capdl_cap_in(tcb, CAPDL_TCB_VSPACE)->object, stack);
}

#define VARIABLES_NAMED_MAX 8

/* Microkit's tool does not write what setvar has set. Such a PD starts with the values of its ELF. */
static void warn_of_variables(struct capdl *capdl, const char *name, const struct capdl_object *tcb,
                              const struct elf *elf, struct diagnostics *found)
{
    struct bytes names = {0};
    size_t count = 0;
    for (size_t i = 0; i < elf->symbol_count; i++) {
        const char *symbol = elf->symbols[i].name;
        if (can_be_set(elf, &elf->symbols[i]) && count++ < VARIABLES_NAMED_MAX) {
            bytes_append(&names, ", ", names.size > 0 ? 2 : 0);
            bytes_append(&names, symbol, strlen(symbol));
        }
    }
    if (count > 0 && !names.lost && has_what_is_set(capdl, tcb)) {
        size_t more = count > VARIABLES_NAMED_MAX ? count - VARIABLES_NAMED_MAX : 0;
        diagnostic_warning(found,
                           "WARNING: %s does not say which variables of PD '%s' setvar has set",
                           name, pd_of(tcb));
        diagnostic_advise(found, "Their values are those of '%s': %.*s%s.", elf->path,
                          (int)names.size, (const char *)names.data,
                          more > 0 ? capdl_name(capdl, " and %zu more", more) : "");
        diagnostic_advise(found, "If one of them is set in the description, run the loader.img "
                                 "instead, or make the file with Quoll's bin/microkit.");
    }
    bytes_free(&names);
}

static bool open_pd(struct capdl_programs *programs, struct capdl *capdl,
                    const struct capdl_object *tcb, uint64_t number, const char *name,
                    const struct search_path *search, struct diagnostics *found)
{
    const char *pd = pd_of(tcb);
    const struct capdl_program *given = program_of(capdl, number);
    struct capdl_program program = {.path = capdl_name(capdl, "%s.elf", pd)};
    if (given != NULL) {
        program = *given;
    }
    struct elf *elf = &programs->opened[number];
    struct program_words words = words_of(capdl, tcb);
    if (!open_program(elf, pd, &program, search, found)) {
        if (given == NULL) {
            diagnostic_advise(found,
                              "capDL does not say which file PD '%s' runs; that is why this "
                              "one is looked for. Copy or link the program to it.",
                              pd);
        }
        return false;
    }
    programs->found[number] = elf;
    note_found(capdl, number, pd, elf);
    if (elf->entry != tcb->ip) {
        diagnostic_error(found, "Error: PD '%s' starts at 0x%" PRIx64 ", and '%s' at 0x%" PRIx64,
                         pd, tcb->ip, elf->path, elf->entry);
        diagnostic_advise(found, "It is not the program that the spec was made with. Build both "
                                 "again, or put the right one on the search path.");
        return false;
    }
    if (!capdl->programs_told) {
        warn_of_variables(capdl, name, tcb, elf, found);
    }
    bool patched = program_write_words(elf, pd, program.path, &words, found);
    for (size_t i = 0; patched && i < program.variable_count; i++) {
        patched = program_write_variable(elf, pd, program.path, program.variables[i].symbol,
                                         program.variables[i].value, found);
    }
    return patched;
}

/* The stack ends where its pages do: at the stack pointer that the thread starts with. */
static uint64_t stack_bottom(const struct capdl *capdl, const struct capdl_object *tcb)
{
    char prefix[256];
    uint64_t pages = 0;
    size_t length = (size_t)snprintf(prefix, sizeof prefix, "frame_%s_stack_", pd_of(tcb));
    for (uint32_t i = 0; i < capdl_count(capdl) && length < sizeof prefix; i++) {
        const struct capdl_object *frame = capdl_object(capdl, i);
        pages += frame->type == CAPDL_FRAME && strncmp(frame->name, prefix, length) == 0;
    }
    return tcb->sp - pages * PAGE_SMALL;
}

static bool patch_monitor(struct elf *elf, const char *file, const struct capdl *capdl,
                          const struct capdl_object *tcb, struct diagnostics *found)
{
    const struct capdl_cap *cspace = capdl_cap_in(tcb, CAPDL_TCB_CSPACE);
    const struct capdl_object *cnode = capdl_object(capdl, cspace->object);
    struct program_of_monitored pds[PD_COUNT_MAX];
    size_t count = 0;
    while (count < PD_COUNT_MAX) {
        const struct capdl_cap *cap = capdl_cap_in(cnode, MONITOR_BASE_TCB + (uint32_t)count);
        const struct capdl_object *pd = cap == NULL ? NULL : capdl_object(capdl, cap->object);
        if (pd == NULL || pd_of(pd) == NULL) {
            break;
        }
        pds[count++] = (struct program_of_monitored){pd_of(pd), stack_bottom(capdl, pd)};
    }
    return program_write_monitor(elf, file, pds, count, found);
}

/* Take the frames of an ELF out of a table and those below. They stay, empty, for numbers count. */
static void remove_elf(struct capdl *capdl, uint32_t table, uint64_t elf)
{
    struct capdl_object *object = capdl_object(capdl, table);
    struct capdl_cap *caps = capdl_caps(object);
    size_t kept = 0;
    for (size_t i = 0; i < capdl_cap_count(object); i++) {
        struct capdl_object *target = capdl_object(capdl, caps[i].object);
        if (caps[i].type == CAPDL_PAGE_TABLE) {
            remove_elf(capdl, caps[i].object, elf);
        }
        if (is_of_elf(target) && target->fills[0].elf == elf) {
            target->fill_count = 0;
        } else {
            caps[kept++] = caps[i];
        }
    }
    object->caps.size = kept * sizeof *caps;
}

/* Its caps are where any monitor of Microkit 2.3.0 looks for them. */
static bool replace_monitor(struct capdl_programs *programs, struct capdl *capdl, uint32_t tcb,
                            uint64_t number, const struct program_bytes *monitor,
                            struct diagnostics *found)
{
    struct elf *elf = &programs->opened[number];
    if (!elf_open_bytes(elf, "monitor", monitor->name, monitor->data, monitor->size, &target_x86_64,
                        found)) {
        return false;
    }
    programs->found[number] = elf;
    uint32_t vspace = capdl_cap_in(capdl_object(capdl, tcb), CAPDL_TCB_VSPACE)->object;
    remove_elf(capdl, vspace, number);
    capdl_map_program(capdl, vspace, MONITOR, number, elf);
    if (capdl->lost) {
        diagnostic_error(found, "Error: out of memory for the monitor");
        return false;
    }
    capdl_object(capdl, tcb)->ip = elf->entry;
    return patch_monitor(elf, monitor->name, capdl, capdl_object(capdl, tcb), found);
}

bool capdl_programs_open(struct capdl_programs *programs, struct capdl *capdl, const char *name,
                         const struct search_path *search, const struct sdk_programs *sdk,
                         struct diagnostics *found)
{
    *programs = (struct capdl_programs){.elfs.count = PD_COUNT_MAX + 1};
    programs->elfs.elfs = programs->found;
    uint32_t count = capdl_count(capdl);
    for (uint32_t i = 0; i < count; i++) {
        const struct capdl_object *tcb = capdl_object(capdl, i);
        uint64_t number;
        if (pd_of(tcb) == NULL ||
            !find_elf(capdl, capdl_cap_in(tcb, CAPDL_TCB_VSPACE)->object, &number)) {
            continue;
        }
        if (programs->found[number] != NULL) {
            diagnostic_error(found, "Error: %s: '%s' has elf_id %" PRIu64 ", which another PD has",
                             name, tcb->name, number);
            return false;
        }
        bool opened = strcmp(pd_of(tcb), MONITOR) == 0
                          ? replace_monitor(programs, capdl, i, number, &sdk->monitor, found)
                          : open_pd(programs, capdl, tcb, number, name, search, found);
        if (!opened) {
            return false;
        }
    }
    return true;
}

void capdl_programs_close(struct capdl_programs *programs)
{
    for (size_t i = 0; i <= PD_COUNT_MAX; i++) {
        if (programs->found[i] != NULL) {
            elf_close(&programs->opened[i]);
        }
    }
}
