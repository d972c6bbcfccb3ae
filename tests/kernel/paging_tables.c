/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* PDPTs, page directories and page tables: each test runs over the three of them. */
#include "tests/kernel/fixture_vspace.h"

#define READ_WRITE (RIGHT_READ | RIGHT_WRITE)
#define VSPACE     seL4_CapInitThreadVSpace
#define KINDS      3

/* A new table of this kind, and all tables above the place for it at AREA. */
static cptr new_table(struct fixture *f, const struct table_kind *kind)
{
    vspace_map_tables(f, VSPACE, AREA, kind->level);
    return fixture_make(f, kind->type, 0);
}

static cptr new_mapped_table(struct fixture *f, const struct table_kind *kind)
{
    cptr table = new_table(f, kind);
    EXPECT_EQ(seL4_NoError, vspace_map_table(f, kind, table, VSPACE, AREA).error);
    return table;
}

/* The table that an entry at AREA leads to; 0: none. */
static paddr mapped_table(struct fixture *f, const struct table_kind *kind, uint64_t vaddr)
{
    struct paging_walk walk = paging_walk(f->k, object_of(f, VSPACE), vaddr, kind->level);
    return walk.entry && paging_is_present(*walk.entry) ? paging_table(*walk.entry) : 0;
}

#define FOR_EACH_KIND(kind)                                                                        \
    for (const struct table_kind *kind = table_kinds; kind < table_kinds + KINDS; kind++)

TEST(a_table_is_mapped_at_the_begin_of_what_its_entry_covers)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = new_table(f, kind);

        EXPECT_EQ(seL4_NoError, vspace_map_table(f, kind, table, VSPACE, AREA + 0x12345).error);

        EXPECT_EQ(object_of(f, table), mapped_table(f, kind, AREA));
        struct cap cap = fixture_slot(f, table)->cap;
        EXPECT_TRUE(cap.table.is_mapped);
        EXPECT_EQ(AREA, cap.table.vaddr);
        EXPECT_EQ(0, f->map_count);
        fixture_free(f);
    }
}

TEST(table_map_needs_two_words_and_a_cap)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = new_table(f, kind);
        EXPECT_EQ(seL4_TruncatedMessage, CALL(f, table, kind->map, ARGS(AREA), CAPS(VSPACE)).error);
        EXPECT_EQ(seL4_TruncatedMessage, CALL(f, table, kind->map, ARGS(AREA, 0)).error);
        EXPECT_EQ(0, mapped_table(f, kind, AREA));
        fixture_free(f);
    }
}

TEST(a_mapped_table_cannot_be_mapped_again)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = new_mapped_table(f, kind);
        struct result result =
            vspace_map_table(f, kind, table, VSPACE, AREA + paging_entry_bytes(kind->level));
        EXPECT_EQ(seL4_InvalidCapability, result.error);
        EXPECT_EQ(0, result.words[0]);
        fixture_free(f);
    }
}

TEST(table_map_refuses_what_is_no_vspace)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = new_table(f, kind);
        const cptr wrong[] = {table, vspace_unassigned(f)};
        for (unsigned i = 0; i < 2; i++) {
            struct result result = vspace_map_table(f, kind, table, wrong[i], AREA);
            EXPECT_EQ(seL4_InvalidCapability, result.error);
            EXPECT_EQ(1, result.words[0]);
        }
        EXPECT_FALSE(fixture_slot(f, table)->cap.table.is_mapped);
        fixture_free(f);
    }
}

TEST(table_map_refuses_addresses_that_guests_do_not_have)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = new_table(f, kind);
        struct result result = vspace_map_table(f, kind, table, VSPACE, 0x800000000000);
        EXPECT_EQ(seL4_InvalidArgument, result.error);
        EXPECT_EQ(0, result.words[0]);
        EXPECT_FALSE(fixture_slot(f, table)->cap.table.is_mapped);
        fixture_free(f);
    }
}

TEST(table_map_into_a_dead_vspace_is_a_failed_lookup)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = fixture_make(f, kind->type, 0);
        struct result result = vspace_map_table(f, kind, table, vspace_dead(f), AREA);
        EXPECT_EQ(seL4_FailedLookup, result.error);
        EXPECT_EQ(0, result.words[0]);
        EXPECT_EQ(seL4_InvalidRoot, result.words[1]);
        fixture_free(f);
    }
}

