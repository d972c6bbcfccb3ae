/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Interrupts: caps to handle them, and what to do with one. The new cap goes to a slot in `root`. */
#pragma once

#include <sel4/invoke.h>

/* A handler for an interrupt of the PIC. An IOAPIC kernel refuses it. */
LIBSEL4_INLINE seL4_Error seL4_IRQControl_Get(seL4_IRQControl _service, seL4_Word irq,
                                              seL4_CNode root, seL4_Word index, seL4_Uint8 depth)
{
    return SEL4_INVOKE((_service, root), IRQIssueIRQHandler, irq, index, depth);
}

/* A handler for a pin of an IOAPIC. level: 1 for level triggered; polarity: 1 for active low. */
LIBSEL4_INLINE seL4_Error seL4_IRQControl_GetIOAPIC(seL4_IRQControl _service, seL4_CNode root,
                                                    seL4_Word index, seL4_Uint8 depth,
                                                    seL4_Word ioapic, seL4_Word pin,
                                                    seL4_Word level, seL4_Word polarity,
                                                    seL4_Word vector)
{
    return SEL4_INVOKE((_service, root), X86IRQIssueIRQHandlerIOAPIC, index, depth, ioapic, pin,
                       level, polarity, vector);
}

/* A handler for a message signalled interrupt. */
LIBSEL4_INLINE seL4_Error seL4_IRQControl_GetMSI(seL4_IRQControl _service, seL4_CNode root,
                                                 seL4_Word index, seL4_Uint8 depth,
                                                 seL4_Word pci_bus, seL4_Word pci_dev,
                                                 seL4_Word pci_func, seL4_Word handle,
                                                 seL4_Word vector)
{
    return SEL4_INVOKE((_service, root), X86IRQIssueIRQHandlerMSI, index, depth, pci_bus, pci_dev,
                       pci_func, handle, vector);
}

/* Let the interrupt come again. */
LIBSEL4_INLINE seL4_Error seL4_IRQHandler_Ack(seL4_IRQHandler _service)
{
    return SEL4_INVOKE((_service), IRQAckIRQ);
}

/* Signal this notification when the interrupt comes. */
LIBSEL4_INLINE seL4_Error seL4_IRQHandler_SetNotification(seL4_IRQHandler _service,
                                                          seL4_CPtr notification)
{
    return SEL4_INVOKE((_service, notification), IRQSetIRQHandler);
}

/* Signal nothing any more. */
LIBSEL4_INLINE seL4_Error seL4_IRQHandler_Clear(seL4_IRQHandler _service)
{
    return SEL4_INVOKE((_service), IRQClearIRQHandler);
}
