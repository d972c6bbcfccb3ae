/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a kernel built for an IOMMU answers on a machine without one. */
#include "tests/kernel/fixture_vspace.h"

#define VSPACE     seL4_CapInitThreadVSpace
#define READ_WRITE (RIGHT_READ | RIGHT_WRITE)

static void expect_invalid_cap_0(struct result result)
{
    EXPECT_EQ(seL4_InvalidCapability, result.error);
    EXPECT_EQ(0, result.words[0]);
}

TEST(there_is_no_io_space_to_begin_with)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_CAP(f, seL4_CapIOSpace, CAP_NULL);
    fixture_free(f);
}

TEST(an_io_page_table_is_made_and_finds_no_io_space_to_be_mapped_in)
{
    struct fixture *f = fixture_new("microkit");
    cptr table = fixture_make(f, seL4_X86_IOPageTableObject, 0);
    EXPECT_CAP(f, table, CAP_IO_PAGE_TABLE);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, table, X86IOPageTableMap, ARGS(0)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, table, X86IOPageTableMap, CAPS(VSPACE)).error);
    expect_invalid_cap_0(CALL(f, table, X86IOPageTableMap, ARGS(0), CAPS(VSPACE)));
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, table, X86PageMap).error);
    fixture_free(f);
}

TEST(unmapping_an_io_page_table_that_is_not_mapped_does_nothing)
{
    struct fixture *f = fixture_new("microkit");
    cptr table = fixture_make(f, seL4_X86_IOPageTableObject, 0);
    EXPECT_EQ(seL4_NoError, CALL(f, table, X86IOPageTableUnmap).error);
    EXPECT_EQ(0, f->unmap_count);
    EXPECT_EQ(seL4_NoError, delete_slot(f, table).error);
    fixture_free(f);
}

TEST(page_map_io_refuses_in_the_order_of_the_real_kernel)
{
    struct fixture *f = fixture_new("microkit");
    cptr frame = vspace_frame(f, FRAME_4K);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, frame, X86PageMapIO, ARGS(READ_WRITE), CAPS(VSPACE)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, frame, X86PageMapIO, ARGS(READ_WRITE, 0)).error);
    expect_invalid_cap_0(
        CALL(f, vspace_device_frame(f, FRAME_2M), X86PageMapIO, ARGS(READ_WRITE, 0), CAPS(VSPACE)));
    expect_invalid_cap_0(CALL(f, frame, X86PageMapIO, ARGS(READ_WRITE, 0), CAPS(VSPACE)));

    vspace_map_tables(f, VSPACE, AREA, LEVEL_PT);
    EXPECT_EQ(seL4_NoError, vspace_map(f, frame, VSPACE, AREA, READ_WRITE).error);
    expect_invalid_cap_0(CALL(f, frame, X86PageMapIO, ARGS(READ_WRITE, 0), CAPS(VSPACE)));
    EXPECT_EQ(AREA, fixture_slot(f, frame)->cap.frame.vaddr);
    fixture_free(f);
}
