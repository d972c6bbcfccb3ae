/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The interrupt controller. */
#include "machine/ioapic.h"

#include <stddef.h>

void ioapic_reset(struct ioapic *ioapic)
{
    *ioapic = (struct ioapic){0};
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        ioapic->pins[pin].masked = true;
    }
}

void ioapic_route(struct ioapic *ioapic, unsigned pin, bool level, unsigned irq)
{
    if (pin >= IOAPIC_PINS) {
        return;
    }
    struct ioapic_pin *entry = &ioapic->pins[pin];
    entry->routed = true;
    entry->level = level;
    entry->masked = true;
    entry->latched = false;
    entry->irq = irq;
}

void ioapic_mask(struct ioapic *ioapic, unsigned irq, bool masked)
{
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        struct ioapic_pin *entry = &ioapic->pins[pin];
        if (entry->routed && entry->irq == irq) {
            entry->masked = masked;
        }
    }
}

static void edge(struct ioapic_pin *entry)
{
    if (entry->routed && !entry->level && !entry->masked) {
        entry->latched = true;
    }
}

void ioapic_set_line(struct ioapic *ioapic, enum line_source source, unsigned pin, bool asserted)
{
    struct ioapic_pin *entry = &ioapic->pins[pin];
    unsigned before = entry->asserted;
    entry->asserted = asserted ? before | 1u << source : before & ~(1u << source);
    if (before == 0 && entry->asserted != 0) {
        edge(entry);
    }
}

void ioapic_pulse(struct ioapic *ioapic, unsigned pin)
{
    edge(&ioapic->pins[pin]);
}

void ioapic_message(struct ioapic *ioapic, uint8_t vector)
{
    if (vector >= VECTOR_FIRST) {
        unsigned irq = (unsigned)vector - VECTOR_FIRST;
        ioapic->messages[irq / 64] |= UINT64_C(1) << irq % 64;
    }
}

/* An edge that came before the mask is on its way and still arrives. */
static bool pin_pending(const struct ioapic_pin *entry)
{
    if (!entry->routed) {
        return false;
    }
    return entry->level ? entry->asserted != 0 && !entry->masked : entry->latched;
}

static struct ioapic_pin *highest_pin(struct ioapic *ioapic)
{
    struct ioapic_pin *highest = NULL;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        struct ioapic_pin *entry = &ioapic->pins[pin];
        if (pin_pending(entry) && (!highest || entry->irq > highest->irq)) {
            highest = entry;
        }
    }
    return highest;
}

static int highest_message(const struct ioapic *ioapic)
{
    for (int word = IRQ_COUNT / 64 - 1; word >= 0; word--) {
        if (ioapic->messages[word] != 0) {
            return word * 64 + 63 - __builtin_clzll(ioapic->messages[word]);
        }
    }
    return IRQ_NONE;
}

bool ioapic_pending(const struct ioapic *ioapic)
{
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        if (pin_pending(&ioapic->pins[pin])) {
            return true;
        }
    }
    return highest_message(ioapic) != IRQ_NONE;
}

int ioapic_take(struct ioapic *ioapic)
{
    struct ioapic_pin *pin = highest_pin(ioapic);
    int message = highest_message(ioapic);
    if (message != IRQ_NONE) {
        unsigned irq = (unsigned)message;
        if (!pin || irq > pin->irq) {
            ioapic->messages[irq / 64] &= ~(UINT64_C(1) << irq % 64);
            return message;
        }
    }
    if (!pin) {
        return IRQ_NONE;
    }
    pin->latched = false;
    return (int)pin->irq;
}
