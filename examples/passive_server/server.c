/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Adds what it is given to a total. It has no scheduling context: whoever calls lends his. */

#include <microkit.h>

static seL4_Word total;

void init(void)
{
    microkit_dbg_puts("server: ready\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    (void)msginfo;
    total += microkit_mr_get(0);
    microkit_mr_set(0, total);
    return microkit_msginfo_new(0, 1);
}
