/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Wakes up five times, each time after the same delay, and checks that it was not too early. The two
 * clients run the same program: the system description gives each its delay.
 */

#include "timer.h"

#define TIMER   0
#define WAKINGS 5

/* Set by the tool to the size of a region that nobody touches: see the .system file. */
seL4_Word delay_us;

static seL4_Uint64 due_ns;
static unsigned wakings, too_early;

static void sleep(void)
{
    due_ns = timer_now_ns(TIMER) + delay_us * 1000;
    timer_after_ns(TIMER, delay_us * 1000);
}

void init(void)
{
    sleep();
}

void notified(microkit_channel ch)
{
    (void)ch;
    too_early += timer_now_ns(TIMER) < due_ns;
    if (++wakings < WAKINGS) {
        sleep();
        return;
    }
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": woke up 5 times, too early ");
    microkit_dbg_put32(too_early);
    microkit_dbg_puts("\n");
}
