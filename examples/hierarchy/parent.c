/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Restarts its child when it crashes, and gives up after the third time. */

#include <microkit.h>

#define CHILD        0
#define CHILD_ENTRY  0x200000 /* where microkit.ld puts _start */
#define RESTARTS_MAX 2

static unsigned restarts;

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}

/* The child waits for a reply to its fault. Restarted or stopped it needs none. */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    (void)reply_msginfo;
    microkit_dbg_puts(microkit_msginfo_get_label(msginfo) == seL4_Fault_UserException
                          ? "parent: the child raised an exception\n"
                          : "parent: the child faulted\n");
    if (child == CHILD && restarts < RESTARTS_MAX) {
        restarts++;
        microkit_pd_restart(child, CHILD_ENTRY);
    } else {
        microkit_pd_stop(child);
        microkit_dbg_puts("parent: enough, the child stays down\n");
    }
    return seL4_False;
}
