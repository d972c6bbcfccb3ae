/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The interrupt controller. */
#include "machine/ioapic.h"

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

void ioapic_set_line(struct ioapic *ioapic, unsigned pin, bool asserted)
{
    struct ioapic_pin *entry = &ioapic->pins[pin];
    bool rises = asserted && !entry->asserted;
    entry->asserted = asserted;
    if (rises && entry->routed && !entry->level && !entry->masked) {
        entry->latched = true;
    }
}

/* An edge that came before the mask is on its way and still arrives. */
static bool pin_pending(const struct ioapic_pin *entry)
{
    if (!entry->routed) {
        return false;
    }
    return entry->level ? entry->asserted && !entry->masked : entry->latched;
}

static struct ioapic_pin *highest_pending(struct ioapic *ioapic)
{
    struct ioapic_pin *highest = 0;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        struct ioapic_pin *entry = &ioapic->pins[pin];
        if (pin_pending(entry) && (!highest || entry->irq > highest->irq)) {
            highest = entry;
        }
    }
    return highest;
}

bool ioapic_pending(const struct ioapic *ioapic)
{
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        if (pin_pending(&ioapic->pins[pin])) {
            return true;
        }
    }
    return false;
}

int ioapic_take(struct ioapic *ioapic)
{
    struct ioapic_pin *entry = highest_pending(ioapic);
    if (!entry) {
        return IRQ_NONE;
    }
    entry->latched = false;
    return (int)entry->irq;
}
