/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Untyped memory: where all objects come from. */
#include "kernel/untyped.h"

#include "kernel/cdt.h"
#include "kernel/cnode.h"
#include "kernel/object.h"
#include "kernel/x86/x86.h"

/* Above this many bytes memory is given back to the host in one piece instead of being cleared in
 * chunks: that is quicker the more of it was never touched. */
#define RESET_PIECE_MIN (64ul * 1024)
#define RESET_PIECE_MAX (2ul * 1024 * 1024)

/* Where the objects go, once everything has been checked. */
struct retype {
    enum object_type type;
    unsigned size_bits; /* of each object */
    uint64_t user_size;
    uint64_t count;
    struct slot *slots;
    uint64_t free_offset; /* in the untyped, after a reset if there has to be one */
    bool reset;
};

static uint64_t align_up(uint64_t value, unsigned bits)
{
    uint64_t mask = (1ul << bits) - 1;
    return (value + mask) & ~mask;
}

/* How much is cleared between two preemption points: the last piece below `end`. */
static uint64_t reset_piece(const struct kernel *k, uint64_t end)
{
    if (end > RESET_PIECE_MIN) {
        return end < RESET_PIECE_MAX ? end : RESET_PIECE_MAX;
    }
    uint64_t chunk = 1ul << k->config.reset_chunk_bits;
    uint64_t rest = end & (chunk - 1);
    return rest ? rest : chunk;
}

/* Clear what was used, from the end, noting progress in the cap. */
static enum answer reset(struct kernel *k, struct cap *untyped)
{
    paddr base = cap_object(*untyped);
    if (untyped->untyped.is_device) {
        untyped->untyped.free_offset = 0;
    }
    while (untyped->untyped.free_offset > 0) {
        uint64_t end = untyped->untyped.free_offset;
        uint64_t piece = reset_piece(k, end);
        if (piece > end) {
            piece = end;
        }
        k->port.clear(k->port.context, base + end - piece, piece);
        untyped->untyped.free_offset = end - piece;
        if (preemption_point(k)) {
            return ANSWER_PREEMPTED;
        }
    }
    return ANSWER_DONE;
}

static enum answer perform_retype(struct kernel *k, struct slot *slot, const struct retype *retype)
{
    if (retype->reset) {
        enum answer answer = reset(k, &slot->cap);
        if (answer != ANSWER_DONE) {
            return answer;
        }
    }
    struct cap *untyped = &slot->cap;
    paddr object = align_up(cap_object(*untyped) + retype->free_offset, retype->size_bits);
    uint64_t bytes = 1ul << retype->size_bits;
    untyped->untyped.free_offset = object + retype->count * bytes - cap_object(*untyped);

    bool is_device = untyped->untyped.is_device;
    for (uint64_t i = 0; i < retype->count; i++, object += bytes) {
        struct cap cap = object_create(k, retype->type, object, retype->user_size, is_device);
        cdt_insert_first(k, cap, slot, &retype->slots[i]);
    }
    return ANSWER_DONE;
}

/* Arguments 0 and 1: what to make, how large. */
static enum answer decode_type_and_size(struct call *call, struct retype *retype)
{
    uint64_t number = call->args[0];
    uint64_t user_size = call->args[1];

    if (number >= call->k->type_count) {
        return answer_invalid_argument(
            call, 0,
            WHY("there is no object type %u, only 0 to %u", number, call->k->type_count - 1));
    }
    retype->type = (enum object_type)call->k->type_of_number[number];
    retype->user_size = user_size;
    retype->size_bits = user_size < 64 ? object_size_bits(call->k, retype->type, user_size) : 64;
    if (user_size >= 64 || retype->size_bits > seL4_MaxUntypedBits) {
        return answer_range(call, 0, seL4_MaxUntypedBits,
                            WHY("a size of %u bits is above %u", user_size, seL4_MaxUntypedBits));
    }
    uint64_t least = retype->type == seL4_CapTableObject       ? 1
                     : retype->type == seL4_UntypedObject      ? seL4_MinUntypedBits
                     : retype->type == seL4_SchedContextObject ? seL4_MinSchedContextBits
                                                               : 0;
    if (user_size < least) {
        return answer_invalid_argument(
            call, 1, WHY("a size of %u bits is below %u for this type", user_size, least));
    }
    return ANSWER_DONE;
}

/* Arguments 2 to 5 and the extra cap: which slots get the caps. */
static enum answer decode_destination(struct call *call, struct retype *retype)
{
    uint64_t index = call->args[2];
    uint64_t depth = call->args[3];
    uint64_t offset = call->args[4];
    uint64_t count = call->args[5];
    struct cap node = call->extra[0]->cap;

    if (depth != 0) {
        struct slot *slot = NULL;
        enum answer answer = cnode_find(call, LOOKUP_DESTINATION, node, index, depth, &slot);
        if (answer != ANSWER_DONE) {
            return answer;
        }
        node = slot->cap;
    }
    if (!cap_is(node, CAP_CNODE)) {
        return answer_failed_lookup(
            call, LOOKUP_DESTINATION,
            (struct lookup_failure){.kind = seL4_MissingCapability, .bits_left = (uint8_t)depth});
    }
    uint64_t slots = 1ul << node.cnode.radix;
    uint64_t count_max = call->k->config.retype_fan_out_limit;
    if (offset > slots - 1) {
        return answer_range(call, 0, slots - 1,
                            WHY("slot %u is beyond the CNode's last, %u", offset, slots - 1));
    }
    if (count < 1 || count > count_max) {
        return answer_range(call, 1, count_max,
                            WHY("%u objects are not within 1 and %u", count, count_max));
    }
    if (count > slots - offset) {
        return answer_range(
            call, 1, slots - offset,
            WHY("%u objects from slot %u on do not fit into a CNode of %u", count, offset, slots));
    }
    retype->slots = slot_at(call->k, cap_object(node)) + offset;
    retype->count = count;
    for (uint64_t i = 0; i < count; i++) {
        if (!cap_is_null(retype->slots[i].cap)) {
            return answer_delete_first(call, WHY("slot %u is not empty", offset + i));
        }
    }
    return ANSWER_DONE;
}

/* Whether the untyped has room, and of a kind that this type can be made from. */
static enum answer decode_room(struct call *call, struct retype *retype)
{
    struct cap untyped = call->cap;
    retype->reset = !cdt_has_children(call->k, call->slot);
    retype->free_offset = retype->reset ? 0 : untyped.untyped.free_offset;

    /* What fits at all fits aligned too: objects are packed to the right. */
    uint64_t left = (1ul << untyped.untyped.size_bits) - retype->free_offset;
    if (left >> retype->size_bits < retype->count) {
        return answer_not_enough_memory(call, left,
                                        WHY("%u objects of %u bytes need more than the %u bytes "
                                            "that are left",
                                            retype->count, 1ul << retype->size_bits, left));
    }
    bool is_memory = retype->type == seL4_UntypedObject || x86_is_frame_type(retype->type);
    if (untyped.untyped.is_device && !is_memory) {
        return answer_invalid_argument(
            call, 1, WHY("device memory can only become untyped memory and frames"));
    }
    return ANSWER_DONE;
}

enum answer decode_untyped(struct call *call)
{
    if (call->label != UntypedRetype) {
        return answer_unknown_label(call);
    }
    if (call->length < 6 || call->extra_count < 1) {
        return answer_truncated(call, 6, 1);
    }
    struct retype retype = {0};
    enum answer answer = decode_type_and_size(call, &retype);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = decode_destination(call, &retype);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = decode_room(call, &retype);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return perform_retype(call->k, call->slot, &retype);
}
