/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Interrupts as caps: IRQControl hands out handlers, a handler signals a notification. */
#pragma once

#include "kernel/call.h"

enum answer decode_irq_control(struct call *call); /* x86's labels are decoded in x86/irq.c */
enum answer decode_irq_handler(struct call *call);

/* A handler cap went: the interrupt is free again. */
void irq_release(struct kernel *k, unsigned irq);
void irq_delete_handler(struct kernel *k, unsigned irq);

/* Take and handle one interrupt, if one waits. More than one are an entry each, because threads are
 * switched in between: while some wait, sched_deadline() is now. */
void irq_handle(struct kernel *k);

static inline struct slot *irq_slot(struct kernel *k, unsigned irq)
{
    return slot_at(k, k->irq_slots) + irq;
}
