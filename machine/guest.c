/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Guests' memory. */
#include "machine/guest.h"

#include <string.h>

/* How much of [vaddr, vaddr + count) lies in the page, and where in memory; NULL: none. */
static const uint8_t *page_bytes(struct kernel *kernel, const struct memory *memory, paddr vspace,
                                 uint64_t vaddr, size_t *count)
{
    struct kernel_mapping mapping;
    if (!kernel_translate(kernel, vspace, vaddr, &mapping) || !mapping.readable) {
        return NULL;
    }
    uint64_t offset = vaddr - mapping.vaddr;
    uint64_t left = mapping.bytes - offset;
    if (*count > left) {
        *count = (size_t)left;
    }
    paddr first = mapping.frame + offset;
    if (first >= memory->bytes || *count > memory->bytes - first) {
        return NULL;
    }
    return memory->ram + first;
}

bool guest_read(struct kernel *kernel, const struct memory *memory, paddr vspace, uint64_t vaddr,
                void *bytes, size_t count)
{
    uint8_t *target = bytes;
    while (count > 0) {
        size_t part = count;
        const uint8_t *source = page_bytes(kernel, memory, vspace, vaddr, &part);
        if (!source) {
            return false;
        }
        memcpy(target, source, part);
        target += part;
        vaddr += part;
        count -= part;
    }
    return true;
}
