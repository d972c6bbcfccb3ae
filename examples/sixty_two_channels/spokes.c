/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The other end of all 62 channels, which answers on the one it was notified by. Signals that come
 * before a PD receives are collected in one badge: the event loop calls notified() once for each
 * bit, the lowest first.
 */

#include <microkit.h>

static unsigned count;

void init(void)
{
}

void notified(microkit_channel ch)
{
    if (ch != count++) {
        microkit_dbg_puts("spokes: out of order\n");
    }
    if (count == MICROKIT_MAX_CHANNELS) {
        microkit_dbg_puts("spokes: heard of channels 0 to 61, in order\n");
    }
    microkit_notify(ch);
}
