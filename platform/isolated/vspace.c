/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* VSpaces, as the kernel speaks of them: what is mapped in one, and its end. */
#include <assert.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"

/* It takes some 20 unmaps to make up for a new process. */
#define ABANDONED_UNMAPS 8

/* Without memory for a cell, or with one that is lost, the mapping is forgotten. */
static void give(struct platform *platform, paddr vspace, struct mapping mapping,
                 void (*cache_takes)(struct cell *cell, struct mapping mapping))
{
    uint64_t bytes = mapping.end - mapping.first;
    assert(mapping.first < mapping.end);
    assert(mapping.end <= X86_USER_TOP);
    assert(mapping.frame + bytes <= platform->options.ram_bytes);
    if (mapping.writable) {
        pages_writable(platform, mapping.frame, bytes);
    }
    struct cell *cell = cell_of(platform, vspace);
    if (cell != NULL && !cell->lost) {
        cache_takes(cell, mapping);
    }
}

/* Of a larger page the guest may touch little: it gets no memory before. */
void platform_map(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                  uint64_t bytes, bool writable)
{
    give(platform, vspace,
         (struct mapping){vaddr, vaddr + bytes, frame, writable, bytes == PAGE_BYTES}, cache_add);
}

void platform_offer(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                    uint64_t bytes, bool writable)
{
    give(platform, vspace, (struct mapping){vaddr, vaddr + bytes, frame, writable, false},
         cache_offer);
}

void platform_fill(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                   uint64_t bytes, bool writable)
{
    give(platform, vspace, (struct mapping){vaddr, vaddr + bytes, frame, writable, false},
         cache_fill);
}

void platform_writes(struct platform *platform, paddr page)
{
    pages_writable(platform, page, 0x1000);
}

/* A VSpace whose threads are gone and that is unmapped page by page is about to go as well. To end its
 * process is less work, and makes no difference: the next thread gets another one. */
static bool is_abandoned(const struct cell *cell)
{
    for (unsigned i = 0; i < cell->slots_made; i++) {
        if (cell->slots[i].owner != NULL) {
            return false;
        }
    }
    return cell->process != 0 && cell->unmaps_since_placed > ABANDONED_UNMAPS;
}

void platform_unmap(struct platform *platform, paddr vspace, uint64_t vaddr, uint64_t bytes)
{
    struct cell *cell = table_find(&platform->cells, vspace);
    if (cell == NULL || cell->lost) {
        return;
    }
    cell->unmaps_since_placed += cache_holds(cell, vaddr, vaddr + bytes);
    if (is_abandoned(cell)) {
        platform_release_vspace(platform, vspace);
        return;
    }
    uint64_t start_ns = host_now_ns();
    cache_remove(cell, vaddr, vaddr + bytes);
    stolen_add(platform, host_now_ns() - start_ns);
}

void platform_release_vspace(struct platform *platform, paddr vspace)
{
    struct cell *cell = table_find(&platform->cells, vspace);
    if (cell != NULL) {
        uint64_t start_ns = host_now_ns();
        table_remove(&platform->cells, vspace);
        cell_free(cell);
        stolen_add(platform, host_now_ns() - start_ns);
    }
}
