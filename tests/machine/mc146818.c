/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The real-time clock, against its data sheet. A board with a clock by hand starts on 2026-01-01. */
#include "tests/machine/fixture.h"
#include "tests/test.h"

#define SECONDS       0x00
#define SECONDS_ALARM 0x01
#define MINUTES       0x02
#define MINUTES_ALARM 0x03
#define HOURS         0x04
#define HOURS_ALARM   0x05
#define WEEKDAY       0x06
#define DAY           0x07
#define MONTH         0x08
#define YEAR          0x09
#define A             0x0a
#define B             0x0b
#define C             0x0c
#define D             0x0d
#define CENTURY       0x32

#define HOURS_24 0x02
#define BINARY   0x04
#define SET      0x80
#define PIE      0x40
#define AIE      0x20
#define UIE      0x10

#define IRQ  24
#define S_NS UINT64_C(1000000000)

static uint8_t get(struct board_fixture *f, uint8_t index)
{
    board_out(&f->board, 0x70, 1, index);
    return (uint8_t)board_in(&f->board, 0x71, 1);
}

static void put(struct board_fixture *f, uint8_t index, uint8_t value)
{
    board_out(&f->board, 0x70, 1, index);
    board_out(&f->board, 0x71, 1, value);
}

static void start(struct board_fixture *f)
{
    board_fixture_open(f);
    board_fixture_route(f, 8, IRQ);
}

static int take_at(struct board_fixture *f, uint64_t now_ns)
{
    board_fixture_advance(f, now_ns);
    return ioapic_take(&f->board.ioapic);
}

static void expect_time(struct board_fixture *f, uint8_t hours, uint8_t minutes, uint8_t seconds)
{
    EXPECT_EQ(hours, get(f, HOURS));
    EXPECT_EQ(minutes, get(f, MINUTES));
    EXPECT_EQ(seconds, get(f, SECONDS));
}

TEST(it_starts_in_bcd_with_24_hours_and_valid_memory)
{
    struct board_fixture f;
    start(&f);
    expect_time(&f, 0, 0, 0);
    EXPECT_EQ(0x01, get(&f, DAY));
    EXPECT_EQ(0x01, get(&f, MONTH));
    EXPECT_EQ(0x26, get(&f, YEAR));
    EXPECT_EQ(0x20, get(&f, CENTURY));
    EXPECT_EQ(5, get(&f, WEEKDAY)); /* a Thursday */
    EXPECT_EQ(0x26, get(&f, A));
    EXPECT_EQ(HOURS_24, get(&f, B));
    EXPECT_EQ(0x80, get(&f, D));
    board_fixture_close(&f);
}

TEST(the_date_goes_on_with_the_machines_clock)
{
    struct board_fixture f;
    start(&f);
    board_fixture_advance(&f, (86400 + 3600 * 13 + 60 * 45 + 59) * S_NS);
    expect_time(&f, 0x13, 0x45, 0x59);
    EXPECT_EQ(0x02, get(&f, DAY));
    EXPECT_EQ(6, get(&f, WEEKDAY));
    board_fixture_close(&f);
}

TEST(in_binary_with_12_hours_the_top_bit_says_pm)
{
    struct board_fixture f;
    start(&f);
    put(&f, B, BINARY);
    EXPECT_EQ(12, get(&f, HOURS)); /* midnight */
    board_fixture_advance(&f, 12 * 3600 * S_NS);
    EXPECT_EQ(0x80 | 12, get(&f, HOURS));
    board_fixture_advance(&f, 23 * 3600 * S_NS);
    EXPECT_EQ(0x80 | 11, get(&f, HOURS));
    EXPECT_EQ(26, get(&f, YEAR));
    board_fixture_close(&f);
}

/* "SET": updates stop, and the time can be initialised. */
TEST(while_set_is_set_the_time_stands_and_can_be_written)
{
    struct board_fixture f;
    start(&f);
    put(&f, B, HOURS_24 | SET);
    put(&f, SECONDS, 0x58);
    put(&f, MINUTES, 0x59);
    put(&f, HOURS, 0x23);
    put(&f, DAY, 0x28);
    put(&f, MONTH, 0x02);
    put(&f, YEAR, 0x28);
    board_fixture_advance(&f, 50 * S_NS);
    expect_time(&f, 0x23, 0x59, 0x58);
    put(&f, B, HOURS_24);
    board_fixture_advance(&f, 53 * S_NS);
    expect_time(&f, 0x00, 0x00, 0x01);
    EXPECT_EQ(0x29, get(&f, DAY)); /* 2028 is a leap year */
    board_fixture_close(&f);
}

/* "Divider Control": the chain is held in reset. */
TEST(with_the_divider_in_reset_the_time_stands)
{
    struct board_fixture f;
    start(&f);
    board_fixture_advance(&f, 5 * S_NS);
    put(&f, A, 0x76);
    board_fixture_advance(&f, 50 * S_NS);
    expect_time(&f, 0, 0, 5);
    put(&f, A, 0x26);
    board_fixture_advance(&f, 51 * S_NS);
    expect_time(&f, 0, 0, 6);
    board_fixture_close(&f);
}

TEST(a_running_clock_takes_a_register_too)
{
    struct board_fixture f;
    start(&f);
    put(&f, MINUTES, 0x30);
    board_fixture_advance(&f, 2 * S_NS);
    expect_time(&f, 0, 0x30, 2);
    board_fixture_close(&f);
}

