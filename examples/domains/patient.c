/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Of lower priority than the PD that never waits, and runs all the same. */

#include <microkit.h>

volatile seL4_Word *flag; /* set by the tool */

void init(void)
{
    microkit_dbg_puts("patient: this is my domain's time\n");
    *flag = 1;
}

void notified(microkit_channel ch)
{
    (void)ch;
}
