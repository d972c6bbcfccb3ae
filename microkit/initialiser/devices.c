/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Interrupts and I/O ports: caps that come from a control cap, not from memory. */
#include "microkit/initialiser/initialiser.h"

static seL4_Error issue_irq(const struct spec_irq *irq, seL4_CPtr slot)
{
    const uint32_t *args = irq->args;
    if (irq->kind == SPEC_IRQ_MSI) {
        return seL4_IRQControl_GetMSI(seL4_CapIRQControl, seL4_CapInitThreadCNode, slot,
                                      seL4_WordBits, args[0], args[1], args[2], args[3],
                                      irq->vector);
    }
    return seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, slot,
                                     seL4_WordBits, args[0], args[1], args[2], args[3],
                                     irq->vector);
}

void issue_irqs(struct initialiser *init)
{
    const struct spec_irq *irq = spec_records(init->spec, init->spec->irqs);
    for (uint32_t i = 0; i < init->spec->irqs.count; i++, irq++) {
        seL4_CPtr handler = object_slot(init, irq->object);
        check(init, issue_irq(irq, handler), "issue", irq->object);

        seL4_CPtr notification = next_slot(init);
        seL4_Error error =
            mint(init, &irq->notification, seL4_CapInitThreadCNode, notification, seL4_WordBits);
        check(init, error, "mint the notification of", irq->object);
        error = seL4_IRQHandler_SetNotification(handler, notification);
        check(init, error, "bind", irq->object);
    }
}

void issue_ioports(const struct initialiser *init)
{
    const struct spec_ioports *ports = spec_records(init->spec, init->spec->ioports);
    for (uint32_t i = 0; i < init->spec->ioports.count; i++, ports++) {
        seL4_Error error = seL4_X86_IOPortControl_Issue(
            seL4_CapIOPortControl, ports->first_port, ports->last_port, seL4_CapInitThreadCNode,
            object_slot(init, ports->object), seL4_WordBits);
        check(init, error, "issue", ports->object);
    }
}