/* "Update In Progress": 244 us before an update the time is still safe to read; later it may not be. */
TEST(update_in_progress_shows_just_before_each_second)
{
    struct board_fixture f;
    start(&f);
    board_fixture_advance(&f, S_NS - 300000);
    EXPECT_EQ(0x26, get(&f, A));
    board_fixture_advance(&f, S_NS - 200000);
    EXPECT_EQ(0xa6, get(&f, A));
    board_fixture_advance(&f, S_NS);
    EXPECT_EQ(0x26, get(&f, A));
    put(&f, B, HOURS_24 | SET);
    board_fixture_advance(&f, 2 * S_NS - 1000);
    EXPECT_EQ(0x26, get(&f, A));
    board_fixture_close(&f);
}

TEST(the_update_interrupt_comes_every_second_once_c_is_read)
{
    struct board_fixture f;
    start(&f);
    put(&f, B, HOURS_24 | UIE);
    EXPECT_EQ(S_NS, f.board.next_event_ns);
    EXPECT_EQ(IRQ, take_at(&f, S_NS));
    EXPECT_EQ(IRQ_NONE, take_at(&f, 2 * S_NS)); /* the line is still asserted */
    EXPECT_EQ(0x90, get(&f, C) & 0x90);
    EXPECT_EQ(0, get(&f, C));
    EXPECT_EQ(IRQ, take_at(&f, 3 * S_NS));
    board_fixture_close(&f);
}

TEST(set_clears_the_enable_of_the_update_interrupt)
{
    struct board_fixture f;
    start(&f);
    put(&f, B, HOURS_24 | UIE | PIE | SET);
    EXPECT_EQ(HOURS_24 | PIE | SET, get(&f, B));
    board_fixture_close(&f);
}

TEST(the_alarm_comes_when_all_three_registers_agree)
{
    struct board_fixture f;
    start(&f);
    put(&f, HOURS_ALARM, 0x00);
    put(&f, MINUTES_ALARM, 0x01);
    put(&f, SECONDS_ALARM, 0x02);
    put(&f, B, HOURS_24 | AIE);
    for (unsigned second = 1; second < 62; second++) {
        EXPECT_EQ(IRQ_NONE, take_at(&f, second * S_NS));
    }
    EXPECT_EQ(IRQ, take_at(&f, 62 * S_NS));
    EXPECT_EQ(0xa0, get(&f, C) & 0xa0);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 63 * S_NS));
    board_fixture_close(&f);
}

/* "Alarm": a don't care code is any byte from 0xc0 to 0xff. */
TEST(an_alarm_of_dont_cares_comes_every_second)
{
    struct board_fixture f;
    start(&f);
    put(&f, HOURS_ALARM, 0xff);
    put(&f, MINUTES_ALARM, 0xc0);
    put(&f, SECONDS_ALARM, 0xff);
    put(&f, B, HOURS_24 | AIE);
    EXPECT_EQ(IRQ, take_at(&f, S_NS));
    get(&f, C);
    EXPECT_EQ(IRQ, take_at(&f, 2 * S_NS));
    board_fixture_close(&f);
}

TEST(the_periodic_interrupt_has_the_rate_of_register_a)
{
    struct board_fixture f;
    start(&f);
    put(&f, B, HOURS_24 | PIE);
    EXPECT_EQ(976562, f.board.next_event_ns); /* 1024 Hz */
    EXPECT_EQ(IRQ, take_at(&f, 976562));
    EXPECT_EQ(0xc0, get(&f, C));
    put(&f, A, 0x2f); /* 2 Hz */
    EXPECT_EQ(S_NS / 2, f.board.next_event_ns);
    put(&f, A, 0x21); /* 256 Hz, as 8 */
    EXPECT_EQ(S_NS / 256, f.board.next_event_ns);
    put(&f, A, 0x20); /* none */
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    board_fixture_close(&f);
}

/* "Register C": the flags are set whether or not their interrupt is enabled; reading clears them. */
TEST(flags_are_set_without_an_interrupt_and_cleared_by_reading)
{
    struct board_fixture f;
    start(&f);
    board_fixture_advance(&f, 3 * S_NS);
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    EXPECT_EQ(0x50, get(&f, C));
    EXPECT_EQ(0, get(&f, C));
    EXPECT_FALSE(ioapic_pending(&f.board.ioapic));
    board_fixture_close(&f);
}

TEST(enabling_an_interrupt_whose_flag_is_set_raises_it)
{
    struct board_fixture f;
    start(&f);
    board_fixture_advance(&f, 2 * S_NS);
    put(&f, B, HOURS_24 | UIE);
    EXPECT_EQ(IRQ, ioapic_take(&f.board.ioapic));
    board_fixture_close(&f);
}

TEST(the_rest_of_its_memory_keeps_bytes_and_c_and_d_do_not)
{
    struct board_fixture f;
    start(&f);
    put(&f, 0x0e, 0x12);
    put(&f, 0x7f, 0x34);
    put(&f, C, 0xff);
    put(&f, D, 0x00);
    EXPECT_EQ(0x12, get(&f, 0x0e));
    EXPECT_EQ(0x34, get(&f, 0xff)); /* bit 7 of the index is the NMI's */
    EXPECT_EQ(0, get(&f, C));
    EXPECT_EQ(0x80, get(&f, D));
    EXPECT_EQ(0xff, board_in(&f.board, 0x70, 1));
    board_fixture_close(&f);
}
