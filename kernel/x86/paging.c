/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Page tables. */
#include "kernel/x86/paging.h"

/*
 *    63 62   52 51               12 11     9 8   7    6   5     4     3     2      1     0
 *   |xd| spare |  page or table / 4K | spare | G | PS | D | A | PCD | PWT | user | write | present |
 *
 * PS says that an entry of level 1 or 2 holds a page; at level 0 the same bit is PAT, which large
 * pages have in bit 12.
 */
#define ENTRY_PRESENT       (1ul << 0)
#define ENTRY_WRITE         (1ul << 1)
#define ENTRY_USER          (1ul << 2)
#define ENTRY_WRITE_THROUGH (1ul << 3)
#define ENTRY_CACHE_OFF     (1ul << 4)
#define ENTRY_IS_PAGE       (1ul << 7)
#define ENTRY_PAT_4K        (1ul << 7)
#define ENTRY_PAT_2M        (1ul << 12)
#define ENTRY_ADDRESS       0x000ffffffffff000ul

/* seL4_X86_VMAttributes. */
#define ATTRIBUTE_WRITE_THROUGH 0x1
#define ATTRIBUTE_CACHE_OFF     0x2
#define ATTRIBUTE_PAT           0x4

bool paging_is_present(uint64_t entry)
{
    return entry & ENTRY_PRESENT;
}

bool paging_is_page(uint64_t entry, enum paging_level level)
{
    return level == LEVEL_PT || (level != LEVEL_PML4 && (entry & ENTRY_IS_PAGE));
}

bool paging_is_readable(uint64_t entry)
{
    return paging_is_present(entry) && (entry & ENTRY_USER);
}

bool paging_is_writable(uint64_t entry)
{
    return paging_is_readable(entry) && (entry & ENTRY_WRITE);
}

paddr paging_page(uint64_t entry, enum paging_level level)
{
    return entry & ENTRY_ADDRESS & ~(paging_entry_bytes(level) - 1);
}

paddr paging_table(uint64_t entry)
{
    return entry & ENTRY_ADDRESS;
}

static uint64_t caching_bits(uint64_t attributes)
{
    return (attributes & ATTRIBUTE_WRITE_THROUGH ? ENTRY_WRITE_THROUGH : 0) |
           (attributes & ATTRIBUTE_CACHE_OFF ? ENTRY_CACHE_OFF : 0);
}

/* seL4 leaves PAT out of entries of 1 GiB. */
static uint64_t pat_bit(enum paging_level level, uint64_t attributes)
{
    if (!(attributes & ATTRIBUTE_PAT)) {
        return 0;
    }
    return level == LEVEL_PT ? ENTRY_PAT_4K : level == LEVEL_PD ? ENTRY_PAT_2M : 0;
}

uint64_t paging_page_entry(paddr frame, enum paging_level level, enum frame_rights rights,
                           uint64_t attributes)
{
    return frame | caching_bits(attributes) | pat_bit(level, attributes) |
           (level == LEVEL_PT ? 0 : ENTRY_IS_PAGE) |
           (rights == FRAME_KERNEL_ONLY ? 0 : ENTRY_USER) |
           (rights == FRAME_READ_ONLY ? 0 : ENTRY_WRITE) | ENTRY_PRESENT;
}

uint64_t paging_table_entry(paddr table, uint64_t attributes)
{
    return table | caching_bits(attributes) | ENTRY_USER | ENTRY_WRITE | ENTRY_PRESENT;
}

struct paging_walk paging_walk(struct kernel *k, paddr pml4, uint64_t vaddr,
                               enum paging_level level)
{
    paddr table = pml4;
    for (enum paging_level at = LEVEL_PML4;; at--) {
        uint64_t *entries = object_at(k, table);
        uint64_t *entry = &entries[(vaddr >> paging_entry_bits(at)) % PAGING_ENTRIES];
        if (at == level) {
            return (struct paging_walk){.entry = entry, .level = at};
        }
        if (!paging_is_present(*entry) || paging_is_page(*entry, at)) {
            return (struct paging_walk){.entry = NULL, .level = at};
        }
        table = paging_table(*entry);
    }
}
