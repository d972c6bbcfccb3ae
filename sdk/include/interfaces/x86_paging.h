/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Paging structures, frames and address space identifiers of x86-64. A structure is mapped at the
 * address `vaddr` of a VSpace; the one above it must be there, see sel4/sel4_arch/mapping.h.
 */
#pragma once

#include <sel4/invoke.h>

/* Map a page directory pointer table: 512 GiB of addresses. */
LIBSEL4_INLINE seL4_Error seL4_X86_PDPT_Map(seL4_X86_PDPT _service, seL4_X64_PML4 pml4,
                                            seL4_Word vaddr, seL4_X86_VMAttributes attr)
{
    return SEL4_INVOKE((_service, pml4), X86PDPTMap, vaddr, attr);
}

/* Unmap it. */
LIBSEL4_INLINE seL4_Error seL4_X86_PDPT_Unmap(seL4_X86_PDPT _service)
{
    return SEL4_INVOKE((_service), X86PDPTUnmap);
}

/* Map a page directory: 1 GiB of addresses. */
LIBSEL4_INLINE seL4_Error seL4_X86_PageDirectory_Map(seL4_X86_PageDirectory _service,
                                                     seL4_CPtr vspace, seL4_Word vaddr,
                                                     seL4_X86_VMAttributes attr)
{
    return SEL4_INVOKE((_service, vspace), X86PageDirectoryMap, vaddr, attr);
}

/* Unmap it. */
LIBSEL4_INLINE seL4_Error seL4_X86_PageDirectory_Unmap(seL4_X86_PageDirectory _service)
{
    return SEL4_INVOKE((_service), X86PageDirectoryUnmap);
}

/* Map a page table: 2 MiB of addresses. */
LIBSEL4_INLINE seL4_Error seL4_X86_PageTable_Map(seL4_X86_PageTable _service, seL4_CPtr vspace,
                                                 seL4_Word vaddr, seL4_X86_VMAttributes attr)
{
    return SEL4_INVOKE((_service, vspace), X86PageTableMap, vaddr, attr);
}

/* Unmap it. */
LIBSEL4_INLINE seL4_Error seL4_X86_PageTable_Unmap(seL4_X86_PageTable _service)
{
    return SEL4_INVOKE((_service), X86PageTableUnmap);
}

/* Map a frame, or change the rights of where it is mapped. */
LIBSEL4_INLINE seL4_Error seL4_X86_Page_Map(seL4_X86_Page _service, seL4_CPtr vspace,
                                            seL4_Word vaddr, seL4_CapRights_t rights,
                                            seL4_X86_VMAttributes attr)
{
    return SEL4_INVOKE((_service, vspace), X86PageMap, vaddr, rights.words[0], attr);
}

/* Unmap it. */
LIBSEL4_INLINE seL4_Error seL4_X86_Page_Unmap(seL4_X86_Page _service)
{
    return SEL4_INVOKE((_service), X86PageUnmap);
}

typedef struct seL4_X86_Page_GetAddress {
    int error;
    seL4_Word paddr;
} seL4_X86_Page_GetAddress_t;

/* The physical address of a frame. */
LIBSEL4_INLINE seL4_X86_Page_GetAddress_t seL4_X86_Page_GetAddress(seL4_X86_Page _service)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), X86PageGetAddress);
    const seL4_X86_Page_GetAddress_t result = {answer.error, answer.mrs.r0};
    return result;
}

/* Make an ASID pool of a 4 KiB untyped. Its cap goes to a slot in `root`. */
LIBSEL4_INLINE seL4_Error seL4_X86_ASIDControl_MakePool(seL4_X86_ASIDControl _service,
                                                        seL4_Untyped untyped, seL4_CNode root,
                                                        seL4_Word index, seL4_Uint8 depth)
{
    return SEL4_INVOKE((_service, untyped, root), X86ASIDControlMakePool, index, depth);
}

/* Give a VSpace the identifier without which nothing can be mapped into it. */
LIBSEL4_INLINE seL4_Error seL4_X86_ASIDPool_Assign(seL4_X86_ASIDPool _service, seL4_CPtr vspace)
{
    return SEL4_INVOKE((_service, vspace), X86ASIDPoolAssign);
}

#ifdef CONFIG_IOMMU
/* Map a page table of an IOMMU. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPageTable_Map(seL4_X86_IOPageTable _service,
                                                   seL4_X86_IOSpace iospace, seL4_Word ioaddr)
{
    return SEL4_INVOKE((_service, iospace), X86IOPageTableMap, ioaddr);
}

/* Unmap it. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPageTable_Unmap(seL4_X86_IOPageTable _service)
{
    return SEL4_INVOKE((_service), X86IOPageTableUnmap);
}

/* Map a frame for a device behind an IOMMU. */
LIBSEL4_INLINE seL4_Error seL4_X86_Page_MapIO(seL4_X86_Page _service, seL4_X86_IOSpace iospace,
                                              seL4_CapRights_t rights, seL4_Word ioaddr)
{
    return SEL4_INVOKE((_service, iospace), X86PageMapIO, rights.words[0], ioaddr);
}
#endif
