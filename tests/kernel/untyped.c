/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Untyped memory: what can be made of it, where it lands, and when it is cleared. */
#include "tests/kernel/fixture.h"

#include "kernel/cdt.h"

#include <string.h>

#define ROOT seL4_CapInitThreadCNode

static struct result retype(struct fixture *f, cptr untyped, enum object_type type,
                            uint64_t size_bits, cptr slot, uint64_t count)
{
    return CALL(f, untyped, UntypedRetype,
                ARGS(fixture_type(f, type), size_bits, 0, 0, slot, count), CAPS(ROOT));
}

static paddr object_of(struct fixture *f, cptr slot)
{
    return cap_object(fixture_slot(f, slot)->cap);
}

static cptr delete (struct fixture *f, cptr slot)
{
    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, CNodeDelete, ARGS(slot, 64)).error);
    return slot;
}

TEST(objects_are_packed_and_aligned_to_their_size)
{
    struct fixture *f = fixture_new("sel4test");
    cptr untyped = fixture_make(f, seL4_UntypedObject, 16);
    cptr slots = fixture_slots(f, 3);
    paddr base = object_of(f, untyped);

    EXPECT_EQ(seL4_NoError, retype(f, untyped, seL4_EndpointObject, 0, slots, 1).error);
    EXPECT_EQ(seL4_NoError, retype(f, untyped, seL4_TCBObject, 0, slots + 1, 1).error);
    EXPECT_EQ(seL4_NoError, retype(f, untyped, seL4_NotificationObject, 0, slots + 2, 1).error);

    EXPECT_EQ(base, object_of(f, slots));
    EXPECT_EQ(base + 2048, object_of(f, slots + 1));
    EXPECT_EQ(base + 4096, object_of(f, slots + 2));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

/* The sizes of seL4 16.0: as many as fit, and not one more. */
TEST(each_type_takes_exactly_its_size)
{
    static const struct {
        enum object_type type;
        uint64_t user_size;
        unsigned size_bits;
    } types[] = {
        {seL4_UntypedObject, 4, 4},
        {seL4_UntypedObject, 10, 10},
        {seL4_TCBObject, 0, 11},
        {seL4_EndpointObject, 0, 4},
        {seL4_CapTableObject, 1, 6},
        {seL4_CapTableObject, 5, 10},
        {seL4_X86_4K, 0, 12},
        {seL4_X86_PageTableObject, 0, 12},
        {seL4_X86_PageDirectoryObject, 0, 12},
        {seL4_X86_PDPTObject, 0, 12},
        {seL4_X64_PML4Object, 0, 12},
        OBJECT_SIZES_UNDER_TEST,
    };
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct fixture *f = fixture_new("sel4test");
        cptr untyped = fixture_make(f, seL4_UntypedObject, 12);
        uint64_t fit = 1ul << (12 - types[i].size_bits);
        cptr slots = fixture_slots(f, 257);

        struct result one_more =
            retype(f, untyped, types[i].type, types[i].user_size, slots, fit < 256 ? fit + 1 : 256);
        if (fit < 256) {
            EXPECT_EQ(seL4_NotEnoughMemory, one_more.error);
            EXPECT_EQ(4096, one_more.words[0]);
            EXPECT_EQ(seL4_NoError,
                      retype(f, untyped, types[i].type, types[i].user_size, slots, fit).error);
        } else {
            EXPECT_EQ(seL4_NoError, one_more.error);
        }
        EXPECT_EQ(seL4_NotEnoughMemory,
                  retype(f, untyped, types[i].type, types[i].user_size, slots + 256, 1).error);
        fixture_free(f);
    }
}

TEST(a_large_page_is_made_from_two_megabytes)
{
    struct fixture *f = fixture_new("sel4test");
    cptr frame = fixture_make(f, seL4_X86_LargePageObject, 0);
    EXPECT_CAP(f, frame, CAP_FRAME);
    EXPECT_EQ(FRAME_2M, fixture_slot(f, frame)->cap.frame.size);
    EXPECT_EQ(0, object_of(f, frame) & 0x1fffff);
    fixture_free(f);
}

TEST(retype_refuses_a_short_message_and_an_unknown_label)
{
    struct fixture *f = fixture_new("sel4test");
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, f->untyped, UntypedRetype, ARGS(2, 0, 0, 0, 100), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, f->untyped, UntypedRetype, ARGS(2, 0, 0, 0, 100, 1)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, f->untyped, CNodeCopy, ARGS(2, 0, 0, 0, 100, 1), CAPS(ROOT)).error);
    fixture_free(f);
}

