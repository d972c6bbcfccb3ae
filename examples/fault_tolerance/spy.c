/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reads the mailbox of client and server, at the address where they have it. */

#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    const volatile seL4_Word *mailbox = (const volatile seL4_Word *)0x4000000;
    seL4_Word letter = *mailbox;
    microkit_dbg_puts("spy: the letter is ");
    microkit_dbg_put32((seL4_Uint32)letter);
    microkit_dbg_puts("\n");
}
