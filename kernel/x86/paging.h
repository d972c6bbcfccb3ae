/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Page tables: four levels of tables with 512 entries as the CPU reads them.
 *
 * An entry of level n covers 4 KiB << 9n. It holds a page (levels 0 to 2, where n is also the
 * page's enum frame_size) or leads to a table of level n - 1: a page table hangs in an entry of
 * level 1, a page directory in one of level 2, a PDPT in one of level 3, which a PML4 consists of.
 *
 * Reference: Intel SDM volume 3, 4.5.
 */
#pragma once

#include "kernel/state.h"

enum paging_level { LEVEL_PT, LEVEL_PD, LEVEL_PDPT, LEVEL_PML4 };

#define PAGING_ENTRIES 512

/* log2 of the bytes that an entry covers: 12, 21, 30 or 39. */
static inline unsigned paging_entry_bits(enum paging_level level)
{
    return seL4_PageBits + level * seL4_PageTableIndexBits;
}

static inline uint64_t paging_entry_bytes(enum paging_level level)
{
    return 1ul << paging_entry_bits(level);
}

static inline bool paging_is_aligned(uint64_t address, enum paging_level level)
{
    return (address & (paging_entry_bytes(level) - 1)) == 0;
}

/* What an entry says. */
bool paging_is_present(uint64_t entry);
bool paging_is_page(uint64_t entry, enum paging_level level);
bool paging_is_readable(uint64_t entry); /* by guests */
bool paging_is_writable(uint64_t entry); /* by guests */
paddr paging_page(uint64_t entry, enum paging_level level);
paddr paging_table(uint64_t entry);

/* Entries. `attributes` is seL4_X86_VMAttributes: how the CPU caches. */
uint64_t paging_page_entry(paddr frame, enum paging_level level, enum frame_rights rights,
                           uint64_t attributes);
uint64_t paging_table_entry(paddr table, uint64_t attributes);

struct paging_walk {
    uint64_t *entry;         /* NULL: a table is missing on the way */
    enum paging_level level; /* of the entry; or of the one that leads nowhere */
};

/* The entry of `level` for an address in the VSpace of this PML4. */
struct paging_walk paging_walk(struct kernel *k, paddr pml4, uint64_t vaddr,
                               enum paging_level level);
