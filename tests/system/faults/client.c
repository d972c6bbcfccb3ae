/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Calls the server and counts the answers, before something goes wrong elsewhere and after. */
#include <microkit.h>

#define SERVER 0
#define BROKEN 1

#define CALLS 100

/* The server answers a number with the next one. */
static void count_answers(const char *when)
{
    seL4_Uint32 right = 0;
    for (seL4_Word i = 0; i < CALLS; i++) {
        microkit_mr_set(0, i);
        microkit_ppcall(SERVER, microkit_msginfo_new(0, 1));
        right += microkit_mr_get(0) == i + 1;
    }
    microkit_dbg_puts("client: ");
    microkit_dbg_put32(right);
    microkit_dbg_puts(" of 100 calls answered ");
    microkit_dbg_puts(when);
    microkit_dbg_puts("\n");
}

void init(void)
{
    count_answers("before");
    microkit_notify(BROKEN);
    count_answers("after");
    microkit_notify(BROKEN);
    count_answers("after the second time");
}

void notified(microkit_channel ch)
{
    (void)ch;
    count_answers("at the parent's word");
}
