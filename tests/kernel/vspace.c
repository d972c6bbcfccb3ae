/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* VSpaces: mapping and unmapping frames, and what the host hears of it. */
#include "tests/kernel/fixture_vspace.h"

#include "kernel/x86/x86.h"

#include <string.h>

#define READ_WRITE (RIGHT_READ | RIGHT_WRITE)
#define VSPACE     seL4_CapInitThreadVSpace

/* Page tables down to AREA in the root task's own VSpace. */
static struct fixture *fixture_with_tables(void)
{
    struct fixture *f = fixture_new("microkit");
    vspace_map_tables(f, VSPACE, AREA, LEVEL_PT);
    return f;
}

static void expect_lookup_failure(struct result result, unsigned bits_left)
{
    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_EQ(seL4_MissingCapability, result.words[1]);
    EXPECT_EQ(bits_left, result.words[2]);
}

static void expect_invalid_argument(struct result result, unsigned number)
{
    EXPECT_EQ(seL4_InvalidArgument, result.error);
    EXPECT_EQ(number, result.words[0]);
}

static void expect_invalid_cap(struct result result, unsigned number)
{
    EXPECT_EQ(seL4_InvalidCapability, result.error);
    EXPECT_EQ(number, result.words[0]);
}

TEST(mapping_a_frame_makes_an_entry_and_tells_the_host)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);

    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

    struct kernel_mapping mapping = vspace_mapping(f, VSPACE, AREA + 0x123);
    EXPECT_EQ(AREA, mapping.vaddr);
    EXPECT_EQ(object_of(f, frame), mapping.frame);
    EXPECT_EQ(0x1000, mapping.bytes);
    EXPECT_TRUE(mapping.readable);
    EXPECT_TRUE(mapping.writable);
    EXPECT_EQ(1, f->map_count);
    EXPECT_EQ(0, f->unmap_count);
    EXPECT_EQ(object_of(f, VSPACE), f->last_map.vspace);
    EXPECT_EQ(AREA, f->last_map.vaddr);
    EXPECT_EQ(object_of(f, frame), f->last_map.frame);
    EXPECT_EQ(0x1000, f->last_map.bytes);
    EXPECT_TRUE(f->last_map.writable);
    struct cap cap = fixture_slot(f, frame)->cap;
    EXPECT_TRUE(cap.frame.is_mapped);
    EXPECT_EQ(AREA, cap.frame.vaddr);
    EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA + 0x1000).frame);
    fixture_free(f);
}

TEST(a_frame_mapped_without_the_right_to_write_is_read_only)
{
    struct fixture *f = fixture_with_tables();

    EXPECT_EQ(seL4_NoError,
              vspace_map(f, vspace_frame(f, FRAME_4K), VSPACE, AREA, RIGHT_READ).error);

    EXPECT_TRUE(vspace_mapping(f, VSPACE, AREA).readable);
    EXPECT_FALSE(vspace_mapping(f, VSPACE, AREA).writable);
    EXPECT_EQ(1, f->map_count);
    EXPECT_FALSE(f->last_map.writable);
    fixture_free(f);
}

/* Observed: rights 0 and write-only are there for the kernel alone. */
TEST(a_frame_mapped_without_the_right_to_read_is_reached_by_no_guest)
{
    static const uint64_t rights[] = {0, RIGHT_WRITE, RIGHT_GRANT};
    struct fixture *f = fixture_with_tables();
    for (unsigned i = 0; i < 3; i++) {
        cptr frame = vspace_frame(f, FRAME_4K);
        EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA + i * 0x1000, rights[i]).error);

        struct kernel_mapping mapping = vspace_mapping(f, VSPACE, AREA + i * 0x1000);
        EXPECT_EQ(object_of(f, frame), mapping.frame);
        EXPECT_FALSE(mapping.readable);
        EXPECT_FALSE(mapping.writable);
    }
    EXPECT_EQ(0, f->map_count);
    fixture_free(f);
}

TEST(a_read_only_cap_maps_no_writable_page)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    cptr copy = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError,
              CALL(f, seL4_CapInitThreadCNode, CNodeCopy, ARGS(copy, 64, frame, 64, RIGHT_READ),
                   CAPS(seL4_CapInitThreadCNode))
                  .error);

    EXPECT_EQ(seL4_NoError, vspace_map(f, copy, VSPACE, AREA, READ_WRITE).error);

    EXPECT_TRUE(vspace_mapping(f, VSPACE, AREA).readable);
    EXPECT_FALSE(vspace_mapping(f, VSPACE, AREA).writable);
    fixture_free(f);
}

