/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/programs.h"
#include "microkit/restart.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of libmicrokit and the monitor. Source: Microkit 2.3.0, tool/microkit/src/symbols.rs. */
#define NAME_LENGTH 64
#define MONITOR_PDS 64
#define SETVAR_SIZE 8

/* A program, as messages name it. */
struct subject {
    struct elf *program;
    const char *owner; /* the PD */
    const char *file;  /* as the description has it */
};

static void refuse_symbol(const struct subject *subject, const char *symbol, const char *why,
                          struct diagnostics *found)
{
    diagnostic_error(found,
                     "ERROR: could not patch symbol '%s' in program image for PD '%s' (%s): %s",
                     symbol, subject->owner, subject->file, why);
}

static bool find_symbol(const struct subject *subject, const char *symbol, uint64_t *vaddr,
                        uint64_t *size, struct diagnostics *found)
{
    char why[256];
    switch (elf_find(subject->program, symbol, vaddr, size)) {
    case ELF_FOUND:
        return true;
    case ELF_MISSING:
        snprintf(why, sizeof why, "no symbol named '%s' found", symbol);
        break;
    default:
        snprintf(why, sizeof why, "multiple symbols with name '%s'", symbol);
        break;
    }
    refuse_symbol(subject, symbol, why, found);
    return false;
}

static bool write_symbol(const struct subject *subject, const char *symbol, const void *data,
                         uint64_t length, struct diagnostics *found)
{
    uint64_t vaddr;
    uint64_t size;
    if (!find_symbol(subject, symbol, &vaddr, &size, found)) {
        return false;
    }
    if (size < length) {
        refuse_symbol(subject, symbol, "it is smaller than what has to be written", found);
        diagnostic_advise(found,
                          "It has %" PRIu64 " bytes and needs %" PRIu64
                          ". Was the program linked with the libmicrokit of this SDK?",
                          size, length);
        return false;
    }
    switch (elf_write(subject->program, vaddr, data, length)) {
    case 0:
        return true;
    case ENOENT:
        refuse_symbol(subject, symbol, "it is not in a loadable segment", found);
        return false;
    default:
        refuse_symbol(subject, symbol, "out of memory", found);
        return false;
    }
}

static bool write_word(const struct subject *subject, const char *symbol, uint64_t value,
                       struct diagnostics *found)
{
    return write_symbol(subject, symbol, &value, sizeof value, found);
}

static struct program_words pd_words(const struct system *system,
                                     const struct protection_domain *pd)
{
    struct program_words bits = {.passive = pd->passive};
    for (size_t i = 0; i < pd->irq_count; i++) {
        bits.irqs |= UINT64_C(1) << pd->irqs[i].id;
    }
    for (size_t i = 0; i < pd->ioport_count; i++) {
        bits.ioports |= UINT64_C(1) << pd->ioports[i].id;
    }
    for (size_t i = 0; i < system->channel_count * 2; i++) {
        const struct channel_end *end = &system->channels[i / 2].ends[i % 2];
        if (end->pd == pd && end->notify) {
            bits.notifications |= UINT64_C(1) << end->id;
        }
        if (end->pd == pd && end->pp) {
            bits.pps |= UINT64_C(1) << end->id;
        }
    }
    return bits;
}

static bool write_setvar(const struct subject *subject, const struct setvar *setvar,
                         const struct system *system, struct diagnostics *found)
{
    uint64_t vaddr;
    uint64_t size;
    if (!find_symbol(subject, setvar->symbol, &vaddr, &size, found)) {
        diagnostic_quote(found, &system->source, setvar->at);
        return false;
    }
    if (size != SETVAR_SIZE) {
        diagnostic_error(found,
                         "ERROR: setvar to non-word size symbol '%s' for PD '%s', symbol has size "
                         "'%" PRIu64 "' bytes, expected size '%d' bytes",
                         setvar->symbol, subject->owner, size, SETVAR_SIZE);
        diagnostic_quote(found, &system->source, setvar->at);
        diagnostic_advise(found, "Declare it as uintptr_t, uint64_t or seL4_Word.");
        return false;
    }
    return write_word(subject, setvar->symbol, setvar_value(setvar), found);
}

bool program_write_words(struct elf *program, const char *pd, const char *file,
                         const struct program_words *words, struct diagnostics *found)
{
    struct subject subject = {program, pd, file};
    uint8_t passive = words->passive;
    /* A name of the full length has no NUL, as libmicrokit expects. */
    char name[NAME_LENGTH] = {0};
    memcpy(name, pd, strnlen(pd, NAME_LENGTH));
    return write_symbol(&subject, "microkit_name", name, sizeof name, found) &&
           write_symbol(&subject, "microkit_passive", &passive, sizeof passive, found) &&
           write_word(&subject, "microkit_irqs", words->irqs, found) &&
           write_word(&subject, "microkit_notifications", words->notifications, found) &&
           write_word(&subject, "microkit_pps", words->pps, found) &&
           write_word(&subject, "microkit_ioports", words->ioports, found);
}

