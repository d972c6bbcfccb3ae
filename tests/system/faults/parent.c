/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Restarts its child after the first fault, and stops it after the second. Where it has a channel to
 * the client, it lets that call again after the restart. */
#include <microkit.h>
#ifdef CLEAN
#include <quoll/restart.h>
#endif

#define CLIENT      0
#define CHILD_ENTRY 0x200000 /* where microkit.ld puts _start */

/* CLEAN is Quoll's way, with fresh variables and a fresh stack. */
static void restart(microkit_child child)
{
#ifdef CLEAN
    quoll_pd_restart_clean(child);
#else
    microkit_pd_restart(child, CHILD_ENTRY);
#endif
}

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    static seL4_Bool restarted;
    (void)reply_msginfo;
    microkit_dbg_puts("parent: a fault of its child, label ");
    microkit_dbg_put32((seL4_Uint32)microkit_msginfo_get_label(msginfo));
    if (restarted) {
        microkit_dbg_puts(": stops it\n");
        microkit_pd_stop(child);
    } else {
        microkit_dbg_puts(": restarts it\n");
        restarted = seL4_True;
        restart(child);
        if (microkit_notifications != 0) {
            microkit_notify(CLIENT);
        }
    }
    return seL4_False;
}
