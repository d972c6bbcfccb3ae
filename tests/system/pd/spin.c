/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Never waits. */
#include <microkit.h>

void init(void)
{
    microkit_dbg_puts("spinning\n");
    for (;;) {
        __asm__ volatile("pause");
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
