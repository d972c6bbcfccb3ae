/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Jumps to where nothing is mapped. */

#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    void (*volatile nowhere)(void) = (void (*)(void))0x10000000;
    nowhere();
}
