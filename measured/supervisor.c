/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Hears of the crasher's faults and starts it again; after the last it stops it. */

#include "crashes.h"
#include "report.h"

#define CRASHER       0
#define CRASHER_ENTRY 0x200000 /* where microkit.ld puts _start */

volatile struct supervisor_notes *notes; /* set by the tool: see fault.system */

void init(void)
{
}

/* The roll call. */
void notified(microkit_channel ch)
{
    (void)ch;
    sign();
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seL4_Uint64 now = ticks_now();
    (void)child;
    (void)msginfo;
    (void)reply_msginfo;
    sign();
    if (notes->count < CRASHES) {
        notes->reported[notes->count++] = now;
    }
    if (notes->count < CRASHES) {
        microkit_pd_restart(CRASHER, CRASHER_ENTRY);
    } else {
        microkit_pd_stop(CRASHER);
        notes->stopped = ticks_now();
    }
    return seL4_False;
}
