/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a guest's cptr to a slot. */
#include "kernel/lookup.h"

#include "abi/errors.h"

#define CPTR_BITS 64

static struct lookup failed(struct lookup_failure failure)
{
    return (struct lookup){.slot = NULL, .failure = failure};
}

/* `count` bits of `value` that end `from` bits above bit 0; any of the three may be 0 or 64. */
static uint64_t bits_below(uint64_t value, unsigned from, unsigned count)
{
    if (count == 0) {
        return 0;
    }
    uint64_t shifted = value >> (from - count);
    return count == 64 ? shifted : shifted & ((1ul << count) - 1);
}

struct lookup lookup_bits(struct kernel *k, struct cap root, uint64_t index, uint64_t depth,
                          unsigned *bits_left)
{
    unsigned left = (unsigned)depth;
    struct cap node = root;
    *bits_left = left;

    if (!cap_is(node, CAP_CNODE)) {
        return failed((struct lookup_failure){.kind = seL4_InvalidRoot});
    }
    for (;;) {
        unsigned guard_bits = node.cnode.guard_bits;
        unsigned level_bits = guard_bits + node.cnode.radix;

        if (guard_bits > left || bits_below(index, left, guard_bits) != node.cnode.guard) {
            return failed((struct lookup_failure){.kind = seL4_GuardMismatch,
                                                  .bits_left = (uint8_t)left,
                                                  .bits_found = (uint8_t)guard_bits,
                                                  .guard = node.cnode.guard});
        }
        if (level_bits > left) {
            return failed((struct lookup_failure){.kind = seL4_DepthMismatch,
                                                  .bits_left = (uint8_t)left,
                                                  .bits_found = (uint8_t)level_bits});
        }
        struct slot *slots = slot_at(k, cap_object(node));
        struct slot *slot = &slots[bits_below(index, left - guard_bits, node.cnode.radix)];
        left -= level_bits;
        *bits_left = left;
        if (left == 0 || !cap_is(slot->cap, CAP_CNODE)) {
            return (struct lookup){.slot = slot};
        }
        node = slot->cap;
    }
}

struct lookup lookup_slot(struct kernel *k, struct tcb *tcb, cptr address)
{
    /* Bits beyond a slot that holds no CNode are ignored, as in seL4. */
    unsigned bits_left;
    return lookup_bits(k, tcb->slots[TCB_CSPACE].cap, address, CPTR_BITS, &bits_left);
}

struct lookup lookup_target(struct kernel *k, struct cap root, uint64_t index, uint64_t depth)
{
    unsigned bits_left;
    struct lookup lookup = lookup_bits(k, root, index, depth, &bits_left);
    if (lookup.slot && bits_left != 0) {
        return failed(
            (struct lookup_failure){.kind = seL4_DepthMismatch, .bits_left = (uint8_t)bits_left});
    }
    return lookup;
}
