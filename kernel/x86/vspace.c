/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* VSpaces. */
#include "kernel/x86/vspace.h"

#include "abi/message.h"
#include "kernel/cdt.h"
#include "kernel/x86/asid.h"
#include "kernel/x86/iospace.h"
#include "kernel/x86/x86.h"

/* What both kinds of mapping find first. */
struct place {
    paddr pml4;
    unsigned asid;
    uint64_t vaddr;
    uint64_t *entry;
};

bool x86_is_vspace_root(struct cap cap)
{
    return cap_is(cap, CAP_PML4) && cap.table.is_mapped;
}

paddr x86_vspace_of(struct kernel *k, const struct tcb *tcb)
{
    struct cap root = tcb->slots[TCB_VSPACE].cap;
    paddr pml4 = cap_object(root);
    if (!x86_is_vspace_root(root) || asid_vspace(k, (unsigned)root.table.asid) != pml4) {
        return 0;
    }
    return pml4;
}

bool x86_ipc_buffer_frame_ok(struct cap cap)
{
    return cap_is(cap, CAP_FRAME) && !cap.frame.is_device;
}

bool x86_ipc_buffer_address_ok(uint64_t address)
{
    return (address & ((1ul << IPC_BUFFER_BITS) - 1)) == 0;
}

bool kernel_translate(struct kernel *kernel, paddr vspace, uint64_t vaddr,
                      struct kernel_mapping *mapping)
{
    if (vaddr >= X86_USER_TOP) {
        return false;
    }
    for (enum paging_level level = LEVEL_PDPT;; level--) {
        struct paging_walk walk = paging_walk(kernel, vspace, vaddr, level);
        if (!walk.entry || !paging_is_present(*walk.entry)) {
            return false;
        }
        if (paging_is_page(*walk.entry, level)) {
            uint64_t bytes = paging_entry_bytes(level);
            *mapping = (struct kernel_mapping){.vaddr = vaddr & ~(bytes - 1),
                                               .frame = paging_page(*walk.entry, level),
                                               .bytes = bytes,
                                               .readable = paging_is_readable(*walk.entry),
                                               .writable = paging_is_writable(*walk.entry)};
            return true;
        }
    }
}

enum frame_rights vspace_mask_rights(enum frame_rights held, uint64_t rights)
{
    if (held == FRAME_KERNEL_ONLY || !(rights & RIGHT_READ)) {
        return FRAME_KERNEL_ONLY;
    }
    return rights & RIGHT_WRITE ? held : FRAME_READ_ONLY;
}

/* Nobody may reach what the entry said of this address any more. */
static void forget(struct kernel *k, paddr pml4, uint64_t vaddr, enum paging_level level)
{
    k->port.unmap(k->port.context, pml4, vaddr, paging_entry_bytes(level));
}

/* The level whose entries lead to a table of this type. */
static enum paging_level level_above(enum cap_type type)
{
    switch (type) {
    case CAP_PAGE_TABLE:
        return LEVEL_PD;
    case CAP_PAGE_DIRECTORY:
        return LEVEL_PDPT;
    default:
        ASSERT(type == CAP_PDPT);
        return LEVEL_PML4;
    }
}

/* The VSpace and entry where a cap says that its object is mapped; NULL when they are gone. */
static uint64_t *mapped_entry(struct kernel *k, unsigned asid, uint64_t vaddr,
                              enum paging_level level, paddr *pml4)
{
    *pml4 = asid_vspace(k, asid);
    if (!*pml4) {
        return NULL;
    }
    uint64_t *entry = paging_walk(k, *pml4, vaddr, level).entry;
    return entry && paging_is_present(*entry) ? entry : NULL;
}

void vspace_unmap_frame(struct kernel *k, struct cap frame)
{
    enum paging_level level = (enum paging_level)frame.frame.size;
    uint64_t vaddr = frame.frame.vaddr;
    paddr pml4;
    uint64_t *entry = mapped_entry(k, (unsigned)frame.frame.asid, vaddr, level, &pml4);
    if (entry && paging_is_page(*entry, level) && paging_page(*entry, level) == cap_object(frame)) {
        *entry = 0;
        forget(k, pml4, vaddr, level);
    }
}

void vspace_unmap_table(struct kernel *k, struct cap table)
{
    enum paging_level level = level_above(cap_type(table));
    uint64_t vaddr = table.table.vaddr;
    paddr pml4;
    uint64_t *entry = mapped_entry(k, (unsigned)table.table.asid, vaddr, level, &pml4);
    if (entry && !paging_is_page(*entry, level) && paging_table(*entry) == cap_object(table)) {
        *entry = 0;
        forget(k, pml4, vaddr, level);
    }
}

/* Refusals that frames and tables share. */

static enum answer answer_no_vspace(struct call *call)
{
    return answer_invalid_cap(
        call, 1, WHY("the VSpace is no PML4 that an ASID pool has given an identifier"));
}

static enum answer answer_too_high(struct call *call, uint64_t vaddr)
{
    return answer_invalid_argument(
        call, 0, WHY("%x is not below the end of guests' addresses, %x", vaddr, X86_USER_TOP));
}

