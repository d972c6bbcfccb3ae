/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Counts in .data, in .bss and in a memory region, and crashes when there is no room for more. */

#include <microkit.h>

#define ROOM 3

volatile seL4_Word *log; /* set by the tool; in a memory region, which no restart touches */

static volatile seL4_Word in_data = 100;
static volatile seL4_Word in_bss;

static void say(const char *what, seL4_Word number)
{
    microkit_dbg_puts(what);
    microkit_dbg_put32((seL4_Uint32)number);
}

void init(void)
{
    for (;;) {
        in_data++;
        in_bss++;
        (*log)++;
        microkit_dbg_puts(microkit_name);
        say(": data ", in_data);
        say(", bss ", in_bss);
        say(", log ", *log);
        microkit_dbg_puts("\n");
        if (in_bss >= ROOM) {
            __builtin_trap();
        }
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
