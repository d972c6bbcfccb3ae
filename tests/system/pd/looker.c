/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Looks once for a character from the serial port, and never again: the terminal is the guest's then,
 * and yet nothing can come. */
#include <microkit.h>

#define PORTS     0
#define COM1_DATA 0x3f8

void init(void)
{
    microkit_x86_ioport_read_8(PORTS, COM1_DATA);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
