/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Programs for tests of images: ELF executables made in memory, and files that hold them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "microkit/bytes.h"
#include "microkit/elf.h"

/* What an executable for x86-64 is made of. Pointers are only read. */
struct program_parts {
    uint64_t entry;
    size_t segment_count;
    const struct elf_segment *segments;
    size_t symbol_count;
    const struct elf_symbol *symbols;
};

/* The file's bytes, to be freed with bytes_free. */
struct bytes program_make(const struct program_parts *parts);

/*
 * A PD's program, as microkit.ld lays it out: text at 0x200000 that starts with "TEXT", data at
 * 0x201000 with libmicrokit's symbols and an 8-byte `counter` and a 4-byte `small`, both setvar
 * targets, and 0x1000 bytes of zeros behind it. To be freed with bytes_free.
 */
struct bytes program_of_pd(void);

/* The same with one segment more. */
struct bytes program_of_pd_and(struct elf_segment segment);

/* The same with the table of a PD that restarts its children clean: 64 records, or a smaller one. */
struct bytes program_of_parent(uint64_t table_size);

/* Addresses in program_of_pd(). */
enum {
    PD_TEXT = 0x200000,
    PD_DATA = 0x201000,
    PD_NAME = PD_DATA,
    PD_PASSIVE = PD_DATA + 0x40,
    PD_IRQS = PD_DATA + 0x48,
    PD_NOTIFICATIONS = PD_DATA + 0x50,
    PD_PPS = PD_DATA + 0x58,
    PD_IOPORTS = PD_DATA + 0x60,
    PD_COUNTER = PD_DATA + 0x68,
    PD_BSS = PD_DATA + 0x1000,
    PD_RESTART_TABLE = PD_BSS, /* of program_of_parent() */
    PD_END = PD_BSS + 0x1000,
};

/* The monitor's and the initialiser's program, as far as the tool cares. */
struct bytes program_of_monitor(void);
struct bytes program_of_initialiser(void);

enum {
    MONITOR_NAMES = 0x201000,
    MONITOR_NAMES_LEN = 0x202000,
    MONITOR_STACK_BOTTOMS = 0x202010,
    INITIALISER_START = 0x400000,
    INITIALISER_SPEC = 0x401008, /* the variable that points to the spec */
    INITIALISER_END = 0x403000,
};

/* A folder of its own under the temporary files; program_folder_remove takes it away. */
char *program_folder(void);
void program_folder_put(const char *folder, const char *name, const struct bytes *file);
void program_folder_remove(char *folder);
