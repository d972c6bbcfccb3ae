/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Lets two workers take turns: whoever has done a step is suspended, and the other one goes on. */

#include <microkit.h>

/* Channels and slots have the same numbers. */
#define FIRST     1
#define SECOND    2
#define STEPS_MAX 6

static unsigned steps;

static seL4_CPtr tcb(seL4_Word worker)
{
    return microkit_cspace_root_slot_to_cptr(worker);
}

void init(void)
{
    seL4_TCB_Suspend(tcb(SECOND));
}

void notified(microkit_channel worker)
{
    seL4_TCB_Suspend(tcb(worker));
    if (++steps < STEPS_MAX) {
        seL4_TCB_Resume(tcb(worker == FIRST ? SECOND : FIRST));
    } else {
        microkit_dbg_puts("scheduler: enough, both stay suspended\n");
    }
}