/* The VSpace's identifier must still be its own. */
static enum answer require_live_vspace(struct call *call, const struct place *place)
{
    paddr pml4 = asid_vspace(call->k, place->asid);
    if (!pml4) {
        return answer_failed_lookup_of(
            call, LOOKUP_DESTINATION, (struct lookup_failure){.kind = seL4_InvalidRoot},
            WHY("the VSpace is out of use: its identifier, %u, is nobody's", place->asid));
    }
    if (pml4 != place->pml4) {
        return answer_invalid_cap(
            call, 1, WHY("the VSpace's identifier, %u, is another's by now", place->asid));
    }
    return ANSWER_DONE;
}

static struct why why_table_missing(enum paging_level level, uint64_t vaddr)
{
    switch (level) {
    case LEVEL_PML4:
        return WHY("no PDPT is mapped for %x", vaddr);
    case LEVEL_PDPT:
        return WHY("no page directory is mapped for %x", vaddr);
    default:
        return WHY("no page table is mapped for %x", vaddr);
    }
}

/* All tables above the entry must be there. */
static enum answer find_entry(struct call *call, struct place *place, enum paging_level level)
{
    struct paging_walk walk = paging_walk(call->k, place->pml4, place->vaddr, level);
    if (!walk.entry) {
        return answer_failed_lookup_of(
            call, LOOKUP_DESTINATION,
            (struct lookup_failure){.kind = seL4_MissingCapability,
                                    .bits_left = (uint8_t)paging_entry_bits(walk.level)},
            why_table_missing(walk.level, place->vaddr));
    }
    place->entry = walk.entry;
    return ANSWER_DONE;
}

/* Frames. */

/* The host, or Quoll's own part in a cell, has some addresses. seL4 would let guests map these. */
static enum answer require_not_reserved(struct call *call, uint64_t first, uint64_t last)
{
    const struct kernel *k = call->k;
    for (size_t i = 0; i < k->reserved_count; i++) {
        const struct kernel_reserved *reserved = &k->reserved[i];
        if (first <= reserved->last && reserved->first <= last) {
            return answer_invalid_argument(call, 0,
                                           WHY("no guest can map %x: %x to %x %s", first,
                                               reserved->first, reserved->last,
                                               (uintptr_t)reserved->why));
        }
    }
    return ANSWER_DONE;
}

/* A frame that is not mapped yet may go wherever guests may be. */
static enum answer require_user_range(struct call *call, uint64_t vaddr, enum paging_level level)
{
    uint64_t end = vaddr + paging_entry_bytes(level);
    if (vaddr > X86_USER_TOP || end > X86_USER_TOP) {
        return answer_too_high(call, vaddr);
    }
    return require_not_reserved(call, vaddr, end - 1);
}

/* A mapped frame may be mapped again where it is, to change its rights. */
static enum answer require_same_mapping(struct call *call, const struct place *place)
{
    struct cap cap = call->cap;
    if (cap.frame.asid != place->asid) {
        return answer_invalid_cap(call, 1,
                                  WHY("the frame is mapped in another VSpace: unmap it first, or "
                                      "map a copy of the cap"));
    }
    if (cap.frame.vaddr != place->vaddr) {
        return answer_invalid_argument(call, 0,
                                       WHY("the frame is mapped at %x and not at %x: unmap it "
                                           "first, or map a copy of the cap",
                                           cap.frame.vaddr, place->vaddr));
    }
    return ANSWER_DONE;
}

/* Cannot fail. Tells the host what the new entry takes away and what it gives. */
static void perform_map_frame(struct call *call, const struct place *place, uint64_t new_entry)
{
    struct kernel *k = call->k;
    enum paging_level level = (enum paging_level)call->cap.frame.size;
    uint64_t old_entry = *place->entry;
    bool moves = paging_page(old_entry, level) != paging_page(new_entry, level);
    bool loses = (paging_is_readable(old_entry) && (moves || !paging_is_readable(new_entry))) ||
                 (paging_is_writable(old_entry) && !paging_is_writable(new_entry));

    *place->entry = new_entry;
    call->slot->cap.frame.is_mapped = true;
    call->slot->cap.frame.asid = place->asid & 0xffff;
    call->slot->cap.frame.vaddr = place->vaddr & 0xffffffffffff;
    if (loses) {
        forget(k, place->pml4, place->vaddr, level);
    }
    if (paging_is_readable(new_entry)) {
        k->port.map(k->port.context, place->pml4, place->vaddr, paging_page(new_entry, level),
                    paging_entry_bytes(level), paging_is_writable(new_entry));
    }
}

