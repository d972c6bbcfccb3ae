/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Talks until it has said enough: how its lines mix with others' shows whose budget ended when. */
#include <microkit.h>

void init(void)
{
    for (int i = 0; i < 40; i++) {
        microkit_dbg_puts(microkit_name);
        microkit_dbg_puts(" goes on and on and on and on and on\n");
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