TEST(table_map_refuses_a_vspace_whose_identifier_is_anothers)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = fixture_make(f, kind->type, 0);
        struct result result = vspace_map_table(f, kind, table, vspace_superseded(f), AREA);
        EXPECT_EQ(seL4_InvalidCapability, result.error);
        EXPECT_EQ(1, result.words[0]);
        fixture_free(f);
    }
}

static void expect_missing(struct fixture *f, const struct table_kind *kind, unsigned bits_left)
{
    cptr table = fixture_make(f, kind->type, 0);
    struct result result = vspace_map_table(f, kind, table, VSPACE, AREA);
    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_EQ(seL4_MissingCapability, result.words[1]);
    EXPECT_EQ(bits_left, result.words[2]);
}

TEST(table_map_says_at_which_level_a_table_is_missing)
{
    struct fixture *f = fixture_new("microkit");
    expect_missing(f, &table_kinds[1], 0x27);
    expect_missing(f, &table_kinds[2], 0x27);
    vspace_map_tables(f, VSPACE, AREA, LEVEL_PDPT);
    expect_missing(f, &table_kinds[2], 0x1e);
    fixture_free(f);
}

TEST(a_table_where_another_is_mapped_needs_that_deleted_first)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr old = new_mapped_table(f, kind);
        cptr new = fixture_make(f, kind->type, 0);

        EXPECT_EQ(seL4_DeleteFirst, vspace_map_table(f, kind, new, VSPACE, AREA).error);

        EXPECT_EQ(object_of(f, old), mapped_table(f, kind, AREA));
        EXPECT_FALSE(fixture_slot(f, new)->cap.table.is_mapped);
        fixture_free(f);
    }
}

TEST(a_table_where_a_large_page_is_mapped_needs_that_deleted_first)
{
    for (enum frame_size size = FRAME_2M; size <= FRAME_1G; size++) {
        const struct table_kind *kind = &table_kinds[size == FRAME_2M ? 2 : 1];
        struct fixture *f = fixture_new("microkit");
        cptr table = new_table(f, kind);
        EXPECT_EQ(seL4_NoError,
                  vspace_map(f, vspace_device_frame(f, size), VSPACE, AREA, READ_WRITE).error);

        EXPECT_EQ(seL4_DeleteFirst, vspace_map_table(f, kind, table, VSPACE, AREA).error);
        fixture_free(f);
    }
}

TEST(unmapping_a_table_takes_away_all_below_it_and_empties_it)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = new_mapped_table(f, kind);
        for (const struct table_kind *below = kind + 1; below < table_kinds + KINDS; below++) {
            cptr inner = fixture_make(f, below->type, 0);
            EXPECT_EQ(seL4_NoError, vspace_map_table(f, below, inner, VSPACE, AREA).error);
        }
        cptr frame = vspace_frame(f, FRAME_4K);
        EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);

        EXPECT_EQ(seL4_NoError, CALL(f, table, kind->unmap).error);

        EXPECT_EQ(0, mapped_table(f, kind, AREA));
        EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA).frame);
        EXPECT_EQ(1, f->unmap_count);
        EXPECT_EQ(AREA, f->last_unmap.vaddr);
        EXPECT_EQ(paging_entry_bytes(kind->level), f->last_unmap.bytes);
        EXPECT_FALSE(fixture_slot(f, table)->cap.table.is_mapped);

        EXPECT_EQ(seL4_NoError, vspace_map_table(f, kind, table, VSPACE, AREA).error);
        EXPECT_EQ(0, vspace_mapping(f, VSPACE, AREA).frame);
        fixture_free(f);
    }
}

TEST(unmapping_a_table_that_is_not_mapped_does_nothing)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = fixture_make(f, kind->type, 0);
        EXPECT_EQ(seL4_NoError, CALL(f, table, kind->unmap).error);
        EXPECT_EQ(0, f->unmap_count);
        fixture_free(f);
    }
}

