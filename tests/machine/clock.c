/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The machine's time. */
#include "machine/clock.h"
#include "tests/test.h"

#include <time.h>

TEST(virtual_time_passes_by_what_is_spent_on_it_and_by_jumps_ahead)
{
    struct clock clock;
    clock_start_virtual(&clock);
    EXPECT_EQ(0, clock_ns(&clock));
    EXPECT_EQ(1000, clock.ticks_per_us);

    clock_spend(&clock, CLOCK_ENTRY_NS);
    EXPECT_EQ(1000, clock_ns(&clock));
    clock_jump(&clock, 1234567);
    EXPECT_EQ(1234567, clock_ns(&clock));
    EXPECT_EQ(1234567, clock_ticks(&clock));
    clock_jump(&clock, 5);
    EXPECT_EQ(1234567, clock_ns(&clock));
}

TEST(the_host_cannot_take_virtual_time)
{
    struct clock clock;
    clock_start_virtual(&clock);
    clock_jump(&clock, 1000000);
    clock_lose(&clock, 500000);
    EXPECT_EQ(1000000, clock_ns(&clock));
}

TEST(real_time_passes_by_itself)
{
    struct clock clock;
    clock_start(&clock, clock_sample());
    uint64_t before_ns = clock_ns(&clock);
    clock_spend(&clock, UINT64_C(1000000000000));
    clock_jump(&clock, UINT64_C(1000000000000));
    EXPECT_TRUE(clock_ns(&clock) - before_ns < UINT64_C(1000000000000));
}

TEST(the_wall_clock_of_virtual_time_starts_on_the_first_of_january_2026)
{
    struct clock clock;
    clock_start_virtual(&clock);
    clock_jump(&clock, UINT64_C(86399999999999));
    time_t seconds = (time_t)clock_wall_s(&clock);
    struct tm date;
    gmtime_r(&seconds, &date);
    EXPECT_EQ(126, date.tm_year);
    EXPECT_EQ(0, date.tm_yday);
    EXPECT_EQ(59, date.tm_sec);
    clock_jump(&clock, UINT64_C(86400000000000));
    seconds = (time_t)clock_wall_s(&clock);
    gmtime_r(&seconds, &date);
    EXPECT_EQ(1, date.tm_yday);
}

TEST(the_hosts_clock_agrees_with_clock_monotonic_to_a_thousandth)
{
    struct clock clock;
    struct clock_sample start = clock_sample();
    clock_start(&clock, start);
    uint64_t start_ns = clock_ns(&clock);
    struct clock_sample before = clock_sample();
    struct clock_sample after = before;
    while (after.host_ns - before.host_ns < 20000000) {
        after = clock_sample();
    }
    uint64_t elapsed =
        clock_ns_of_ticks(&clock, after.ticks) - clock_ns_of_ticks(&clock, before.ticks);
    uint64_t expected = after.host_ns - before.host_ns;
    uint64_t error = elapsed > expected ? elapsed - expected : expected - elapsed;
    EXPECT_TRUE(error < expected / 1000);
    EXPECT_TRUE(clock_ns(&clock) > start_ns);
}

TEST(never_stays_never)
{
    struct clock clock;
    clock_start(&clock, clock_sample());
    EXPECT_EQ(UINT64_MAX, clock_ns_of_ticks(&clock, UINT64_MAX));
    EXPECT_EQ(UINT64_MAX, clock_host_ns(&clock, UINT64_MAX));
    EXPECT_EQ(UINT64_MAX, clock_host_ns(&clock, UINT64_MAX - 1)); /* would overflow */
}

TEST(a_time_that_has_passed_is_now_and_a_second_away_is_a_second_away)
{
    struct clock clock;
    clock_start(&clock, clock_sample());
    uint64_t now_ns = clock_sample().host_ns;
    uint64_t past = clock_host_ns(&clock, 0);
    uint64_t future = clock_host_ns(&clock, clock_ns(&clock) + 1000000000);
    EXPECT_TRUE(past >= now_ns);
    EXPECT_TRUE(future >= past + 900000000);
    EXPECT_TRUE(future <= clock_sample().host_ns + 1100000000);
}

TEST(time_that_the_host_took_is_not_the_machines)
{
    struct clock clock;
    clock_start(&clock, clock_sample());
    clock.start_ticks -= clock.ticks_per_us * 2000000; /* as if it had run for 2 s */
    uint64_t before_ns = clock_ns(&clock);
    uint64_t due_host_ns = clock_host_ns(&clock, before_ns + 1000000000);

    clock_lose(&clock, 500000000);

    EXPECT_TRUE(clock_ns_of_ticks(&clock, clock_ticks(&clock) + clock.stolen_ticks) >=
                clock_ns(&clock) + 499000000);
    EXPECT_TRUE(clock_host_ns(&clock, before_ns + 1000000000) >= due_host_ns + 499000000);
}

TEST(a_clock_that_stood_still_goes_on_from_where_it_was)
{
    struct clock clock;
    clock_start(&clock, clock_sample());
    clock.start_ticks -= clock.ticks_per_us * 2000000; /* as if it had run for 2 s */
    uint64_t then = clock_ticks(&clock) - clock.ticks_per_us * 1000000;
    clock_stood_still(&clock, then);
    EXPECT_TRUE(clock_ticks(&clock) >= then);
    EXPECT_TRUE(clock_ticks(&clock) < then + clock.ticks_per_us * 900000);
}

TEST(an_idle_machine_is_woken_earlier_by_what_was_lost_before)
{
    struct clock clock;
    clock_start(&clock, clock_sample());
    clock.start_ticks -= clock.ticks_per_us * 2000000; /* as if it had run for 2 s */
    clock.shown_ticks = clock.start_ticks;
    uint64_t until_ns = clock_host_now_ns() + UINT64_C(100000000000);
    EXPECT_EQ(0, clock_early_ns(&clock, until_ns));
    clock_lose(&clock, 300000000);
    EXPECT_EQ(300000000, clock_early_ns(&clock, until_ns));
    EXPECT_EQ(0, clock_early_ns(&clock, 0)); /* it is late already */
    EXPECT_EQ(0, clock_early_ns(&clock, UINT64_MAX));
    uint64_t soon_ns = clock_early_ns(&clock, clock_host_now_ns() + 100000000);
    EXPECT_TRUE(soon_ns > 50000000 && soon_ns <= 75000000); /* a part of a wait remains */

    uint64_t before_ns = clock_ns(&clock);
    clock_make_up(&clock, 200000000);
    EXPECT_TRUE(clock_ns(&clock) >= before_ns + 199999000);
    EXPECT_EQ(100000000, clock_early_ns(&clock, until_ns));
}

/* A machine that was stopped for an hour must not do an hour's work at once. */
TEST(no_more_than_five_seconds_are_made_up_for)
{
    struct clock clock;
    clock_start(&clock, clock_sample());
    for (unsigned i = 0; i < 3; i++) {
        clock_lose(&clock, 2000000000);
    }
    EXPECT_EQ(5000000000, clock_early_ns(&clock, clock_host_now_ns() + UINT64_C(100000000000)));
}

TEST(virtual_time_owes_nothing)
{
    struct clock clock;
    clock_start_virtual(&clock);
    clock_lose(&clock, 600000000);
    EXPECT_EQ(0, clock_early_ns(&clock, clock_host_now_ns() + UINT64_C(100000000000)));
}
