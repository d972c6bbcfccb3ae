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

/* What counter 0 has then, low byte first. */
static unsigned read_count(struct board_fixture *f, uint64_t now_ns)
{
    f->clock.virtual_ns = now_ns;
    unsigned low = board_in(&f->board, 0x40, 1);
    return board_in(&f->board, 0x40, 1) << 8 | low;
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

    program(&f, 0x34, 5000);

    EXPECT_EQ(IRQ, take_at(&f, counts_ns(5000)));
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(9999)));
    EXPECT_EQ(IRQ, take_at(&f, counts_ns(10000)));
    EXPECT_EQ(counts_ns(15000), f.board.next_event_ns);
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
    EXPECT_EQ(10, read_count(&f, counts_ns(1040) + 400));
    board_fixture_close(&f);
}

TEST(missed_periods_are_one_interrupt)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_fixture_route(&f, 2, IRQ);
    program(&f, 0x34, 1000);

    EXPECT_EQ(IRQ, take_at(&f, counts_ns(10500)));
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(10501)));
    EXPECT_EQ(counts_ns(11000), f.board.next_event_ns);
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

    EXPECT_EQ(0x01, board_in(&f.board, 0x61, 1) & 0x2f);
    board_fixture_advance(&f, counts_ns(400));
    board_out(&f.board, 0x61, 1, 0x00); /* stands still */
    board_fixture_advance(&f, counts_ns(2000));
    EXPECT_EQ(0x00, board_in(&f.board, 0x61, 1) & 0x2f);
    board_out(&f.board, 0x61, 1, 0x01);
    board_fixture_advance(&f, counts_ns(2000 + 598));
    EXPECT_EQ(0x01, board_in(&f.board, 0x61, 1) & 0x2f);
    board_fixture_advance(&f, counts_ns(2000 + 602));
    EXPECT_EQ(0x21, board_in(&f.board, 0x61, 1) & 0x2f);
    board_fixture_close(&f);
}

/* Else one with a period of a few counts would leave no time to guests, even where it is masked. */
TEST(in_real_time_ends_within_400_us_of_an_interrupt_wait_that_long)
{
    struct board_fixture f;
    board_fixture_open(&f);
    f.clock.interrupt_gap_ns = 400000;
    board_fixture_route(&f, 2, IRQ);
    program(&f, 0x34, 2);
    EXPECT_EQ(IRQ, take_at(&f, counts_ns(2)));
    EXPECT_EQ(counts_ns(2) + 400000, f.board.next_event_ns);
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(100)));
    EXPECT_EQ(IRQ, take_at(&f, counts_ns(2) + 400000));
    board_fixture_close(&f);
}

/* "Mode 0": it goes on below zero. */
TEST(in_mode_0_the_count_wraps_around)
{
    struct board_fixture f;
    board_fixture_open(&f);
    program(&f, 0x30, 10);
    EXPECT_EQ(10, read_count(&f, 0));
    EXPECT_EQ(3, read_count(&f, counts_ns(7)));
    EXPECT_EQ(0xfffe, read_count(&f, counts_ns(12)));
    board_fixture_close(&f);
}

TEST(in_mode_0_the_first_of_two_bytes_stops_the_counting)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_fixture_route(&f, 2, IRQ);
    program(&f, 0x30, 1000);
    board_fixture_advance(&f, counts_ns(999));
    board_out(&f.board, 0x40, 1, 0xe8);
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(5000)));
    board_out(&f.board, 0x40, 1, 0x03);
    EXPECT_EQ(IRQ_NONE, take_at(&f, counts_ns(5999)));
    EXPECT_EQ(IRQ, take_at(&f, counts_ns(6001)));
    board_fixture_close(&f);
}

/* "Mode 3": by two; from an odd count the high half is one clock longer. */
TEST(in_mode_3_the_count_goes_by_two_through_each_half)
{
    static const unsigned even[] = {6, 4, 2, 6, 4, 2, 6};
    static const unsigned odd[] = {4, 2, 0, 4, 2, 4};
    struct board_fixture f;
    board_fixture_open(&f);
    program(&f, 0x36, 6);
    for (unsigned i = 0; i < sizeof(even) / sizeof(even[0]); i++) {
        EXPECT_EQ(even[i], read_count(&f, counts_ns(i)));
    }
    board_fixture_close(&f);
    board_fixture_open(&f);
    program(&f, 0x36, 5);
    for (unsigned i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        EXPECT_EQ(odd[i], read_count(&f, counts_ns(i)));
    }
    board_fixture_close(&f);
}

/* Counter 2 in the given mode, its gate as given; what OUT is then shows in port 0x61. */
static bool out_at(struct board_fixture *f, uint64_t counts)
{
    f->clock.virtual_ns = counts_ns(counts);
    return (board_in(&f->board, 0x61, 1) & 0x20) != 0;
}

static void program_2(struct board_fixture *f, uint8_t mode, uint8_t count)
{
    board_out(&f->board, 0x43, 1, (uint8_t)(0x90 | mode << 1));
    board_out(&f->board, 0x42, 1, count);
}

