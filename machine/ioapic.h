/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The interrupt controller: one I/O APIC with 24 pins and the processor's side of it, as the kernel
 * drives them. Reference: Intel 82093AA data sheet; Intel SDM volume 3, 11.8 and 11.11.
 *
 * Messages (MSIs) reach the processor past the I/O APIC: nothing here masks them. Of all that waits,
 * the highest vector is taken first; a vector waits once, however often it was sent.
 *
 * Lines are asserted or not. The polarity that a driver programs is taken to match its wire, as
 * QEMU's does, so there is nothing to invert.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define IOAPIC_PINS 24
#define IRQ_NONE    (-1)
#define IRQ_COUNT   256

#define VECTOR_FIRST 0x20 /* of interrupts: that of interrupt 0 in the kernel's numbering */

/* Who drives a line. Their wires are joined: it is asserted while one of them does. */
enum line_source { LINE_ISA, LINE_HPET };

struct ioapic {
    struct ioapic_pin {
        bool routed;
        bool level;
        bool masked;
        unsigned asserted; /* bit n: by line_source n */
        bool latched;      /* edge: an interrupt waits to be taken */
        unsigned irq;      /* by the kernel's numbering */
    } pins[IOAPIC_PINS];
    uint64_t messages[IRQ_COUNT / 64]; /* bit n: a message for interrupt n waits to be taken */
};

void ioapic_reset(struct ioapic *ioapic);

/* Program a pin; it starts masked. Pins that do not exist are ignored. */
void ioapic_route(struct ioapic *ioapic, unsigned pin, bool level, unsigned irq);
void ioapic_mask(struct ioapic *ioapic, unsigned irq, bool masked);

/* A device's line changes, or stays. An edge on a masked pin is lost (data sheet, 3.2.4). */
void ioapic_set_line(struct ioapic *ioapic, enum line_source source, unsigned pin, bool asserted);

/* A pin sees a rising edge, whatever else drives it. */
void ioapic_pulse(struct ioapic *ioapic, unsigned pin);

/* A message has arrived. Vectors below VECTOR_FIRST are no interrupts and are dropped. */
void ioapic_message(struct ioapic *ioapic, uint8_t vector);

bool ioapic_pending(const struct ioapic *ioapic);

/* The interrupt with the highest vector, or IRQ_NONE. Taking it acknowledges it. */
int ioapic_take(struct ioapic *ioapic);
