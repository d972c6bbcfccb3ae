/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Hears from the others, and can do nothing to them. */

#include <microkit.h>

#define CLIENT 1
#define SERVER 2

static seL4_Uint32 from_server;

void init(void)
{
    microkit_dbg_puts("logger: ready\n");
}

void notified(microkit_channel ch)
{
    if (ch == SERVER) {
        from_server++;
    } else if (ch == CLIENT) {
        microkit_dbg_puts("logger: the client is done; notifications from the server: ");
        microkit_dbg_put32(from_server);
        microkit_dbg_puts("\n");
    }
}
