/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A PD that plays the part its name says: see family.system. */
#include <microkit.h>

#define RESTARTS_MAX 2
#define ENTRY        0x200000

#define SERVER_CHANNEL 1
#define WORKER_CHANNEL 4
#define KEEPER_CHANNEL 5
#define WORKER_SLOT    1

static void say(const char *what, seL4_Word number)
{
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": ");
    microkit_dbg_puts(what);
    microkit_dbg_puts(" ");
    microkit_dbg_put32((seL4_Uint32)number);
    microkit_dbg_puts("\n");
}

static seL4_Word call_server(seL4_Word number)
{
    microkit_mr_set(0, number);
    microkit_ppcall(SERVER_CHANNEL, microkit_msginfo_new(0, 1));
    return microkit_mr_get(0);
}

/* The worker only gets to run while the keeper, which has the higher priority, waits. */
static void keep(void)
{
    seL4_CPtr worker = microkit_cspace_root_slot_to_cptr(WORKER_SLOT);
    say("suspending the worker, error", seL4_TCB_Suspend(worker));
    microkit_notify(WORKER_CHANNEL);
    say("the server doubles 21 to", call_server(21));
    say("resuming the worker, error", seL4_TCB_Resume(worker));
}

void init(void)
{
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": starts\n");
    switch (microkit_name[0]) {
    case 'c':
        __asm__ volatile("movl $1, 0x30");
        break;
    case 'k':
        keep();
        break;
    default:
        break;
    }
}

void notified(microkit_channel ch)
{
    say("notified by channel", ch);
    if (ch == KEEPER_CHANNEL) {
        microkit_notify(KEEPER_CHANNEL);
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    say("called by channel", ch);
    microkit_mr_set(0, 2 * microkit_mr_get(0));
    return msginfo;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    static unsigned restarts;
    (void)reply_msginfo;
    say("a fault of child", child);
    say("its label", microkit_msginfo_get_label(msginfo));
    say("its address", microkit_mr_get(seL4_VMFault_Addr));
    if (restarts < RESTARTS_MAX) {
        restarts++;
        microkit_pd_restart(child, ENTRY);
    } else {
        microkit_pd_stop(child);
        say("stopped child", child);
    }
    return seL4_False;
}
