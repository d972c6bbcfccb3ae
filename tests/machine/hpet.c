/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The high precision event timer, against its specification. */
#include "tests/machine/fixture.h"
#include "tests/test.h"

#define HPET         0xfed00000u
#define CONFIG       (HPET + 0x10)
#define STATUS       (HPET + 0x20)
#define COUNTER      (HPET + 0xf0)
#define TIMER_CONFIG (HPET + 0x100)
#define COMPARATOR   (HPET + 0x108)
#define ENABLE       1
#define INTERRUPT    0x4
#define PERIODIC_SET 0x48
#define LEVEL        0x2
#define TO_PIN_2     (2 << 9)
#define IRQ          17

static void start(struct board_fixture *f, uint64_t timer_config)
{
    board_fixture_open(f);
    board_fixture_route(f, 2, IRQ);
    board_write(&f->board, TIMER_CONFIG, 8, timer_config | TO_PIN_2);
    board_write(&f->board, CONFIG, 8, ENABLE);
}

static int take_at(struct board_fixture *f, uint64_t now_ns)
{
    board_fixture_advance(f, now_ns);
    return ioapic_take(&f->board.ioapic);
}

TEST(its_capabilities_say_100_MHz_three_timers_and_64_bits)
{
    struct board_fixture f;
    start(&f, 0);
    uint64_t capabilities = board_read(&f.board, HPET, 8);
    EXPECT_EQ(10000000, capabilities >> 32); /* femtoseconds */
    EXPECT_EQ(3 - 1, capabilities >> 8 & 31);
    EXPECT_TRUE(capabilities >> 13 & 1);
    EXPECT_EQ(capabilities >> 32, board_read(&f.board, HPET + 4, 4));
    board_fixture_close(&f);
}

TEST(the_counter_counts_only_while_it_is_enabled)
{
    struct board_fixture f;
    start(&f, 0);
    board_fixture_advance(&f, 1000);
    EXPECT_EQ(100, board_read(&f.board, COUNTER, 8));
    board_write(&f.board, CONFIG, 8, 0);
    board_fixture_advance(&f, 5000);
    EXPECT_EQ(100, board_read(&f.board, COUNTER, 8));
    board_write(&f.board, CONFIG, 4, ENABLE);
    board_fixture_advance(&f, 6000);
    EXPECT_EQ(200, board_read(&f.board, COUNTER, 4));
    board_fixture_close(&f);
}

TEST(a_one_shot_interrupts_when_the_counter_gets_there_and_not_again)
{
    struct board_fixture f;
    start(&f, INTERRUPT);

    board_write(&f.board, COMPARATOR, 8, 500);

    EXPECT_EQ(5000, f.board.next_event_ns);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 4990));
    EXPECT_EQ(IRQ, take_at(&f, 5000));
    EXPECT_EQ(IRQ_NONE, take_at(&f, 9999999));
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    board_fixture_close(&f);
}

TEST(a_comparator_written_too_late_is_due_at_once_and_once_only)
{
    struct board_fixture f;
    start(&f, INTERRUPT);
    board_fixture_advance(&f, 10000);

    board_write(&f.board, COMPARATOR, 8, 500);

    EXPECT_EQ(0, f.board.next_event_ns); /* not "now", which is later each time it is asked */
    EXPECT_EQ(IRQ, take_at(&f, 10000));
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    board_fixture_close(&f);
}

/* The PIT's output is high at reset, on the same pin. */
TEST(an_edge_arrives_although_the_pit_holds_the_pin)
{
    struct board_fixture f;
    start(&f, INTERRUPT);
    EXPECT_TRUE(f.board.ioapic.pins[2].asserted);
    board_write(&f.board, COMPARATOR, 8, 10);
    EXPECT_EQ(IRQ, take_at(&f, 100));
    board_fixture_close(&f);
}

