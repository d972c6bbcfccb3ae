/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Refills: each rule of replenishment, with numbers. Here a tick is a microsecond. */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/mcs/sched_context.h"

#define OBJECT_BITS 8 /* ten refills */
#define REFILLS_MAX 10

struct server {
    struct kernel *k;
    struct sched_context *sc;
};

/* A context with a budget of 1000 us in 5000 us from time 0. */
static struct server server_new(uint64_t refills_max)
{
    struct server s = {.k = calloc(1, sizeof(*s.k)), .sc = calloc(1, 1u << OBJECT_BITS)};
    s.k->config.kernel_wcet_us = 10;
    s.k->config.kernel_wcet_scale = 1;
    s.k->ticks_per_us = 1;
    refill_new(s.k, s.sc, refills_max, 1000, 5000);
    return s;
}

static void server_free(struct server s)
{
    free(s.k);
    free(s.sc);
}

static unsigned list_refills(struct sched_context *sc, struct refill *refills)
{
    struct refill *ring = refill_head(sc) - sc->refill_head;
    unsigned count = 0;
    uint64_t i = sc->refill_head;
    refills[count++] = ring[i];
    while (i != sc->refill_tail) {
        i = (i + 1) % sc->refills_max;
        refills[count++] = ring[i];
    }
    return count;
}

/* All refills, in order, as time and amount. */
#define EXPECT_REFILLS(server, ...)                                                                \
    do {                                                                                           \
        const struct refill expected_[] = {__VA_ARGS__};                                           \
        const unsigned length_ = sizeof(expected_) / sizeof(expected_[0]);                         \
        struct refill actual_[REFILLS_MAX] = {0};                                                  \
        EXPECT_EQ(length_, list_refills((server).sc, actual_));                                    \
        for (unsigned i_ = 0; i_ < length_; i_++) {                                                \
            EXPECT_EQ(expected_[i_].time_ticks, actual_[i_].time_ticks);                           \
            EXPECT_EQ(expected_[i_].amount_ticks, actual_[i_].amount_ticks);                       \
        }                                                                                          \
    } while (0)

TEST(the_smallest_budget_is_twice_the_kernels_worst_case)
{
    struct server s = server_new(2);
    s.k->ticks_per_us = 3000;

    EXPECT_EQ(20, refill_min_budget_us(s.k));
    EXPECT_EQ(60000, refill_min_budget_ticks(s.k));
    EXPECT_EQ(UINT64_MAX / 3000 / 8, refill_max_period_us(s.k));
    server_free(s);
}

TEST(an_object_of_128_bytes_has_two_refills_and_each_16_bytes_one_more)
{
    EXPECT_EQ(2, refill_capacity(7));
    EXPECT_EQ(10, refill_capacity(8));
    EXPECT_EQ(58, refill_capacity(10));
}

TEST(a_new_context_has_its_whole_budget_at_once)
{
    struct server s = server_new(4);
    s.k->core.now_ticks = 77;

    refill_new(s.k, s.sc, 4, 1000, 5000);

    EXPECT_REFILLS(s, {77, 1000});
    EXPECT_TRUE(refill_is_ready(s.k, s.sc));
    server_free(s);
}

TEST(a_head_suffices_as_long_as_the_smallest_budget_is_left)
{
    struct server s = server_new(2);

    EXPECT_TRUE(refill_is_sufficient(s.k, s.sc, 0));
    EXPECT_TRUE(refill_is_sufficient(s.k, s.sc, 980));
    EXPECT_FALSE(refill_is_sufficient(s.k, s.sc, 981));
    EXPECT_FALSE(refill_is_sufficient(s.k, s.sc, 2000));
    server_free(s);
}

TEST(what_was_used_comes_back_one_period_after_it_could_first_be_used)
{
    struct server s = server_new(4);

    refill_spend(s.k, s.sc, 300);

    EXPECT_REFILLS(s, {300, 700}, {5000, 300});
    server_free(s);
}

TEST(a_head_used_in_pieces_comes_back_as_one)
{
    struct server s = server_new(4);

    refill_spend(s.k, s.sc, 300);
    refill_spend(s.k, s.sc, 200);
    refill_spend(s.k, s.sc, 100);

    EXPECT_REFILLS(s, {600, 400}, {5000, 600});
    server_free(s);
}

