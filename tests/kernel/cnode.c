/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* CNodes: copying, moving, deleting and revoking caps. */
#include "tests/kernel/fixture.h"

#include "kernel/cdt.h"

#define ROOT seL4_CapInitThreadCNode
#define ALL  0xf

/* The root task's CSpace has a guard up to 64 bits, so that a cptr is a slot's number. */
static struct result copy(struct fixture *f, cptr source, cptr target, uint64_t rights)
{
    return CALL(f, ROOT, CNodeCopy, ARGS(target, 64, source, 64, rights), CAPS(ROOT));
}

static struct result mint(struct fixture *f, cptr source, cptr target, uint64_t badge)
{
    return CALL(f, ROOT, CNodeMint, ARGS(target, 64, source, 64, ALL, badge), CAPS(ROOT));
}

static struct result move(struct fixture *f, cptr source, cptr target)
{
    return CALL(f, ROOT, CNodeMove, ARGS(target, 64, source, 64), CAPS(ROOT));
}

static struct result mutate(struct fixture *f, cptr source, cptr target, uint64_t badge)
{
    return CALL(f, ROOT, CNodeMutate, ARGS(target, 64, source, 64, badge), CAPS(ROOT));
}

static struct result delete (struct fixture *f, cptr slot)
{
    return CALL(f, ROOT, CNodeDelete, ARGS(slot, 64));
}

static struct result revoke(struct fixture *f, cptr slot)
{
    return CALL(f, ROOT, CNodeRevoke, ARGS(slot, 64));
}

TEST(copy_makes_a_child_with_the_same_badge_and_fewer_rights)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr target = fixture_slots(f, 1);

    EXPECT_EQ(seL4_NoError, copy(f, ep, target, RIGHT_READ).error);

    struct cap cap = fixture_slot(f, target)->cap;
    EXPECT_EQ(CAP_ENDPOINT, cap.type);
    EXPECT_TRUE(cap.endpoint.can_receive);
    EXPECT_FALSE(cap.endpoint.can_send);
    EXPECT_FALSE(cap.endpoint.can_grant);
    EXPECT_TRUE(cdt_is_parent(fixture_slot(f, ep), fixture_slot(f, target)));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(copy_into_a_full_slot_answers_delete_first_and_changes_neither)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);

    EXPECT_EQ(seL4_DeleteFirst, copy(f, ep, ntfn, ALL).error);

    EXPECT_CAP(f, ep, CAP_ENDPOINT);
    EXPECT_CAP(f, ntfn, CAP_NOTIFICATION);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(copy_with_a_full_target_and_a_bad_source_answers_delete_first)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct result result =
        CALL(f, ROOT, CNodeCopy, ARGS(ep, 64, 0, 64, ALL), CAPS(seL4_CapInitThreadTCB));
    EXPECT_EQ(seL4_DeleteFirst, result.error);
    fixture_free(f);
}

TEST(copy_from_an_empty_slot_answers_failed_lookup_of_the_source)
{
    struct fixture *f = fixture_new("sel4test");
    cptr from = fixture_slots(f, 2);

    struct result result = copy(f, from, from + 1, ALL);

    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(3, result.length);
    EXPECT_EQ(1, result.words[0]);
    EXPECT_EQ(seL4_MissingCapability, result.words[1]);
    EXPECT_EQ(64, result.words[2]);
    fixture_free(f);
}

TEST(a_root_that_is_no_cnode_answers_failed_lookup_with_invalid_root)
{
    struct fixture *f = fixture_new("sel4test");
    cptr target = fixture_slots(f, 1);
    struct result result =
        CALL(f, ROOT, CNodeCopy, ARGS(target, 64, 1, 64, ALL), CAPS(seL4_CapInitThreadTCB));
    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(2, result.length);
    EXPECT_EQ(1, result.words[0]);
    EXPECT_EQ(seL4_InvalidRoot, result.words[1]);
    fixture_free(f);
}