TEST(large_and_huge_frames_are_mapped_in_entries_of_their_level)
{
    static const uint64_t bytes[] = {0x1000, 0x200000, 0x40000000};
    for (enum frame_size size = FRAME_2M; size <= FRAME_1G; size++) {
        struct fixture *f = fixture_new("microkit");
        cptr frame = vspace_device_frame(f, size);
        vspace_map_tables(f, VSPACE, AREA, (enum paging_level)size);

        EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

        struct kernel_mapping mapping = vspace_mapping(f, VSPACE, AREA + bytes[size] - 1);
        EXPECT_EQ(AREA, mapping.vaddr);
        EXPECT_EQ(object_of(f, frame), mapping.frame);
        EXPECT_EQ(bytes[size], mapping.bytes);
        EXPECT_EQ(bytes[size], f->last_map.bytes);
        EXPECT_EQ(seL4_NoError, CALL(f, frame, X86PageUnmap).error);
        EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA).frame);
        EXPECT_EQ(bytes[size], f->last_unmap.bytes);
        fixture_free(f);
    }
}

TEST(caching_attributes_do_not_get_into_the_address)
{
    for (enum frame_size size = FRAME_4K; size <= FRAME_1G; size++) {
        struct fixture *f = fixture_new("microkit");
        cptr frame = vspace_device_frame(f, size);
        vspace_map_tables(f, VSPACE, AREA, (enum paging_level)size);

        EXPECT_EQ(seL4_NoError,
                  CALL(f, frame, X86PageMap, ARGS(AREA, READ_WRITE, 7), CAPS(VSPACE)).error);

        EXPECT_EQ(object_of(f, frame), vspace_mapping(f, VSPACE, AREA).frame);
        fixture_free(f);
    }
}

TEST(page_map_needs_three_words_and_a_cap)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, frame, X86PageMap, ARGS(AREA, READ_WRITE), CAPS(VSPACE)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, frame, X86PageMap, ARGS(AREA, READ_WRITE, 0)).error);
    EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA).frame);
    fixture_free(f);
}

TEST(page_map_refuses_what_is_no_vspace)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);

    expect_invalid_cap(vspace_map(f, frame, frame, AREA, READ_WRITE), 1);
    expect_invalid_cap(vspace_map(f, frame, vspace_unassigned(f), AREA, READ_WRITE), 1);
    EXPECT_FALSE(fixture_slot(f, frame)->cap.frame.is_mapped);
    fixture_free(f);
}

TEST(page_map_refuses_a_frame_that_is_mapped_in_another_vspace)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    cptr other = vspace_new(f);
    vspace_map_tables(f, other, AREA, LEVEL_PT);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

    expect_invalid_cap(vspace_map(f, frame, other, AREA, READ_WRITE), 1);

    EXPECT_EQ(0, vspace_mapping(f, other, AREA).frame);
    EXPECT_EQ(object_of(f, frame), vspace_mapping(f, VSPACE, AREA).frame);
    fixture_free(f);
}

TEST(page_map_refuses_a_frame_that_is_mapped_at_another_address)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

    expect_invalid_argument(vspace_map(f, frame, VSPACE, AREA + 0x1000, READ_WRITE), 0);

    EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA + 0x1000).frame);
    EXPECT_EQ(AREA, fixture_slot(f, frame)->cap.frame.vaddr);
    fixture_free(f);
}

TEST(page_map_refuses_addresses_that_guests_do_not_have)
{
    static const uint64_t addresses[] = {X86_USER_TOP, X86_USER_TOP - 0xfff, X86_USER_TOP + 1,
                                         0xffff800000000000, UINT64_MAX & ~0xffful};
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    for (unsigned i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        expect_invalid_argument(vspace_map(f, frame, VSPACE, addresses[i], READ_WRITE), 0);
    }
    EXPECT_EQ(0, f->map_count);
    fixture_free(f);
}

TEST(the_last_page_of_guests_can_be_mapped)
{
    struct fixture *f = fixture_new("microkit");
    uint64_t last = X86_USER_TOP - 0x1000;
    vspace_map_tables(f, VSPACE, last, LEVEL_PT);
    EXPECT_EQ(seL4_NoError,
              vspace_map(f, vspace_frame(f, FRAME_4K), VSPACE, last, READ_WRITE).error);
    EXPECT_EQ(last, f->last_map.vaddr);
    fixture_free(f);
}

