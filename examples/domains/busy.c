/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Never waits: it looks at the flag until somebody in the other domain has set it. */

#include <microkit.h>

volatile seL4_Word *flag; /* set by the tool */

void init(void)
{
    while (*flag == 0) {
    }
    microkit_dbg_puts("busy: the other domain had its turn\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
