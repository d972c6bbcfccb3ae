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

/* Also runs when it is started again; the notes are as they were. */
void init(void)
{
    if (notes->count > 0) {
        notes->restarted[notes->count - 1] = ticks_now();
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
    seL4_Uint64 number = notes->count;
    if (number < CRASHES) {
        notes->count = number + 1;
        notes->crashed[number] = ticks_now();
        crash((enum crash)number);
    }
}