/* The fixture's host keeps 0x7ff000000000 to 0x7ff000ffffff. A difference from seL4, on purpose. */
TEST(page_map_refuses_a_range_of_the_hosts_and_says_whose_it_is)
{
    static const uint64_t addresses[] = {0x7ff000000000, 0x7ff000fff000};
    struct fixture *f = fixture_new("microkit");
    vspace_map_tables(f, VSPACE, 0x7ff000000000, LEVEL_PT);
    cptr frame = vspace_frame(f, FRAME_4K);
    for (unsigned i = 0; i < 2; i++) {
        expect_invalid_argument(vspace_map(f, frame, VSPACE, addresses[i], READ_WRITE), 0);
        assert_non_null(strstr(f->report, "0x7ff000000000 to 0x7ff000ffffff is reserved by the "
                                          "test"));
    }
    EXPECT_EQ(0, f->map_count);
    fixture_free(f);
}

TEST(a_large_page_that_reaches_into_a_range_of_the_hosts_is_refused)
{
    struct fixture *f = fixture_new("microkit");
    expect_invalid_argument(
        vspace_map(f, vspace_device_frame(f, FRAME_1G), VSPACE, 0x7fefc0000001, READ_WRITE), 0);
    assert_non_null(strstr(f->report, "is reserved by the test"));
    fixture_free(f);
}

TEST(page_map_into_a_dead_vspace_is_a_failed_lookup)
{
    struct fixture *f = fixture_new("microkit");
    cptr vspace = vspace_dead(f);

    struct result result = vspace_map(f, vspace_frame(f, FRAME_4K), vspace, AREA, READ_WRITE);

    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_EQ(seL4_InvalidRoot, result.words[1]);
    fixture_free(f);
}

TEST(page_map_refuses_a_vspace_whose_identifier_is_anothers)
{
    struct fixture *f = fixture_new("microkit");
    cptr vspace = vspace_superseded(f);
    expect_invalid_cap(vspace_map(f, vspace_frame(f, FRAME_4K), vspace, AREA, READ_WRITE), 1);
    fixture_free(f);
}

TEST(page_map_refuses_an_address_that_is_not_aligned_to_the_frame)
{
    struct fixture *f = fixture_with_tables();
    EXPECT_EQ(seL4_AlignmentError,
              vspace_map(f, vspace_frame(f, FRAME_4K), VSPACE, AREA + 8, READ_WRITE).error);
    EXPECT_EQ(
        seL4_AlignmentError,
        vspace_map(f, vspace_device_frame(f, FRAME_2M), VSPACE, AREA + 0x1000, READ_WRITE).error);
    EXPECT_EQ(0, f->map_count);
    fixture_free(f);
}

/* Observed: 0x27, 0x1e, 0x15. */
TEST(page_map_says_at_which_level_a_table_is_missing)
{
    struct fixture *f = fixture_new("microkit");
    cptr frame = vspace_frame(f, FRAME_4K);
    expect_lookup_failure(vspace_map(f, frame, VSPACE, AREA, READ_WRITE), 0x27);
    vspace_map_tables(f, VSPACE, AREA, LEVEL_PDPT);
    expect_lookup_failure(vspace_map(f, frame, VSPACE, AREA, READ_WRITE), 0x1e);
    cptr pdir = fixture_make(f, seL4_X86_PageDirectoryObject, 0);
    EXPECT_EQ(seL4_NoError, vspace_map_table(f, &table_kinds[1], pdir, VSPACE, AREA).error);
    expect_lookup_failure(vspace_map(f, frame, VSPACE, AREA, READ_WRITE), 0x15);
    assert_non_null(strstr(f->report, "no page table is mapped for 0x100000000000"));
    EXPECT_FALSE(fixture_slot(f, frame)->cap.frame.is_mapped);
    fixture_free(f);
}

TEST(a_small_page_in_a_large_one_finds_no_page_table)
{
    struct fixture *f = fixture_new("microkit");
    vspace_map_tables(f, VSPACE, AREA, LEVEL_PD);
    EXPECT_EQ(seL4_NoError,
              vspace_map(f, vspace_device_frame(f, FRAME_2M), VSPACE, AREA, READ_WRITE).error);

    expect_lookup_failure(
        vspace_map(f, vspace_frame(f, FRAME_4K), VSPACE, AREA + 0x1000, READ_WRITE), 0x15);
    fixture_free(f);
}

