/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Breakpoints. */
#include "machine/gdb_breaks.h"

#include "machine/parts.h"

#include <errno.h>
#include <string.h>

#define INT3 0xcc

static uint64_t page_of(uint64_t address)
{
    return address & ~(PAGE_BYTES - 1);
}

static paddr copy_frame(const struct gdb_breaks *breaks, const struct gdb_copy *copy)
{
    return breaks->spare + (paddr)(copy - breaks->copies) * PAGE_BYTES;
}

/* What the kernel maps at a page, when that is RAM that guests can read. */
static bool find_page(struct gdb_breaks *breaks, paddr vspace, uint64_t page, paddr *frame,
                      bool *writable)
{
    struct kernel_mapping mapping;
    if (vspace == 0 || page >= X86_USER_TOP ||
        !kernel_translate(breaks->machine->kernel, vspace, page, &mapping) || !mapping.readable) {
        return false;
    }
    *frame = mapping.frame + (page - mapping.vaddr);
    *writable = mapping.writable;
    return machine_is_ram(breaks->machine, *frame, PAGE_BYTES);
}

static struct gdb_copy *find_copy(struct gdb_breaks *breaks, paddr vspace, uint64_t page)
{
    for (struct gdb_copy *copy = breaks->copies; copy < breaks->copies + GDB_COPIES_MAX; copy++) {
        if (copy->vspace == vspace && (vspace == 0 || copy->page == page)) {
            return copy;
        }
    }
    return NULL;
}

static struct gdb_break *find_break(struct gdb_breaks *breaks, uint64_t address)
{
    for (unsigned i = 0; i < breaks->count; i++) {
        if (breaks->breaks[i].address == address) {
            return &breaks->breaks[i];
        }
    }
    return NULL;
}

static bool has_breaks(const struct gdb_breaks *breaks, const struct gdb_copy *copy)
{
    for (unsigned i = 0; i < breaks->count; i++) {
        const struct gdb_break *one = &breaks->breaks[i];
        if (one->inserted && one->vspace == copy->vspace && page_of(one->address) == copy->page) {
            return true;
        }
    }
    return false;
}

/* --- Copies --- */

/* Make the copy what the frame is, with its breakpoints. Returns whether that changed it. */
static bool refresh(struct gdb_breaks *breaks, struct gdb_copy *copy)
{
    uint8_t bytes[PAGE_BYTES];
    memcpy(bytes, breaks->machine->memory.ram + copy->frame, sizeof(bytes));
    for (unsigned i = 0; i < breaks->count; i++) {
        const struct gdb_break *one = &breaks->breaks[i];
        if (one->inserted && one->vspace == copy->vspace && page_of(one->address) == copy->page) {
            bytes[one->address - copy->page] = INT3;
        }
    }
    uint8_t *target = breaks->machine->memory.ram + copy_frame(breaks, copy);
    if (memcmp(target, bytes, sizeof(bytes)) == 0) {
        return false;
    }
    memcpy(target, bytes, sizeof(bytes));
    return true;
}

/* Mapping it anew makes the cell drop what it has rewritten in it. */
static void apply(struct gdb_breaks *breaks, struct gdb_copy *copy)
{
    paddr frame;
    bool writable;
    if (!find_page(breaks, copy->vspace, copy->page, &frame, &writable)) {
        copy->mapped = false;
        return;
    }
    copy->mapped = copy->mapped && frame == copy->frame;
    copy->frame = frame;
    if (refresh(breaks, copy) || !copy->mapped) {
        platform_map(breaks->machine->platform, copy->vspace, copy->page, copy_frame(breaks, copy),
                     PAGE_BYTES, false);
        copy->mapped = true;
    }
}

/* The frame itself comes back when it is touched. */
static void discard(struct gdb_breaks *breaks, struct gdb_copy *copy)
{
    platform_unmap(breaks->machine->platform, copy->vspace, copy->page, PAGE_BYTES);
    *copy = (struct gdb_copy){.vspace = 0};
}

bool gdb_breaks_apply(struct gdb_breaks *breaks, paddr tcb, paddr vspace)
{
    if (breaks->lifted && (breaks->lifted_tcb != tcb || breaks->lifted_vspace != vspace)) {
        gdb_breaks_lower(breaks);
    }
    if (breaks->lifted) {
        return true;
    }
    for (struct gdb_copy *copy = breaks->copies; copy < breaks->copies + GDB_COPIES_MAX; copy++) {
        if (copy->vspace == vspace) {
            apply(breaks, copy);
        }
    }
    return false;
}

