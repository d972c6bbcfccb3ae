/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Frames. */
#include "kernel/x86/frame.h"

#include "abi/message.h"
#include "kernel/x86/asid.h"
#include "kernel/x86/iospace.h"
#include "kernel/x86/vspace.h"
#include "kernel/x86/x86.h"

bool x86_ipc_buffer_frame_ok(struct cap cap)
{
    return cap_is(cap, CAP_FRAME) && !cap.frame.is_device;
}

bool x86_ipc_buffer_address_ok(uint64_t address)
{
    return (address & ((1ul << IPC_BUFFER_BITS) - 1)) == 0;
}

enum frame_rights frame_mask_rights(enum frame_rights held, uint64_t rights)
{
    if (held == FRAME_KERNEL_ONLY || !(rights & RIGHT_READ)) {
        return FRAME_KERNEL_ONLY;
    }
    return rights & RIGHT_WRITE ? held : FRAME_READ_ONLY;
}

void frame_unmap(struct kernel *k, struct cap frame)
{
    enum paging_level level = (enum paging_level)frame.frame.size;
    uint64_t vaddr = frame.frame.vaddr;
    paddr pml4;
    uint64_t *entry = vspace_mapped_entry(k, (unsigned)frame.frame.asid, vaddr, level, &pml4);
    if (entry && paging_is_page(*entry, level) && paging_page(*entry, level) == cap_object(frame)) {
        *entry = 0;
        vspace_forget(k, pml4, vaddr, level);
    }
}

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
        return vspace_answer_too_high(call, vaddr);
    }
    return require_not_reserved(call, vaddr, end - 1);
}

/* A mapped frame may be mapped again where it is, to change its rights. */
static enum answer require_same_mapping(struct call *call, const struct vspace_place *place)
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
static void perform_map_frame(struct call *call, const struct vspace_place *place,
                              uint64_t new_entry)
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
        vspace_forget(k, place->pml4, place->vaddr, level);
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
        return vspace_answer_none(call);
    }
    struct vspace_place place = {
        .pml4 = cap_object(root), .asid = (unsigned)root.table.asid, .vaddr = call->args[0]};
    enum answer answer = cap.frame.is_mapped ? require_same_mapping(call, &place)
                                             : require_user_range(call, place.vaddr, level);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = vspace_require_live(call, &place);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (!paging_is_aligned(place.vaddr, level)) {
        return answer_alignment(call, WHY("%x is not aligned to the frame's size, %u KiB",
                                          place.vaddr, paging_entry_bytes(level) >> 10));
    }
    answer = vspace_find_entry(call, &place, level);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (paging_is_present(*place.entry) && !paging_is_page(*place.entry, level)) {
        return answer_delete_first(call,
                                   WHY("a table for smaller pages is mapped at %x", place.vaddr));
    }
    enum frame_rights rights =
        frame_mask_rights((enum frame_rights)cap.frame.rights, call->args[1]);
    perform_map_frame(call, &place,
                      paging_page_entry(cap_object(cap), level, rights, call->args[2]));
    return ANSWER_DONE;
}

static void perform_unmap_frame(struct call *call)
{
    struct cap *cap = &call->slot->cap;
    if (cap->frame.is_mapped) {
        frame_unmap(call->k, *cap);
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