TEST(a_large_page_where_a_table_is_needs_it_deleted_first)
{
    struct fixture *f = fixture_with_tables();
    EXPECT_EQ(seL4_DeleteFirst,
              vspace_map(f, vspace_device_frame(f, FRAME_2M), VSPACE, AREA, READ_WRITE).error);
    EXPECT_EQ(seL4_DeleteFirst,
              vspace_map(f, vspace_device_frame(f, FRAME_1G), VSPACE, AREA, READ_WRITE).error);
    EXPECT_EQ(0, f->map_count);
    fixture_free(f);
}

TEST(mapping_over_another_frame_replaces_it_at_once)
{
    for (enum frame_size size = FRAME_4K; size <= FRAME_2M; size++) {
        struct fixture *f = fixture_new("microkit");
        vspace_map_tables(f, VSPACE, AREA, (enum paging_level)size);
        cptr old = vspace_device_frame(f, size);
        cptr new = vspace_device_frame(f, size);
        EXPECT_EQ(seL4_NoError, vspace_map(f, old, VSPACE, AREA, READ_WRITE).error);

        EXPECT_EQ(seL4_NoError, vspace_map(f, new, VSPACE, AREA, READ_WRITE).error);

        EXPECT_EQ(object_of(f, new), vspace_mapping(f, VSPACE, AREA).frame);
        EXPECT_EQ(1, f->unmap_count);
        EXPECT_EQ(AREA, f->last_unmap.vaddr);
        EXPECT_EQ(paging_entry_bytes((enum paging_level)size), f->last_unmap.bytes);
        EXPECT_EQ(object_of(f, new), f->last_map.frame);
        fixture_free(f);
    }
}

TEST(remapping_with_fewer_rights_takes_them_away_at_once)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, RIGHT_READ).error);
    EXPECT_EQ(1, f->unmap_count);
    EXPECT_EQ(2, f->map_count);
    EXPECT_FALSE(f->last_map.writable);
    EXPECT_FALSE(vspace_mapping(f, VSPACE, AREA).writable);

    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, 0).error);
    EXPECT_EQ(2, f->unmap_count);
    EXPECT_EQ(2, f->map_count);
    EXPECT_FALSE(vspace_mapping(f, VSPACE, AREA).readable);
    fixture_free(f);
}

TEST(remapping_with_more_rights_takes_nothing_away)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, RIGHT_READ).error);

    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

    EXPECT_EQ(0, f->unmap_count);
    EXPECT_TRUE(f->last_map.writable);
    fixture_free(f);
}

TEST(unmapping_a_frame_clears_the_entry_and_tells_the_host)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

    EXPECT_EQ(seL4_NoError, CALL(f, frame, X86PageUnmap).error);

    EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA).frame);
    EXPECT_EQ(1, f->unmap_count);
    EXPECT_EQ(object_of(f, VSPACE), f->last_unmap.vspace);
    EXPECT_EQ(AREA, f->last_unmap.vaddr);
    EXPECT_EQ(0x1000, f->last_unmap.bytes);
    EXPECT_FALSE(fixture_slot(f, frame)->cap.frame.is_mapped);

    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA + 0x1000, READ_WRITE).error);
    fixture_free(f);
}

TEST(unmapping_a_frame_that_is_not_mapped_does_nothing)
{
    struct fixture *f = fixture_with_tables();
    EXPECT_EQ(seL4_NoError, CALL(f, vspace_frame(f, FRAME_4K), X86PageUnmap).error);
    EXPECT_EQ(0, f->unmap_count);
    fixture_free(f);
}

TEST(unmapping_a_frame_that_was_replaced_leaves_the_other_mapped)
{
    struct fixture *f = fixture_with_tables();
    cptr old = vspace_frame(f, FRAME_4K);
    cptr new = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, old, VSPACE, AREA, READ_WRITE).error);
    EXPECT_EQ(seL4_NoError, vspace_map(f, new, VSPACE, AREA, READ_WRITE).error);
    f->unmap_count = 0;

    EXPECT_EQ(seL4_NoError, CALL(f, old, X86PageUnmap).error);

    EXPECT_EQ(object_of(f, new), vspace_mapping(f, VSPACE, AREA).frame);
    EXPECT_EQ(0, f->unmap_count);
    EXPECT_FALSE(fixture_slot(f, old)->cap.frame.is_mapped);
    fixture_free(f);
}

