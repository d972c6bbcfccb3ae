/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Has the server add up numbers, and finds out whose time that took. */

#include <microkit.h>

#define SERVER 0

/* Slots of the caps to scheduling contexts: see the .system file. */
#define OWN_SC    1
#define SERVER_SC 2

#define LAST    3000
#define WORK_US 2000 /* more than a call takes that does nothing */

static seL4_Word call(void)
{
    microkit_mr_set(0, LAST);
    microkit_ppcall(SERVER, microkit_msginfo_new(0, 1));
    return microkit_mr_get(0);
}

/* What a scheduling context has been charged since it was last asked. */
static seL4_Word consumed_us(seL4_Word slot)
{
    return seL4_SchedContext_Consumed(microkit_cspace_root_slot_to_cptr(slot)).consumed;
}

void init(void)
{
    microkit_dbg_puts("client: the total is ");
    microkit_dbg_put32((seL4_Uint32)call());
    microkit_dbg_puts("\n");

    /* That was the first call. The server loses its scheduling context when it next waits: now. */
    seL4_Word own_us = 0;
    seL4_Word server_us = 0;
    consumed_us(OWN_SC);
    consumed_us(SERVER_SC);
    while (own_us + server_us < WORK_US) {
        call();
        own_us += consumed_us(OWN_SC);
        server_us += consumed_us(SERVER_SC);
    }
    microkit_dbg_puts(server_us == 0 ? "client: the server worked on my time alone\n"
                                     : "client: the server worked on its own time\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
