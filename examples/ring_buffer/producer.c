/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Puts the numbers from 1 to 1000 into the ring. When it is full, it tells the consumer and returns:
 * a PD never waits inside an entry point, its event loop does.
 */

#include "ring.h"

#include <microkit.h>

#define CONSUMER 0
#define NUMBERS  1000

struct ring *ring; /* set by the tool: see the .system file */

static unsigned next = 1;

static void produce(void)
{
    while (next <= NUMBERS && ring_put(ring, next)) {
        next++;
    }
    microkit_notify(CONSUMER);
}

void init(void)
{
    produce();
}

void notified(microkit_channel ch)
{
    (void)ch;
    if (next <= NUMBERS) {
        produce();
    }
}
