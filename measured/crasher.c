/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Crashes each time it is told to, in another way each time. */

#include "crashes.h"
#include "report.h"

volatile struct crasher_notes *notes; /* set by the tool: see fault.system */

/* Keeps a frame of 256 bytes for each level. Half a million of them do not fit. */
static int descend(int levels)
{
    volatile char frame[256];
    frame[0] = (char)levels;
    return levels == 0 ? 0 : descend(levels - 1) + frame[0];
}

static void crash(enum crash kind)
{
    switch (kind) {
    case CRASH_NULL: {
        volatile int *volatile null = 0; /* neither the load nor the store can be left out */
        *null = 1;
        break;
    }
    case CRASH_INSTRUCTION:
        __asm__ volatile("ud2");
        break;
    case CRASH_JUMP: {
        void (*volatile nowhere)(void) = (void (*)(void))0x10000000;
        nowhere();
        break;
    }
    case CRASH_SPY:
        (void)*(const volatile seL4_Word *)0x4000000;
        break;
    default:
        descend(500000);
    }
}

/* It has its signs in another region, as all have: that it writes the notes is nobody else's affair. */
static void sign_at(seL4_Uint64 now, bool begins)
{
    pulse_sign(pulse, notes->count, now, begins);
}

/* Also runs when it is started again; the notes are as they were. */
void init(void)
{
    seL4_Uint64 now = ticks_now();
    if (notes->count > 0) {
        notes->restarted[notes->count - 1] = now;
    }
    sign_at(now, true);
}

void notified(microkit_channel ch)
{
    (void)ch;
    seL4_Uint64 number = notes->count;
    if (number < CRASHES) {
        seL4_Uint64 now = ticks_now();
        sign_at(now, false);
        notes->crashed[number] = now;
        notes->count = number + 1;
        crash((enum crash)number);
    }
}
