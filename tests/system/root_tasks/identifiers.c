/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Address space identifiers: pools, VSpaces that have one, and those that had one. */
#include "try.h"

#define AREA    0x100000000000ul
#define RIGHTS  seL4_ReadWrite
#define DEFAULT seL4_X86_Default_VMAttributes
#define CONTROL seL4_CapASIDControl
#define INITIAL seL4_CapInitThreadASIDPool

static seL4_CPtr frame, pdpt, vspace, vspace2, pool;

static void ask_of_assign(void)
{
    TRY(copy(new_slot(), vspace));
    TRY(seL4_X86_Page_Map(frame, vspace, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_ASIDPool_Assign(INITIAL, frame));
    TRY(seL4_X86_ASIDPool_Assign(INITIAL, VSPACE));
    TRY(seL4_X86_ASIDPool_Assign(INITIAL, vspace));
    TRY(seL4_X86_ASIDPool_Assign(INITIAL, vspace));
    TRY(copy(new_slot(), vspace));
    TRY(seL4_X86_Page_Map(frame, vspace, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_PDPT_Map(pdpt, vspace, AREA, DEFAULT));
    TRY(seL4_X86_PDPT_Map(CONTROL, vspace, AREA, DEFAULT));
    TRY(seL4_X86_PDPT_Map(INITIAL, vspace, AREA, DEFAULT));
}

static void ask_of_make_pool(void)
{
    seL4_CPtr untyped = new_object(seL4_UntypedObject, seL4_ASIDPoolBits);
    seL4_CPtr larger = new_object(seL4_UntypedObject, seL4_ASIDPoolBits + 1);
    seL4_CPtr device = new_object_in(DEVICE, seL4_UntypedObject, seL4_ASIDPoolBits, 20);
    TRY(seL4_X86_ASIDControl_MakePool(CONTROL, larger, ROOT, pool, DEPTH));
    TRY(seL4_X86_ASIDControl_MakePool(CONTROL, device, ROOT, pool, DEPTH));
    TRY(seL4_X86_ASIDControl_MakePool(CONTROL, untyped, ROOT, pool, 0));
    TRY(seL4_X86_ASIDControl_MakePool(CONTROL, untyped, ROOT, pool, DEPTH + 1));
    TRY(seL4_X86_ASIDControl_MakePool(CONTROL, untyped, untyped, pool, DEPTH));
    TRY(seL4_X86_ASIDControl_MakePool(CONTROL, untyped, ROOT, 1, DEPTH));
    TRY(seL4_X86_ASIDControl_MakePool(CONTROL, untyped, ROOT, pool, DEPTH));
    TRY(seL4_X86_ASIDControl_MakePool(CONTROL, untyped, ROOT, pool, DEPTH));
}

/* The pool goes, and takes the identifiers of its VSpaces along. */
static void ask_of_a_dead_vspace(void)
{
    seL4_CPtr table = new_object(seL4_X86_PDPTObject, 0);
    TRY(seL4_X86_ASIDPool_Assign(pool, vspace2));
    TRY(delete_cap(pool));
    TRY(seL4_X86_PDPT_Map(table, vspace2, AREA, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, vspace2, AREA, RIGHTS, DEFAULT));
    TRY(seL4_X86_ASIDPool_Assign(INITIAL, vspace2));
}

static seL4_Word make_all_pools(seL4_CPtr *first)
{
    for (seL4_Word count = 0;; count++) {
        seL4_CPtr untyped = new_object(seL4_UntypedObject, seL4_ASIDPoolBits);
        seL4_CPtr slot = new_slot();
        seL4_Error error = seL4_X86_ASIDControl_MakePool(CONTROL, untyped, ROOT, slot, DEPTH);
        if (error) {
            say("error of one pool more:", error);
            return count;
        }
        if (count == 0) {
            *first = slot;
        }
    }
}

static seL4_Word fill_pool(seL4_CPtr full)
{
    for (seL4_Word count = 0;; count++) {
        seL4_Error error = seL4_X86_ASIDPool_Assign(full, new_object(seL4_X64_PML4Object, 0));
        if (error) {
            say("error of one VSpace more:", error);
            return count;
        }
    }
}

/* Another VSpace gets the identifier that a dead one had. */
static void ask_of_an_heir(void)
{
    seL4_CPtr heir = new_object(seL4_X64_PML4Object, 0);
    seL4_CPtr table = new_object(seL4_X86_PDPTObject, 0);
    seL4_CPtr first = 0;
    say("pools that can be made:", make_all_pools(&first));
    TRY(seL4_X86_ASIDPool_Assign(first, heir));
    TRY(seL4_X86_PDPT_Map(table, vspace2, AREA, DEFAULT));
    TRY(seL4_X86_Page_Map(frame, vspace2, AREA, RIGHTS, DEFAULT));
    TRY(delete_cap(vspace2));
    TRY(seL4_X86_PDPT_Map(table, heir, AREA, DEFAULT));
    TRY(delete_cap(heir));
    say("VSpaces that fit into a pool:", fill_pool(first));
}

static void ask(void)
{
    frame = new_object(seL4_X86_4K, 0);
    pdpt = new_object(seL4_X86_PDPTObject, 0);
    vspace = new_object(seL4_X64_PML4Object, 0);
    vspace2 = new_object(seL4_X64_PML4Object, 0);
    pool = new_slot();
    ask_of_assign();
    ask_of_make_pool();
    ask_of_a_dead_vspace();
    ask_of_an_heir();
}
