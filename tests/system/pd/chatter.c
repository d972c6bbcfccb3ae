/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Never stops talking. */
#include <microkit.h>

void init(void)
{
    for (;;) {
        microkit_dbg_puts("and another thing\n");
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
