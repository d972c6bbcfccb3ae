/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A program for a PD: a 64-bit ELF executable for the target, read into memory and validated, so
 * that whoever uses it need not look at a bound again.
 */
#pragma once

#include "microkit/diagnostic.h"
#include "microkit/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_EXECUTE = 1, ELF_WRITE = 2, ELF_READ = 4 };

/* A PT_LOAD. vaddr + memory_size does not overflow; data_size is at most memory_size. */
struct elf_segment {
    uint64_t vaddr;
    uint64_t memory_size;
    uint64_t data_size;
    uint8_t *data;  /* the first data_size bytes; the rest are zero */
    uint32_t flags; /* ELF_* */
};

struct elf_symbol {
    const char *name;
    uint64_t vaddr;
    uint64_t size;
};

/* Private to elf.c but for the fields that say what the program is. */
struct elf {
    char *path;
    uint64_t entry;
    size_t segment_count; /* at least 1 */
    struct elf_segment *segments;
    size_t symbol_count;        /* 0 also if it has been stripped */
    struct elf_symbol *symbols; /* by name */
    char *names;
};

enum elf_lookup { ELF_FOUND, ELF_MISSING, ELF_DUPLICATE };

/*
 * Read a program.
 *
 * path          The file with the segments.
 * symbols_path  The file with the symbols; NULL if it is the same.
 *
 * Returns true, and then elf_close is due; or false with one error in `found`: the file is missing,
 * cannot be read, is cut off, is no ELF, not 64-bit, for another machine than the target's, or no
 * executable.
 */
bool elf_open(struct elf *elf, const char *path, const char *symbols_path,
              const struct target *target, struct diagnostics *found);

/* As elf_open, from `size` bytes that are in memory and need not outlive the call; `name` is what
 * messages call them. */
bool elf_open_bytes(struct elf *elf, const char *name, const void *data, size_t size,
                    const struct target *target, struct diagnostics *found);

void elf_close(struct elf *elf);

/* Find a symbol. Fills in vaddr and size if it is found; several of one name are ELF_DUPLICATE. */
enum elf_lookup elf_find(const struct elf *elf, const char *name, uint64_t *vaddr, uint64_t *size);

/*
 * Write into a segment; data that was all zeros, and not in the file, comes to be.
 * Returns 0, ENOENT if the range is not inside one segment, or ENOMEM.
 */
int elf_write(struct elf *elf, uint64_t vaddr, const void *bytes, uint64_t size);