bool program_write_variable(struct elf *program, const char *pd, const char *file,
                            const char *symbol, uint64_t value, struct diagnostics *found)
{
    struct subject subject = {program, pd, file};
    return write_word(&subject, symbol, value, found);
}

bool program_write_bytes(struct elf *program, const char *pd, const char *file, const char *symbol,
                         const void *data, uint64_t length, struct diagnostics *found)
{
    struct subject subject = {program, pd, file};
    return write_symbol(&subject, symbol, data, length, found);
}

bool program_write_monitor(struct elf *program, const char *file,
                           const struct program_of_monitored *pds, size_t count,
                           struct diagnostics *found)
{
    struct subject subject = {program, "monitor", file};
    char names[MONITOR_PDS][NAME_LENGTH] = {0};
    uint64_t stack_bottoms[MONITOR_PDS] = {0};
    for (size_t i = 0; i < count && i < MONITOR_PDS; i++) {
        memcpy(names[i], pds[i].name, strnlen(pds[i].name, NAME_LENGTH - 1));
        stack_bottoms[i] = pds[i].stack_bottom;
    }
    return write_word(&subject, "pd_names_len", count, found) &&
           write_symbol(&subject, "pd_names", names, sizeof names, found) &&
           write_word(&subject, "vm_names_len", 0, found) &&
           write_symbol(&subject, "pd_stack_bottom_addrs", stack_bottoms, sizeof stack_bottoms,
                        found);
}

static bool patch_pd(struct elf *program, const struct protection_domain *pd,
                     const struct system *system, struct diagnostics *found)
{
    struct subject subject = {program, pd->name, pd->program_image};
    struct program_words words = pd_words(system, pd);
    if (!program_write_words(program, pd->name, pd->program_image, &words, found)) {
        return false;
    }
    for (size_t i = 0; i < pd->setvar_count; i++) {
        if (!write_setvar(&subject, &pd->setvars[i], system, found)) {
            return false;
        }
    }
    return true;
}

static bool patch_monitor(struct elf *program, const char *file, const struct system *system,
                          struct diagnostics *found)
{
    struct program_of_monitored pds[PD_COUNT_MAX];
    for (size_t i = 0; i < system->pd_count; i++) {
        pds[i] = (struct program_of_monitored){
            system->pds[i].name, target_stack_bottom(system->target, system->pds[i].stack_size)};
    }
    return program_write_monitor(program, file, pds, system->pd_count, found);
}

char *program_find(const struct search_path *search, const char *name, const char *what,
                   struct diagnostics *found)
{
    char *path = microkit_find_file(search, name);
    if (path == NULL) {
        diagnostic_error(found, "Error: \"unable to find program image%s: '%s'\"", what, name);
        diagnostic_advise(found,
                          "It is in none of the %zu folders of the search path; add its folder "
                          "with --search-path.",
                          search->count);
    }
    return path;
}

static bool open_pd(struct elf *program, const struct protection_domain *pd,
                    const struct image_request *request, struct diagnostics *found)
{
    char *path = program_find(request->search, pd->program_image, "", found);
    char *symbols = NULL;
    bool opened = path != NULL;
    if (opened && pd->program_image_for_symbols != NULL) {
        symbols =
            program_find(request->search, pd->program_image_for_symbols, " for symbols", found);
        opened = symbols != NULL;
    }
    opened = opened && elf_open(program, path, symbols, pd->name, request->system->target, found);
    if (!opened) {
        diagnostic_quote(found, &request->system->source, pd->program_image_at);
    }
    free(path);
    free(symbols);
    return opened;
}

bool programs_open(struct programs *programs, const struct image_request *request,
                   struct diagnostics *found)
{
    const struct system *system = request->system;
    *programs = (struct programs){.pds = calloc(system->pd_count, sizeof *programs->pds)};
    if (programs->pds == NULL) {
        diagnostic_error(found, "Error: out of memory for %zu programs", system->pd_count);
        return false;
    }
    const struct program_bytes *monitor = &request->programs.monitor;
    programs->monitor_opened = elf_open_bytes(&programs->monitor, "monitor", monitor->name,
                                              monitor->data, monitor->size, system->target, found);
    if (!programs->monitor_opened ||
        !patch_monitor(&programs->monitor, monitor->name, system, found)) {
        return false;
    }
    for (size_t i = 0; i < system->pd_count; i++) {
        if (!open_pd(&programs->pds[i], &system->pds[i], request, found)) {
            return false;
        }
        programs->opened++;
        if (!patch_pd(&programs->pds[i], &system->pds[i], system, found)) {
            return false;
        }
    }
    return restart_write_tables(programs, system, found);
}

void programs_close(struct programs *programs)
{
    for (size_t i = 0; i < programs->opened; i++) {
        elf_close(&programs->pds[i]);
    }
    if (programs->monitor_opened) {
        elf_close(&programs->monitor);
    }
    free(programs->pds);
    *programs = (struct programs){0};
}
