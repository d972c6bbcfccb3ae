/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Crashes each time it is told to, in another way each time. */
#include "linux_baseline/protocol.h"

#include <sys/prctl.h>
#include <unistd.h>

static struct notes *notes;

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
        volatile int *volatile null = NULL; /* neither the load nor the store can be left out */
        *null = 1; /* NOLINT(clang-analyzer-core.NullDereference): what it is for */
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
        (void)*(const volatile uint64_t *)SHARED_ADDRESS;
        break;
    default:
        descend(500000);
    }
}

int main(void)
{
    notes = map_shared(FD_NOTES, NULL, sizeof(*notes));
    uint64_t number = notes->crashes;
    if (number > 0) {
        notes->restarted[number - 1] = ticks_now();
    }
    sign_of(notes, PART_CRASHER, true);
    uint64_t one;
    if (read(FD_CRASH, &one, sizeof(one)) != sizeof(one)) {
        die("wait for the word to crash");
    }
    prctl(PR_SET_DUMPABLE, 0); /* no core file, whatever the host does with them */
    sign_of(notes, PART_CRASHER, false);
    notes->crashed[number] = ticks_now();
    notes->crashes = number + 1;
    crash((enum crash)number);
    return 0;
}
