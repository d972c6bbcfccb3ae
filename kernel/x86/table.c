/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Page tables, page directories and PDPTs. */
#include "kernel/x86/table.h"

#include "kernel/cdt.h"
#include "kernel/x86/vspace.h"
#include "kernel/x86/x86.h"

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

void table_unmap(struct kernel *k, struct cap table)
{
    enum paging_level level = level_above(cap_type(table));
    uint64_t vaddr = table.table.vaddr;
    paddr pml4;
    uint64_t *entry = vspace_mapped_entry(k, (unsigned)table.table.asid, vaddr, level, &pml4);
    if (entry && !paging_is_page(*entry, level) && paging_table(*entry) == cap_object(table)) {
        *entry = 0;
        vspace_forget(k, pml4, vaddr, level);
    }
}

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

static void perform_map_table(struct call *call, const struct vspace_place *place)
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
        return vspace_answer_none(call);
    }
    struct vspace_place place = {.pml4 = cap_object(root),
                                 .asid = (unsigned)root.table.asid,
                                 .vaddr = call->args[0] & ~(paging_entry_bytes(level) - 1)};
    if (place.vaddr > X86_USER_TOP) {
        return vspace_answer_too_high(call, place.vaddr);
    }
    enum answer answer = vspace_require_live(call, &place);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    answer = vspace_find_entry(call, &place, level);
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
        table_unmap(call->k, *cap);
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