TEST(a_budget_used_up_comes_back_as_a_whole)
{
    struct server s = server_new(4);

    refill_end_turn(s.k, s.sc, 1000);

    EXPECT_REFILLS(s, {5000, 1000});
    EXPECT_FALSE(refill_is_ready(s.k, s.sc));
    server_free(s);
}

TEST(an_overrun_is_paid_with_the_next_refill)
{
    struct server s = server_new(4);

    refill_end_turn(s.k, s.sc, 1300);

    EXPECT_REFILLS(s, {5300, 700}, {10000, 300});
    server_free(s);
}

TEST(an_overrun_of_several_budgets_costs_as_many_periods)
{
    struct server s = server_new(4);

    refill_end_turn(s.k, s.sc, 3000);

    EXPECT_REFILLS(s, {15000, 1000});
    server_free(s);
}

/* 10 us are left, which do not pay for a kernel entry: the next refill comes 10 us earlier, and ends
 * no later. */
TEST(a_rest_too_small_to_use_joins_the_next_refill)
{
    struct server s = server_new(4);

    refill_end_turn(s.k, s.sc, 990);

    EXPECT_REFILLS(s, {4990, 1000});
    server_free(s);
}

/* So that no sum of times overflows: five of the longest periods before the end of time. */
TEST(a_refill_at_the_end_of_time_is_not_moved_beyond_it)
{
    struct server s = server_new(4);
    uint64_t last_ticks = UINT64_MAX - 5 * refill_max_period_us(s.k);
    refill_head(s.sc)->time_ticks = last_ticks;

    refill_end_turn(s.k, s.sc, 1300);

    EXPECT_REFILLS(s, {last_ticks, 1000});
    server_free(s);
}

TEST(time_used_after_a_pause_is_a_refill_of_its_own)
{
    struct server s = server_new(4);
    refill_spend(s.k, s.sc, 100);
    s.k->core.now_ticks = 2000;
    refill_unblock_check(s.k, s.sc);

    refill_spend(s.k, s.sc, 100);

    EXPECT_REFILLS(s, {2100, 800}, {5000, 100}, {7000, 100});
    server_free(s);
}

/* The tail of 100 us at 5000 has to wait, so that it ends at 7000, where the new one begins. */
TEST(when_no_refill_is_free_the_last_is_delayed)
{
    struct server s = server_new(2);
    refill_spend(s.k, s.sc, 100);
    s.k->core.now_ticks = 2000;
    refill_unblock_check(s.k, s.sc);

    refill_spend(s.k, s.sc, 100);

    EXPECT_REFILLS(s, {2100, 800}, {6900, 200});
    server_free(s);
}

TEST(waking_up_moves_the_head_to_now_and_asks_for_a_new_deadline)
{
    struct server s = server_new(4);
    s.k->core.now_ticks = 400;

    refill_unblock_check(s.k, s.sc);

    EXPECT_REFILLS(s, {400, 1000});
    EXPECT_TRUE(s.k->core.reprogram);
    server_free(s);
}

TEST(waking_up_joins_what_can_be_used_without_a_gap)
{
    struct server s = server_new(4);
    refill_spend(s.k, s.sc, 300);
    s.k->core.now_ticks = 4400;

    refill_unblock_check(s.k, s.sc);

    EXPECT_REFILLS(s, {4400, 1000});
    server_free(s);
}

TEST(waking_up_joins_refills_that_touch)
{
    struct server s = server_new(4);
    refill_spend(s.k, s.sc, 300);
    s.k->core.now_ticks = 4300;

    refill_unblock_check(s.k, s.sc);

    EXPECT_REFILLS(s, {4300, 1000});
    server_free(s);
}

TEST(waking_up_leaves_a_refill_behind_a_gap_alone)
{
    struct server s = server_new(4);
    refill_spend(s.k, s.sc, 300);
    s.k->core.now_ticks = 4000;

    refill_unblock_check(s.k, s.sc);

    EXPECT_REFILLS(s, {4000, 700}, {5000, 300});
    server_free(s);
}

