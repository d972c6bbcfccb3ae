/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Restarts a child clean, a hundred times. */

#include <microkit.h>
#include <quoll/restart.h>

#define CHILD        7
#define RESTARTS_MAX 100

static unsigned fresh;
static unsigned restarts;

void init(void)
{
}

/* The child has found all as it should be. */
void notified(microkit_channel ch)
{
    (void)ch;
    fresh++;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply)
{
    (void)msginfo;
    (void)reply;
    if (child == CHILD && restarts < RESTARTS_MAX) {
        restarts++;
        quoll_pd_restart_clean(child);
        return seL4_False;
    }
    microkit_pd_stop(child);
    microkit_dbg_puts("parent: starts ");
    microkit_dbg_put32(restarts + 1);
    microkit_dbg_puts(", all fresh ");
    microkit_dbg_put32(fresh);
    microkit_dbg_puts("\n");
    return seL4_False;
}