bool gdb_breaks_lift(struct gdb_breaks *breaks, paddr tcb, paddr vspace, uint64_t address)
{
    struct gdb_copy *written = find_copy(breaks, vspace, page_of(address));
    paddr frame;
    bool writable;
    if (!written || !written->mapped ||
        !find_page(breaks, vspace, written->page, &frame, &writable) || !writable) {
        return false;
    }
    for (struct gdb_copy *copy = breaks->copies; copy < breaks->copies + GDB_COPIES_MAX; copy++) {
        if (copy->vspace == vspace && find_page(breaks, vspace, copy->page, &frame, &writable)) {
            platform_map(breaks->machine->platform, vspace, copy->page, frame, PAGE_BYTES,
                         writable);
            copy->mapped = false;
        }
    }
    breaks->lifted = true;
    breaks->lifted_vspace = vspace;
    breaks->lifted_tcb = tcb;
    return true;
}

void gdb_breaks_lower(struct gdb_breaks *breaks)
{
    breaks->lifted = false;
}

void gdb_breaks_mapped(struct gdb_breaks *breaks, paddr vspace, uint64_t vaddr, uint64_t bytes)
{
    for (struct gdb_copy *copy = breaks->copies; copy < breaks->copies + GDB_COPIES_MAX; copy++) {
        if (copy->vspace == vspace && copy->page - vaddr < bytes) {
            copy->mapped = false;
        }
    }
}

void gdb_breaks_release(struct gdb_breaks *breaks, paddr vspace)
{
    for (struct gdb_copy *copy = breaks->copies; copy < breaks->copies + GDB_COPIES_MAX; copy++) {
        if (copy->vspace == vspace) {
            *copy = (struct gdb_copy){.vspace = 0};
        }
    }
    for (unsigned i = 0; i < breaks->count;) {
        if (breaks->breaks[i].vspace == vspace) {
            breaks->breaks[i] = breaks->breaks[--breaks->count];
        } else {
            i++;
        }
    }
    breaks->lifted = breaks->lifted && breaks->lifted_vspace != vspace;
}

/* --- Breakpoints --- */

/* A copy for the page, which may have one already. */
static struct gdb_copy *make_copy(struct gdb_breaks *breaks, paddr vspace, uint64_t page)
{
    struct gdb_copy *copy = find_copy(breaks, vspace, page);
    if (!copy) {
        copy = find_copy(breaks, 0, 0);
        if (copy) {
            *copy = (struct gdb_copy){.vspace = vspace, .page = page};
        }
    }
    return copy;
}

int gdb_breaks_insert(struct gdb_breaks *breaks, paddr vspace, uint64_t address)
{
    struct gdb_break *one = find_break(breaks, address);
    if (one) {
        vspace = one->vspace;
    } else if (breaks->count == GDB_BREAKS_MAX) {
        return -ENOSPC;
    }
    paddr frame;
    bool writable;
    if (!find_page(breaks, vspace, page_of(address), &frame, &writable)) {
        return -EFAULT;
    }
    if (!make_copy(breaks, vspace, page_of(address))) {
        return -ENOSPC;
    }
    if (!one) {
        one = &breaks->breaks[breaks->count++];
    }
    *one = (struct gdb_break){.vspace = vspace, .address = address, .inserted = true};
    return 0;
}

void gdb_breaks_remove(struct gdb_breaks *breaks, uint64_t address)
{
    struct gdb_break *one = find_break(breaks, address);
    if (!one) {
        return;
    }
    one->inserted = false;
    struct gdb_copy *copy = find_copy(breaks, one->vspace, page_of(address));
    if (copy && !has_breaks(breaks, copy)) {
        discard(breaks, copy);
    }
}

void gdb_breaks_remove_all(struct gdb_breaks *breaks)
{
    for (unsigned i = 0; i < breaks->count; i++) {
        gdb_breaks_remove(breaks, breaks->breaks[i].address);
    }
    breaks->count = 0;
    gdb_breaks_lower(breaks);
}

void gdb_breaks_forget(struct gdb_breaks *breaks)
{
    for (unsigned i = 0; i < breaks->count;) {
        if (!breaks->breaks[i].inserted) {
            breaks->breaks[i] = breaks->breaks[--breaks->count];
        } else {
            i++;
        }
    }
}

bool gdb_breaks_hit(const struct gdb_breaks *breaks, paddr vspace, uint64_t after)
{
    for (unsigned i = 0; i < breaks->count; i++) {
        const struct gdb_break *one = &breaks->breaks[i];
        if (one->inserted && one->vspace == vspace && one->address == after - 1) {
            return true;
        }
    }
    return false;
}
