/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A PD that tells of its CPU. */
#include <microkit.h>

#include "../cpu/vendor.h"

void init(void)
{
    char name[13];
    vendor(name);
    microkit_dbg_puts("CPU: ");
    microkit_dbg_puts(name);
    microkit_dbg_puts("\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
