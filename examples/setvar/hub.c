/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Says what the tool has set, and uses each number for what it is. */

#include <microkit.h>

#define SCRATCH 7 /* a register of the serial port that keeps what is written to it */

/* Set by the tool: see the .system file. */
seL4_Word *table;
seL4_Word table_bytes;
const char *words;
seL4_Word words_bytes;
const volatile seL4_Word *registers;
seL4_Word registers_paddr;
seL4_Word port, port_addr;
seL4_Word interrupt;
seL4_Word child;
seL4_Word channel;

static void say(const char *what, seL4_Word number)
{
    microkit_dbg_puts(what);
    microkit_dbg_puts(" 0x");
    for (int shift = 28; shift >= 0; shift -= 4) {
        microkit_dbg_putc("0123456789abcdef"[number >> shift & 15]);
    }
    microkit_dbg_puts("\n");
}

void init(void)
{
    say("setvar_vaddr", (seL4_Word)table);
    say("setvar_size", table_bytes);
    say("setvar_prefill_size", words_bytes);
    say("region_paddr", registers_paddr);
    say("setvar_id of an ioport", port);
    say("setvar_addr of an ioport", port_addr);
    say("setvar_id of an irq", interrupt);
    say("setvar_id of a child", child);
    say("setvar_id of a channel", channel);

    table[table_bytes / sizeof *table - 1] = 1; /* the last word of the region */
    for (seL4_Word i = 0; i < words_bytes; i++) {
        microkit_dbg_putc(words[i]);
    }
    microkit_dbg_puts(registers[0] >> 32 > 0 ? "hub: the timer at that address ticks\n"
                                             : "hub: no timer at that address\n");
    microkit_x86_ioport_write_8(port, port_addr + SCRATCH, 0x5a);
    microkit_dbg_puts(microkit_x86_ioport_read_8(port, port_addr + SCRATCH) == 0x5a
                          ? "hub: the port keeps what is written\n"
                          : "hub: no port there\n");
    microkit_irq_ack(interrupt);
    microkit_notify(channel);
}

void notified(microkit_channel ch)
{
    if (ch == channel) {
        microkit_dbg_puts("hub: the child answered on the channel, and is stopped\n");
        microkit_pd_stop(child);
    }
}
