/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* CNodes: the invocations on them, and how caps are deleted and revoked. */
#include "kernel/cnode.h"

#include "kernel/cdt.h"
#include "kernel/endpoint.h"
#include "kernel/lookup.h"
#include "kernel/object.h"
#include "kernel/sched.h"

bool preemption_point(struct kernel *k)
{
    if (++k->work_units < k->config.work_units_per_preemption) {
        return false;
    }
    k->work_units = 0;
    bool may_continue = sched_may_continue(k);
    return k->port.interrupt_pending(k->port.context) || !may_continue;
}

/*
 * Deletion.
 *
 * The last cap to a CNode or TCB becomes a zombie, which empties the object's slots one by one,
 * from the last. What it finds there may be the last cap to a CNode again. So that no chain of
 * these needs recursion without bound, a zombie found inside another is moved aside: the two slots
 * are exchanged, and the outer deletion goes on with the inner object.
 */

/* Whether a guest named the slot, or it was found inside a zombie's object. */
enum exposure { EXPOSED, INSIDE_ZOMBIE };

static enum answer delete_slot(struct kernel *k, struct slot *slot, enum exposure exposure);

static struct slot *zombie_slots(struct kernel *k, struct cap zombie)
{
    return slot_at(k, cap_object(zombie));
}

/* Nothing is left to be emptied: a null cap, or a zombie whose one slot left is the one that
 * holds it. */
static bool is_removable(struct kernel *k, struct cap cap, const struct slot *slot)
{
    if (cap_is_null(cap)) {
        return true;
    }
    ASSERT(cap_is(cap, CAP_ZOMBIE));
    uint64_t left = cap.zombie.slots_left;
    return left == 0 || (left == 1 && zombie_slots(k, cap) == slot);
}

static void empty_slot(struct kernel *k, struct slot *slot, struct cap cleanup)
{
    if (!cap_is_null(slot->cap)) {
        cdt_remove(k, slot);
        object_clean_up(k, cleanup);
    }
}

/* Most of a large CNode was never used. Returns whether there was anything to pass over. */
static bool skip_unused(struct kernel *k, struct cap *zombie)
{
    uint64_t left = zombie->zombie.slots_left;
    uint64_t bytes = left << seL4_SlotBits;
    if (bytes == 0 || bytes % ((uint64_t)1 << seL4_PageBits) != 0) {
        return false;
    }
    uint64_t used = k->port.used(k->port.context, cap_object(*zombie), bytes);
    zombie->zombie.slots_left = used >> seL4_SlotBits;
    return zombie->zombie.slots_left != left;
}

/* Empty one slot of a zombie that can be seen by its owner. */
static enum answer reduce_exposed(struct kernel *k, struct slot *slot)
{
    if (skip_unused(k, &slot->cap)) {
        return ANSWER_DONE;
    }
    struct cap before = slot->cap;
    struct slot *last = &zombie_slots(k, before)[before.zombie.slots_left - 1];

    enum answer answer = delete_slot(k, last, INSIDE_ZOMBIE);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    /* The deletion may have exchanged this slot's cap for another zombie, or emptied it. */
    struct cap *after = &slot->cap;
    if (cap_is(*after, CAP_ZOMBIE) && after->object_16 == before.object_16 &&
        after->zombie.is_tcb == before.zombie.is_tcb &&
        after->zombie.radix == before.zombie.radix &&
        after->zombie.slots_left == before.zombie.slots_left) {
        after->zombie.slots_left--;
    }
    return ANSWER_DONE;
}

/* A zombie inside the object of another: exchange it with the first slot of its own object. */
static void move_aside(struct kernel *k, struct slot *slot)
{
    struct slot *first = zombie_slots(k, slot->cap);
    ASSERT(first != slot);
    cdt_swap(k, first->cap, first, slot->cap, slot);
}

/*
 * Finalise what is in a slot until it can be emptied.
 *
 * *removable  Whether the slot is to be emptied; an unexposed cyclic zombie stays.
 */
static enum answer finalise_slot(struct kernel *k, struct slot *slot, enum exposure exposure,
                                 bool *removable, struct cap *cleanup)
{
    *removable = true;
    *cleanup = cap_null();
    while (!cap_is_null(slot->cap)) {
        struct cap remainder = object_finalise(k, slot->cap, cdt_is_final(k, slot), cleanup);
        if (is_removable(k, remainder, slot)) {
            return ANSWER_DONE;
        }
        slot->cap = remainder;
        if (exposure == INSIDE_ZOMBIE && zombie_slots(k, remainder) == slot) {
            *removable = false;
            return ANSWER_DONE;
        }
        if (exposure == EXPOSED) {
            enum answer answer = reduce_exposed(k, slot);
            if (answer != ANSWER_DONE) {
                return answer;
            }
        } else {
            move_aside(k, slot);
        }
        if (preemption_point(k)) {
            return ANSWER_PREEMPTED;
        }
        *cleanup = cap_null();
    }
    return ANSWER_DONE;
}

