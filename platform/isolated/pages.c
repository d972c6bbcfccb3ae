/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/pages.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "abi/x86/exceptions.h"
#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/mapper.h"

#define RETRY_DOUBLES 16

#define INSTRUCTION_BYTES_MAX 15

/* A frame that there was ever such a page of: of the platform, by physical address. Offset by one page, as
 * a key is not 0. */
struct frame {
    struct page *pages;
    unsigned put_back;  /* how often */
    uint64_t until_run; /* to be left alone before */
    bool mixed;         /* until then: an instruction in it writes to it */
};

static paddr frame_key(paddr frame)
{
    return frame + PAGE_BYTES;
}

static struct frame *find_frame(const struct platform *platform, paddr frame)
{
    return table_find(&platform->frames, frame_key(frame));
}

struct page *page_find(const struct cell *cell, uint64_t address)
{
    return table_find(&cell->pages.table, page_of(address));
}

struct page *page_find_copy(const struct cell *cell, uint64_t address)
{
    struct page *page = page_find(cell, address);
    return page != NULL && page->copied ? page : NULL;
}

uint8_t *page_bytes(const struct page *page)
{
    assert(page->copied);
    return page->cell->control + CONTROL_COPY(page->copy);
}

bool page_frame(const struct cell *cell, uint64_t address, paddr *frame)
{
    const struct mapping *mapping = cache_find(cell, address);
    if (mapping == NULL) {
        return false;
    }
    *frame = mapping->frame + (page_of(address) - mapping->first);
    return true;
}

bool page_left_alone(const struct platform *platform, paddr frame)
{
    const struct frame *found = find_frame(platform, frame);
    return found != NULL && platform->stats.runs < found->until_run;
}

bool page_is_mixed(const struct platform *platform, paddr frame)
{
    const struct frame *found = find_frame(platform, frame);
    return found != NULL && found->mixed && platform->stats.runs < found->until_run;
}

/* Putting back. */

/* Take a page off its frame's list; the place of a copy is kept for the next use. Its mapping is the
 * caller's. */
static void release(struct page *page)
{
    struct pages *pages = &page->cell->pages;
    struct page **link = &find_frame(page->cell->platform, page->frame)->pages;
    while (*link != page) {
        link = &(*link)->next;
    }
    *link = page->next;
    table_remove(&pages->table, page->address);
    if (!page->copied) {
        free(page);
        return;
    }
    page->next = pages->free_page;
    pages->free_page = page;
}

/* Map the frame itself again, as the cache has it. */
static void put_back(struct page *page)
{
    struct cell *cell = page->cell;
    const struct mapping *mapping = cache_find(cell, page->address);
    assert(mapping != NULL);
    int code = cache_order(cell, &(struct mapping){page->address, page->address + PAGE_BYTES,
                                                   page->frame, mapping->writable, false});
    if (code == 0) {
        code = mapper_run(cell);
    }
    if (code != 0) {
        cell_kill(cell, "Linux would not map a page of it again");
    }
    release(page);
}

void page_leave_alone(struct platform *platform, paddr address)
{
    struct frame *frame = find_frame(platform, address);
    if (frame == NULL || frame->pages == NULL) {
        return;
    }
    while (frame->pages != NULL) {
        put_back(frame->pages);
    }
    frame->put_back += frame->put_back < RETRY_DOUBLES;
    frame->until_run = platform->stats.runs + ((uint64_t)RETRY_RUNS << frame->put_back);
}

void pages_writable(struct platform *platform, paddr frame, uint64_t bytes)
{
    if (platform->frames.count == 0) {
        return;
    }
    for (uint64_t offset = 0; offset < bytes; offset += PAGE_BYTES) {
        page_leave_alone(platform, frame + offset);
    }
}

/* Does the instruction that the thread stands at lie in the page, or part of it? */
static bool stands_in(const struct platform_thread *thread, uint64_t address)
{
    uint64_t rip = thread->registers->r[X86_RIP];
    return page_of(rip) == address || page_of(rip + INSTRUCTION_BYTES_MAX - 1) == address;
}

bool pages_written(struct cell *cell, const struct platform_thread *thread)
{
    const struct platform_fault *fault = &thread->fault;
    uint64_t address = page_of(fault->address);
    if (fault->vector != X86_PAGE_FAULT || !(fault->error & X86_FAULT_WRITE)) {
        return false;
    }
    const struct page *page = page_find(cell, address);
    const struct mapping *mapping = cache_find(cell, address);
    if (page == NULL || mapping == NULL || !mapping->writable) {
        return false;
    }
    struct frame *frame = find_frame(cell->platform, page->frame);
    page_leave_alone(cell->platform, page->frame);
    frame->mixed = stands_in(thread, address);
    return true;
}

void pages_forget(struct cell *cell, uint64_t first, uint64_t end)
{
    struct table *pages = &cell->pages.table;
    if (pages->count == 0) {
        return;
    }
    if ((end - first) / PAGE_BYTES < pages->capacity) {
        for (uint64_t address = first; address < end; address += PAGE_BYTES) {
            struct page *page = table_find(pages, address);
            if (page != NULL) {
                release(page);
            }
        }
        return;
    }
    /* Removing moves entries, so start over after each. */
    for (size_t i = 0; i < pages->capacity; i++) {
        struct page *page = pages->entries[i].value;
        if (page != NULL && page->address >= first && page->address < end) {
            release(page);
            i = (size_t)-1;
        }
    }
}

