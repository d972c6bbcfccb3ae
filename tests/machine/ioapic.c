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

    ioapic_set_line(&ioapic, 4, true);
    ioapic_mask(&ioapic, 20, false);

    EXPECT_FALSE(ioapic_pending(&ioapic));
    EXPECT_EQ(IRQ_NONE, ioapic_take(&ioapic));
}

TEST(an_edge_is_taken_once)
{
    struct ioapic ioapic = routed(false);
    ioapic_mask(&ioapic, 20, false);

    ioapic_set_line(&ioapic, 4, true);

    EXPECT_EQ(20, ioapic_take(&ioapic));
    EXPECT_EQ(IRQ_NONE, ioapic_take(&ioapic));
    ioapic_set_line(&ioapic, 4, true);
    EXPECT_FALSE(ioapic_pending(&ioapic)); /* it never fell */
}

TEST(a_level_comes_again_after_the_mask_while_it_is_held)
{
    struct ioapic ioapic = routed(true);
    ioapic_mask(&ioapic, 20, false);
    ioapic_set_line(&ioapic, 4, true);

    EXPECT_EQ(20, ioapic_take(&ioapic));
    ioapic_mask(&ioapic, 20, true);
    EXPECT_FALSE(ioapic_pending(&ioapic));
    ioapic_mask(&ioapic, 20, false);
    EXPECT_TRUE(ioapic_pending(&ioapic));
    ioapic_set_line(&ioapic, 4, false);
    EXPECT_FALSE(ioapic_pending(&ioapic));
}

TEST(the_highest_vector_is_taken_first)
{
    struct ioapic ioapic = routed(false);
    ioapic_route(&ioapic, 2, false, 50);
    ioapic_mask(&ioapic, 20, false);
    ioapic_mask(&ioapic, 50, false);
    ioapic_set_line(&ioapic, 4, true);
    ioapic_set_line(&ioapic, 2, true);

    EXPECT_EQ(50, ioapic_take(&ioapic));
    EXPECT_EQ(20, ioapic_take(&ioapic));
}

TEST(an_edge_that_came_before_the_mask_still_arrives)
{
    struct ioapic ioapic = routed(false);
    ioapic_mask(&ioapic, 20, false);
    ioapic_set_line(&ioapic, 4, true);
    ioapic_mask(&ioapic, 20, true);

    EXPECT_EQ(20, ioapic_take(&ioapic));
}

TEST(a_pin_that_does_not_exist_is_ignored)
{
    struct ioapic ioapic = routed(false);

    ioapic_route(&ioapic, IOAPIC_PINS, false, 7);

    EXPECT_FALSE(ioapic_pending(&ioapic));
}
