/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * One link of a chain of 63 PDs, as many as a system can have. All run this program: what a PD may
 * do, and so which link it is, lies in its channels alone.
 *
 * The first PD has no channel to a previous one. It calls the second, which calls the third before
 * it answers, and so on: 62 nested calls. A call needs a callee of higher priority, so priorities
 * rise along the chain, and the first starts when all others already wait.
 */

#include <microkit.h>

#define NEXT     0
#define PREVIOUS 1

static seL4_Word has(microkit_channel ch, seL4_Word channels)
{
    return channels >> ch & 1;
}

/* How many links there are from here to the end. */
static seL4_Word links(void)
{
    if (!has(NEXT, microkit_pps)) {
        return 1;
    }
    microkit_ppcall(NEXT, microkit_msginfo_new(0, 0));
    return microkit_mr_get(0) + 1;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    (void)msginfo;
    microkit_mr_set(0, links());
    return microkit_msginfo_new(0, 1);
}

void init(void)
{
    if (!has(PREVIOUS, microkit_notifications)) {
        microkit_dbg_puts(microkit_name);
        microkit_dbg_puts(": links in the chain: ");
        microkit_dbg_put32((seL4_Uint32)links());
        microkit_dbg_puts("\n");
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
