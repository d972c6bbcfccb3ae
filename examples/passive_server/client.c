/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Has the server add the numbers from 1 to 100. */

#include <microkit.h>

#define SERVER 0

void init(void)
{
    seL4_Word total = 0;
    for (seL4_Word number = 1; number <= 100; number++) {
        microkit_mr_set(0, number);
        microkit_ppcall(SERVER, microkit_msginfo_new(0, 1));
        total = microkit_mr_get(0);
    }
    microkit_dbg_puts("client: the total is ");
    microkit_dbg_put32((seL4_Uint32)total);
    microkit_dbg_puts("\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