TEST(a_depth_of_0_or_above_64_answers_range_error_1_to_64)
{
    struct fixture *f = fixture_new("sel4test");
    cptr target = fixture_slots(f, 1);
    for (uint64_t depth = 0; depth <= 65; depth += 65) {
        struct result result = CALL(f, ROOT, CNodeDelete, ARGS(target, depth));
        EXPECT_EQ(seL4_RangeError, result.error);
        EXPECT_EQ(1, result.words[0]);
        EXPECT_EQ(64, result.words[1]);
    }
    fixture_free(f);
}

TEST(a_depth_that_stops_inside_a_level_answers_failed_lookup)
{
    struct fixture *f = fixture_new("sel4test");
    cptr target = fixture_slots(f, 1);
    struct result result = CALL(f, ROOT, CNodeDelete, ARGS(target, 63));
    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_EQ(seL4_DepthMismatch, result.words[1]);
    EXPECT_EQ(63, result.words[2]);
    EXPECT_EQ(64, result.words[3]);
    fixture_free(f);
}

TEST(a_guard_that_does_not_match_answers_failed_lookup_with_the_guard)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    cptr guarded = fixture_slots(f, 1);
    uint64_t guard = 0x5ul << 6 | 4; /* four bits: 5 */
    EXPECT_EQ(seL4_NoError, mint(f, cnode, guarded, guard).error);

    struct result result = CALL(f, guarded, CNodeDelete, ARGS(0x30, 8));

    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(5, result.length);
    EXPECT_EQ(seL4_GuardMismatch, result.words[1]);
    EXPECT_EQ(8, result.words[2]);
    EXPECT_EQ(5, result.words[3]);
    EXPECT_EQ(4, result.words[4]);
    EXPECT_EQ(seL4_NoError, CALL(f, guarded, CNodeDelete, ARGS(0x53, 8)).error);
    fixture_free(f);
}

TEST(each_cnode_operation_says_when_its_message_is_too_short)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr target = fixture_slots(f, 1);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, ROOT, CNodeDelete, ARGS(target)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, ROOT, CNodeCopy, ARGS(target, 64, ep), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, ROOT, CNodeMove, ARGS(target, 64, ep, 64)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, ROOT, CNodeCopy, ARGS(target, 64, ep, 64), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, ROOT, CNodeMint, ARGS(target, 64, ep, 64, ALL), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, ROOT, CNodeMutate, ARGS(target, 64, ep, 64), CAPS(ROOT)).error);
    EXPECT_EQ(
        seL4_TruncatedMessage,
        CALL(f, ROOT, CNodeRotate, ARGS(target, 64, 0, ep, 64, 0, 1), CAPS(ROOT, ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, ROOT, CNodeRotate, ARGS(target, 64, 0, ep, 64, 0, 1, 64), CAPS(ROOT)).error);
    EXPECT_CAP(f, target, CAP_NULL);
    fixture_free(f);
}

TEST(a_label_of_another_object_is_an_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT, TCBSuspend, ARGS(1, 64)).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT, UntypedRetype, ARGS(1, 64)).error);
    fixture_free(f);
}

TEST(mint_gives_a_badge_once)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr slots = fixture_slots(f, 2);

    EXPECT_EQ(seL4_NoError, mint(f, ep, slots, 42).error);
    EXPECT_EQ(seL4_IllegalOperation, mint(f, slots, slots + 1, 43).error);

    EXPECT_EQ(42, fixture_slot(f, slots)->cap.endpoint.badge);
    EXPECT_CAP(f, slots + 1, CAP_NULL);
    fixture_free(f);
}

TEST(mint_of_a_guard_that_does_not_fit_is_an_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    cptr target = fixture_slots(f, 1);
    EXPECT_EQ(seL4_IllegalOperation, mint(f, cnode, target, 61).error);
    EXPECT_EQ(seL4_NoError, mint(f, cnode, target, 60).error);
    EXPECT_EQ(60, fixture_slot(f, target)->cap.cnode.guard_bits);
    fixture_free(f);
}

