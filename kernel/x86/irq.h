/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Interrupts as the kernel numbers them: vector - 0x20. Guests name user interrupts from 0.
 * Source: seL4 16.0.0, plat/pc99/plat/machine.h, one core.
 */
#pragma once

#define IRQ_VECTOR_BASE 0x20
#define IRQ_USER_FIRST  16 /* below: the PIC's, which is off */
#define IRQ_USER_LAST   123
#define IRQ_IOMMU       124
#define IRQ_KERNEL      125 /* the kernel's own timer, and the last */

/* The board's one I/O APIC. Source: Intel 82093AA data sheet. */
#define IOAPICS     1
#define IOAPIC_PINS 24
