/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Interrupts of I/O APIC pins and MSIs. */
#include "kernel/x86/irq.h"

#include "kernel/cdt.h"
#include "kernel/cnode.h"
#include "kernel/irq.h"
#include "kernel/x86/x86.h"

#define PCI_BUS_LAST      255
#define PCI_DEVICE_LAST   31
#define PCI_FUNCTION_LAST 7

/* Only pins can be masked: an MSI is masked at its device, if anywhere. */
void x86_irq_mask(struct kernel *k, unsigned irq, bool masked)
{
    if (irq >= IRQ_USER_FIRST && irq <= IRQ_USER_LAST && k->irqs[irq].is_ioapic) {
        k->port.interrupt_mask(k->port.context, irq, masked);
    }
}

/* Where an interrupt comes from and which slot gets its handler. */
struct source {
    unsigned irq;
    struct slot *target;
    struct irq from;
    bool is_low;
};

/* Cannot fail: the interrupt is free and the slot empty. */
static void perform_issue(struct call *call, const struct source *source)
{
    struct kernel *k = call->k;
    const struct irq *from = &source->from;
    if (from->is_ioapic) {
        k->port.ioapic_route(k->port.context, from->ioapic, from->pin, from->is_level,
                             source->is_low, source->irq);
    }
    k->irqs[source->irq] = *from;
    k->irqs[source->irq].state = IRQ_SIGNAL;
    x86_irq_mask(k, source->irq, false);

    struct cap handler = {.irq_handler = {.type = CAP_IRQ_HANDLER, .irq = source->irq}};
    cdt_insert(k, handler, call->slot, source->target);
}

/* Arguments 0, 1 and 6, the same for both: the slot and the interrupt. */
static enum answer decode_common(struct call *call, struct source *source)
{
    uint64_t number_max = IRQ_USER_LAST - IRQ_USER_FIRST;
    uint64_t number = call->args[6];
    if (number > number_max) {
        return answer_range(call, 0, number_max,
                            WHY("interrupt %u is not within 0 and %u", number, number_max));
    }
    source->irq = IRQ_USER_FIRST + (unsigned)number;
    if (call->k->irqs[source->irq].state != IRQ_INACTIVE) {
        return answer_revoke_first(call, WHY("interrupt %u has a handler", number));
    }
    enum answer answer = cnode_find(call, LOOKUP_DESTINATION, call->extra[0]->cap, call->args[0],
                                    call->args[1], &source->target);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (!cap_is_null(source->target->cap)) {
        return answer_delete_first(call, WHY("slot %u is not empty", call->args[0]));
    }
    return ANSWER_DONE;
}

static enum answer decode_ioapic(struct call *call, struct source *source)
{
    uint64_t ioapic = call->args[2];
    uint64_t pin = call->args[3];
    uint64_t level = call->args[4];
    uint64_t polarity = call->args[5];
    if (ioapic >= IOAPICS) {
        return answer_range(call, 0, IOAPICS - 1,
                            WHY("there is no I/O APIC %u, only 0 to %u", ioapic, IOAPICS - 1));
    }
    if (pin >= IOAPIC_PINS) {
        return answer_range(call, 0, IOAPIC_PINS - 1,
                            WHY("the I/O APIC has no pin %u, only 0 to %u", pin, IOAPIC_PINS - 1));
    }
    if (level > 1) {
        return answer_range(call, 0, 1, WHY("level is 0 or 1, not %u", level));
    }
    if (polarity > 1) {
        return answer_range(call, 0, 1, WHY("polarity is 0 or 1, not %u", polarity));
    }
    source->from = (struct irq){
        .is_ioapic = true, .is_level = level, .ioapic = (uint8_t)ioapic, .pin = (uint8_t)pin};
    source->is_low = polarity;
    perform_issue(call, source);
    return ANSWER_DONE;
}

/* Without interrupt remapping nothing but the range is looked at: the device is the guest's. */
static enum answer decode_msi(struct call *call, struct source *source)
{
    static const uint8_t last[] = {PCI_BUS_LAST, PCI_DEVICE_LAST, PCI_FUNCTION_LAST};
    for (unsigned i = 0; i < sizeof(last); i++) {
        uint64_t value = call->args[2 + i];
        if (value > last[i]) {
            return answer_range(
                call, 0, last[i],
                WHY("argument %u, of the PCI device's address, is %u and not within 0 and %u",
                    2 + i, value, last[i]));
        }
    }
    perform_issue(call, source);
    return ANSWER_DONE;
}

enum answer decode_x86_irq_control(struct call *call)
{
    if (call->label != X86IRQIssueIRQHandlerIOAPIC && call->label != X86IRQIssueIRQHandlerMSI) {
        return answer_unknown_label(call);
    }
    if (call->length < 7 || call->extra_count < 1) {
        return answer_truncated(call, 7, 1);
    }
    struct source source = {0};
    enum answer answer = decode_common(call, &source);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return call->label == X86IRQIssueIRQHandlerIOAPIC ? decode_ioapic(call, &source)
                                                      : decode_msi(call, &source);
}
