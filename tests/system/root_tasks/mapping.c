/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Mapping frames and tables: every refusal, and what memory reads afterwards. */
#include "try.h"

#define AREA    0x100000000000ul
#define RIGHTS  seL4_ReadWrite
#define DEFAULT seL4_X86_Default_VMAttributes

static volatile unsigned char *at(seL4_Word address)
{
    return (volatile unsigned char *)address;
}

static seL4_CPtr frame, frame2, large, large2, huge;
static seL4_CPtr pdpt, pdpt2, pdir, pdir2, ptable, ptable2;

static void make_objects(void)
{
    frame = new_object(seL4_X86_4K, 0);
    frame2 = new_object(seL4_X86_4K, 0);
    large = new_object(seL4_X86_LargePageObject, 0);
    large2 = new_object(seL4_X86_LargePageObject, 0);
    huge = new_object_in(DEVICE, seL4_X64_HugePageObject, 0, 30);
    pdpt = new_object(seL4_X86_PDPTObject, 0);
    pdpt2 = new_object(seL4_X86_PDPTObject, 0);
    pdir = new_object(seL4_X86_PageDirectoryObject, 0);
    pdir2 = new_object(seL4_X86_PageDirectoryObject, 0);
    ptable = new_object(seL4_X86_PageTableObject, 0);
    ptable2 = new_object(seL4_X86_PageTableObject, 0);
}

static void ask_with_tables_missing(void)
{
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_PageDirectory_Map(pdir, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_PageTable_Map(ptable, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_PDPT_Map(pdpt, VSPACE, 0x800000000000, DEFAULT));
    TRY(seL4_X86_PDPT_Map(pdpt, frame, AREA, DEFAULT));
    TRY(seL4_X86_PDPT_Map(pdpt, VSPACE, AREA + 0x12345, DEFAULT));
    TRY(seL4_X86_PDPT_Map(pdpt, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_PDPT_Map(pdpt2, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_PageTable_Map(ptable, VSPACE, AREA, DEFAULT));
}

static void ask_with_huge_pages(void)
{
    TRY(seL4_X86_Page_Map(huge, VSPACE, AREA + 0x1000, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(huge, VSPACE, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_PageDirectory_Map(pdir, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_Page_Unmap(huge));
    TRY(seL4_X86_PageDirectory_Map(pdir, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_PageDirectory_Map(pdir2, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_Page_Map(huge, VSPACE, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA, RIGHTS, DEFAULT));
}

static void ask_with_large_pages(void)
{
    TRY(seL4_X86_Page_Map(large, VSPACE, AREA, RIGHTS, DEFAULT));
    at(AREA)[5] = 7;
    say("in the large page:", at(AREA)[5]);
    TRY(seL4_X86_PageTable_Map(ptable, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA + 0x1000, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(large2, VSPACE, AREA, RIGHTS, DEFAULT));
    say("in its successor:", at(AREA)[5]);
    at(AREA)[5] = 8;
    TRY(seL4_X86_Page_Unmap(large));
    say("still:", at(AREA)[5]);
    TRY(seL4_X86_Page_Unmap(large2));
}

static void ask_with_small_pages(void)
{
    TRY(seL4_X86_PageTable_Map(ptable, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_PageTable_Map(ptable2, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_Page_Map(large, VSPACE, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA + 8, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, 0x7ffffffff000, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, 0xfffffffffffff000, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, 0x800000000000, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, frame, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA, RIGHTS, DEFAULT));
    at(AREA)[5] = 9;
    say("in the page:", at(AREA)[5]);
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA + 0x1000, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA, seL4_CanRead, DEFAULT));
    say("read-only:", at(AREA)[5]);
    TRY(seL4_X86_Page_Map(frame, VSPACE, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_Page_Map(frame2, VSPACE, AREA, RIGHTS, DEFAULT));
    say("in its successor:", at(AREA)[5]);
    at(AREA)[5] = 10;
    TRY(seL4_X86_Page_Unmap(frame));
    say("still:", at(AREA)[5]);
}

static void ask_with_copies(void)
{
    seL4_CPtr alias = new_slot();
    TRY(copy(alias, frame2));
    TRY(seL4_X86_Page_Map(alias, VSPACE, AREA + 0x3000, RIGHTS, DEFAULT));
    at(AREA)[6] = 3;
    say("by its alias:", at(AREA + 0x3000)[6]);
    TRY(delete_cap(alias));

    seL4_CPtr twin = new_slot();
    TRY(copy(twin, ptable2));
    TRY(copy(twin, ptable));
    TRY(seL4_X86_PageTable_Unmap(ptable));
    TRY(seL4_X86_PageTable_Unmap(twin));
    TRY(delete_cap(twin));
    TRY(seL4_X86_PageTable_Unmap(ptable));
    TRY(seL4_X86_PageTable_Unmap(ptable));
    TRY(seL4_X86_Page_Unmap(frame2));
    TRY(seL4_X86_Page_Unmap(frame2));
    TRY(seL4_X86_PDPT_Unmap(pdpt));
    TRY(seL4_X86_PDPT_Unmap(pdpt));
}

static void ask_with_wrong_labels(void)
{
    seL4_X86_Page_GetAddress_t address = seL4_X86_Page_GetAddress(huge);
    say("error of GetAddress:", (seL4_Word)address.error);
    say("the huge frame is at", address.paddr);
    TRY(seL4_X86_PDPT_Map(frame, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_PDPT_Map(VSPACE, VSPACE, AREA, DEFAULT));
    TRY(seL4_X86_Page_Unmap(pdpt));
}

/* A kernel built for an IOMMU, on a machine that has none. */
static void ask_without_iommu(void)
{
    seL4_CPtr table = new_object(seL4_X86_IOPageTableObject, 0);
    TRY(seL4_X86_IOPageTable_Map(table, VSPACE, 0));
    TRY(seL4_X86_IOPageTable_Unmap(table));
    TRY(copy(new_slot(), table));
    TRY(seL4_X86_Page_MapIO(frame, VSPACE, RIGHTS, 0));
    TRY(seL4_X86_Page_MapIO(large, VSPACE, RIGHTS, 0));
    TRY(seL4_X86_PDPT_Map(table, VSPACE, AREA, DEFAULT));
}

static void ask(void)
{
    make_objects();
    ask_with_tables_missing();
    ask_with_huge_pages();
    ask_with_large_pages();
    ask_with_small_pages();
    ask_with_copies();
    ask_with_wrong_labels();
    ask_without_iommu();
}
