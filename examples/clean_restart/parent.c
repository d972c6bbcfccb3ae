/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Restarts each child once, each in its way. */

#include <microkit.h>
#include <quoll/restart.h>

#define DIRTY       1
#define CLEAN       2
#define CHILD_ENTRY 0x200000 /* where microkit.ld puts _start */
#define NO_CHILD    3

static seL4_Bool restarted[CLEAN + 1];

void init(void)
{
    if (!quoll_pd_restart_clean(NO_CHILD)) {
        microkit_dbg_puts("parent: there is no such child\n");
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}

static void restart(microkit_child child)
{
    if (child == DIRTY) {
        microkit_dbg_puts("parent: restarts a child\n");
        microkit_pd_restart(child, CHILD_ENTRY);
    } else if (quoll_pd_restart_clean(child)) {
        microkit_dbg_puts("parent: restarted a child, clean\n");
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply)
{
    (void)msginfo;
    (void)reply;
    if (restarted[child]) {
        microkit_pd_stop(child);
        microkit_dbg_puts("parent: stopped a child\n");
        return seL4_False;
    }
    restarted[child] = seL4_True;
    restart(child);
    return seL4_False;
}