TEST(a_periodic_timer_comes_every_period)
{
    struct board_fixture f;
    start(&f, INTERRUPT | PERIODIC_SET);
    board_write(&f.board, COMPARATOR, 8, 100000);

    EXPECT_EQ(IRQ, take_at(&f, 1000000));
    EXPECT_EQ(IRQ_NONE, take_at(&f, 1999990));
    EXPECT_EQ(IRQ, take_at(&f, 2000000));
    EXPECT_EQ(IRQ, take_at(&f, 7500000)); /* late: one interrupt, and in step afterwards */
    EXPECT_EQ(8000000, f.board.next_event_ns);
    board_fixture_close(&f);
}

static void start_in_real_time(struct board_fixture *f)
{
    start(f, INTERRUPT);
    f->clock.interrupt_gap_ns = 400000;
    board_write(&f->board, COMPARATOR, 8, 100);
    EXPECT_EQ(IRQ, take_at(f, 1000));
    board_mask(&f->board, IRQ, true);
    board_write(&f->board, COMPARATOR, 8, 200);
}

TEST(in_real_time_an_edge_is_not_lost_on_a_masked_pin_but_waits_for_the_acknowledgement)
{
    struct board_fixture f;
    start_in_real_time(&f);
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 51000));

    board_mask(&f.board, IRQ, false);

    EXPECT_EQ(451000, f.board.next_event_ns);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 450990));
    EXPECT_EQ(IRQ, take_at(&f, 451000));
    board_fixture_close(&f);
}

/* Else a driver that takes longer than the period to serve it would never be done. */
TEST(in_real_time_a_timer_leaves_as_much_time_free_as_serving_it_took)
{
    struct board_fixture f;
    start_in_real_time(&f);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 2001000));
    board_mask(&f.board, IRQ, false);
    EXPECT_EQ(4001000, f.board.next_event_ns);
    EXPECT_EQ(IRQ, take_at(&f, 4001000));
    board_fixture_close(&f);
}

TEST(without_a_gap_a_timer_is_due_again_as_soon_as_it_is_told)
{
    struct board_fixture f;
    start(&f, INTERRUPT);
    board_write(&f.board, COMPARATOR, 8, 100);
    EXPECT_EQ(IRQ, take_at(&f, 1000));

    board_write(&f.board, COMPARATOR, 8, 200);

    EXPECT_EQ(2000, f.board.next_event_ns);
    EXPECT_EQ(IRQ, take_at(&f, 2000));
    board_fixture_close(&f);
}

TEST(a_level_timer_holds_its_line_until_its_status_is_cleared)
{
    struct board_fixture f;
    start(&f, INTERRUPT | LEVEL);
    ioapic_route(&f.board.ioapic, 2, true, IRQ);
    ioapic_mask(&f.board.ioapic, IRQ, false);
    board_write(&f.board, COMPARATOR, 8, 10);

    board_fixture_advance(&f, 100);

    EXPECT_EQ(1, board_read(&f.board, STATUS, 8));
    EXPECT_EQ(IRQ, ioapic_take(&f.board.ioapic));
    EXPECT_TRUE(ioapic_pending(&f.board.ioapic));
    board_write(&f.board, STATUS, 8, 1);
    EXPECT_FALSE(ioapic_pending(&f.board.ioapic));
    board_fixture_close(&f);
}

TEST(a_timer_whose_interrupt_is_off_stays_silent)
{
    struct board_fixture f;
    start(&f, 0);
    board_write(&f.board, COMPARATOR, 8, 10);
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 1000));
    board_fixture_close(&f);
}

TEST(the_low_half_of_a_comparator_can_be_written_alone)
{
    struct board_fixture f;
    start(&f, 0);
    board_write(&f.board, COMPARATOR + 4, 4, 7);
    board_write(&f.board, COMPARATOR, 4, 9);
    EXPECT_EQ(UINT64_C(0x700000009), board_read(&f.board, COMPARATOR, 8));
    board_fixture_close(&f);
}

TEST(a_misaligned_access_reads_zeros_and_writes_nothing)
{
    struct board_fixture f;
    start(&f, 0);
    EXPECT_EQ(0, board_read(&f.board, HPET + 1, 4));
    board_write(&f.board, CONFIG + 1, 2, 0);
    EXPECT_EQ(ENABLE, board_read(&f.board, CONFIG, 8));
    board_fixture_close(&f);
}