static enum answer decode_map_frame(struct call *call)
{
    struct cap cap = call->cap;
    if (call->length < 3 || call->extra_count < 1) {
        return answer_truncated(call, 3, 1);
    }
    enum paging_level level = (enum paging_level)cap.frame.size;
    struct cap root = call->extra[0]->cap;
    if (!x86_is_vspace_root(root)) {
        return answer_no_vspace(call);
    }
    struct place place = {
        .pml4 = cap_object(root), .asid = (unsigned)root.table.asid, .vaddr = call->args[0]};
    enum answer answer = cap.frame.is_mapped ? require_same_mapping(call, &place)
                                             : require_user_range(call, place.vaddr, level);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = require_live_vspace(call, &place);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (!paging_is_aligned(place.vaddr, level)) {
        return answer_alignment(call, WHY("%x is not aligned to the frame's size, %u KiB",
                                          place.vaddr, paging_entry_bytes(level) >> 10));
    }
    answer = find_entry(call, &place, level);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (paging_is_present(*place.entry) && !paging_is_page(*place.entry, level)) {
        return answer_delete_first(call,
                                   WHY("a table for smaller pages is mapped at %x", place.vaddr));
    }
    enum frame_rights rights =
        vspace_mask_rights((enum frame_rights)cap.frame.rights, call->args[1]);
    perform_map_frame(call, &place,
                      paging_page_entry(cap_object(cap), level, rights, call->args[2]));
    return ANSWER_DONE;
}

static void perform_unmap_frame(struct call *call)
{
    struct cap *cap = &call->slot->cap;
    if (cap->frame.is_mapped) {
        vspace_unmap_frame(call->k, *cap);
        cap->frame.is_mapped = false;
        cap->frame.asid = ASID_NONE;
        cap->frame.vaddr = 0;
    }
}

enum answer decode_frame(struct call *call)
{
    switch (call->label) {
    case X86PageMap:
        return decode_map_frame(call);
    case X86PageUnmap:
        perform_unmap_frame(call);
        return ANSWER_DONE;
    case X86PageMapIO:
        return decode_page_map_io(call);
    case X86PageGetAddress:
        call_result(call, cap_object(call->cap));
        return ANSWER_DONE;
    default:
        return answer_unknown_label(call);
    }
}

/* Tables. */

static enum invocation map_label(enum cap_type type)
{
    return type == CAP_PAGE_TABLE       ? X86PageTableMap
           : type == CAP_PAGE_DIRECTORY ? X86PageDirectoryMap
                                        : X86PDPTMap;
}

static enum invocation unmap_label(enum cap_type type)
{
    return type == CAP_PAGE_TABLE       ? X86PageTableUnmap
           : type == CAP_PAGE_DIRECTORY ? X86PageDirectoryUnmap
                                        : X86PDPTUnmap;
}

static void perform_map_table(struct call *call, const struct place *place)
{
    struct cap *cap = &call->slot->cap;
    *place->entry = paging_table_entry(cap_object(*cap), call->args[1]);
    cap->table.is_mapped = true;
    cap->table.asid = place->asid & 0xffff;
    cap->table.vaddr = place->vaddr & 0xffffffffffff;
}

static enum answer decode_map_table(struct call *call)
{
    enum paging_level level = level_above(cap_type(call->cap));
    if (call->length < 2 || call->extra_count < 1) {
        return answer_truncated(call, 2, 1);
    }
    if (call->cap.table.is_mapped) {
        return answer_invalid_cap(call, 0, WHY("it is mapped at %x", call->cap.table.vaddr));
    }
    struct cap root = call->extra[0]->cap;
    if (!x86_is_vspace_root(root)) {
        return answer_no_vspace(call);
    }
    struct place place = {.pml4 = cap_object(root),
                          .asid = (unsigned)root.table.asid,
                          .vaddr = call->args[0] & ~(paging_entry_bytes(level) - 1)};
    if (place.vaddr > X86_USER_TOP) {
        return answer_too_high(call, place.vaddr);
    }
    enum answer answer = require_live_vspace(call, &place);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = find_entry(call, &place, level);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (paging_is_present(*place.entry)) {
        return answer_delete_first(call, paging_is_page(*place.entry, level)
                                             ? WHY("a large page is mapped at %x", place.vaddr)
                                             : WHY("a table for %x is mapped", place.vaddr));
    }
    perform_map_table(call, &place);
    return ANSWER_DONE;
}

/* An unmapped table is empty, so that it can be mapped elsewhere. */
static void perform_unmap_table(struct call *call)
{
    struct cap *cap = &call->slot->cap;
    if (cap->table.is_mapped) {
        vspace_unmap_table(call->k, *cap);
        uint64_t *entries = object_at(call->k, cap_object(*cap));
        for (unsigned i = 0; i < PAGING_ENTRIES; i++) {
            entries[i] = 0;
        }
    }
    cap->table.is_mapped = false;
}

enum answer decode_table(struct call *call)
{
    enum cap_type type = cap_type(call->cap);
    if (call->label == unmap_label(type)) {
        if (!cdt_is_final(call->k, call->slot)) {
            return answer_revoke_first(call, WHY("there are other caps to it"));
        }
        perform_unmap_table(call);
        return ANSWER_DONE;
    }
    if (call->label == map_label(type)) {
        return decode_map_table(call);
    }
    return answer_unknown_label(call);
}
