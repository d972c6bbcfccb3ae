/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Crashes, each time it is started. */

#include <microkit.h>

/* Not reset by a restart: that only sets the instruction pointer. ../clean_restart does more. */
static unsigned starts;

void init(void)
{
    starts++;
    microkit_dbg_puts("child: start ");
    microkit_dbg_put32(starts);
    microkit_dbg_puts("\n");
    __asm__ volatile("ud2");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
