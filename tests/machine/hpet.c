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
#define FSB          0x4000
#define FSB_CAPABLE  0x8000
#define TIMER_1      (HPET + 0x120)
#define TIMER_2      (HPET + 0x140)
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
    EXPECT_NE(0, f.board.ioapic.pins[2].asserted);
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

TEST(in_real_time_a_timer_interrupts_no_more_often_than_a_guest_can_serve_it)
{
    struct board_fixture f;
    start(&f, INTERRUPT);
    f.clock.interrupt_gap_ns = 400000;
    board_write(&f.board, COMPARATOR, 8, 100);
    EXPECT_EQ(IRQ, take_at(&f, 1000));

    board_write(&f.board, COMPARATOR, 8, 200);

    EXPECT_EQ(401000, f.board.next_event_ns);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 400990));
    EXPECT_EQ(IRQ, take_at(&f, 401000));
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
    board_out(&f.board, 0x43, 1, 0x30); /* the PIT lets go of the pin */
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

/* 2.3.8, Tn_INT_ENB_CNF: the timer still operates and generates its status bit. */
TEST(a_level_timer_whose_interrupt_is_off_still_sets_its_status)
{
    struct board_fixture f;
    start(&f, LEVEL);
    board_write(&f.board, COMPARATOR, 8, 10);
    EXPECT_EQ(0, board_read(&f.board, STATUS, 8));
    board_fixture_advance(&f, 100);
    EXPECT_EQ(1, board_read(&f.board, STATUS, 8));
    EXPECT_FALSE(ioapic_pending(&f.board.ioapic));
    board_fixture_close(&f);
}

TEST(a_match_that_passed_while_the_interrupt_was_off_is_gone)
{
    struct board_fixture f;
    start(&f, 0);
    board_write(&f.board, COMPARATOR, 8, 10);
    board_fixture_advance(&f, 100000);
    board_write(&f.board, TIMER_CONFIG, 8, INTERRUPT | TO_PIN_2);
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    board_fixture_close(&f);
}

TEST(a_periodic_timer_goes_on_while_its_interrupt_is_off)
{
    struct board_fixture f;
    start(&f, PERIODIC_SET);
    board_write(&f.board, COMPARATOR, 8, 100000);
    board_fixture_advance(&f, 2500000);
    EXPECT_EQ(300000, board_read(&f.board, COMPARATOR, 8));
    board_write(&f.board, TIMER_CONFIG, 8, INTERRUPT | 0x8 | TO_PIN_2);
    EXPECT_EQ(3000000, f.board.next_event_ns);
    board_fixture_close(&f);
}

/* Software parks a comparator there. */
TEST(a_comparator_at_the_end_of_time_is_not_late)
{
    struct board_fixture f;
    start(&f, INTERRUPT);
    board_fixture_advance(&f, 10000);
    board_write(&f.board, COMPARATOR, 8, UINT64_MAX - 200000000);
    EXPECT_NE(0, f.board.next_event_ns);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 100000000));
    board_fixture_close(&f);
}

/* 2.3.9.2.1: in 32-bit mode the counter's upper half does not count. */
TEST(a_timer_in_32_bit_mode_matches_when_the_lower_half_does)
{
    struct board_fixture f;
    start(&f, INTERRUPT | 0x100);
    board_write(&f.board, CONFIG, 8, 0);
    board_write(&f.board, COUNTER, 8, UINT64_C(0x5fffffff0));
    board_write(&f.board, COMPARATOR, 8, UINT64_C(0x7700000010));
    EXPECT_EQ(0x10, board_read(&f.board, COMPARATOR, 8));
    board_write(&f.board, CONFIG, 8, ENABLE);
    EXPECT_EQ(320, f.board.next_event_ns);
    EXPECT_EQ(IRQ, take_at(&f, 320));
    board_fixture_close(&f);
}

/* 2.3.7: the counter is written while it stands. Comparators then mean its new value. */
TEST(a_counter_written_while_it_stands_moves_the_match)
{
    struct board_fixture f;
    start(&f, INTERRUPT);
    board_write(&f.board, COMPARATOR, 8, 1000);
    board_write(&f.board, CONFIG, 8, 0);
    EXPECT_EQ(DEVICE_IDLE, f.board.next_event_ns);
    board_write(&f.board, COUNTER, 8, 900);
    board_fixture_advance(&f, 50000);
    board_write(&f.board, CONFIG, 8, ENABLE);
    EXPECT_EQ(51000, f.board.next_event_ns);
    board_fixture_close(&f);
}

/* 2.3.8, Tn_INT_ROUTE_CNF: a value that the timer does not support does not read back. */
TEST(a_route_that_a_timer_does_not_have_does_not_read_back)
{
    struct board_fixture f;
    start(&f, INTERRUPT);
    board_write(&f.board, TIMER_CONFIG, 8, INTERRUPT | 5 << 9);
    EXPECT_EQ(2, board_read(&f.board, TIMER_CONFIG, 8) >> 9 & 31);
    board_fixture_close(&f);
}