TEST(waking_up_before_the_head_is_due_changes_nothing)
{
    struct server s = server_new(4);
    refill_end_turn(s.k, s.sc, 1000);
    s.k->core.now_ticks = 4999;

    refill_unblock_check(s.k, s.sc);

    EXPECT_REFILLS(s, {5000, 1000});
    EXPECT_FALSE(s.k->core.reprogram);
    server_free(s);
}

TEST(round_robin_has_two_refills_what_is_left_and_what_was_used)
{
    struct server s = server_new(4);

    refill_new(s.k, s.sc, 2, 1000, 0);
    EXPECT_REFILLS(s, {0, 1000}, {0, 0});

    refill_spend(s.k, s.sc, 300);
    EXPECT_REFILLS(s, {0, 700}, {0, 300});
    server_free(s);
}

TEST(round_robin_has_its_whole_turn_again_when_one_ends)
{
    struct server s = server_new(4);
    refill_new(s.k, s.sc, 2, 1000, 0);
    refill_spend(s.k, s.sc, 300);

    refill_end_turn(s.k, s.sc, 690);

    EXPECT_REFILLS(s, {0, 1000}, {0, 0});
    EXPECT_TRUE(refill_is_ready(s.k, s.sc));
    server_free(s);
}

TEST(a_smaller_budget_trims_the_head)
{
    struct server s = server_new(4);
    s.k->core.now_ticks = 50;

    refill_update(s.k, s.sc, 3, 400, 6000);

    EXPECT_REFILLS(s, {50, 400});
    EXPECT_EQ(6000, s.sc->period_ticks);
    EXPECT_EQ(3, s.sc->refills_max);
    server_free(s);
}

TEST(a_larger_budget_gets_the_rest_in_the_next_period)
{
    struct server s = server_new(4);
    refill_spend(s.k, s.sc, 300);
    s.k->core.now_ticks = 350;

    refill_update(s.k, s.sc, 4, 1500, 6000);

    EXPECT_REFILLS(s, {350, 700}, {6350, 800});
    server_free(s);
}

TEST(a_head_not_yet_due_stays_so_through_an_update)
{
    struct server s = server_new(4);
    refill_end_turn(s.k, s.sc, 1000);
    s.k->core.now_ticks = 2000;

    refill_update(s.k, s.sc, 4, 1200, 5000);

    EXPECT_REFILLS(s, {5000, 1000}, {10000, 200});
    server_free(s);
}

/* xorshift; the seed is printed by the test. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void expect_sound(struct server s)
{
    struct refill refills[REFILLS_MAX] = {0};
    unsigned count = list_refills(s.sc, refills);
    uint64_t sum = refills[0].amount_ticks;
    for (unsigned i = 1; i < count; i++) {
        EXPECT_TRUE(refills[i - 1].time_ticks + refills[i - 1].amount_ticks <=
                    refills[i].time_ticks);
        sum += refills[i].amount_ticks;
    }
    EXPECT_EQ(1000, sum);
    EXPECT_TRUE(refills[0].amount_ticks >= refill_min_budget_ticks(s.k));
}

/* A thread runs and sleeps at random. The times are those that the kernel would see. */
TEST(refills_always_add_up_to_the_budget_and_never_overlap)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        printf("# seed %lu\n", (unsigned long)seed);
        struct server s = server_new(2 + seed % (REFILLS_MAX - 1));
        uint64_t state = seed * 0x9e3779b97f4a7c15u;
        for (unsigned step = 0; step < 300; step++) {
            uint64_t pause = next_random(&state) % 3000;
            s.k->core.now_ticks += pause;
            if (!refill_is_ready(s.k, s.sc)) {
                s.k->core.now_ticks = refill_head(s.sc)->time_ticks;
            }
            refill_unblock_check(s.k, s.sc);
            uint64_t used = 1 + next_random(&state) % 1200;
            s.k->core.now_ticks += used;
            if (refill_is_sufficient(s.k, s.sc, used)) {
                refill_spend(s.k, s.sc, used);
            } else {
                refill_end_turn(s.k, s.sc, used);
            }
            expect_sound(s);
        }
        server_free(s);
    }
}
