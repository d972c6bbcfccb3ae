/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The machine's time: one count of ticks, and the nanoseconds that devices count, which are the
 * same ticks in another unit. It is the TSC less the time that the host took from the machine, so
 * that budgets and timers agree on a busy host. Guests that read the TSC themselves see the host's.
 *
 * A clock is either the host's or set by hand. Unit tests set theirs by hand.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct clock {
    bool by_hand;
    uint64_t hand_ticks;      /* by hand: what it shows */
    uint64_t start_ticks;     /* when the machine was made: nanosecond 0 */
    uint64_t stolen_ticks;    /* that the host took from the machine: time stood still for it */
    uint64_t ticks_per_us;    /* the whole number that the kernel and its guests are told */
    uint64_t ns_per_tick_q32; /* nanoseconds per tick, 32.32 fixed point */
};

/* A point of the host's two clocks, taken together. */
struct clock_sample {
    uint64_t ticks;
    uint64_t host_ns; /* CLOCK_MONOTONIC */
};

struct clock_sample clock_sample(void);

/*
 * Start the host's clock. Its rate comes from the processor where that tells, else from comparing
 * with an `earlier` sample, which waits until the two are 2 ms apart.
 */
void clock_start(struct clock *clock, struct clock_sample earlier);

/* A clock by hand at nanosecond 0, with 1000 ticks per microsecond: a tick is a nanosecond. */
void clock_start_by_hand(struct clock *clock);

/* The host has taken so much of the time since the clock was last read. */
void clock_lose(struct clock *clock, uint64_t ns);

/* The machine has stood still since the clock showed `ticks`: it shows that again. */
void clock_stood_still(struct clock *clock, uint64_t ticks);

/* CLOCK_MONOTONIC, which goes on when the machine's time stands still. */
uint64_t clock_host_now_ns(void);

uint64_t clock_ticks(const struct clock *clock);
uint64_t clock_ns(const struct clock *clock);

/* The nanosecond of a tick; UINT64_MAX, for never, stays that. */
uint64_t clock_ns_of_ticks(const struct clock *clock, uint64_t ticks);

/* When on CLOCK_MONOTONIC the machine's time will be `ns`; a time that has passed gives now.
 * UINT64_MAX, for never, stays that. */
uint64_t clock_host_ns(const struct clock *clock, uint64_t ns);