TEST(unmapping_a_frame_of_a_vspace_whose_identifier_is_anothers_leaves_that_alone)
{
    struct fixture *f = fixture_new("microkit");
    cptr pool = vspace_pool(f);
    cptr dead = vspace_unassigned(f);
    EXPECT_EQ(seL4_NoError, vspace_assign(f, pool, dead).error);
    vspace_map_tables(f, dead, AREA, LEVEL_PT);
    cptr frame = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, dead, AREA, READ_WRITE).error);
    EXPECT_EQ(seL4_NoError, delete_slot(f, pool).error);

    cptr heir = vspace_unassigned(f);
    EXPECT_EQ(seL4_NoError, vspace_assign(f, vspace_pool(f), heir).error);
    vspace_map_tables(f, heir, AREA, LEVEL_PT);
    cptr other = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, other, heir, AREA, READ_WRITE).error);

    EXPECT_EQ(seL4_NoError, CALL(f, frame, X86PageUnmap).error);

    EXPECT_EQ(object_of(f, other), vspace_mapping(f, heir, AREA).frame);
    EXPECT_EQ(0, f->unmap_count);
    fixture_free(f);
}

TEST(deleting_a_mapped_frame_cap_unmaps_it)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

    EXPECT_EQ(seL4_NoError, delete_slot(f, frame).error);

    EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA).frame);
    EXPECT_EQ(1, f->unmap_count);
    fixture_free(f);
}

TEST(each_cap_to_a_frame_has_a_mapping_of_its_own)
{
    struct fixture *f = fixture_with_tables();
    cptr frame = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);
    cptr copy = copy_slot(f, frame);
    EXPECT_FALSE(fixture_slot(f, copy)->cap.frame.is_mapped);
    EXPECT_EQ(seL4_NoError, vspace_map(f, copy, VSPACE, AREA + 0x1000, READ_WRITE).error);

    EXPECT_EQ(seL4_NoError, delete_slot(f, copy).error);

    EXPECT_EQ(object_of(f, frame), vspace_mapping(f, VSPACE, AREA).frame);
    EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA + 0x1000).frame);
    fixture_free(f);
}

TEST(get_address_answers_where_the_frame_is)
{
    struct fixture *f = fixture_new("microkit");
    cptr frame = vspace_device_frame(f, FRAME_1G);
    struct result result = CALL(f, frame, X86PageGetAddress);
    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_EQ(1, result.length);
    EXPECT_EQ(object_of(f, frame), result.words[0]);
    fixture_free(f);
}

TEST(frames_and_pml4s_refuse_labels_of_other_objects)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, vspace_frame(f, FRAME_4K), X86PDPTMap).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, VSPACE, X86PDPTMap).error);
    fixture_free(f);
}

TEST(a_thread_has_a_vspace_while_its_cap_is_valid)
{
    struct fixture *f = fixture_new("microkit");
    struct tcb *tcb = fixture_current(f);
    struct slot *slot = &tcb->slots[TCB_VSPACE];
    struct slot saved = *slot;
    EXPECT_EQ(object_of(f, VSPACE), x86_vspace_of(f->k, tcb));

    slot->cap = cap_null();
    EXPECT_EQ(0, x86_vspace_of(f->k, tcb));
    *slot = saved;
    slot->cap.table.is_mapped = false;
    EXPECT_EQ(0, x86_vspace_of(f->k, tcb));
    *slot = saved;
    slot->cap.table.asid = 2;
    EXPECT_EQ(0, x86_vspace_of(f->k, tcb));
    *slot = saved;
    fixture_free(f);
}

TEST(an_ipc_buffer_is_aligned_and_in_a_frame_of_ram)
{
    struct fixture *f = fixture_new("microkit");
    struct cap ram = fixture_slot(f, vspace_frame(f, FRAME_4K))->cap;
    struct cap device = fixture_slot(f, vspace_device_frame(f, FRAME_4K))->cap;
    EXPECT_TRUE(x86_ipc_buffer_frame_ok(ram));
    EXPECT_FALSE(x86_ipc_buffer_frame_ok(device));
    EXPECT_FALSE(x86_ipc_buffer_frame_ok(fixture_slot(f, VSPACE)->cap));
    EXPECT_TRUE(x86_ipc_buffer_address_ok(AREA + 1024));
    EXPECT_FALSE(x86_ipc_buffer_address_ok(AREA + 512));
    fixture_free(f);
}