TEST(move_takes_the_children_along)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr slots = fixture_slots(f, 2);
    EXPECT_EQ(seL4_NoError, mint(f, ep, slots, 7).error);

    EXPECT_EQ(seL4_NoError, move(f, ep, slots + 1).error);

    EXPECT_CAP(f, ep, CAP_NULL);
    EXPECT_CAP(f, slots + 1, CAP_ENDPOINT);
    EXPECT_TRUE(cdt_is_parent(fixture_slot(f, slots + 1), fixture_slot(f, slots)));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(mutate_changes_a_cnodes_guard_and_refuses_a_badge)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr slots = fixture_slots(f, 2);

    EXPECT_EQ(seL4_NoError, mutate(f, cnode, slots, 3ul << 6 | 2).error);
    EXPECT_EQ(seL4_IllegalOperation, mutate(f, ep, slots + 1, 9).error);

    EXPECT_CAP(f, cnode, CAP_NULL);
    EXPECT_EQ(3, fixture_slot(f, slots)->cap.cnode.guard);
    EXPECT_CAP(f, ep, CAP_ENDPOINT);
    fixture_free(f);
}

TEST(rotate_moves_the_pivot_to_the_target_and_the_source_to_the_pivot)
{
    struct fixture *f = fixture_new("sel4test");
    cptr source = fixture_make(f, seL4_CapTableObject, 1);
    cptr pivot = fixture_make(f, seL4_CapTableObject, 2);
    cptr target = fixture_slots(f, 1);

    struct result result =
        CALL(f, ROOT, CNodeRotate, ARGS(target, 64, 0, pivot, 64, 0, source, 64), CAPS(ROOT, ROOT));

    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_CAP(f, source, CAP_NULL);
    EXPECT_EQ(1, fixture_slot(f, pivot)->cap.cnode.radix);
    EXPECT_EQ(2, fixture_slot(f, target)->cap.cnode.radix);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(rotate_onto_its_own_source_swaps_the_two)
{
    struct fixture *f = fixture_new("sel4test");
    cptr source = fixture_make(f, seL4_CapTableObject, 1);
    cptr pivot = fixture_make(f, seL4_CapTableObject, 2);

    struct result result =
        CALL(f, ROOT, CNodeRotate, ARGS(source, 64, 0, pivot, 64, 0, source, 64), CAPS(ROOT, ROOT));

    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_EQ(2, fixture_slot(f, source)->cap.cnode.radix);
    EXPECT_EQ(1, fixture_slot(f, pivot)->cap.cnode.radix);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(rotate_refuses_a_pivot_that_is_source_or_target_and_slots_that_do_not_fit)
{
    struct fixture *f = fixture_new("sel4test");
    cptr a = fixture_make(f, seL4_CapTableObject, 1);
    cptr b = fixture_make(f, seL4_CapTableObject, 1);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr empty = fixture_slots(f, 2);
#define ROTATE(target, pivot, source)                                                              \
    CALL(f, ROOT, CNodeRotate, ARGS(target, 64, 0, pivot, 64, 0, source, 64), CAPS(ROOT, ROOT))

    EXPECT_EQ(seL4_IllegalOperation, ROTATE(empty, a, a).error);
    EXPECT_EQ(seL4_IllegalOperation, ROTATE(a, a, b).error);
    EXPECT_EQ(seL4_DeleteFirst, ROTATE(ep, a, b).error);
    struct result no_source = ROTATE(empty, a, empty + 1);
    EXPECT_EQ(seL4_FailedLookup, no_source.error);
    EXPECT_EQ(1, no_source.words[0]);
    struct result no_pivot = ROTATE(empty, empty + 1, a);
    EXPECT_EQ(seL4_FailedLookup, no_pivot.error);
    EXPECT_EQ(0, no_pivot.words[0]);
    EXPECT_EQ(seL4_IllegalOperation, ROTATE(empty, a, ep).error);
    EXPECT_EQ(seL4_IllegalOperation, ROTATE(empty, ep, a).error);
#undef ROTATE
    EXPECT_CAP(f, a, CAP_CNODE);
    EXPECT_CAP(f, b, CAP_CNODE);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(deleting_a_middle_cap_leaves_its_child_to_the_grandparent)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr slots = fixture_slots(f, 2);
    EXPECT_EQ(seL4_NoError, mint(f, ep, slots, 5).error);
    EXPECT_EQ(seL4_NoError, copy(f, slots, slots + 1, ALL).error);

    EXPECT_EQ(seL4_NoError, delete (f, slots).error);

    EXPECT_CAP(f, slots, CAP_NULL);
    EXPECT_EQ(5, fixture_slot(f, slots + 1)->cap.endpoint.badge);
    EXPECT_EQ(seL4_NoError, revoke(f, ep).error);
    EXPECT_CAP(f, slots + 1, CAP_NULL);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(deleting_an_empty_slot_does_nothing)
{
    struct fixture *f = fixture_new("sel4test");
    cptr empty = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, delete (f, empty).error);
    EXPECT_EQ(seL4_NoError, revoke(f, empty).error);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(revoking_a_badged_cap_spares_those_with_other_badges)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr slots = fixture_slots(f, 3);
    EXPECT_EQ(seL4_NoError, mint(f, ep, slots, 1).error);
    EXPECT_EQ(seL4_NoError, mint(f, ep, slots + 1, 2).error);
    EXPECT_EQ(seL4_NoError, copy(f, slots, slots + 2, ALL).error);

    EXPECT_EQ(seL4_NoError, revoke(f, slots).error);

    EXPECT_CAP(f, slots, CAP_ENDPOINT);
    EXPECT_CAP(f, slots + 1, CAP_ENDPOINT);
    EXPECT_CAP(f, slots + 2, CAP_NULL);
    EXPECT_CAP(f, ep, CAP_ENDPOINT);
    fixture_free(f);
}

TEST(revoking_an_untyped_deletes_every_object_in_it)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    cptr tcb = fixture_make(f, seL4_TCBObject, 0);
    EXPECT_EQ(seL4_NoError, CALL(f, cnode, CNodeMove, ARGS(3, 4, tcb, 64), CAPS(ROOT)).error);

    EXPECT_EQ(seL4_NoError, revoke(f, f->untyped).error);

    EXPECT_CAP(f, cnode, CAP_NULL);
    EXPECT_CAP(f, f->untyped, CAP_UNTYPED);
    EXPECT_FALSE(cdt_has_children(f->k, fixture_slot(f, f->untyped)));
    EXPECT_EQ(1, f->released_threads);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(deleting_a_cnode_deletes_what_it_holds)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr copy_slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, mint(f, ep, copy_slot, 3).error);
    EXPECT_EQ(seL4_NoError, CALL(f, cnode, CNodeMove, ARGS(0, 4, copy_slot, 64), CAPS(ROOT)).error);
    EXPECT_TRUE(cdt_has_children(f->k, fixture_slot(f, ep)));

    EXPECT_EQ(seL4_NoError, delete (f, cnode).error);

    EXPECT_FALSE(cdt_has_children(f->k, fixture_slot(f, ep)));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(cnodes_that_hold_each_other_can_be_deleted)
{
    struct fixture *f = fixture_new("sel4test");
    cptr a = fixture_make(f, seL4_CapTableObject, 4);
    cptr b = fixture_make(f, seL4_CapTableObject, 4);
    EXPECT_EQ(seL4_NoError, CALL(f, a, CNodeMove, ARGS(1, 4, b, 64), CAPS(ROOT)).error);
    /* The cap to a is now the last in the root CNode; put a cap to a into b, through a. */
    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, CNodeCopy, ARGS(b, 64, 1, 4, ALL), CAPS(a)).error);
    EXPECT_EQ(seL4_NoError, CALL(f, b, CNodeCopy, ARGS(2, 4, a, 64, ALL), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_NoError, delete (f, b).error);

    EXPECT_EQ(seL4_NoError, delete (f, a).error);

    EXPECT_CAP(f, a, CAP_NULL);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(a_cnode_that_holds_itself_can_be_deleted)
{
    struct fixture *f = fixture_new("sel4test");
    cptr a = fixture_make(f, seL4_CapTableObject, 4);
    EXPECT_EQ(seL4_NoError, CALL(f, a, CNodeCopy, ARGS(0, 4, a, 64, ALL), CAPS(ROOT)).error);

    EXPECT_EQ(seL4_NoError, CALL(f, a, CNodeDelete, ARGS(0, 4)).error);
    EXPECT_EQ(seL4_NoError, CALL(f, a, CNodeCopy, ARGS(5, 4, a, 64, ALL), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_NoError, revoke(f, f->untyped).error);

    EXPECT_CAP(f, a, CAP_NULL);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

/* A CNode of 32 pages with caps in its first page and in its last but one. */
static cptr make_large_cnode(struct fixture *f)
{
    cptr large = fixture_make(f, seL4_CapTableObject, 12);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    static const cptr at[] = {3, 127, 30 * 128, 31 * 128 - 1};
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        EXPECT_EQ(seL4_NoError,
                  CALL(f, large, CNodeCopy, ARGS(at[i], 12, ep, 64, ALL), CAPS(ROOT)).error);
    }
    return large;
}

TEST(what_was_never_used_of_a_large_cnode_is_passed_over)
{
    unsigned asked[2];
    for (int tells_no_use = 0; tells_no_use < 2; tells_no_use++) {
        struct fixture *f = fixture_new("sel4test");
        cptr large = make_large_cnode(f);
        f->tells_no_use = tells_no_use;
        f->k->work_units = 0;
        unsigned before = f->pending_asked;
        EXPECT_EQ(seL4_NoError, delete (f, large).error);
        asked[tells_no_use] = f->pending_asked - before;
        EXPECT_CAP(f, large, CAP_NULL);
        fixture_expect_tree_sound(f);
        fixture_free(f);
    }
    /* Once each 100 slots, and each call looks once. */
    EXPECT_EQ(256 / 100 + 1, asked[0]);
    EXPECT_EQ(4096 / 100 + 1, asked[1]);
}

TEST(a_large_cnode_in_which_nothing_was_ever_put_is_deleted_at_once)
{
    struct fixture *f = fixture_new("sel4test");
    cptr large = fixture_make(f, seL4_CapTableObject, 12);
    f->k->work_units = 0;
    unsigned before = f->pending_asked;

    EXPECT_EQ(seL4_NoError, delete (f, large).error);

    EXPECT_EQ(before + 1, f->pending_asked); /* each call looks once */
    EXPECT_CAP(f, large, CAP_NULL);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(a_large_cnode_that_holds_itself_is_deleted_to_its_last_slot)
{
    static const cptr at[] = {0, 1, 127, 128, 4095};
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        struct fixture *f = fixture_new("sel4test");
        cptr large = fixture_make(f, seL4_CapTableObject, 12);
        EXPECT_EQ(seL4_NoError,
                  CALL(f, large, CNodeMove, ARGS(at[i], 12, large, 64), CAPS(ROOT)).error);
        EXPECT_EQ(seL4_NoError, revoke(f, f->untyped).error);
        fixture_expect_tree_sound(f);
        fixture_free(f);
    }
}

/* As on the real kernel: the cap that held the inner CNode becomes a zombie in the inner CNode's own
 * first slot, which nobody can name. Only revoking the untyped gets at it. */
TEST(a_cnode_held_by_a_deleted_one_lives_on_until_its_untyped_is_revoked)
{
    struct fixture *f = fixture_new("sel4test");
    cptr outer = fixture_make(f, seL4_CapTableObject, 1);
    cptr untyped = fixture_make(f, seL4_UntypedObject, 12);
    cptr inner = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError,
              CALL(f, untyped, UntypedRetype,
                   ARGS(fixture_type(f, seL4_CapTableObject), 1, 0, 0, inner, 1), CAPS(ROOT))
                  .error);
    EXPECT_EQ(seL4_NoError, CALL(f, outer, CNodeMove, ARGS(0, 1, inner, 64), CAPS(ROOT)).error);

    EXPECT_EQ(seL4_NoError, delete (f, outer).error);

    EXPECT_CAP(f, outer, CAP_NULL);
    EXPECT_TRUE(cdt_has_children(f->k, fixture_slot(f, untyped)));
    EXPECT_EQ(seL4_NoError, revoke(f, untyped).error);
    EXPECT_FALSE(cdt_has_children(f->k, fixture_slot(f, untyped)));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

/* Each inner CNode is held by the one before it alone. */
TEST(a_long_chain_of_cnodes_is_deleted_without_deep_recursion)
{
    enum { LINKS = 2000 };
    struct fixture *f = fixture_new("sel4test");
    cptr head = fixture_make(f, seL4_CapTableObject, 1);
    cptr next = fixture_slots(f, 1);
    for (int i = 0; i < LINKS; i++) {
        EXPECT_EQ(seL4_NoError,
                  CALL(f, f->untyped, UntypedRetype,
                       ARGS(fixture_type(f, seL4_CapTableObject), 1, 0, 0, next, 1), CAPS(ROOT))
                      .error);
        EXPECT_EQ(seL4_NoError, CALL(f, next, CNodeMove, ARGS(0, 1, head, 64), CAPS(ROOT)).error);
        EXPECT_EQ(seL4_NoError, move(f, next, head).error);
    }

    EXPECT_EQ(seL4_NoError, delete (f, head).error);
    EXPECT_CAP(f, head, CAP_NULL);
    EXPECT_EQ(seL4_NoError, revoke(f, f->untyped).error);

    EXPECT_FALSE(cdt_has_children(f->k, fixture_slot(f, f->untyped)));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

/* With an interrupt always waiting, each entry does some work and restarts the system call. */
TEST(a_long_revoke_is_preempted_and_comes_to_its_end)
{
    enum { COPIES = 500 };
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr copies = fixture_slots(f, COPIES);
    for (unsigned i = 0; i < COPIES; i++) {
        EXPECT_EQ(seL4_NoError, mint(f, ep, copies + i, 1 + i).error);
    }
    f->preempt_always = true;
    struct tcb *caller = fixture_current(f);
    uint64_t rip = caller->registers.r[X86_RIP];

    unsigned entries = 0;
    do {
        caller->registers.r[X86_RIP] = rip;
        caller->registers.r[SYSCALL_CAP] = ROOT;
        caller->registers.r[SYSCALL_INFO] = fixture_label(f, CNodeRevoke) << 12 | 2;
        caller->registers.r[SYSCALL_MR0] = ep;
        caller->registers.r[SYSCALL_MR1] = 64;
        fixture_syscall(f, SYS_Call);
        entries++;
        EXPECT_EQ(NEXT_RUN, f->next.kind);
    } while (caller->registers.r[X86_RIP] == rip);

    EXPECT_TRUE(entries > 3);
    EXPECT_EQ(entries - 1, f->k->stats.preemptions);
    EXPECT_EQ(rip + 2, caller->registers.r[X86_RIP]);
    EXPECT_FALSE(cdt_has_children(f->k, fixture_slot(f, ep)));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(cancel_badged_sends_needs_an_endpoint_cap_with_all_rights)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    cptr weak = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, copy(f, ep, weak, ALL & ~RIGHT_GRANT_REPLY).error);

    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, CNodeCancelBadgedSends, ARGS(ep, 64)).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT, CNodeCancelBadgedSends, ARGS(weak, 64)).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT, CNodeCancelBadgedSends, ARGS(ntfn, 64)).error);
    fixture_free(f);
}

TEST(a_refusal_tells_a_person_the_call_the_reason_and_the_thread)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    copy(f, ep, ep, ALL);
    EXPECT_STR("seL4_CNode_Copy: the destination slot is not empty (thread 'rootserver', "
               "CNode cap 0x2)",
               f->report);
    EXPECT_EQ(1, f->report_count);
    fixture_free(f);
}