TEST(retype_refuses_a_type_that_does_not_exist)
{
    struct fixture *f = fixture_new("sel4test");
    cptr slot = fixture_slots(f, 1);
    struct result result =
        CALL(f, f->untyped, UntypedRetype, ARGS(f->k->type_count, 0, 0, 0, slot, 1), CAPS(ROOT));
    EXPECT_EQ(seL4_InvalidArgument, result.error);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_CAP(f, slot, CAP_NULL);
    fixture_free(f);
}

TEST(retype_refuses_sizes_that_make_no_sense)
{
    struct fixture *f = fixture_new("sel4test");
    cptr slot = fixture_slots(f, 1);
    static const struct {
        enum object_type type;
        uint64_t size_bits;
        seL4_Error error;
    } cases[] = {
        {seL4_CapTableObject, 0, seL4_InvalidArgument},
        {seL4_UntypedObject, 3, seL4_InvalidArgument},
        {seL4_UntypedObject, 48, seL4_RangeError},
        {seL4_UntypedObject, 64, seL4_RangeError},
        {seL4_CapTableObject, 43, seL4_RangeError},
        {seL4_CapTableObject, UINT64_MAX, seL4_RangeError},
        {seL4_EndpointObject, 64, seL4_RangeError},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result result = retype(f, f->untyped, cases[i].type, cases[i].size_bits, slot, 1);
        EXPECT_EQ(cases[i].error, result.error);
        if (result.error == seL4_RangeError) {
            EXPECT_EQ(0, result.words[0]);
            EXPECT_EQ(47, result.words[1]);
        } else {
            EXPECT_EQ(1, result.words[0]);
        }
    }
    EXPECT_CAP(f, slot, CAP_NULL);
    fixture_free(f);
}

TEST(retype_refuses_windows_outside_the_cnode)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    uint64_t type = fixture_type(f, seL4_EndpointObject);
#define RETYPE(offset, count)                                                                      \
    CALL(f, f->untyped, UntypedRetype, ARGS(type, 0, 0, 0, offset, count), CAPS(cnode))

    struct result beyond = RETYPE(16, 1);
    EXPECT_EQ(seL4_RangeError, beyond.error);
    EXPECT_EQ(0, beyond.words[0]);
    EXPECT_EQ(15, beyond.words[1]);
    struct result none = RETYPE(0, 0);
    EXPECT_EQ(seL4_RangeError, none.error);
    EXPECT_EQ(1, none.words[0]);
    EXPECT_EQ(256, none.words[1]);
    EXPECT_EQ(seL4_RangeError, RETYPE(0, 257).error);
    struct result over = RETYPE(10, 7);
    EXPECT_EQ(seL4_RangeError, over.error);
    EXPECT_EQ(6, over.words[1]);
    EXPECT_EQ(seL4_NoError, RETYPE(10, 6).error);
    EXPECT_EQ(seL4_DeleteFirst, RETYPE(9, 2).error);
#undef RETYPE
    fixture_free(f);
}

TEST(retype_refuses_a_destination_that_is_no_cnode)
{
    struct fixture *f = fixture_new("sel4test");
    uint64_t type = fixture_type(f, seL4_EndpointObject);

    struct result direct =
        CALL(f, f->untyped, UntypedRetype, ARGS(type, 0, 0, 0, 0, 1), CAPS(seL4_CapInitThreadTCB));
    EXPECT_EQ(seL4_FailedLookup, direct.error);
    EXPECT_EQ(0, direct.words[0]);
    EXPECT_EQ(seL4_MissingCapability, direct.words[1]);
    EXPECT_EQ(0, direct.words[2]);

    struct result looked_up = CALL(f, f->untyped, UntypedRetype,
                                   ARGS(type, 0, seL4_CapInitThreadTCB, 64, 0, 1), CAPS(ROOT));
    EXPECT_EQ(seL4_FailedLookup, looked_up.error);
    EXPECT_EQ(64, looked_up.words[2]);
    fixture_free(f);
}

TEST(retype_finds_its_destination_by_index_and_depth)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    EXPECT_EQ(seL4_NoError,
              CALL(f, f->untyped, UntypedRetype,
                   ARGS(fixture_type(f, seL4_EndpointObject), 0, cnode, 64, 3, 2), CAPS(ROOT))
                  .error);
    struct slot *slots = slot_at(f->k, object_of(f, cnode));
    EXPECT_EQ(CAP_NULL, slots[2].cap.type);
    EXPECT_EQ(CAP_ENDPOINT, slots[3].cap.type);
    EXPECT_EQ(CAP_ENDPOINT, slots[4].cap.type);
    fixture_free(f);
}

