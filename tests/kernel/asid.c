/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Address space identifiers: pools, and the VSpaces that get identifiers from them. */
#include "tests/kernel/fixture_vspace.h"

#include "kernel/x86/asid.h"
#include "kernel/x86/x86.h"

#include <string.h>

#define ROOT seL4_CapInitThreadCNode
#define POOL seL4_CapInitThreadASIDPool

static cptr pool_untyped(struct fixture *f)
{
    return fixture_make(f, seL4_UntypedObject, seL4_ASIDPoolBits);
}

static struct result make_pool(struct fixture *f, cptr untyped, cptr slot)
{
    return CALL(f, seL4_CapASIDControl, X86ASIDControlMakePool, ARGS(slot, 64),
                CAPS(untyped, ROOT));
}

TEST(a_pool_is_made_from_an_untyped_which_is_full_then)
{
    struct fixture *f = fixture_new("microkit");
    cptr untyped = pool_untyped(f);
    cptr slot = fixture_slots(f, 1);
    memset(f->objects + object_of(f, untyped), 0xff, 4096);

    EXPECT_EQ(seL4_NoError, make_pool(f, untyped, slot).error);

    EXPECT_CAP(f, slot, CAP_ASID_POOL);
    EXPECT_EQ(object_of(f, untyped), object_of(f, slot));
    EXPECT_EQ(512, fixture_slot(f, slot)->cap.asid_pool.asid_base);
    EXPECT_EQ(4096, fixture_slot(f, untyped)->cap.untyped.free_offset);
    EXPECT_EQ(0, asid_vspace(f->k, 512));
    EXPECT_EQ(0, asid_vspace(f->k, 1023));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(make_pool_needs_two_words_and_two_caps)
{
    struct fixture *f = fixture_new("microkit");
    cptr untyped = pool_untyped(f);
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, seL4_CapASIDControl, X86ASIDControlMakePool, ARGS(slot), CAPS(untyped, ROOT))
                  .error);
    EXPECT_EQ(
        seL4_TruncatedMessage,
        CALL(f, seL4_CapASIDControl, X86ASIDControlMakePool, ARGS(slot, 64), CAPS(untyped)).error);
    EXPECT_CAP(f, slot, CAP_NULL);
    fixture_free(f);
}

/* Eight, the initial thread's among them. */
TEST(there_are_no_more_pools_than_identifiers)
{
    struct fixture *f = fixture_new("microkit");
    cptr last = 0;
    for (unsigned i = 1; i < ASID_POOLS; i++) {
        last = vspace_pool(f);
    }
    cptr slot = fixture_slots(f, 1);

    EXPECT_EQ(seL4_DeleteFirst, make_pool(f, pool_untyped(f), slot).error);

    EXPECT_EQ(seL4_NoError, delete_slot(f, last).error);
    EXPECT_EQ(seL4_NoError, make_pool(f, pool_untyped(f), slot).error);
    fixture_free(f);
}

TEST(make_pool_refuses_what_is_no_untyped_memory_of_4_kib)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 1);
    cptr device = vspace_device_untyped(f, seL4_ASIDPoolBits);
    const cptr wrong[] = {vspace_frame(f, FRAME_4K), fixture_make(f, seL4_UntypedObject, 13),
                          fixture_make(f, seL4_UntypedObject, 11), device};
    for (unsigned i = 0; i < 4; i++) {
        struct result result = make_pool(f, wrong[i], slot);
        EXPECT_EQ(seL4_InvalidCapability, result.error);
        EXPECT_EQ(1, result.words[0]);
    }
    EXPECT_CAP(f, slot, CAP_NULL);
    fixture_free(f);
}

TEST(make_pool_refuses_untyped_memory_in_use)
{
    struct fixture *f = fixture_new("microkit");
    cptr untyped = pool_untyped(f);
    cptr object = fixture_slots(f, 1);
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError,
              CALL(f, untyped, UntypedRetype,
                   ARGS(fixture_type(f, seL4_EndpointObject), 0, 0, 0, object, 1), CAPS(ROOT))
                  .error);

    EXPECT_EQ(seL4_RevokeFirst, make_pool(f, untyped, slot).error);

    EXPECT_CAP(f, object, CAP_ENDPOINT);
    EXPECT_CAP(f, slot, CAP_NULL);
    fixture_free(f);
}

