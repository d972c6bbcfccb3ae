/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Does one step after the other, and would never stop. The second child has a bug in its second step. */

#include <microkit.h>

#define SCHEDULER 0

void init(void)
{
    for (unsigned step = 1;; step++) {
        microkit_dbg_puts(microkit_name);
        microkit_dbg_puts(": step ");
        microkit_dbg_put32(step);
        microkit_dbg_puts("\n");
        if (microkit_name[0] == 's' && step == 2) {
            __builtin_trap();
        }
        microkit_notify(SCHEDULER);
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