TEST(an_untyped_without_children_starts_anew_and_is_cleared)
{
    struct fixture *f = fixture_new("sel4test");
    cptr untyped = fixture_make(f, seL4_UntypedObject, 12);
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, retype(f, untyped, seL4_X86_4K, 0, slot, 1).error);
    paddr frame = object_of(f, slot);
    memset(f->ram + frame, 0xaa, 4096);
    delete (f, slot);

    EXPECT_EQ(seL4_NoError, retype(f, untyped, seL4_TCBObject, 0, slot, 1).error);

    EXPECT_EQ(frame, object_of(f, slot));
    for (unsigned i = 0; i < 4096; i++) {
        EXPECT_EQ(0, f->ram[frame + i]);
    }
    EXPECT_EQ(4096, f->cleared_bytes);
    fixture_free(f);
}

TEST(copying_an_untyped_marks_the_original_as_full)
{
    struct fixture *f = fixture_new("sel4test");
    cptr untyped = fixture_make(f, seL4_UntypedObject, 12);
    cptr slots = fixture_slots(f, 2);
    EXPECT_EQ(seL4_NoError,
              CALL(f, ROOT, CNodeCopy, ARGS(slots, 64, untyped, 64, 15), CAPS(ROOT)).error);

    struct result result = retype(f, untyped, seL4_EndpointObject, 0, slots + 1, 1);

    EXPECT_EQ(seL4_NotEnoughMemory, result.error);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_EQ(seL4_NoError, retype(f, slots, seL4_EndpointObject, 0, slots + 1, 1).error);
    fixture_free(f);
}

TEST(an_untyped_with_children_cannot_be_copied)
{
    struct fixture *f = fixture_new("sel4test");
    cptr slots = fixture_slots(f, 1);
    fixture_make(f, seL4_EndpointObject, 0);
    EXPECT_EQ(seL4_RevokeFirst,
              CALL(f, ROOT, CNodeCopy, ARGS(slots, 64, f->untyped, 64, 15), CAPS(ROOT)).error);
    EXPECT_CAP(f, slots, CAP_NULL);
    fixture_free(f);
}

TEST(device_memory_becomes_frames_and_untyped_memory_only)
{
    struct fixture *f = fixture_new("sel4test");
    struct abi_slot_region untyped;
    const struct abi_untyped_description *list =
        fixture_untyped_list(f, f->ram + object_of(f, seL4_CapBootInfoFrame), &untyped);
    cptr device = 0;
    for (uint64_t i = 0; untyped.start + i < untyped.end; i++) {
        if (list[i].is_device && list[i].size_bits >= 12) {
            device = untyped.start + i;
            break;
        }
    }
    EXPECT_NE(0, device);
    cptr slots = fixture_slots(f, 2);

    struct result endpoint = retype(f, device, seL4_EndpointObject, 0, slots, 1);
    EXPECT_EQ(seL4_InvalidArgument, endpoint.error);
    EXPECT_EQ(1, endpoint.words[0]);
    EXPECT_EQ(seL4_NoError, retype(f, device, seL4_X86_4K, 0, slots, 1).error);
    EXPECT_TRUE(fixture_slot(f, slots)->cap.frame.is_device);
    fixture_free(f);
}

TEST(a_long_reset_is_preempted_and_comes_to_its_end)
{
    struct fixture *f = fixture_new("sel4test");
    cptr untyped = fixture_make(f, seL4_UntypedObject, 16);
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, retype(f, untyped, seL4_UntypedObject, 16, slot, 1).error);
    delete (f, slot);
    f->preempt_always = true;

    struct tcb *caller = fixture_current(f);
    uint64_t rip = caller->registers.r[X86_RIP];
    unsigned entries = 0;
    do {
        EXPECT_CAP(f, slot, CAP_NULL);
        caller->registers.r[X86_RIP] = rip;
        retype(f, untyped, seL4_TCBObject, 0, slot, 1);
        entries++;
    } while (caller->registers.r[X86_RIP] == rip);

    /* 256 chunks of 256 bytes, and a look at the interrupts every 100 units of work. */
    EXPECT_EQ(3, entries);
    EXPECT_EQ(65536, f->cleared_bytes);
    EXPECT_CAP(f, slot, CAP_TCB);
    fixture_free(f);
}
