/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The serial port's driver: sends back what it receives, in capital letters. */
#include <microkit.h>

#define PORTS 0
#define IRQ   1

#define COM1_DATA  0x3f8
#define COM1_IER   0x3f9
#define COM1_FIFO  0x3fa
#define COM1_LSR   0x3fd
#define DATA_READY 0x01

void init(void)
{
    microkit_x86_ioport_write_8(PORTS, COM1_FIFO, 0x01);
    microkit_x86_ioport_write_8(PORTS, COM1_IER, 0x01);
    microkit_dbg_puts("listening\n");
}

void notified(microkit_channel ch)
{
    while ((microkit_x86_ioport_read_8(PORTS, COM1_LSR) & DATA_READY) != 0) {
        seL4_Uint8 c = microkit_x86_ioport_read_8(PORTS, COM1_DATA);
        microkit_x86_ioport_write_8(PORTS, COM1_DATA, c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    microkit_irq_ack(ch);
}
