/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Writes to NULL. */

#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    volatile int *volatile null = 0; /* neither the load nor the store can be left out */
    *null = 1;
}
