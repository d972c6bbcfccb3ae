/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Counts what it hears from client and server. */

#include <microkit.h>

#define SERVER 2

static seL4_Uint32 from_client, from_server;

void init(void)
{
}

void notified(microkit_channel ch)
{
    if (ch == SERVER) {
        from_server++;
        return;
    }
    from_client++;
    microkit_dbg_puts("logger: heard from the client: ");
    microkit_dbg_put32(from_client);
    microkit_dbg_puts(", from the server: ");
    microkit_dbg_put32(from_server);
    microkit_dbg_puts("\n");
}
