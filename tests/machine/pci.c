/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The PCI bus's configuration ports, against the specification. */
#include "tests/machine/fixture.h"
#include "tests/test.h"

static uint32_t config(struct board_fixture *f, uint32_t address)
{
    board_out(&f->board, 0xcf8, 4, address);
    return board_in(&f->board, 0xcfc, 4);
}

/* 3.2.2.3.2 */
TEST(the_address_reads_back_without_its_reserved_bits)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_out(&f.board, 0xcf8, 4, 0xffffffff);
    EXPECT_EQ(0x80fffffc, board_in(&f.board, 0xcf8, 4));
    board_out(&f.board, 0xcf8, 2, 0);
    board_out(&f.board, 0xcf9, 1, 0);
    EXPECT_EQ(0x80fffffc, board_in(&f.board, 0xcf8, 4));
    board_fixture_close(&f);
}

TEST(a_function_that_is_not_there_reads_as_ones)
{
    struct board_fixture f;
    board_fixture_open(&f);
    EXPECT_EQ(0xffffffff, config(&f, 0x80001800)); /* device 3 */
    EXPECT_EQ(0xffff, board_in(&f.board, 0xcfe, 2));
    EXPECT_EQ(0xffffffff, config(&f, 0x80010000)); /* bus 1 */
    EXPECT_EQ(0xffffffff, config(&f, 0x80000100)); /* function 1 of the host bridge */
    EXPECT_EQ(0xffffffff, config(&f, 0x00000000)); /* not enabled */
    board_fixture_close(&f);
}

TEST(there_are_a_host_bridge_and_an_isa_bridge)
{
    struct board_fixture f;
    board_fixture_open(&f);
    EXPECT_EQ(0x12378086, config(&f, 0x80000000));
    EXPECT_EQ(0x0600, config(&f, 0x80000008) >> 16);
    EXPECT_EQ(0x70008086, config(&f, 0x80000800));
    EXPECT_EQ(0x0601, config(&f, 0x80000808) >> 16);
    EXPECT_EQ(0, config(&f, 0x80000810)); /* no base addresses */
    EXPECT_EQ(0, config(&f, 0x800008fc));
    board_fixture_close(&f);
}

TEST(parts_of_a_register_are_at_the_neighbouring_ports)
{
    struct board_fixture f;
    board_fixture_open(&f);
    config(&f, 0x80000000);
    EXPECT_EQ(0x1237, board_in(&f.board, 0xcfe, 2));
    EXPECT_EQ(0x80, board_in(&f.board, 0xcfd, 1));
    EXPECT_EQ(0x12, board_in(&f.board, 0xcff, 1));
    board_fixture_close(&f);
}

TEST(the_bridges_lose_what_is_written)
{
    struct board_fixture f;
    board_fixture_open(&f);
    config(&f, 0x80000004);
    board_out(&f.board, 0xcfc, 4, 0xffffffff);
    EXPECT_EQ(0x3, board_in(&f.board, 0xcfc, 4));
    board_fixture_close(&f);
}
