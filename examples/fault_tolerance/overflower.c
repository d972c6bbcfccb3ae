/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Runs off its stack. */

#include <microkit.h>

/* Keeps a frame of 256 bytes for each level. Half a million of them do not fit. */
static int descend(int levels)
{
    volatile char frame[256];
    frame[0] = (char)levels;
    return levels == 0 ? 0 : descend(levels - 1) + frame[0];
}

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    descend(500000);
}
