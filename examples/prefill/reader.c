/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Prints what it finds in memory that it never wrote. */

#include <microkit.h>

/* Set by the tool: see the .system file. */
const char *poem;
seL4_Word poem_bytes, poem_room;

void init(void)
{
    for (seL4_Word i = 0; i < poem_bytes; i++) {
        microkit_dbg_putc(poem[i]);
    }
    microkit_dbg_puts("reader: ");
    microkit_dbg_put32((seL4_Uint32)poem_bytes);
    microkit_dbg_puts(" bytes in a region of ");
    microkit_dbg_put32((seL4_Uint32)poem_room);
    microkit_dbg_puts("\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