TEST(make_pool_looks_its_slot_up)
{
    struct fixture *f = fixture_new("microkit");
    cptr untyped = pool_untyped(f);

    struct result result =
        CALL(f, seL4_CapASIDControl, X86ASIDControlMakePool, ARGS(1, 64), CAPS(untyped, untyped));
    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(seL4_InvalidRoot, result.words[1]);

    result = CALL(f, seL4_CapASIDControl, X86ASIDControlMakePool, ARGS(1, 0), CAPS(untyped, ROOT));
    EXPECT_EQ(seL4_RangeError, result.error);
    EXPECT_EQ(1, result.words[0]);
    EXPECT_EQ(64, result.words[1]);
    fixture_free(f);
}

TEST(make_pool_into_a_full_slot_needs_that_deleted_first)
{
    struct fixture *f = fixture_new("microkit");
    cptr untyped = pool_untyped(f);
    EXPECT_EQ(seL4_DeleteFirst, make_pool(f, untyped, seL4_CapInitThreadTCB).error);
    EXPECT_CAP(f, seL4_CapInitThreadTCB, CAP_TCB);
    EXPECT_EQ(0, f->k->asid_pools[1]);
    fixture_free(f);
}

TEST(asid_control_and_pools_refuse_labels_of_other_objects)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, seL4_CapASIDControl, X86ASIDPoolAssign).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, POOL, X86ASIDControlMakePool).error);
    fixture_free(f);
}

/* 0 is nobody's, 1 the initial thread's. */
TEST(a_vspace_gets_the_first_free_identifier_of_a_pool)
{
    struct fixture *f = fixture_new("microkit");
    cptr a = vspace_unassigned(f);
    cptr b = vspace_unassigned(f);

    EXPECT_EQ(seL4_NoError, vspace_assign(f, POOL, a).error);
    EXPECT_EQ(seL4_NoError, vspace_assign(f, POOL, b).error);

    EXPECT_EQ(2, fixture_slot(f, a)->cap.table.asid);
    EXPECT_TRUE(fixture_slot(f, a)->cap.table.is_mapped);
    EXPECT_EQ(3, fixture_slot(f, b)->cap.table.asid);
    EXPECT_EQ(object_of(f, a), asid_vspace(f->k, 2));
    EXPECT_EQ(object_of(f, b), asid_vspace(f->k, 3));
    fixture_free(f);
}

TEST(assign_needs_a_cap)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, POOL, X86ASIDPoolAssign).error);
    fixture_free(f);
}

TEST(assign_refuses_what_is_no_fresh_pml4)
{
    struct fixture *f = fixture_new("microkit");
    const cptr wrong[] = {vspace_frame(f, FRAME_4K), seL4_CapInitThreadVSpace, vspace_dead(f)};
    for (unsigned i = 0; i < 3; i++) {
        struct result result = vspace_assign(f, POOL, wrong[i]);
        EXPECT_EQ(seL4_InvalidCapability, result.error);
        EXPECT_EQ(1, result.words[0]);
    }
    EXPECT_EQ(0, asid_vspace(f->k, 2));
    fixture_free(f);
}

/* Only a cap that outlived its pool can ask: such a cap is put together here. */
TEST(assign_from_a_pool_that_is_gone_is_a_failed_lookup)
{
    struct fixture *f = fixture_new("microkit");
    cptr pool = vspace_pool(f);
    f->k->asid_pools[1] = 0;

    struct result result = vspace_assign(f, pool, vspace_unassigned(f));

    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_EQ(seL4_InvalidRoot, result.words[1]);
    fixture_free(f);
}

TEST(assign_from_a_pool_that_another_has_replaced_is_refused)
{
    struct fixture *f = fixture_new("microkit");
    cptr pool = vspace_pool(f);
    f->k->asid_pools[1] = f->k->asid_pools[0];

    struct result result = vspace_assign(f, pool, vspace_unassigned(f));

    EXPECT_EQ(seL4_InvalidCapability, result.error);
    EXPECT_EQ(0, result.words[0]);
    fixture_free(f);
}

