/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The programs of a system: one for each PD, and the monitor's. They are read, and then the words
 * in them that depend on the system are written: what libmicrokit and the monitor want to know, and
 * what the description sets with setvar.
 */
#pragma once

#include "microkit/elf.h"
#include "microkit/image.h"
#include "microkit/model.h"

struct programs {
    size_t opened;   /* of `pds`, from the start */
    struct elf *pds; /* by PD number */
    struct elf monitor;
    bool monitor_opened;
};

/*
 * Read and patch them all. Returns true; or false, with one error in `found`. programs_close is due
 * in either case.
 */
bool programs_open(struct programs *programs, const struct image_request *request,
                   struct diagnostics *found);

void programs_close(struct programs *programs);

/* What libmicrokit wants to know: one bit for each id that the PD may use. */
struct program_words {
    uint64_t irqs;
    uint64_t notifications;
    uint64_t pps;
    uint64_t ioports;
    bool passive;
};

/* What the monitor wants to know of a PD. */
struct program_of_monitored {
    const char *name;
    uint64_t stack_bottom;
};

/* The steps of programs_open. Each returns true, or false with an error in `found`; `file` is what
 * messages call the program. */
bool program_write_words(struct elf *program, const char *pd, const char *file,
                         const struct program_words *words, struct diagnostics *found);
bool program_write_variable(struct elf *program, const char *pd, const char *file,
                            const char *symbol, uint64_t value, struct diagnostics *found);
bool program_write_bytes(struct elf *program, const char *pd, const char *file, const char *symbol,
                         const void *data, uint64_t length, struct diagnostics *found);
bool program_write_monitor(struct elf *program, const char *file,
                           const struct program_of_monitored *pds, size_t count,
                           struct diagnostics *found);

/* A program's path, along the search path. To be freed; NULL with an error in `found`. `what` is ""
 * or " for symbols". */
char *program_find(const struct search_path *search, const char *name, const char *what,
                   struct diagnostics *found);
