/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Round robin by hand: one child runs at a time, until it has done a step. Its turn is over then, it is
 * suspended, and the next one is resumed. A child that crashes has no more turns. In the end they lose
 * their scheduling contexts, and without one nobody runs, suspended or not.
 */

#include <microkit.h>

/* A child has one number: its id, its channel and the slot of its TCB's cap. */
#define FIRST     1
#define LAST      3
#define SC_SLOTS  10 /* more than that is its scheduling context's */
#define TURNS_MAX 7

static seL4_Bool crashed[LAST + 1];
static unsigned turns;

static seL4_CPtr tcb(seL4_Word child)
{
    return microkit_cspace_root_slot_to_cptr(child);
}

static seL4_CPtr sc(seL4_Word child)
{
    return microkit_cspace_root_slot_to_cptr(SC_SLOTS + child);
}

static seL4_Word after(seL4_Word child)
{
    return child == LAST ? FIRST : child + 1;
}

static void take_their_time(void)
{
    for (seL4_Word child = FIRST; child <= LAST; child++) {
        seL4_SchedContext_Unbind(sc(child));
        seL4_TCB_Resume(tcb(child));
    }
    microkit_dbg_puts("scheduler: enough, nobody has time any more\n");
}

/* The turn of `child` is over. One child at least has not crashed. */
static void switch_from(seL4_Word child)
{
    if (++turns == TURNS_MAX) {
        take_their_time();
        return;
    }
    seL4_Word next = after(child);
    while (crashed[next]) {
        next = after(next);
    }
    seL4_TCB_Resume(tcb(next));
}

/* Before any of them has run: this PD's priority is higher. */
void init(void)
{
    for (seL4_Word child = FIRST; child <= LAST; child++) {
        seL4_TCB_Suspend(tcb(child));
    }
    seL4_TCB_Resume(tcb(FIRST));
}

/* The child has done a step. */
void notified(microkit_channel child)
{
    seL4_TCB_Suspend(tcb(child));
    switch_from(child);
}

/* Unanswered, the child waits for ever. */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply)
{
    (void)msginfo;
    (void)reply;
    microkit_dbg_puts("scheduler: a child crashed, and is out\n");
    crashed[child] = seL4_True;
    switch_from(child);
    return seL4_False;
}
