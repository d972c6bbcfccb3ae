/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/rewrite.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/x86/exceptions.h"
#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/mapper.h"
#include "platform/isolated/thunk.h"

#define PAGE_BYTES 0x1000u

#define SITE_BYTES   8
#define SITE_SYSCALL 3 /* offset of `syscall` in a site */
#define SITE_JUMP    5 /* bytes of the jump that replaces its first half */

#define JUMP 0xe9

#define RETRY_RUNS    1000
#define RETRY_DOUBLES 16

/* A usual site: which register keeps rsp, and where the stub takes over. */
static const struct form {
    uint8_t bytes[SITE_BYTES];
    enum x86_register keeper;
    enum thunk_entry entry;
} forms[] = {
    {{0x48, 0x89, 0xe3, 0x0f, 0x05, 0x48, 0x89, 0xdc}, X86_RBX, THUNK_RBX},
    {{0x49, 0x89, 0xe6, 0x0f, 0x05, 0x4c, 0x89, 0xf4}, X86_R14, THUNK_R14},
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* A rewritten page of a cell. */
struct page {
    struct cell *cell;
    uint64_t address;
    paddr frame;
    unsigned copy;       /* where its bytes are: CONTROL_COPY(copy) */
    struct page *next;   /* another cell's page of the same frame, or the next free page */
    uint64_t inside[64]; /* a bit for each offset: it lies inside a jump, behind its first byte */
};

/* A frame that was ever rewritten: of the platform, by physical address. Offset by one page, as a key
 * is not 0. */
struct frame {
    struct page *pages;
    unsigned put_back;  /* how often */
    uint64_t until_run; /* not to be rewritten before */
};

static paddr frame_key(paddr frame)
{
    return frame + PAGE_BYTES;
}

static bool bit(const uint64_t *bits, unsigned i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static void set_bit(uint64_t *bits, unsigned i)
{
    bits[i / 64] |= 1ull << (i % 64);
}

static uint8_t *copy_of(const struct page *page)
{
    return page->cell->control + CONTROL_COPY(page->copy);
}

/* Take a page off its frame's list and keep it for the next use. Its mapping is the caller's. */
static void release(struct page *page)
{
    struct cell *cell = page->cell;
    struct frame *frame = table_find(&cell->platform->frames, frame_key(page->frame));
    struct page **link = &frame->pages;
    while (*link != page) {
        link = &(*link)->next;
    }
    *link = page->next;
    table_remove(&cell->rewrite.pages, page->address);
    page->next = cell->rewrite.free_pages;
    cell->rewrite.free_pages = page;
}

/* Map the frame itself again. */
static void put_back(struct page *page)
{
    struct cell *cell = page->cell;
    const struct mapping *mapping = cache_find(cell, page->address);
    assert(mapping != NULL);
    int code = cache_order(cell, page->address, PAGE_BYTES, page->frame, mapping->writable);
    if (code == 0) {
        code = mapper_run(cell);
    }
    if (code != 0) {
        cell_kill(cell, "Linux would not map a page of it again");
    }
    release(page);
}

/* Put a frame back wherever it is rewritten. */
static void leave_alone(struct platform *platform, paddr address)
{
    struct frame *frame = table_find(&platform->frames, frame_key(address));
    if (frame == NULL || frame->pages == NULL) {
        return;
    }
    while (frame->pages != NULL) {
        put_back(frame->pages);
    }
    frame->put_back += frame->put_back < RETRY_DOUBLES;
    frame->until_run = platform->stats.runs + ((uint64_t)RETRY_RUNS << frame->put_back);
}

void rewrite_writable(struct platform *platform, paddr frame, uint64_t bytes)
{
    if (platform->frames.count == 0) {
        return;
    }
    for (uint64_t offset = 0; offset < bytes; offset += PAGE_BYTES) {
        leave_alone(platform, frame + offset);
    }
}

bool rewrite_written(struct cell *cell, const struct platform_fault *fault)
{
    uint64_t address = fault->address & ~(uint64_t)(PAGE_BYTES - 1);
    if (fault->vector != X86_PAGE_FAULT || !(fault->error & X86_FAULT_WRITE)) {
        return false;
    }
    const struct page *page = table_find(&cell->rewrite.pages, address);
    const struct mapping *mapping = cache_find(cell, address);
    if (page == NULL || mapping == NULL || !mapping->writable) {
        return false;
    }
    leave_alone(cell->platform, page->frame);
    return true;
}

void rewrite_keep(struct cell *cell, uint64_t address)
{
    const struct page *page =
        table_find(&cell->rewrite.pages, address & ~(uint64_t)(PAGE_BYTES - 1));
    if (page != NULL && bit(page->inside, address % PAGE_BYTES)) {
        leave_alone(cell->platform, page->frame);
    }
}

void rewrite_forget(struct cell *cell, uint64_t first, uint64_t end)
{
    struct table *pages = &cell->rewrite.pages;
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

void rewrite_free(struct cell *cell)
{
    rewrite_forget(cell, 0, UINT64_MAX - PAGE_BYTES);
    while (cell->rewrite.free_pages != NULL) {
        struct page *page = cell->rewrite.free_pages;
        cell->rewrite.free_pages = page->next;
        free(page);
    }
    table_free(&cell->rewrite.pages);
}

void rewrite_free_frames(struct platform *platform)
{
    for (size_t i = 0; i < platform->frames.capacity; i++) {
        free(platform->frames.entries[i].value);
    }
    table_free(&platform->frames);
}

/* Finding out whether a page can be rewritten. */

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
    struct frame *frame = table_find(&platform->frames, frame_key(address));
    if (frame == NULL) {
        frame = host.calloc(1, sizeof(*frame));
        if (frame != NULL && table_insert(&platform->frames, frame_key(address), frame) != 0) {
            free(frame);
            frame = NULL;
        }
    }
    return frame;
}

static struct page *new_page(struct cell *cell)
{
    struct rewrite *rewrite = &cell->rewrite;
    struct page *page = rewrite->free_pages;
    if (page != NULL) {
        rewrite->free_pages = page->next;
        return page;
    }
    if (rewrite->copies == CONTROL_COPIES_MAX) {
        return NULL;
    }
    page = host.calloc(1, sizeof(*page));
    if (page != NULL) {
        page->copy = rewrite->copies++;
    }
    return page;
}

static void jump(uint8_t bytes[SITE_JUMP], uint64_t site, uint64_t thunk)
{
    int32_t distance = (int32_t)(thunk - (site + SITE_JUMP));
    bytes[0] = JUMP;
    memcpy(bytes + 1, &distance, sizeof(distance));
}

/* If the eight bytes are a rewritten site's, make them the original ones. */
static bool undo_jump(const struct platform *platform, uint64_t site, uint8_t bytes[SITE_BYTES])
{
    uint64_t thunk = bytes[0] == JUMP ? thunk_find(platform, site + SITE_SYSCALL) : 0;
    uint64_t same;
    enum thunk_entry entry;
    uint8_t ours[SITE_BYTES];
    if (thunk == 0 || !thunk_at(platform, thunk, &same, &entry)) {
        return false;
    }
    memcpy(ours, forms[entry].bytes, SITE_BYTES);
    jump(ours, site, thunk);
    if (memcmp(bytes, ours, SITE_BYTES) != 0) {
        return false;
    }
    memcpy(bytes, forms[entry].bytes, SITE_BYTES);
    return true;
}

/* A guest that copies rewritten text copies jumps. Put into a page what a copy of the original would
 * hold: whoever looks at its sites is to find them. */
static void undo_jumps(struct cell *cell, uint64_t address, paddr frame)
{
    int ram = cell->platform->options.ram_fd;
    uint8_t bytes[PAGE_BYTES];
    if (host.pread(ram, bytes, PAGE_BYTES, (off_t)frame) != (ssize_t)PAGE_BYTES) {
        return;
    }
    for (unsigned offset = 0; offset <= PAGE_BYTES - SITE_BYTES; offset++) {
        if (undo_jump(cell->platform, address + offset, bytes + offset)) {
            (void)!host.pwrite(ram, bytes + offset, SITE_BYTES, (off_t)(frame + offset));
        }
    }
}

/* Put a copy of the page in its place. NULL: it cannot be done, and nothing has changed. */
static struct page *replace(struct cell *cell, uint64_t address, paddr at)
{
    struct frame *frame = frame_of(cell->platform, at);
    if (frame == NULL || cell->platform->stats.runs < frame->until_run ||
        writable_elsewhere(cell, address, at)) {
        return NULL;
    }
    struct page *page = new_page(cell);
    if (page == NULL) {
        return NULL;
    }
    unsigned copy = page->copy;
    *page = (struct page){.cell = cell, .address = address, .frame = at, .copy = copy};
    page->next = frame->pages;
    frame->pages = page;
    undo_jumps(cell, address, at);
    if (table_insert(&cell->rewrite.pages, address, page) != 0 ||
        host.pread(cell->platform->options.ram_fd, copy_of(page), PAGE_BYTES, (off_t)at) !=
            (ssize_t)PAGE_BYTES) {
        release(page);
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

static void write_jump(struct page *page, unsigned offset, uint64_t thunk)
{
    jump(copy_of(page) + offset, page->address + offset, thunk);
    for (unsigned i = 1; i < SITE_JUMP; i++) {
        set_bit(page->inside, offset + i);
    }
}

static const struct form *form_of(const uint8_t *bytes)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (memcmp(bytes, forms[i].bytes, SITE_BYTES) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

/* The frame behind the page at this address. */
static bool frame_behind(const struct cell *cell, uint64_t address, paddr *frame)
{
    const struct mapping *mapping = cache_find(cell, address);
    if (mapping == NULL) {
        return false;
    }
    *frame = mapping->frame + (address - mapping->first);
    return true;
}

/* Returns whether the site is rewritten now. */
static bool try_site(struct cell *cell, uint64_t site)
{
    uint64_t address = site & ~(uint64_t)(PAGE_BYTES - 1);
    unsigned offset = (unsigned)(site - address);
    paddr frame;
    uint8_t bytes[SITE_BYTES];
    if (offset > PAGE_BYTES - SITE_BYTES || site > INT32_MAX ||
        !frame_behind(cell, address, &frame)) {
        return false;
    }
    if (host.pread(cell->platform->options.ram_fd, bytes, SITE_BYTES, (off_t)(frame + offset)) !=
        SITE_BYTES) {
        return false;
    }
    const struct form *form = form_of(bytes);
    if (form == NULL) {
        return false;
    }
    struct page *page = table_find(&cell->rewrite.pages, address);
    if (page == NULL) {
        page = replace(cell, address, frame);
    }
    uint64_t thunk = page != NULL ? thunk_for(cell->platform, form->entry, site + SITE_SYSCALL) : 0;
    if (thunk == 0) {
        return false;
    }
    write_jump(page, offset, thunk);
    return true;
}

void rewrite_site(struct cell *cell, uint64_t rip)
{
    if (!cell->platform->options.rewrite) {
        return;
    }
    uint64_t run = cell->platform->stats.runs;
    struct refusal *refusal = &cell->rewrite.refusals[rip / 2 % 64];
    if (refusal->site == rip && run < refusal->until_run) {
        return;
    }
    if (!try_site(cell, rip - SITE_SYSCALL)) {
        *refusal = (struct refusal){.site = rip, .until_run = run + RETRY_RUNS};
    }
}

void rewrite_arrived(struct cell *cell, uint64_t rip)
{
    uint64_t address = (rip - SITE_SYSCALL) & ~(uint64_t)(PAGE_BYTES - 1);
    paddr frame;
    if (table_find(&cell->rewrite.pages, address) == NULL && frame_behind(cell, address, &frame)) {
        undo_jumps(cell, address, frame);
        rewrite_site(cell, rip);
    }
}

/* The form of the site at this offset of a page, if it is rewritten. The copy's last three bytes are
 * the original ones. */
static const struct form *rewritten_form(const struct page *page, unsigned offset)
{
    if (offset > PAGE_BYTES - SITE_BYTES || bit(page->inside, offset) ||
        !bit(page->inside, offset + 1)) {
        return NULL;
    }
    for (size_t i = 0; i < FORMS; i++) {
        if (memcmp(copy_of(page) + offset + SITE_JUMP, forms[i].bytes + SITE_JUMP,
                   SITE_BYTES - SITE_JUMP) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

enum rewrite_resume rewrite_resume(struct cell *cell, const struct platform_thread *thread)
{
    uint64_t *r = thread->registers->r;
    uint64_t address = r[X86_RIP] & ~(uint64_t)(PAGE_BYTES - 1);
    unsigned offset = (unsigned)(r[X86_RIP] - address);
    const struct page *page = table_find(&cell->rewrite.pages, address);
    if (page == NULL) {
        return RESUME_RUN;
    }
    const struct form *form = rewritten_form(page, offset);
    if (form != NULL && thread->single_step) {
        r[form->keeper] = r[X86_RSP];
        r[X86_RIP] += SITE_SYSCALL;
        return RESUME_STEPPED;
    }
    if (!bit(page->inside, offset)) {
        return RESUME_RUN;
    }
    if (offset >= SITE_SYSCALL && rewritten_form(page, offset - SITE_SYSCALL) != NULL) {
        r[X86_RCX] = r[X86_RIP] + 2;
        r[X86_R11] = r[X86_RFLAGS];
        return RESUME_SYSCALL;
    }
    /* In the middle of an instruction, original or not. */
    leave_alone(cell->platform, page->frame);
    return RESUME_RUN;
}

void rewrite_stepped_into_thunk(struct cell *cell, struct x86_registers *registers)
{
    uint64_t site;
    enum thunk_entry entry;
    if (thunk_at(cell->platform, registers->r[X86_RIP], &site, &entry)) {
        registers->r[forms[entry].keeper] = registers->r[X86_RSP];
        registers->r[X86_RIP] = site;
    }
}
