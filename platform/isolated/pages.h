/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Pages of a cell that it does not have as the cache says. There are two kinds.
 *
 *   A copy   stands in the place of the frame, and differs from it: rewrite.c's jumps, cpuid.c's traps.
 *   Opened   where cpuid is trapped, for a cell cannot execute what the cache maps: the frame itself,
 *            which can be executed, since it was looked at.
 *
 * Rules
 *   RAM is never changed. A copy is in the cell's control memory, and in that cell only.
 *   Such a page cannot be written in its cell, whatever the guest's rights: a write faults, and the page is
 *   put back first. A frame that anybody else can write to, through another mapping or as the
 *   kernel, is not copied; when it becomes so, its pages are put back before that. What was put
 *   back is left alone for a while, each time for longer.
 *   Put back is what the cache has: the frame, with the guest's rights.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/paddr.h"
#include "platform/isolated/table.h"

struct cell;
struct platform;
struct platform_thread;

#define PAGE_BYTES 0x1000u

struct page {
    struct cell *cell;
    uint64_t address;
    paddr frame;
    bool copied;
    unsigned copy;       /* of a copy: where its bytes are, CONTROL_COPY(copy) */
    struct page *next;   /* another page of the same frame, or the next free one */
    uint64_t inside[64]; /* a bit for each offset: it lies inside a jump, behind its first byte */
};

/* Those of a cell. */
struct pages {
    struct table table;     /* struct page, by guest address */
    struct page *free_page; /* that have a place for a copy, and no use */
    unsigned copies;        /* places for copies that were ever in use */
};

/* What was put back once is left alone for so many runs, or twice as many for each time more. */
#define RETRY_RUNS 1000

static inline uint64_t page_of(uint64_t address)
{
    return address & ~(uint64_t)(PAGE_BYTES - 1);
}

static inline bool page_bit(const uint64_t *bits, unsigned i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static inline void page_set_bit(uint64_t *bits, unsigned i)
{
    bits[i / 64] |= 1ull << (i % 64);
}

/* The page at this address, of either kind, or NULL. */
struct page *page_find(const struct cell *cell, uint64_t address);

/* The copy at this address, or NULL. */
struct page *page_find_copy(const struct cell *cell, uint64_t address);

/* The bytes of a copy. */
uint8_t *page_bytes(const struct page *page);

/* The frame that the cache has at this address. Returns false if there is none. */
bool page_frame(const struct cell *cell, uint64_t address, paddr *frame);

/* Was the frame put back lately? */
bool page_left_alone(const struct platform *platform, paddr frame);

/* Did an instruction that lies in the frame write to it lately? It needs both rights to get on. */
bool page_is_mixed(const struct platform *platform, paddr frame);

/* Put a copy of the frame in its place. NULL: it cannot be done, and nothing has changed; or the cell
 * was lost over it. */
struct page *page_copy(struct cell *cell, uint64_t address, paddr frame);

/* Let the cell execute the frame. It loses the right to write to it unless the frame is mixed. */
void page_open(struct cell *cell, uint64_t address, paddr frame);

/* Put a frame back wherever there is such a page of it. */
void page_leave_alone(struct platform *platform, paddr frame);

/* These frames are about to become writable, or to be written to: put them back. */
void pages_writable(struct platform *platform, paddr frame, uint64_t bytes);

/* Was this fault of the thread's a write to such a page, which the guest may write to? Then it is put back,
 * and the guest can go on. */
bool pages_written(struct cell *cell, const struct platform_thread *thread);

/* What was mapped at [first, end) is gone. */
void pages_forget(struct cell *cell, uint64_t first, uint64_t end);

/* The cell is gone. */
void pages_free(struct cell *cell);

/* The platform is gone. */
void pages_free_frames(struct platform *platform);
