/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The interval timer, against its data sheet. */
#include "tests/machine/fixture.h"
#include "tests/test.h"

#define IRQ 30

/* Nanoseconds in so many counts at 1.193182 MHz, rounded up. */
static uint64_t counts_ns(uint64_t counts)
{
    return (counts * 1000000000 + 1193181) / 1193182;
}

static void program(struct board_fixture *f, uint8_t control, uint16_t count)
{
    board_out(&f->board, 0x43, 1, control);
    board_out(&f->board, 0x40, 1, count & 0xff);
    board_out(&f->board, 0x40, 1, count >> 8);
}

static int take_at(struct board_fixture *f, uint64_t now_ns)
{
    board_fixture_advance(f, now_ns);
    return ioapic_take(&f->board.ioapic);
}

TEST(a_timer_at_rest_has_no_event)
{
    struct board_fixture f;
    board_fixture_open(&f);
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    board_fixture_close(&f);
}

TEST(mode_0_interrupts_once_at_terminal_count)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_fixture_route(&f, 2, IRQ);

    program(&f, 0x30, 1000);

    EXPECT_EQ(counts_ns(1000), f.board.next_event_ns);
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(1000) - 1));
    EXPECT_EQ(IRQ, take_at(&f, counts_ns(1000)));
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(70000)));
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    board_fixture_close(&f);
}

TEST(mode_2_interrupts_every_period)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_fixture_route(&f, 2, IRQ);

    program(&f, 0x34, 500);

    EXPECT_EQ(IRQ, take_at(&f, counts_ns(500)));
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(999)));
    EXPECT_EQ(IRQ, take_at(&f, counts_ns(1000)));
    EXPECT_EQ(counts_ns(1500), f.board.next_event_ns);
    board_fixture_close(&f);
}

/* Data sheet, "Mode 2": a count written while it counts does not affect the period that runs. */
TEST(a_new_count_in_mode_2_waits_for_the_reload)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_fixture_route(&f, 2, IRQ);
    program(&f, 0x34, 1000);
    board_fixture_advance(&f, counts_ns(100));

    board_out(&f.board, 0x40, 1, 50);
    board_out(&f.board, 0x40, 1, 0);

    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(999)));
    EXPECT_EQ(IRQ, take_at(&f, counts_ns(1000)));
    EXPECT_EQ(IRQ, take_at(&f, counts_ns(1051)));
    board_fixture_close(&f);
}

TEST(missed_periods_are_one_interrupt)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_fixture_route(&f, 2, IRQ);
    program(&f, 0x34, 100);

    EXPECT_EQ(IRQ, take_at(&f, counts_ns(1050)));
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(1051)));
    EXPECT_EQ(counts_ns(1100), f.board.next_event_ns);
    board_fixture_close(&f);
}

TEST(a_written_zero_counts_65536)
{
    struct board_fixture f;
    board_fixture_open(&f);
    program(&f, 0x34, 0);
    EXPECT_EQ(counts_ns(65536), f.board.next_event_ns);
    board_fixture_close(&f);
}

TEST(a_latched_count_holds_until_both_bytes_are_read)
{
    struct board_fixture f;
    board_fixture_open(&f);
    program(&f, 0x30, 0x1234);
    board_fixture_advance(&f, counts_ns(0x34));

    board_out(&f.board, 0x43, 1, 0x00);
    board_fixture_advance(&f, counts_ns(0x100));

    EXPECT_EQ(0x00, board_in(&f.board, 0x40, 1));
    EXPECT_EQ(0x12, board_in(&f.board, 0x40, 1));
    EXPECT_EQ(0x34, board_in(&f.board, 0x40, 1)); /* 0x1234 - 0x100, live again */
    EXPECT_EQ(0x11, board_in(&f.board, 0x40, 1));
    board_fixture_close(&f);
}

TEST(read_back_latches_the_status)
{
    struct board_fixture f;
    board_fixture_open(&f);
    program(&f, 0x34, 100);

    board_out(&f.board, 0x43, 1, 0xe2); /* status of counter 0, not its count */

    EXPECT_EQ(0xb4, board_in(&f.board, 0x40, 1)); /* OUT high, both bytes, mode 2 */
    board_fixture_close(&f);
}

/* How software measures the TSC: counter 2 in mode 0, gated by port 0x61, polled by its output. */
TEST(counter_2_runs_while_its_gate_is_open_and_shows_its_output)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_out(&f.board, 0x61, 1, 0x01);
    board_out(&f.board, 0x43, 1, 0xb0);
    board_out(&f.board, 0x42, 1, 0xe8);
    board_out(&f.board, 0x42, 1, 0x03);

    EXPECT_EQ(0x01, board_in(&f.board, 0x61, 1));
    board_fixture_advance(&f, counts_ns(400));
    board_out(&f.board, 0x61, 1, 0x00); /* stands still */
    board_fixture_advance(&f, counts_ns(2000));
    EXPECT_EQ(0x00, board_in(&f.board, 0x61, 1));
    board_out(&f.board, 0x61, 1, 0x01);
    board_fixture_advance(&f, counts_ns(2000 + 598));
    EXPECT_EQ(0x01, board_in(&f.board, 0x61, 1));
    board_fixture_advance(&f, counts_ns(2000 + 602));
    EXPECT_EQ(0x21, board_in(&f.board, 0x61, 1));
    board_fixture_close(&f);
}
