/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Interrupts as caps: IRQControl hands out handlers, a handler signals a notification.
 *
 * An interrupt is masked when it is signalled and unmasked when it is acknowledged. That is true of
 * the IOAPIC's; a message cannot be masked, so x86_irq_mask() does nothing for it.
 */
#include "kernel/irq.h"

#include "kernel/cdt.h"
#include "kernel/cnode.h"
#include "kernel/notification.h"
#include "kernel/say.h"
#include "kernel/x86/x86.h"

static void signal_handler(struct kernel *k, unsigned irq)
{
    struct cap cap = irq_slot(k, irq)->cap;
    if (cap_is(cap, CAP_NOTIFICATION) && cap.notification.can_send) {
        ntfn_signal(k, ntfn_at(k, cap_object(cap)), cap.notification.badge);
    } else {
        say_why(k, WHY("Undelivered IRQ: %u", irq));
    }
    x86_irq_mask(k, irq, true);
}

void irq_handle(struct kernel *k)
{
    int taken = k->port.interrupt_take(k->port.context);
    if (taken < 0 || taken >= IRQ_COUNT) {
        return;
    }
    unsigned irq = (unsigned)taken;
    switch (k->irqs[irq].state) {
    case IRQ_SIGNAL:
        signal_handler(k, irq);
        break;
    case IRQ_TIMER:
        k->core.reprogram = true;
        break;
    case IRQ_RESERVED:
        say_why(k, WHY("Received unhandled reserved IRQ: %u", irq));
        break;
    default:
        x86_irq_mask(k, irq, true);
        say_why(k, WHY("Received disabled IRQ: %u", irq));
        break;
    }
}

void irq_delete_handler(struct kernel *k, unsigned irq)
{
    cnode_delete_one(k, irq_slot(k, irq));
}

void irq_release(struct kernel *k, unsigned irq)
{
    k->irqs[irq].state = IRQ_INACTIVE;
    x86_irq_mask(k, irq, true);
}

/* Invocations. */

static enum answer decode_issue(struct call *call)
{
    if (call->length < 3 || call->extra_count < 1) {
        return answer_truncated(call, 3, 1);
    }
    return answer_illegal(call, WHY("the machine has no legacy interrupts, only those of the "
                                    "IOAPIC and messages"));
}

enum answer decode_irq_control(struct call *call)
{
    return call->label == IRQIssueIRQHandler ? decode_issue(call) : decode_x86_irq_control(call);
}

static unsigned invoked_irq(const struct call *call)
{
    return (unsigned)call->cap.irq_handler.irq;
}

static void perform_set_handler(struct kernel *k, unsigned irq, struct slot *source)
{
    struct cap cap = source->cap;
    cnode_delete_one(k, irq_slot(k, irq));
    cdt_insert(k, cap, source, irq_slot(k, irq));
}

static enum answer decode_set_handler(struct call *call)
{
    if (call->extra_count < 1) {
        return answer_truncated(call, 0, 1);
    }
    struct cap cap = call->extra[0]->cap;
    if (!cap_is(cap, CAP_NOTIFICATION)) {
        return answer_invalid_cap(call, 0, WHY("the cap given is no notification's"));
    }
    if (!cap.notification.can_send) {
        return answer_invalid_cap(call, 0, WHY("the notification cap has no right to send"));
    }
    perform_set_handler(call->k, invoked_irq(call), call->extra[0]);
    return ANSWER_DONE;
}

enum answer decode_irq_handler(struct call *call)
{
    switch (call->label) {
    case IRQAckIRQ:
        x86_irq_mask(call->k, invoked_irq(call), false);
        return ANSWER_DONE;
    case IRQSetIRQHandler:
        return decode_set_handler(call);
    case IRQClearIRQHandler:
        cnode_delete_one(call->k, irq_slot(call->k, invoked_irq(call)));
        return ANSWER_DONE;
    default:
        return answer_unknown_label(call);
    }
}