static enum answer delete_slot(struct kernel *k, struct slot *slot, enum exposure exposure)
{
    bool removable;
    struct cap cleanup;
    enum answer answer = finalise_slot(k, slot, exposure, &removable, &cleanup);
    if (answer == ANSWER_DONE && (exposure == EXPOSED || removable)) {
        empty_slot(k, slot, cleanup);
    }
    return answer;
}

enum answer cnode_delete(struct kernel *k, struct slot *slot)
{
    return delete_slot(k, slot, EXPOSED);
}

void cnode_delete_one(struct kernel *k, struct slot *slot)
{
    if (cap_is_null(slot->cap)) {
        return;
    }
    struct cap cleanup;
    struct cap remainder = object_finalise(k, slot->cap, cdt_is_final(k, slot), &cleanup);
    ASSERT(cap_is_null(remainder));
    ASSERT(cap_is_null(cleanup));
    empty_slot(k, slot, cap_null());
}

enum answer cnode_revoke(struct kernel *k, struct slot *slot)
{
    struct slot *child;
    while ((child = cdt_first_child(k, slot))) {
        enum answer answer = cnode_delete(k, child);
        if (answer != ANSWER_DONE) {
            return answer;
        }
        if (preemption_point(k)) {
            return ANSWER_PREEMPTED;
        }
    }
    return ANSWER_DONE;
}

/* Invocations. */

enum answer cnode_find(struct call *call, enum lookup_side side, struct cap root, uint64_t index,
                       uint64_t depth, struct slot **slot)
{
    if (!cap_is(root, CAP_CNODE)) {
        return answer_failed_lookup(call, side, (struct lookup_failure){.kind = seL4_InvalidRoot});
    }
    if (depth < 1 || depth > 64) {
        return answer_range(call, 1, 64, WHY("a depth of %u bits is not within 1 and 64", depth));
    }
    struct lookup lookup = lookup_target(call->k, root, index, depth);
    if (!lookup.slot) {
        return answer_failed_lookup(call, side, lookup.failure);
    }
    *slot = lookup.slot;
    return ANSWER_DONE;
}

static enum answer require_empty(struct call *call, const struct slot *slot)
{
    if (!cap_is_null(slot->cap)) {
        return answer_delete_first(call, WHY("the destination slot is not empty"));
    }
    return ANSWER_DONE;
}

static enum answer require_full(struct call *call, enum lookup_side side, const struct slot *slot,
                                uint64_t depth)
{
    if (cap_is_null(slot->cap)) {
        return answer_failed_lookup(
            call, side,
            (struct lookup_failure){.kind = seL4_MissingCapability, .bits_left = (uint8_t)depth});
    }
    return ANSWER_DONE;
}

static enum answer invalid_new_cap(struct call *call)
{
    return answer_illegal(call, WHY("a cap with this badge or guard cannot be made from this one"));
}

static enum answer answer_not_derived(struct call *call, seL4_Error error)
{
    switch (error) {
    case seL4_RevokeFirst:
        return answer_revoke_first(call, WHY("the untyped has children"));
    default:
        return answer_illegal(call,
                              WHY("a table or VSpace that is not mapped cannot be copied: map it "
                                  "first"));
    }
}

static enum answer derive_copy(struct call *call, struct slot *source, struct slot *target,
                               struct cap cap)
{
    struct derived derived = object_derive(call->k, source, cap);
    if (derived.error != seL4_NoError) {
        return answer_not_derived(call, derived.error);
    }
    if (cap_is_null(derived.cap)) {
        return invalid_new_cap(call);
    }
    cdt_insert(call->k, derived.cap, source, target);
    return ANSWER_DONE;
}

static enum answer decode_copy(struct call *call, struct slot *source, struct slot *target)
{
    if (call->length < 5) {
        return answer_truncated(call, 5, 1);
    }
    return derive_copy(call, source, target, object_mask_rights(source->cap, call->args[4]));
}

static enum answer decode_mint(struct call *call, struct slot *source, struct slot *target)
{
    if (call->length < 6) {
        return answer_truncated(call, 6, 1);
    }
    struct cap masked = object_mask_rights(source->cap, call->args[4]);
    return derive_copy(call, source, target, object_set_badge(masked, call->args[5], BADGE_NEW));
}

