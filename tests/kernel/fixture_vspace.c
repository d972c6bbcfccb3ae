/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* VSpaces for tests. */
#include "tests/kernel/fixture_vspace.h"

#define ROOT   seL4_CapInitThreadCNode
#define RIGHTS (RIGHT_READ | RIGHT_WRITE)

const struct table_kind table_kinds[3] = {
    {seL4_X86_PDPTObject, X86PDPTMap, X86PDPTUnmap, LEVEL_PML4},
    {seL4_X86_PageDirectoryObject, X86PageDirectoryMap, X86PageDirectoryUnmap, LEVEL_PDPT},
    {seL4_X86_PageTableObject, X86PageTableMap, X86PageTableUnmap, LEVEL_PD},
};

static const enum object_type frame_types[] = {seL4_X86_4K, seL4_X86_LargePageObject,
                                               seL4_X64_HugePageObject};

paddr object_of(struct fixture *f, cptr slot)
{
    return cap_object(fixture_slot(f, slot)->cap);
}

struct result delete_slot(struct fixture *f, cptr slot)
{
    return CALL(f, ROOT, CNodeDelete, ARGS(slot, 64));
}

cptr copy_slot(struct fixture *f, cptr slot)
{
    cptr copy = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError,
              CALL(f, ROOT, CNodeCopy, ARGS(copy, 64, slot, 64, 0xf), CAPS(ROOT)).error);
    return copy;
}

cptr vspace_unassigned(struct fixture *f)
{
    return fixture_make(f, seL4_X64_PML4Object, 0);
}

struct result vspace_assign(struct fixture *f, cptr pool, cptr vspace)
{
    return CALL(f, pool, X86ASIDPoolAssign, CAPS(vspace));
}

cptr vspace_new(struct fixture *f)
{
    cptr vspace = vspace_unassigned(f);
    EXPECT_EQ(seL4_NoError, vspace_assign(f, seL4_CapInitThreadASIDPool, vspace).error);
    return vspace;
}

struct result vspace_map_table(struct fixture *f, const struct table_kind *kind, cptr table,
                               cptr vspace, uint64_t vaddr)
{
    return CALL(f, table, kind->map, ARGS(vaddr, 0), CAPS(vspace));
}

cptr vspace_map_tables(struct fixture *f, cptr vspace, uint64_t vaddr, enum paging_level level)
{
    cptr table = 0;
    for (unsigned i = 0; i < 3 && table_kinds[i].level > level; i++) {
        table = fixture_make(f, table_kinds[i].type, 0);
        EXPECT_EQ(seL4_NoError, vspace_map_table(f, &table_kinds[i], table, vspace, vaddr).error);
    }
    return table;
}

cptr vspace_frame(struct fixture *f, enum frame_size size)
{
    return fixture_make(f, frame_types[size], 0);
}

/* The first device untyped that is large enough. */
static cptr device_untyped(struct fixture *f, unsigned bits)
{
    cptr slot = f->sched_control;
    for (;; slot++) {
        struct cap cap = fixture_slot(f, slot)->cap;
        if (cap_is(cap, CAP_UNTYPED) && cap.untyped.is_device && cap.untyped.size_bits >= bits) {
            return slot;
        }
    }
}

static cptr retype_device(struct fixture *f, enum object_type type, uint64_t user_size,
                          unsigned bits)
{
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, CALL(f, device_untyped(f, bits), UntypedRetype,
                                 ARGS(fixture_type(f, type), user_size, 0, 0, slot, 1), CAPS(ROOT))
                                .error);
    return slot;
}

cptr vspace_device_frame(struct fixture *f, enum frame_size size)
{
    return retype_device(f, frame_types[size], 0, paging_entry_bits((enum paging_level)size));
}

cptr vspace_device_untyped(struct fixture *f, unsigned bits)
{
    return retype_device(f, seL4_UntypedObject, bits, bits);
}

struct result vspace_map(struct fixture *f, cptr frame, cptr vspace, uint64_t vaddr,
                         uint64_t rights)
{
    return CALL(f, frame, X86PageMap, ARGS(vaddr, rights, 0), CAPS(vspace));
}

struct kernel_mapping vspace_mapping(struct fixture *f, cptr vspace, uint64_t vaddr)
{
    struct kernel_mapping mapping = {0};
    kernel_translate(f->k, object_of(f, vspace), vaddr, &mapping);
    return mapping;
}

cptr vspace_pool(struct fixture *f)
{
    cptr untyped = fixture_make(f, seL4_UntypedObject, seL4_ASIDPoolBits);
    cptr pool = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, CALL(f, seL4_CapASIDControl, X86ASIDControlMakePool, ARGS(pool, 64),
                                 CAPS(untyped, ROOT))
                                .error);
    return pool;
}

cptr vspace_dead(struct fixture *f)
{
    cptr pool = vspace_pool(f);
    cptr vspace = vspace_unassigned(f);
    EXPECT_EQ(seL4_NoError, vspace_assign(f, pool, vspace).error);
    EXPECT_EQ(seL4_NoError, delete_slot(f, pool).error);
    return vspace;
}

cptr vspace_superseded(struct fixture *f)
{
    cptr vspace = vspace_dead(f);
    cptr other = vspace_unassigned(f);
    EXPECT_EQ(seL4_NoError, vspace_assign(f, vspace_pool(f), other).error);
    EXPECT_EQ(fixture_slot(f, vspace)->cap.table.asid, fixture_slot(f, other)->cap.table.asid);
    return vspace;
}
