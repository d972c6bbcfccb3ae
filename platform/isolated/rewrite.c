/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/rewrite.h"

#include <string.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/cpuid.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/pages.h"
#include "platform/isolated/thunk.h"

#define SITE_BYTES   8
#define SITE_SYSCALL 3 /* offset of `syscall` in a site */
#define SITE_JUMP    5 /* bytes of the jump that replaces its first half */

#define JUMP 0xe9

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

void rewrite_keep(struct cell *cell, uint64_t address)
{
    const struct page *page = page_find(cell, address);
    if (page != NULL && page_bit(page->inside, address % PAGE_BYTES)) {
        page_leave_alone(cell->platform, page->frame);
    }
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

void rewrite_restore(struct cell *cell, uint64_t address, paddr frame)
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

static void write_jump(struct page *page, unsigned offset, uint64_t thunk)
{
    jump(page_bytes(page) + offset, page->address + offset, thunk);
    for (unsigned i = 1; i < SITE_JUMP; i++) {
        page_set_bit(page->inside, offset + i);
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

/* A copy of the page in its place, unless it is to be left alone. */
static struct page *copy(struct cell *cell, uint64_t address, paddr frame, unsigned offset)
{
    if (page_left_alone(cell->platform, frame)) {
        return NULL;
    }
    rewrite_restore(cell, address, frame);
    struct page *page = page_copy(cell, address, frame);
    if (page != NULL) {
        cpuid_hide(page, offset);
    }
    return page;
}

/* Returns whether the site is rewritten now. */
static bool try_site(struct cell *cell, uint64_t site)
{
    uint64_t address = page_of(site);
    unsigned offset = (unsigned)(site - address);
    paddr frame;
    uint8_t bytes[SITE_BYTES];
    if (offset > PAGE_BYTES - SITE_BYTES || site > INT32_MAX ||
        !page_frame(cell, address, &frame)) {
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
    struct page *page = page_find_copy(cell, address);
    if (page == NULL) {
        page = copy(cell, address, frame, offset);
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
    uint64_t address = page_of(rip - SITE_SYSCALL);
    paddr frame;
    if (page_find_copy(cell, address) == NULL && page_frame(cell, address, &frame)) {
        rewrite_restore(cell, address, frame);
        rewrite_site(cell, rip);
    }
}

/* The form of the site at this offset of a page, if it is rewritten. The copy's last three bytes are
 * the original ones. */
static const struct form *rewritten_form(const struct page *page, unsigned offset)
{
    if (offset > PAGE_BYTES - SITE_BYTES || page_bit(page->inside, offset) ||
        !page_bit(page->inside, offset + 1)) {
        return NULL;
    }
    for (size_t i = 0; i < FORMS; i++) {
        if (memcmp(page_bytes(page) + offset + SITE_JUMP, forms[i].bytes + SITE_JUMP,
                   SITE_BYTES - SITE_JUMP) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

enum rewrite_resume rewrite_resume(struct cell *cell, const struct platform_thread *thread)
{
    uint64_t *r = thread->registers->r;
    unsigned offset = (unsigned)(r[X86_RIP] % PAGE_BYTES);
    const struct page *page = page_find_copy(cell, r[X86_RIP]);
    if (page == NULL) {
        return RESUME_RUN;
    }
    const struct form *form = rewritten_form(page, offset);
    if (form != NULL && thread->single_step) {
        r[form->keeper] = r[X86_RSP];
        r[X86_RIP] += SITE_SYSCALL;
        return RESUME_STEPPED;
    }
    if (!page_bit(page->inside, offset)) {
        return RESUME_RUN;
    }
    if (offset >= SITE_SYSCALL && rewritten_form(page, offset - SITE_SYSCALL) != NULL) {
        r[X86_RCX] = r[X86_RIP] + 2;
        r[X86_R11] = r[X86_RFLAGS];
        return RESUME_SYSCALL;
    }
    /* In the middle of an instruction, original or not. */
    page_leave_alone(cell->platform, page->frame);
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
