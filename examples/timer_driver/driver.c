/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Drives the high precision event timer (HPET) for several clients.
 *
 * The registers are a page of physical memory that the system description maps; they are read and
 * written through a volatile pointer, 8 bytes at a time. One comparator serves all clients: it is
 * set to the earliest of their deadlines. Reference: IA-PC HPET specification 1.0a.
 *
 * The driver is passive: it has no time of its own. Clients lend it theirs for the length of a call,
 * and for an interrupt the time that it started with waits in its notification.
 */

#include "timer.h"

#define IRQ     20 /* clients have the channels from 0 */
#define CLIENTS 2

/* Registers, in words of 8 bytes. */
#define CAPABILITIES 0x00 /* the upper half: femtoseconds per tick */
#define CONFIG       0x02
#define COUNTER      0x1e
#define T0_CONFIG    0x20
#define T0_COMPARE   0x21

#define CONFIG_ENABLE  1ul
#define CONFIG_LEGACY  2ul
#define T0_LEVEL       0x2ul
#define T0_INTERRUPT   0x4ul
#define T0_PERIODIC    0x8ul
#define T0_MESSAGES    0x4000ul
#define T0_ROUTE       0x3e00ul
#define T0_ROUTE_TO(n) ((seL4_Word)(n) << 9)
#define PIN            2
#define FEMTO_PER_NANO 1000000ul
#define NEVER          (~0ul)

volatile seL4_Uint64 *hpet; /* set by the tool: see the .system file */

static seL4_Uint64 tick_fs;
static seL4_Uint64 deadlines[CLIENTS] = {NEVER, NEVER}; /* in ticks of the counter */

/* Ticks are 10 ns or longer, so 128 bits are needed only for the product. */
static seL4_Uint64 ns_of(seL4_Uint64 ticks)
{
    return ticks / FEMTO_PER_NANO * tick_fs + ticks % FEMTO_PER_NANO * tick_fs / FEMTO_PER_NANO;
}

static seL4_Uint64 ticks_of(seL4_Uint64 ns)
{
    return ns / tick_fs * FEMTO_PER_NANO + ns % tick_fs * FEMTO_PER_NANO / tick_fs;
}

/*
 * Notify those whose time has come, and set the comparator for the next one. It matches when the
 * counter *becomes* equal, so a deadline that passes while it is written would be missed: look again.
 */
static void serve(void)
{
    seL4_Uint64 next;
    do {
        next = NEVER;
        for (microkit_channel client = 0; client < CLIENTS; client++) {
            if (deadlines[client] <= hpet[COUNTER]) {
                deadlines[client] = NEVER;
                microkit_notify(client);
            } else if (deadlines[client] < next) {
                next = deadlines[client];
            }
        }
        hpet[T0_COMPARE] = next;
    } while (next <= hpet[COUNTER]);
}

void init(void)
{
    tick_fs = hpet[CAPABILITIES] >> 32;
    hpet[CONFIG] &= ~(CONFIG_ENABLE | CONFIG_LEGACY);
    hpet[COUNTER] = 0;
    hpet[T0_COMPARE] = NEVER;
    hpet[T0_CONFIG] = (hpet[T0_CONFIG] & ~(T0_LEVEL | T0_PERIODIC | T0_MESSAGES | T0_ROUTE)) |
                      T0_INTERRUPT | T0_ROUTE_TO(PIN);
    hpet[CONFIG] |= CONFIG_ENABLE;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    switch (microkit_msginfo_get_label(msginfo)) {
    case TIMER_NOW:
        microkit_mr_set(0, ns_of(hpet[COUNTER]));
        return microkit_msginfo_new(0, 1);
    case TIMER_AFTER:
        deadlines[ch] = hpet[COUNTER] + ticks_of(microkit_mr_get(0));
        serve();
        return microkit_msginfo_new(0, 0);
    default:
        return microkit_msginfo_new(1, 0);
    }
}

void notified(microkit_channel ch)
{
    if (ch == IRQ) {
        serve();
        microkit_irq_ack(IRQ);
    }
}
