/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The I/O APIC. */
#include "machine/ioapic.h"
#include "tests/test.h"

static struct ioapic routed(bool level)
{
    struct ioapic ioapic;
    ioapic_reset(&ioapic);
    ioapic_route(&ioapic, 4, level, 20);
    return ioapic;
}

TEST(a_pin_starts_masked_and_loses_edges)
{
    struct ioapic ioapic = routed(false);

    ioapic_set_line(&ioapic, LINE_ISA, 4, true);
    ioapic_mask(&ioapic, 20, false);

    EXPECT_FALSE(ioapic_pending(&ioapic));
    EXPECT_EQ(IRQ_NONE, ioapic_take(&ioapic));
}

TEST(an_edge_is_taken_once)
{
    struct ioapic ioapic = routed(false);
    ioapic_mask(&ioapic, 20, false);

    ioapic_set_line(&ioapic, LINE_ISA, 4, true);

    EXPECT_EQ(20, ioapic_take(&ioapic));
    EXPECT_EQ(IRQ_NONE, ioapic_take(&ioapic));
    ioapic_set_line(&ioapic, LINE_ISA, 4, true);
    EXPECT_FALSE(ioapic_pending(&ioapic)); /* it never fell */
}

TEST(a_level_comes_again_after_the_mask_while_it_is_held)
{
    struct ioapic ioapic = routed(true);
    ioapic_mask(&ioapic, 20, false);
    ioapic_set_line(&ioapic, LINE_ISA, 4, true);

    EXPECT_EQ(20, ioapic_take(&ioapic));
    ioapic_mask(&ioapic, 20, true);
    EXPECT_FALSE(ioapic_pending(&ioapic));
    ioapic_mask(&ioapic, 20, false);
    EXPECT_TRUE(ioapic_pending(&ioapic));
    ioapic_set_line(&ioapic, LINE_ISA, 4, false);
    EXPECT_FALSE(ioapic_pending(&ioapic));
}

TEST(the_highest_vector_is_taken_first)
{
    struct ioapic ioapic = routed(false);
    ioapic_route(&ioapic, 2, false, 50);
    ioapic_mask(&ioapic, 20, false);
    ioapic_mask(&ioapic, 50, false);
    ioapic_set_line(&ioapic, LINE_ISA, 4, true);
    ioapic_set_line(&ioapic, LINE_ISA, 2, true);

    EXPECT_EQ(50, ioapic_take(&ioapic));
    EXPECT_EQ(20, ioapic_take(&ioapic));
}

TEST(an_edge_that_came_before_the_mask_still_arrives)
{
    struct ioapic ioapic = routed(false);
    ioapic_mask(&ioapic, 20, false);
    ioapic_set_line(&ioapic, LINE_ISA, 4, true);
    ioapic_mask(&ioapic, 20, true);

    EXPECT_EQ(20, ioapic_take(&ioapic));
}

TEST(a_pin_that_does_not_exist_is_ignored)
{
    struct ioapic ioapic = routed(false);

    ioapic_route(&ioapic, IOAPIC_PINS, false, 7);

    EXPECT_FALSE(ioapic_pending(&ioapic));
}

/* Their wires are joined: data sheets of level-triggered devices say "open drain". */
TEST(a_shared_line_is_held_until_the_last_device_lets_go)
{
    struct ioapic ioapic = routed(true);
    ioapic_mask(&ioapic, 20, false);
    ioapic_set_line(&ioapic, LINE_ISA, 4, true);
    ioapic_set_line(&ioapic, LINE_HPET, 4, true);

    ioapic_set_line(&ioapic, LINE_ISA, 4, false);
    EXPECT_TRUE(ioapic_pending(&ioapic));
    ioapic_set_line(&ioapic, LINE_HPET, 4, false);
    EXPECT_FALSE(ioapic_pending(&ioapic));
}

/* SDM volume 3, 11.8.4: a vector has one bit in the request register. */
TEST(a_message_waits_once_however_often_it_is_sent)
{
    struct ioapic ioapic;
    ioapic_reset(&ioapic);

    ioapic_message(&ioapic, 0x20 + 77);
    ioapic_message(&ioapic, 0x20 + 77);

    EXPECT_TRUE(ioapic_pending(&ioapic));
    EXPECT_EQ(77, ioapic_take(&ioapic));
    EXPECT_FALSE(ioapic_pending(&ioapic));
    EXPECT_EQ(IRQ_NONE, ioapic_take(&ioapic));
}

TEST(messages_and_pins_are_taken_by_vector)
{
    struct ioapic ioapic = routed(false);
    ioapic_mask(&ioapic, 20, false);
    ioapic_message(&ioapic, 0x20 + 19);
    ioapic_set_line(&ioapic, LINE_ISA, 4, true);
    ioapic_message(&ioapic, 0x20 + 100);
    ioapic_message(&ioapic, 0x20 + 101);

    EXPECT_EQ(101, ioapic_take(&ioapic));
    EXPECT_EQ(100, ioapic_take(&ioapic));
    EXPECT_EQ(20, ioapic_take(&ioapic));
    EXPECT_EQ(19, ioapic_take(&ioapic));
    EXPECT_EQ(IRQ_NONE, ioapic_take(&ioapic));
}

TEST(a_message_with_the_vector_of_an_exception_is_dropped)
{
    struct ioapic ioapic;
    ioapic_reset(&ioapic);
    ioapic_message(&ioapic, 0x1f);
    EXPECT_FALSE(ioapic_pending(&ioapic));
    ioapic_message(&ioapic, 0x20);
    EXPECT_EQ(0, ioapic_take(&ioapic));
}
