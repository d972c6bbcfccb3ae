/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reads the TSC, three times, and says what it was. */
#include <microkit.h>

static unsigned long rdtsc(void)
{
    unsigned low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (unsigned long)high << 32 | low;
}

void init(void)
{
    for (int i = 0; i < 3; i++) {
        unsigned long ticks = rdtsc();
        microkit_dbg_put32((seL4_Uint32)ticks);
        microkit_dbg_puts(ticks >> 32 ? " and more\n" : "\n");
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
