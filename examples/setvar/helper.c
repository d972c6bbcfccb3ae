/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Answers on the channel that it hears of. */

#include <microkit.h>

seL4_Word channel; /* set by the tool */

void init(void)
{
}

void notified(microkit_channel ch)
{
    microkit_dbg_puts(ch == channel ? "child: notified on the channel\n" : "child: by whom?\n");
    microkit_notify(channel);
}
