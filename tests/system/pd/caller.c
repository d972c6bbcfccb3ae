/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Calls, and says when it was answered. */
#include <microkit.h>

void init(void)
{
    microkit_dbg_puts("calling\n");
    microkit_ppcall(1, microkit_msginfo_new(0, 0));
    microkit_dbg_puts("answered\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
