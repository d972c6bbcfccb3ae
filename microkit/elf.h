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

/*
 * A PT_LOAD that is not empty. All of it is below the target's user_top, and no two share a byte
 * (they may share a page). data_size is at most memory_size.
 */
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

struct arena;

/* Owns what it points to, until elf_close. */
struct elf {
    struct arena *arena;
    const char *path;     /* of the file with the segments, or its name */
    uint64_t entry;       /* inside a segment */
    size_t segment_count; /* at least 1 */
    struct elf_segment *segments;
    size_t symbol_count;
    struct elf_symbol *symbols; /* sorted by name */
};

enum elf_lookup { ELF_FOUND, ELF_MISSING, ELF_DUPLICATE };

/*
 * Read a program.
 *
 * path          The file with the segments.
 * symbols_path  The file with the symbols; NULL if it is the same.
 * pd_name       Whose program it is, for messages.
 *
 * Returns true, and then elf_close is due; or false with one error in `found`: the file is missing,
 * cannot be read, is cut off, has no symbol table, is no ELF, not 64-bit, for another machine than the target's, or no
 * executable, or needs more memory than can be.
 */
bool elf_open(struct elf *elf, const char *path, const char *symbols_path, const char *pd_name,
              const struct target *target, struct diagnostics *found);

/* As elf_open, for a program of the SDK, from `size` bytes that are in memory and need not outlive the
 * call; messages call it `what` ("monitor") and `name`. */
bool elf_open_bytes(struct elf *elf, const char *what, const char *name, const void *data,
                    size_t size, const struct target *target, struct diagnostics *found);

/* Also fine for a struct elf that is all zeros, or whose opening failed. */
void elf_close(struct elf *elf);

/* Find a symbol. Fills in vaddr and size if it is found; several of one name are ELF_DUPLICATE. */
enum elf_lookup elf_find(const struct elf *elf, const char *name, uint64_t *vaddr, uint64_t *size);

/*
 * Write into a segment; data that was all zeros, and not in the file, comes to be.
 * Returns 0, ENOENT if the range is not inside one segment, or ENOMEM.
 */
int elf_write(struct elf *elf, uint64_t vaddr, const void *bytes, uint64_t size);

/* The pages that a segment lies in: from this address to below that one. */
uint64_t elf_segment_start(const struct elf_segment *segment);
uint64_t elf_segment_end(const struct elf_segment *segment);

/* Whether the page at `vaddr` is not all zeros at start. */
bool elf_page_is_filled(const struct elf_segment *segment, uint64_t vaddr);
