/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Sleeps for ten seconds on the HPET, and says how long that was by its counter. */
#include <microkit.h>

#define IRQ 1

#define HPET_CONFIG      (0x10 / 8)
#define HPET_COUNTER     (0xf0 / 8)
#define TIMER_CONFIG     (0x100 / 8)
#define TIMER_COMPARATOR (0x108 / 8)
#define TIMER_INTERRUPT  0x4
#define TIMER_TO_PIN_2   (2 << 9)
#define TICKS_PER_SECOND 100000000ull

static volatile unsigned long *const hpet = (volatile unsigned long *)0x20000000;
static unsigned long start;

void init(void)
{
    hpet[TIMER_CONFIG] = TIMER_INTERRUPT | TIMER_TO_PIN_2;
    hpet[HPET_CONFIG] = 1;
    start = hpet[HPET_COUNTER];
    hpet[TIMER_COMPARATOR] = start + 10 * TICKS_PER_SECOND;
    microkit_dbg_puts("good night\n");
}

void notified(microkit_channel ch)
{
    microkit_irq_ack(ch);
    microkit_dbg_puts("slept for ");
    microkit_dbg_put8((seL4_Uint8)((hpet[HPET_COUNTER] - start) / TICKS_PER_SECOND));
    microkit_dbg_puts(" s\n");
}