/* 2.3.9.2.3, 2.3.8: delivery over the front side bus, which is a message. */
TEST(a_timer_sends_the_message_of_its_route)
{
    struct board_fixture f;
    start(&f, 0);
    EXPECT_TRUE(board_read(&f.board, TIMER_1, 8) & FSB_CAPABLE);
    board_write(&f.board, TIMER_1 + 0x10, 8, UINT64_C(0xfee0000000000000) | (0x20 + 60));
    board_write(&f.board, TIMER_1, 8, INTERRUPT | FSB);
    board_write(&f.board, TIMER_1 + 8, 8, 100);

    EXPECT_EQ(IRQ_NONE, take_at(&f, 990));
    EXPECT_EQ(60, take_at(&f, 1000));
    EXPECT_EQ(UINT64_C(0xfee000000000005c), board_read(&f.board, TIMER_1 + 0x10, 8));
    board_fixture_close(&f);
}

/* SDM volume 3, 11.11: other addresses, processors and modes of delivery are no interrupt for us. */
TEST(messages_for_somebody_else_do_not_arrive)
{
    static const uint64_t routes[] = {
        UINT64_C(0xfee01000) << 32 | 0x50,  /* processor 1 */
        UINT64_C(0xfee02004) << 32 | 0x50,  /* logical processor 2 */
        UINT64_C(0xfed00000) << 32 | 0x50,  /* not the processors' range */
        UINT64_C(0xfee00000) << 32 | 0x450, /* NMI */
        UINT64_C(0xfee00000) << 32 | 0x10,  /* vector of an exception */
    };
    struct board_fixture f;
    board_fixture_open(&f);
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        board_send_message(&f.board, routes[i] >> 32, (uint32_t)routes[i]);
        EXPECT_FALSE(ioapic_pending(&f.board.ioapic));
    }
    board_send_message(&f.board, 0xfeeff000, 0x50); /* everybody */
    EXPECT_EQ(0x30, ioapic_take(&f.board.ioapic));
    board_send_message(&f.board, 0xfee01004, 0x151); /* logical processor 1, lowest priority */
    EXPECT_EQ(0x31, ioapic_take(&f.board.ioapic));
    board_fixture_close(&f);
}

/* 2.3.5, LEG_RT_CNF: the PIT's and the RTC's interrupts are those of timers 0 and 1. */
TEST(in_legacy_replacement_the_pit_does_not_interrupt)
{
    struct board_fixture f;
    start(&f, INTERRUPT);
    board_write(&f.board, CONFIG, 8, ENABLE | 2);
    board_out(&f.board, 0x43, 1, 0x34);
    board_out(&f.board, 0x40, 1, 0xe8);
    board_out(&f.board, 0x40, 1, 0x03);
    EXPECT_EQ(IRQ_NONE, take_at(&f, 5000000));
    board_write(&f.board, CONFIG, 8, ENABLE);
    EXPECT_EQ(IRQ, take_at(&f, 10000000));
    board_fixture_close(&f);
}

TEST(in_legacy_replacement_timer_1_takes_the_pin_of_the_rtc)
{
    struct board_fixture f;
    start(&f, 0);
    board_fixture_route(&f, 8, IRQ + 1);
    board_write(&f.board, CONFIG, 8, ENABLE | 2);
    board_write(&f.board, TIMER_1, 8, INTERRUPT);
    board_write(&f.board, TIMER_1 + 8, 8, 100);
    EXPECT_EQ(IRQ + 1, take_at(&f, 1000));
    board_fixture_close(&f);
}

TEST(two_level_timers_on_a_pin_hold_it_until_both_are_served)
{
    struct board_fixture f;
    start(&f, INTERRUPT | LEVEL);
    ioapic_route(&f.board.ioapic, 2, true, IRQ);
    ioapic_mask(&f.board.ioapic, IRQ, false);
    board_out(&f.board, 0x43, 1, 0x30); /* the PIT lets go of the pin */
    board_write(&f.board, TIMER_2, 8, INTERRUPT | LEVEL | TO_PIN_2);
    board_write(&f.board, COMPARATOR, 8, 10);
    board_write(&f.board, TIMER_2 + 8, 8, 10);
    board_fixture_advance(&f, 100);

    EXPECT_EQ(5, board_read(&f.board, STATUS, 8));
    board_write(&f.board, STATUS, 8, 1);
    EXPECT_TRUE(ioapic_pending(&f.board.ioapic));
    board_write(&f.board, STATUS, 4, 4);
    EXPECT_FALSE(ioapic_pending(&f.board.ioapic));
    board_fixture_close(&f);
}
