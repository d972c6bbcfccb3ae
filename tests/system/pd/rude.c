/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Prints what neither terminals nor XML like: a NUL, an escape sequence, bytes that are no UTF-8, a long line. */
#include <microkit.h>

static void put(const char *bytes, unsigned length)
{
    for (unsigned i = 0; i < length; i++) {
        microkit_dbg_putc(bytes[i]);
    }
}

void init(void)
{
    static const char rude[] = "<rude> & \0 \033[2J \377 ]]>\n";
    put(rude, sizeof(rude) - 1);
    for (unsigned i = 0; i < 20000; i++) {
        microkit_dbg_putc('x');
    }
    microkit_dbg_puts("\nend\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
