/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Takes numbers out of the ring until it is empty. One notification may stand for many numbers, and
 * two for none: what is in the ring counts, not how often the other side called.
 */

#include "ring.h"

#include <microkit.h>

#define PRODUCER 0
#define NUMBERS  1000

struct ring *ring; /* set by the tool: see the .system file */

static unsigned taken, sum, rounds, out_of_order;

static void report(void)
{
    microkit_dbg_puts("consumer: ");
    microkit_dbg_put32(taken);
    microkit_dbg_puts(" numbers, sum ");
    microkit_dbg_put32(sum);
    microkit_dbg_puts(", out of order ");
    microkit_dbg_put32(out_of_order);
    microkit_dbg_puts(", rounds ");
    microkit_dbg_put32(rounds);
    microkit_dbg_puts("\n");
}

void init(void)
{
}

void notified(microkit_channel ch)
{
    unsigned number;
    rounds++;
    while (ring_take(ring, &number)) {
        taken++;
        sum += number;
        out_of_order += number != taken;
    }
    if (taken == NUMBERS) {
        report();
    } else {
        microkit_notify(ch); /* there is room again */
    }
}
