/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Address space identifiers. */
#include "kernel/x86/asid.h"

#include "kernel/cdt.h"
#include "kernel/cnode.h"

/* A pool is an array of the PML4s that have its identifiers; 0 where one is free. */
static paddr *pool_entries(struct kernel *k, paddr pool)
{
    return object_at(k, pool);
}

static paddr *pool_slot(struct kernel *k, unsigned asid)
{
    return &k->asid_pools[asid / ASID_POOL_ENTRIES];
}

paddr asid_vspace(struct kernel *k, unsigned asid)
{
    paddr pool = *pool_slot(k, asid);
    return pool ? pool_entries(k, pool)[asid % ASID_POOL_ENTRIES] : 0;
}

void asid_install_pool(struct kernel *k, unsigned base, paddr pool)
{
    *pool_slot(k, base) = pool;
}

void asid_assign(struct kernel *k, unsigned asid, paddr pml4)
{
    pool_entries(k, *pool_slot(k, asid))[asid % ASID_POOL_ENTRIES] = pml4;
}

static void release_vspace(struct kernel *k, paddr pml4)
{
    k->port.release_vspace(k->port.context, pml4);
}

void asid_delete_pool(struct kernel *k, unsigned base, paddr pool)
{
    if (*pool_slot(k, base) != pool) {
        return;
    }
    const paddr *entries = pool_entries(k, pool);
    for (unsigned i = 0; i < ASID_POOL_ENTRIES; i++) {
        if (entries[i]) {
            release_vspace(k, entries[i]);
        }
    }
    *pool_slot(k, base) = 0;
}

void asid_delete(struct kernel *k, unsigned asid, paddr pml4)
{
    if (asid_vspace(k, asid) == pml4) {
        release_vspace(k, pml4);
        asid_assign(k, asid, 0);
    }
}

/* Cannot fail: the untyped is whole, childless and as large as a pool. */
static void perform_make_pool(struct kernel *k, struct slot *untyped, struct slot *target,
                              unsigned base)
{
    paddr pool = cap_object(untyped->cap);
    untyped->cap.untyped.free_offset = 1ul << seL4_ASIDPoolBits;
    k->port.clear(k->port.context, pool, 1ul << seL4_ASIDPoolBits);

    struct cap cap = {
        .asid_pool = {.type = CAP_ASID_POOL, .object_16 = pool >> 4, .asid_base = base}};
    cdt_insert(k, cap, untyped, target);
    asid_install_pool(k, base, pool);
}

static bool is_whole_pool(struct cap cap)
{
    return cap_is(cap, CAP_UNTYPED) && cap.untyped.size_bits == seL4_ASIDPoolBits &&
           !cap.untyped.is_device;
}

enum answer decode_asid_control(struct call *call)
{
    struct kernel *k = call->k;
    if (call->label != X86ASIDControlMakePool) {
        return answer_unknown_label(call);
    }
    if (call->length < 2 || call->extra_count < 2) {
        return answer_truncated(call, 2, 2);
    }
    unsigned number = 0;
    while (number < ASID_POOLS && k->asid_pools[number]) {
        number++;
    }
    if (number == ASID_POOLS) {
        return answer_delete_first(call, WHY("all %u ASID pools exist", ASID_POOLS));
    }
    struct slot *untyped = call->extra[0];
    if (!is_whole_pool(untyped->cap)) {
        return answer_invalid_cap(
            call, 1, WHY("a pool is made from untyped RAM of %u bits", seL4_ASIDPoolBits));
    }
    if (cdt_has_children(k, untyped)) {
        return answer_revoke_first(call, WHY("the untyped memory is in use"));
    }
    struct slot *target;
    enum answer answer = cnode_find(call, LOOKUP_DESTINATION, call->extra[1]->cap, call->args[0],
                                    call->args[1], &target);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (!cap_is_null(target->cap)) {
        return answer_delete_first(call, WHY("slot %u is not empty", call->args[0]));
    }
    perform_make_pool(k, untyped, target, number * ASID_POOL_ENTRIES);
    return ANSWER_DONE;
}

static void perform_assign(struct kernel *k, struct slot *vspace, unsigned asid)
{
    asid_assign(k, asid, cap_object(vspace->cap));
    vspace->cap.table.asid = asid & 0xffff;
    vspace->cap.table.is_mapped = true;
}

enum answer decode_asid_pool(struct call *call)
{
    struct kernel *k = call->k;
    if (call->label != X86ASIDPoolAssign) {
        return answer_unknown_label(call);
    }
    if (call->extra_count < 1) {
        return answer_truncated(call, 0, 1);
    }
    struct slot *vspace = call->extra[0];
    if (!cap_is(vspace->cap, CAP_PML4)) {
        return answer_invalid_cap(call, 1, WHY("only a PML4 can get an address space identifier"));
    }
    if (vspace->cap.table.asid != ASID_NONE) {
        return answer_invalid_cap(
            call, 1,
            WHY("the PML4 has had an address space identifier, %u", vspace->cap.table.asid));
    }
    unsigned base = (unsigned)call->cap.asid_pool.asid_base;
    paddr pool = *pool_slot(k, base);
    if (!pool) {
        return answer_failed_lookup_of(call, LOOKUP_DESTINATION,
                                       (struct lookup_failure){.kind = seL4_InvalidRoot},
                                       WHY("this pool is deleted"));
    }
    if (pool != cap_object(call->cap)) {
        return answer_invalid_cap(call, 0, WHY("this pool has been replaced by another"));
    }
    const paddr *entries = pool_entries(k, pool);
    unsigned i = 0;
    while (i < ASID_POOL_ENTRIES && (base + i == ASID_NONE || entries[i])) {
        i++;
    }
    if (i == ASID_POOL_ENTRIES) {
        return answer_delete_first(
            call, WHY("all %u identifiers of the pool are in use", ASID_POOL_ENTRIES));
    }
    perform_assign(k, vspace, base + i);
    return ANSWER_DONE;
}
