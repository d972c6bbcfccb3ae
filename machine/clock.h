/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The machine's time: one count of ticks, and the nanoseconds that devices count, which are the
 * same ticks in another unit. docs/time.md tells how it passes.
 *
 * Real time is the TSC less the time that the host took from the machine, so that budgets and timers
 * agree on a busy host. Guests that read the TSC themselves see the host's.
 *
 * Virtual time stands still but for what is spent on it, by fixed amounts, and for jumps to the next
 * event. A tick is a nanosecond. Guests that read the TSC see this count.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What virtual time costs. Each is at least a microsecond, so that a guest that waits by looking at
 * something again and again gets on at once; and small against the budgets and periods of real
 * systems, the smallest of which is 20 us. */
#define CLOCK_ENTRY_NS  1000 /* an entry into the kernel: a system call, a fault, an interrupt */
#define CLOCK_WORK_NS   5000 /* as much of a long operation as seL4 does between two looks */
#define CLOCK_ACCESS_NS 1000 /* a device's register or port */
#define CLOCK_TSC_NS    1000 /* reading the TSC */

struct clock {
    bool is_virtual;
    uint64_t virtual_ns;      /* virtual: what it shows */
    uint64_t start_ticks;     /* when the machine was made: nanosecond 0 */
    uint64_t stolen_ticks;    /* that the host took from the machine: time stood still for it */
    uint64_t owed_ns;         /* of these, what an idle machine is to make up for */
    uint64_t shown_ticks;     /* the last answer: time never goes back */
    uint64_t ticks_per_us;    /* the whole number that the kernel and its guests are told */
    uint64_t ns_per_tick_q32; /* nanoseconds per tick, 32.32 fixed point */
    /* A timer interrupts no more often than this. In real time serving an interrupt takes a guest some
     * 200 us of system calls and emulated registers: a timer that were due again by then would leave no
     * time to anybody else, even where nobody listens to it. In virtual time: 0. */
    uint64_t interrupt_gap_ns;
};

/* A point of the host's two clocks, taken together. */
struct clock_sample {
    uint64_t ticks;
    uint64_t host_ns; /* CLOCK_MONOTONIC */
};

struct clock_sample clock_sample(void);

/*
 * Start real time. Its rate comes from the processor where that tells, else from comparing
 * with an `earlier` sample, which waits until the two are 2 ms apart.
 */
void clock_start(struct clock *clock, struct clock_sample earlier);

/* A virtual clock at nanosecond 0. */
void clock_start_virtual(struct clock *clock);

/* The host has taken so much of the time that has passed. Where that has been shown already, time
 * stands still until it is made up for. Virtual time does not care. */
void clock_lose(struct clock *clock, uint64_t ns);

/* The host is to wake an idle machine at `until_ns` on its own clock: how much earlier it may do so, for the
 * machine to make up for what was lost. */
uint64_t clock_early_ns(const struct clock *clock, uint64_t until_ns);

/* It did: so much of what was lost is made up for. */
void clock_make_up(struct clock *clock, uint64_t ns);

/* The machine has stood still since the clock showed `ticks`: it shows that again. */
void clock_stood_still(struct clock *clock, uint64_t ticks);
/* So much virtual time passes. Real time passes by itself. */
void clock_spend(struct clock *clock, uint64_t ns);

/* Nothing happens until then: let virtual time be there, unless it is later already. */
void clock_jump(struct clock *clock, uint64_t ns);

/* CLOCK_MONOTONIC, which goes on when the machine's time stands still. */
uint64_t clock_host_now_ns(void);

/* Seconds since 1970, UTC: the host's. Virtual time starts on the first of January 2026. */
int64_t clock_wall_s(const struct clock *clock);

uint64_t clock_ticks(struct clock *clock);
uint64_t clock_ns(struct clock *clock);

/* The nanosecond of a tick; UINT64_MAX, for never, stays that. */
uint64_t clock_ns_of_ticks(const struct clock *clock, uint64_t ticks);

/* When on CLOCK_MONOTONIC the machine's time will be `ns`; a time that has passed gives now.
 * UINT64_MAX, for never, stays that. */
uint64_t clock_host_ns(const struct clock *clock, uint64_t ns);