void pages_free(struct cell *cell)
{
    pages_forget(cell, 0, UINT64_MAX - PAGE_BYTES);
    while (cell->pages.free_page != NULL) {
        struct page *page = cell->pages.free_page;
        cell->pages.free_page = page->next;
        free(page);
    }
    table_free(&cell->pages.table);
}

void pages_free_frames(struct platform *platform)
{
    for (size_t i = 0; i < platform->frames.capacity; i++) {
        free(platform->frames.entries[i].value);
    }
    table_free(&platform->frames);
}

/* Finding out whether a frame can be copied. */

/* Is the frame writable through one of these mappings, other than at the address `but`? */
static bool writable_in(const struct mapping *mappings, size_t count, paddr frame, uint64_t but)
{
    for (size_t i = 0; i < count; i++) {
        const struct mapping *mapping = &mappings[i];
        if (mapping->writable && frame >= mapping->frame &&
            frame - mapping->frame < mapping->end - mapping->first &&
            mapping->first + (frame - mapping->frame) != but) {
            return true;
        }
    }
    return false;
}

/* Can anybody write to the frame but the threads of `cell` at `address`? */
static bool writable_elsewhere(const struct cell *cell, uint64_t address, paddr frame)
{
    const struct platform *platform = cell->platform;
    for (size_t i = 0; i < platform->cells.capacity; i++) {
        const struct cell *other = platform->cells.entries[i].value;
        uint64_t but = other == cell ? address : UINT64_MAX;
        if (other != NULL &&
            (writable_in(other->cache.present, other->cache.present_count, frame, but) ||
             writable_in(other->cache.pending, other->cache.pending_count, frame, but))) {
            return true;
        }
    }
    const struct platform_options *options = &platform->options;
    return options->writes != NULL && options->writes(options->context, frame);
}

static struct frame *frame_of(struct platform *platform, paddr address)
{
    struct frame *frame = find_frame(platform, address);
    if (frame == NULL) {
        frame = host.calloc(1, sizeof(*frame));
        if (frame != NULL && table_insert(&platform->frames, frame_key(address), frame) != 0) {
            free(frame);
            frame = NULL;
        }
    }
    return frame;
}

/* A page that has a place for a copy. */
static struct page *new_copy(struct cell *cell)
{
    struct pages *pages = &cell->pages;
    struct page *page = pages->free_page;
    if (page != NULL) {
        pages->free_page = page->next;
        return page;
    }
    if (pages->copies == CONTROL_COPIES_MAX) {
        return NULL;
    }
    page = host.calloc(1, sizeof(*page));
    if (page != NULL) {
        page->copy = pages->copies++;
    }
    return page;
}

/* Put the page, in which all is said but this, on the list of its frame and into the table of its cell.
 * Returns false for lack of memory; the page is released then. */
static bool insert(struct page *page, struct frame *frame)
{
    page->next = frame->pages;
    frame->pages = page;
    if (table_insert(&page->cell->pages.table, page->address, page) == 0) {
        return true;
    }
    release(page);
    return false;
}

struct page *page_copy(struct cell *cell, uint64_t address, paddr at)
{
    struct frame *frame = frame_of(cell->platform, at);
    if (frame == NULL || writable_elsewhere(cell, address, at)) {
        return NULL;
    }
    struct page *page = new_copy(cell);
    if (page == NULL) {
        return NULL;
    }
    unsigned copy = page->copy;
    *page =
        (struct page){.cell = cell, .address = address, .frame = at, .copied = true, .copy = copy};
    if (host.pread(cell->platform->options.ram_fd, page_bytes(page), PAGE_BYTES, (off_t)at) !=
        (ssize_t)PAGE_BYTES) {
        page->next = cell->pages.free_page;
        cell->pages.free_page = page;
        return NULL;
    }
    struct page *opened = page_find(cell, address);
    if (opened != NULL) {
        release(opened);
    }
    if (!insert(page, frame)) {
        return NULL;
    }
    int code = mapper_map(cell, address, PAGE_BYTES, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED,
                          CELL_FD_CONTROL, CONTROL_COPY(copy));
    if (code == 0) {
        code = mapper_run(cell);
    }
    if (code != 0) {
        cell_kill(cell, "Linux would not map a rewritten page");
        release(page);
        return NULL;
    }
    return page;
}

/* Executable as well; writable only where it must be. */
static int map_opened(struct cell *cell, uint64_t address, paddr at)
{
    bool writable = cache_find(cell, address)->writable;
    int prot =
        PROT_READ | PROT_EXEC | (writable && page_is_mixed(cell->platform, at) ? PROT_WRITE : 0);
    int flags = MAP_FIXED | (writable ? MAP_SHARED : MAP_PRIVATE);
    int code = mapper_map(cell, address, PAGE_BYTES, prot, flags, CELL_FD_RAM, at);
    return code == 0 ? mapper_run(cell) : code;
}

void page_open(struct cell *cell, uint64_t address, paddr at)
{
    struct frame *frame = frame_of(cell->platform, at);
    struct page *page = host.calloc(1, sizeof(*page));
    if (frame == NULL || page == NULL) {
        free(page);
        cell_kill(cell, "the host has no memory to remember a page of it");
        return;
    }
    *page = (struct page){.cell = cell, .address = address, .frame = at};
    if (!insert(page, frame)) {
        cell_kill(cell, "the host has no memory to remember a page of it");
    } else if (map_opened(cell, address, at) != 0) {
        cell_kill(cell, "Linux would not let it execute a page");
        release(page);
    }
}