/* "Mode 1": a rising gate starts it, another one starts it again. */
TEST(mode_1_is_low_for_its_count_after_a_trigger)
{
    struct board_fixture f;
    board_fixture_open(&f);
    program_2(&f, 1, 10);
    EXPECT_TRUE(out_at(&f, 20));
    board_out(&f.board, 0x61, 1, 1);
    EXPECT_FALSE(out_at(&f, 21));
    EXPECT_FALSE(out_at(&f, 27));
    board_out(&f.board, 0x61, 1, 0);
    board_out(&f.board, 0x61, 1, 1);
    EXPECT_FALSE(out_at(&f, 36));
    EXPECT_TRUE(out_at(&f, 38));
    board_fixture_close(&f);
}

/* "Mode 2": low for the last count of each period; a low gate sets OUT high and stops it. */
TEST(mode_2_is_low_for_the_last_count_of_a_period)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_out(&f.board, 0x61, 1, 1);
    program_2(&f, 2, 10);
    EXPECT_TRUE(out_at(&f, 8));
    EXPECT_FALSE(out_at(&f, 9));
    EXPECT_TRUE(out_at(&f, 10));
    EXPECT_FALSE(out_at(&f, 19));
    board_out(&f.board, 0x61, 1, 0);
    EXPECT_TRUE(out_at(&f, 29));
    board_fixture_close(&f);
}

TEST(mode_3_is_high_and_low_by_halves)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_out(&f.board, 0x61, 1, 1);
    program_2(&f, 3, 9);
    EXPECT_TRUE(out_at(&f, 4));
    EXPECT_FALSE(out_at(&f, 5));
    EXPECT_FALSE(out_at(&f, 8));
    EXPECT_TRUE(out_at(&f, 9));
    board_fixture_close(&f);
}

/* "Mode 4", "Mode 5": high, and low for one count at the end. */
TEST(modes_4_and_5_strobe_once)
{
    struct board_fixture f;
    board_fixture_open(&f);
    board_out(&f.board, 0x61, 1, 1);
    program_2(&f, 4, 10);
    EXPECT_TRUE(out_at(&f, 9));
    EXPECT_FALSE(out_at(&f, 10));
    EXPECT_TRUE(out_at(&f, 11));
    board_out(&f.board, 0x61, 1, 0);
    program_2(&f, 5, 10);
    EXPECT_TRUE(out_at(&f, 21));
    board_out(&f.board, 0x61, 1, 1);
    EXPECT_TRUE(out_at(&f, 30));
    EXPECT_FALSE(out_at(&f, 31));
    EXPECT_TRUE(out_at(&f, 32));
    board_fixture_close(&f);
}

TEST(in_bcd_it_counts_in_four_digits)
{
    struct board_fixture f;
    board_fixture_open(&f);
    program(&f, 0x31, 0x1000);
    EXPECT_EQ(0x0999, read_count(&f, counts_ns(1)));
    EXPECT_EQ(0x0001, read_count(&f, counts_ns(999)));
    EXPECT_EQ(0x9999, read_count(&f, counts_ns(1001)));
    board_out(&f.board, 0x43, 1, 0xe2);
    EXPECT_EQ(0xb1, board_in(&f.board, 0x40, 1)); /* OUT high, both bytes, mode 0, BCD */
    program(&f, 0x35, 0);
    EXPECT_EQ(counts_ns(1001) + counts_ns(10000), f.board.next_event_ns);
    board_fixture_close(&f);
}

/* "Read-Back Command": both at once; the status comes first. */
TEST(read_back_latches_count_and_status_of_several_counters)
{
    struct board_fixture f;
    board_fixture_open(&f);
    program(&f, 0x30, 0x1234);
    program_2(&f, 1, 0x55);
    board_out(&f.board, 0x43, 1, 0xca); /* counters 0 and 2 */
    board_fixture_advance(&f, counts_ns(5));
    EXPECT_EQ(0x30, board_in(&f.board, 0x40, 1));
    EXPECT_EQ(0x34, board_in(&f.board, 0x40, 1));
    EXPECT_EQ(0x12, board_in(&f.board, 0x40, 1));
    EXPECT_EQ(0xd2, board_in(&f.board, 0x42, 1)); /* OUT high, not loaded, low byte, mode 1 */
    EXPECT_EQ(0x55, board_in(&f.board, 0x42, 1));
    board_fixture_close(&f);
}

TEST(the_refresh_bit_of_port_61_turns_round)
{
    struct board_fixture f;
    board_fixture_open(&f);
    EXPECT_EQ(0, board_in(&f.board, 0x61, 1) & 0x10);
    f.clock.virtual_ns = 16000;
    EXPECT_EQ(0x10, board_in(&f.board, 0x61, 1) & 0x10);
    f.clock.virtual_ns = 31000;
    EXPECT_EQ(0, board_in(&f.board, 0x61, 1) & 0x10);
    board_fixture_close(&f);
}