TEST(a_pool_with_all_identifiers_in_use_gives_no_more)
{
    struct fixture *f = fixture_new("microkit");
    for (unsigned asid = 2; asid < 511; asid++) {
        asid_assign(f->k, asid, object_of(f, seL4_CapInitThreadVSpace));
    }
    EXPECT_EQ(seL4_NoError, vspace_assign(f, POOL, vspace_unassigned(f)).error);
    EXPECT_EQ(seL4_DeleteFirst, vspace_assign(f, POOL, vspace_unassigned(f)).error);
    fixture_free(f);
}

TEST(the_last_cap_to_a_pml4_frees_its_identifier_and_the_host_hears_of_it)
{
    struct fixture *f = fixture_new("microkit");
    cptr vspace = vspace_new(f);
    cptr copy = copy_slot(f, vspace);

    EXPECT_EQ(seL4_NoError, delete_slot(f, vspace).error);
    EXPECT_EQ(0, f->released_vspaces);
    EXPECT_NE(0, asid_vspace(f->k, 2));

    EXPECT_EQ(seL4_NoError, delete_slot(f, copy).error);
    EXPECT_EQ(1, f->released_vspaces);
    EXPECT_EQ(0, asid_vspace(f->k, 2));
    fixture_free(f);
}

TEST(a_pml4_without_an_identifier_goes_without_a_word_to_the_host)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_EQ(seL4_NoError, delete_slot(f, vspace_unassigned(f)).error);
    EXPECT_EQ(0, f->released_vspaces);
    fixture_free(f);
}

TEST(a_pml4_without_an_identifier_is_not_copied)
{
    struct fixture *f = fixture_new("microkit");
    cptr vspace = vspace_unassigned(f);
    cptr copy = fixture_slots(f, 1);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, ROOT, CNodeCopy, ARGS(copy, 64, vspace, 64, 0xf), CAPS(ROOT)).error);
    EXPECT_CAP(f, copy, CAP_NULL);
    fixture_free(f);
}

TEST(a_pool_that_goes_takes_its_vspaces_out_of_use)
{
    struct fixture *f = fixture_new("microkit");
    cptr pool = vspace_pool(f);
    EXPECT_EQ(seL4_NoError, vspace_assign(f, pool, vspace_unassigned(f)).error);
    EXPECT_EQ(seL4_NoError, vspace_assign(f, pool, vspace_unassigned(f)).error);
    cptr copy = copy_slot(f, pool);

    EXPECT_EQ(seL4_NoError, delete_slot(f, copy).error);
    EXPECT_EQ(0, f->released_vspaces);

    EXPECT_EQ(seL4_NoError, delete_slot(f, pool).error);
    EXPECT_EQ(2, f->released_vspaces);
    EXPECT_EQ(0, asid_vspace(f->k, 512));
    EXPECT_EQ(0, f->k->asid_pools[1]);
    fixture_free(f);
}

TEST(a_pml4_whose_identifier_is_anothers_leaves_that_alone_when_it_goes)
{
    struct fixture *f = fixture_new("microkit");
    cptr vspace = vspace_superseded(f);
    paddr heir = asid_vspace(f->k, 512);
    f->released_vspaces = 0;

    EXPECT_EQ(seL4_NoError, delete_slot(f, vspace).error);

    EXPECT_EQ(heir, asid_vspace(f->k, 512));
    EXPECT_EQ(0, f->released_vspaces);
    fixture_free(f);
}

TEST(a_thread_whose_vspace_is_deleted_has_none)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_PASSIVE);
    cptr vspace = vspace_new(f);
    fixture_set_space(f, thread.cap, vspace, 0);
    EXPECT_EQ(object_of(f, vspace), x86_vspace_of(f->k, thread.tcb));

    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, CNodeRevoke, ARGS(vspace, 64)).error);
    EXPECT_EQ(0, x86_vspace_of(f->k, thread.tcb));
    fixture_free(f);
}