static enum answer decode_mutate(struct call *call, struct slot *source, struct slot *target)
{
    if (call->length < 5) {
        return answer_truncated(call, 5, 1);
    }
    struct cap cap = object_set_badge(source->cap, call->args[4], BADGE_PRESERVE);
    if (cap_is_null(cap)) {
        return invalid_new_cap(call);
    }
    cdt_move(call->k, cap, source, target);
    return ANSWER_DONE;
}

/* Copy, Mint, Move and Mutate: from a source slot into an empty one. */
static enum answer decode_transfer(struct call *call, struct slot *target)
{
    if (call->length < 4 || call->extra_count < 1) {
        return answer_truncated(call, 4, 1);
    }
    struct slot *source = NULL;
    uint64_t index = call->args[2];
    uint64_t depth = call->args[3];

    /* Before the source: with both wrong, seL4 answers DeleteFirst. */
    enum answer answer = require_empty(call, target);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = cnode_find(call, LOOKUP_SOURCE, call->extra[0]->cap, index, depth, &source);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = require_full(call, LOOKUP_SOURCE, source, depth);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    switch (call->label) {
    case CNodeCopy:
        return decode_copy(call, source, target);
    case CNodeMint:
        return decode_mint(call, source, target);
    case CNodeMutate:
        return decode_mutate(call, source, target);
    default:
        cdt_move(call->k, source->cap, source, target);
        return ANSWER_DONE;
    }
}

static void perform_rotate(struct kernel *k, struct slot *source, struct cap source_cap,
                           struct slot *pivot, struct cap pivot_cap, struct slot *target)
{
    if (source == target) {
        cdt_swap(k, source_cap, source, pivot_cap, pivot);
    } else {
        cdt_move(k, pivot_cap, pivot, target);
        cdt_move(k, source_cap, source, pivot);
    }
}

static enum answer decode_rotate(struct call *call, struct slot *target)
{
    if (call->length < 8 || call->extra_count < 2) {
        return answer_truncated(call, 8, 2);
    }
    struct slot *source = NULL;
    struct slot *pivot = NULL;
    uint64_t pivot_data = call->args[2];
    uint64_t pivot_index = call->args[3];
    uint64_t pivot_depth = call->args[4];
    uint64_t source_data = call->args[5];
    uint64_t source_index = call->args[6];
    uint64_t source_depth = call->args[7];

    enum answer answer =
        cnode_find(call, LOOKUP_SOURCE, call->extra[1]->cap, source_index, source_depth, &source);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = cnode_find(call, LOOKUP_SOURCE, call->extra[0]->cap, pivot_index, pivot_depth, &pivot);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (pivot == source || pivot == target) {
        return answer_illegal(call, WHY("the pivot slot is also the source or the destination"));
    }
    if (source != target) {
        answer = require_empty(call, target);
        if (answer != ANSWER_DONE) {
            return answer;
        }
    }
    answer = require_full(call, LOOKUP_SOURCE, source, source_depth);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = require_full(call, LOOKUP_DESTINATION, pivot, pivot_depth);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    struct cap source_cap = object_set_badge(source->cap, source_data, BADGE_PRESERVE);
    struct cap pivot_cap = object_set_badge(pivot->cap, pivot_data, BADGE_PRESERVE);
    if (cap_is_null(source_cap) || cap_is_null(pivot_cap)) {
        return invalid_new_cap(call);
    }
    perform_rotate(call->k, source, source_cap, pivot, pivot_cap, target);
    return ANSWER_DONE;
}

static enum answer decode_cancel_badged_sends(struct call *call, struct cap cap)
{
    if (!cap_is(cap, CAP_ENDPOINT) || !cap.endpoint.can_send || !cap.endpoint.can_receive ||
        !cap.endpoint.can_grant || !cap.endpoint.can_grant_reply) {
        return answer_illegal(call, WHY("this needs an endpoint cap with all rights"));
    }
    if (cap.endpoint.badge) {
        ep_cancel_badged(call->k, ep_at(call->k, cap_object(cap)), cap.endpoint.badge);
    }
    return ANSWER_DONE;
}

enum answer decode_cnode(struct call *call)
{
    if (call->label < CNodeRevoke || call->label > CNodeRotate) {
        return answer_unknown_label(call);
    }
    if (call->length < 2) {
        return answer_truncated(call, 2, 0);
    }
    struct slot *target = NULL;
    enum answer answer =
        cnode_find(call, LOOKUP_DESTINATION, call->cap, call->args[0], call->args[1], &target);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    switch (call->label) {
    case CNodeRevoke:
        return cnode_revoke(call->k, target);
    case CNodeDelete:
        return cnode_delete(call->k, target);
    case CNodeCancelBadgedSends:
        return decode_cancel_badged_sends(call, target->cap);
    case CNodeRotate:
        return decode_rotate(call, target);
    default:
        return decode_transfer(call, target);
    }
}
