/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Crashes while somebody waits for its answer. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo message)
{
    volatile int *volatile nowhere = (volatile int *)0x10;
    (void)ch;
    *nowhere = 1;
    return message;
}