TEST(a_table_with_two_caps_is_not_unmapped)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = new_mapped_table(f, kind);
        cptr copy = copy_slot(f, table);

        EXPECT_EQ(seL4_RevokeFirst, CALL(f, table, kind->unmap).error);
        EXPECT_EQ(seL4_RevokeFirst, CALL(f, copy, kind->unmap).error);

        EXPECT_EQ(object_of(f, table), mapped_table(f, kind, AREA));
        EXPECT_EQ(0, f->unmap_count);
        fixture_free(f);
    }
}

TEST(the_last_cap_to_a_table_unmaps_it_when_it_goes)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = new_mapped_table(f, kind);
        cptr copy = copy_slot(f, table);

        EXPECT_EQ(seL4_NoError, delete_slot(f, copy).error);
        EXPECT_EQ(object_of(f, table), mapped_table(f, kind, AREA));
        EXPECT_EQ(0, f->unmap_count);

        EXPECT_EQ(seL4_NoError, delete_slot(f, table).error);
        EXPECT_EQ(0, mapped_table(f, kind, AREA));
        EXPECT_EQ(1, f->unmap_count);
        fixture_free(f);
    }
}

TEST(a_table_that_was_replaced_leaves_the_other_mapped_when_it_goes)
{
    struct fixture *f = fixture_new("microkit");
    cptr outer = new_mapped_table(f, &table_kinds[1]);
    cptr old = fixture_make(f, seL4_X86_PageTableObject, 0);
    EXPECT_EQ(seL4_NoError, vspace_map_table(f, &table_kinds[2], old, VSPACE, AREA).error);
    EXPECT_EQ(seL4_NoError, CALL(f, outer, X86PageDirectoryUnmap).error);
    EXPECT_EQ(seL4_NoError, vspace_map_table(f, &table_kinds[1], outer, VSPACE, AREA).error);
    cptr new = fixture_make(f, seL4_X86_PageTableObject, 0);
    EXPECT_EQ(seL4_NoError, vspace_map_table(f, &table_kinds[2], new, VSPACE, AREA).error);

    EXPECT_EQ(seL4_NoError, delete_slot(f, old).error);

    EXPECT_EQ(object_of(f, new), mapped_table(f, &table_kinds[2], AREA));
    fixture_free(f);
}

TEST(a_table_cap_is_copied_only_while_it_is_mapped)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = fixture_make(f, kind->type, 0);
        cptr copy = fixture_slots(f, 1);
        EXPECT_EQ(seL4_IllegalOperation,
                  CALL(f, seL4_CapInitThreadCNode, CNodeCopy, ARGS(copy, 64, table, 64, 0xf),
                       CAPS(seL4_CapInitThreadCNode))
                      .error);
        EXPECT_CAP(f, copy, CAP_NULL);
        fixture_free(f);
    }
}

TEST(tables_refuse_labels_of_other_objects)
{
    FOR_EACH_KIND(kind)
    {
        struct fixture *f = fixture_new("microkit");
        cptr table = fixture_make(f, kind->type, 0);
        EXPECT_EQ(seL4_IllegalOperation, CALL(f, table, X86PageMap).error);
        fixture_free(f);
    }
}

/* Intel SDM volume 3, tables 4-15 to 4-20. */
TEST(entries_are_the_cpus)
{
    paddr frame = 0x40000000;
    EXPECT_EQ(frame | 0x007, paging_page_entry(frame, LEVEL_PT, FRAME_READ_WRITE, 0));
    EXPECT_EQ(frame | 0x005, paging_page_entry(frame, LEVEL_PT, FRAME_READ_ONLY, 0));
    EXPECT_EQ(frame | 0x003, paging_page_entry(frame, LEVEL_PT, FRAME_KERNEL_ONLY, 0));
    EXPECT_EQ(frame | 0x09f, paging_page_entry(frame, LEVEL_PT, FRAME_READ_WRITE, 7));
    EXPECT_EQ(frame | 0x087, paging_page_entry(frame, LEVEL_PD, FRAME_READ_WRITE, 0));
    EXPECT_EQ(frame | 0x109f, paging_page_entry(frame, LEVEL_PD, FRAME_READ_WRITE, 7));
    EXPECT_EQ(frame | 0x09f, paging_page_entry(frame, LEVEL_PDPT, FRAME_READ_WRITE, 7));
    EXPECT_EQ(frame | 0x01f, paging_table_entry(frame, 7));
}
