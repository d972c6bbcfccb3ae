/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Adds up the numbers from 1 on, by counting: milliseconds of work, and no scheduling context. */

#include <microkit.h>

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
    seL4_Word last = microkit_mr_get(0);
    volatile seL4_Word total = 0;
    for (seL4_Word number = 1; number <= last; number++) {
        for (seL4_Word one = 0; one < number; one++) {
            total++;
        }
    }
    microkit_mr_set(0, total);
    return microkit_msginfo_new(0, 1);
}
