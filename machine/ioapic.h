/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The interrupt controller: one I/O APIC with 24 pins and the processor's side of it, as the kernel
 * drives them. Reference: Intel 82093AA data sheet.
 *
 * Lines are asserted or not. The polarity that a driver programs is taken to match its wire, as
 * QEMU's does, so there is nothing to invert.
 */
#pragma once

#include <stdbool.h>

#define IOAPIC_PINS 24
#define IRQ_NONE    (-1)

struct ioapic {
    struct ioapic_pin {
        bool routed;
        bool level;
        bool masked;
        bool asserted;
        bool latched; /* edge: an interrupt waits to be taken */
        unsigned irq; /* by the kernel's numbering */
    } pins[IOAPIC_PINS];
};

void ioapic_reset(struct ioapic *ioapic);

/* Program a pin; it starts masked. Pins that do not exist are ignored. */
void ioapic_route(struct ioapic *ioapic, unsigned pin, bool level, unsigned irq);
void ioapic_mask(struct ioapic *ioapic, unsigned irq, bool masked);

/* A device's line changes, or stays. An edge on a masked pin is lost (data sheet, 3.2.4). */
void ioapic_set_line(struct ioapic *ioapic, unsigned pin, bool asserted);

bool ioapic_pending(const struct ioapic *ioapic);

/* The interrupt with the highest vector, or IRQ_NONE. Taking it acknowledges it. */
int ioapic_take(struct ioapic *ioapic);
