/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The capability derivation tree. */
#include "kernel/cdt.h"

#include "kernel/object.h"

static struct slot *next_of(struct kernel *k, const struct slot *slot)
{
    return slot_at(k, (paddr)slot->next_32 << seL4_SlotBits);
}

static struct slot *previous_of(struct kernel *k, const struct slot *slot)
{
    return slot_at(k, (paddr)slot->previous_32 << seL4_SlotBits);
}

/* Make b follow a in the list; either may be NULL. */
static void link(struct kernel *k, struct slot *a, struct slot *b)
{
    if (a) {
        a->next_32 = slot_address(k, b) >> seL4_SlotBits;
    }
    if (b) {
        b->previous_32 = slot_address(k, a) >> seL4_SlotBits;
    }
}

static bool badge_allows_child(uint64_t parent_badge, uint64_t child_badge,
                               const struct slot *child)
{
    return parent_badge == 0 || (parent_badge == child_badge && !child->is_first_badged);
}

bool cdt_is_parent(const struct slot *parent, const struct slot *child)
{
    if (!parent->is_revocable || !object_same_region(parent->cap, child->cap)) {
        return false;
    }
    switch (cap_type(parent->cap)) {
    case CAP_ENDPOINT:
        return badge_allows_child(parent->cap.endpoint.badge, child->cap.endpoint.badge, child);
    case CAP_NOTIFICATION:
        return badge_allows_child(parent->cap.notification.badge, child->cap.notification.badge,
                                  child);
    default:
        return true;
    }
}

static void insert_after(struct kernel *k, struct slot *before, struct slot *slot, struct cap cap,
                         bool is_revocable)
{
    ASSERT(cap_is_null(slot->cap));
    struct slot *after = next_of(k, before);
    slot->cap = cap;
    slot->is_revocable = is_revocable;
    slot->is_first_badged = is_revocable;
    link(k, before, slot);
    link(k, slot, after);
}

/* A copy of an untyped could be retyped beside the original: only one of them may be. */
static void mark_full_if_copied(struct slot *source, struct cap copy)
{
    struct cap *cap = &source->cap;
    if (cap_is(*cap, CAP_UNTYPED) && cap_is(copy, CAP_UNTYPED) &&
        cap->object_16 == copy.object_16 && cap->untyped.size_bits == copy.untyped.size_bits) {
        cap->untyped.free_offset = 1ul << cap->untyped.size_bits;
    }
}

void cdt_insert(struct kernel *k, struct cap cap, struct slot *source, struct slot *target)
{
    bool is_revocable = object_is_revocable(cap, source->cap);
    mark_full_if_copied(source, cap);
    insert_after(k, source, target, cap, is_revocable);
}

void cdt_insert_first(struct kernel *k, struct cap cap, struct slot *parent, struct slot *target)
{
    insert_after(k, parent, target, cap, true);
}

/* `target` takes the place of `source` in the list, with this cap. */
static void take_place(struct kernel *k, struct slot *source, struct slot *target, struct cap cap)
{
    *target = *source;
    target->cap = cap;
    link(k, previous_of(k, source), target);
    link(k, target, next_of(k, source));
    *source = (struct slot){0};
}

void cdt_move(struct kernel *k, struct cap cap, struct slot *source, struct slot *target)
{
    ASSERT(cap_is_null(target->cap));
    take_place(k, source, target, cap);
}

void cdt_swap(struct kernel *k, struct cap cap_a, struct slot *a, struct cap cap_b, struct slot *b)
{
    if (a == b) {
        return;
    }
    struct slot old_a = *a;
    struct slot old_b = *b;
    a->cap = cap_b;
    b->cap = cap_a;
    a->is_revocable = old_b.is_revocable;
    a->is_first_badged = old_b.is_first_badged;
    b->is_revocable = old_a.is_revocable;
    b->is_first_badged = old_a.is_first_badged;

    struct slot *before_a = previous_of(k, &old_a);
    struct slot *after_a = next_of(k, &old_a);
    struct slot *before_b = previous_of(k, &old_b);
    struct slot *after_b = next_of(k, &old_b);
    /* Where the two are neighbours, each is the other's new neighbour too. */
    link(k, before_a == b ? a : before_a, b);
    link(k, b, after_a == b ? a : after_a);
    link(k, before_b == a ? b : before_b, a);
    link(k, a, after_b == a ? b : after_b);
}

void cdt_remove(struct kernel *k, struct slot *slot)
{
    struct slot *next = next_of(k, slot);
    link(k, previous_of(k, slot), next);
    if (next && slot->is_first_badged) {
        next->is_first_badged = true;
    }
    *slot = (struct slot){0};
}

bool cdt_has_children(struct kernel *k, const struct slot *slot)
{
    const struct slot *next = next_of(k, slot);
    return next && cdt_is_parent(slot, next);
}

struct slot *cdt_first_child(struct kernel *k, const struct slot *slot)
{
    return cdt_has_children(k, slot) ? next_of(k, slot) : NULL;
}

bool cdt_is_final(struct kernel *k, const struct slot *slot)
{
    const struct slot *previous = previous_of(k, slot);
    const struct slot *next = next_of(k, slot);
    return !(previous && object_same(previous->cap, slot->cap)) &&
           !(next && object_same(slot->cap, next->cap));
}
