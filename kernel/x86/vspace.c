/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* VSpaces: what mapping frames and mapping tables have in common. */
#include "kernel/x86/vspace.h"

#include "kernel/x86/asid.h"
#include "kernel/x86/x86.h"

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

void vspace_forget(struct kernel *k, paddr pml4, uint64_t vaddr, enum paging_level level)
{
    k->port.unmap(k->port.context, pml4, vaddr, paging_entry_bytes(level));
}

uint64_t *vspace_mapped_entry(struct kernel *k, unsigned asid, uint64_t vaddr,
                              enum paging_level level, paddr *pml4)
{
    *pml4 = asid_vspace(k, asid);
    if (!*pml4) {
        return NULL;
    }
    uint64_t *entry = paging_walk(k, *pml4, vaddr, level).entry;
    return entry && paging_is_present(*entry) ? entry : NULL;
}

enum answer vspace_answer_none(struct call *call)
{
    return answer_invalid_cap(
        call, 1, WHY("the VSpace is no PML4 that an ASID pool has given an identifier"));
}

enum answer vspace_answer_too_high(struct call *call, uint64_t vaddr)
{
    return answer_invalid_argument(
        call, 0, WHY("%x is not below the end of guests' addresses, %x", vaddr, X86_USER_TOP));
}

enum answer vspace_require_live(struct call *call, const struct vspace_place *place)
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

enum answer vspace_find_entry(struct call *call, struct vspace_place *place,
                              enum paging_level level)
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
