/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Answers each letter by adding one to it, and tells the logger of every 100th. */

#include <microkit.h>

#define LOGGER 1

volatile seL4_Word *mailbox; /* set by the tool: see the .system file */

static seL4_Uint32 calls;

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    (void)msginfo;
    *mailbox += 1;
    if (++calls % 100 == 0) {
        microkit_dbg_puts("server: calls so far: ");
        microkit_dbg_put32(calls);
        microkit_dbg_puts("\n");
        microkit_notify(LOGGER);
    }
    return microkit_msginfo_new(0, 0);
}

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}
