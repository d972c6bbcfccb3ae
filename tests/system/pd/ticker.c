/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The interval timer's driver: three interrupts, 10 ms apart. */
#include <microkit.h>

#define PORTS 0
#define IRQ   1

#define PIT_COUNTER0 0x40
#define PIT_MODE     0x43
#define COUNT        11932 /* 10 ms at 1.193182 MHz */

static int ticks;

static void program(void)
{
    microkit_x86_ioport_write_8(PORTS, PIT_MODE, 0x30);
    microkit_x86_ioport_write_8(PORTS, PIT_COUNTER0, COUNT & 0xff);
    microkit_x86_ioport_write_8(PORTS, PIT_COUNTER0, COUNT >> 8);
}

void init(void)
{
    program();
}

void notified(microkit_channel ch)
{
    microkit_irq_ack(ch);
    microkit_dbg_puts("tick\n");
    if (++ticks < 3) {
        program();
    }
}
