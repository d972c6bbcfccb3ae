/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The report of a system, with the sections and the wording of Microkit 2.3.0's. */
#include "microkit/capdl/capdl.h"

#include <inttypes.h>

#include "microkit/spec.h"

static const char *type_name(const struct capdl_object *object)
{
    static const char *const names[CAPDL_TYPES] = {
        [CAPDL_ENDPOINT] = "Endpoint",     [CAPDL_NOTIFICATION] = "Notification",
        [CAPDL_CNODE] = "CNode",           [CAPDL_TCB] = "TCB",
        [CAPDL_FRAME] = "Page(4 KiB)",     [CAPDL_PAGE_TABLE] = "PageTable",
        [CAPDL_IRQ_MSI] = "x86 MSI IRQ",   [CAPDL_IRQ_IOAPIC] = "x86 IOAPIC IRQ",
        [CAPDL_IOPORTS] = "x86 I/O Ports", [CAPDL_SCHED_CONTEXT] = "SchedContext",
        [CAPDL_REPLY] = "Reply",
    };
    bool large = object->type == CAPDL_FRAME && object->size_bits == 21;
    return large ? "Page(2 MiB)" : names[object->type];
}

static void report_irq(const struct capdl *capdl, const struct capdl_irq *irq, FILE *out)
{
    const struct capdl_object *handler = capdl_object(capdl, irq->handler);
    const uint64_t *args = handler->args;
    fprintf(out, "\t- IRQ: '%s'\n\t\t* Vector: %" PRIu64 "\n", handler->name, irq->vector);
    if (handler->type == CAPDL_IRQ_MSI) {
        fprintf(out,
                "\t\t* PCI Bus: %" PRIu64 "\n\t\t* PCI Device: %" PRIu64
                "\n\t\t* PCI Function: %" PRIu64 "\n\t\t* Handle: %" PRIu64 "\n",
                args[1], args[2], args[3], args[0]);
    } else {
        fprintf(out,
                "\t\t* IOAPIC: %" PRIu64 "\n\t\t* Pin: %" PRIu64 "\n\t\t* Trigger: %s\n"
                "\t\t* Polarity: %s\n",
                args[0], args[1], args[2] ? "level" : "edge",
                args[3] ? "low-triggered" : "high-triggered");
    }
    fprintf(out, "\n");
}

static const char *bound_name(uint32_t slot)
{
    switch (slot) {
    case CAPDL_TCB_CSPACE:
        return "CSpace";
    case CAPDL_TCB_VSPACE:
        return "VSpace";
    case CAPDL_TCB_IPC_BUFFER:
        return "IPC Buffer";
    case CAPDL_TCB_FAULT_EP:
        return "Fault Endpoint";
    case CAPDL_TCB_SCHED_CONTEXT:
        return "Scheduling Context";
    default:
        return "Notification";
    }
}

static void report_tcb(const struct capdl *capdl, const struct capdl_object *tcb, FILE *out)
{
    fprintf(out, "\t- TCB: '%s'\n", tcb->name);
    fprintf(out, "\t\t* IP: 0x%" PRIx64 "\n\t\t* SP: 0x%" PRIx64 "\n", tcb->ip, tcb->sp);
    fprintf(out, "\t\t* IPC Buffer: 0x%" PRIx64 "\n\t\t* Priority: %u\n", tcb->ipc_buffer,
            tcb->priority);
    fprintf(out, "\t\t* CPU Affinity: %" PRIu64 "\n\t\t* Bound Objects:\n", tcb->affinity);
    const struct capdl_cap *caps = capdl_caps(tcb);
    for (size_t i = 0; i < capdl_cap_count(tcb); i++) {
        fprintf(out, "\t\t\t-> %s: '%s'\n", bound_name(caps[i].slot),
                capdl_object(capdl, caps[i].object)->name);
    }
    fprintf(out, "\n");
}

static void report_rights(uint8_t rights, FILE *out)
{
    static const struct {
        uint8_t right;
        const char *name;
    } names[] = {
        {SPEC_READ, "Read"},
        {SPEC_WRITE, "Write"},
        {SPEC_GRANT, "Grant"},
        {SPEC_GRANT_REPLY, "Grant Reply"},
    };
    const char *separator = "";
    fprintf(out, "\t\t\t-> Rights: ");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (rights & names[i].right) {
            fprintf(out, "%s%s", separator, names[i].name);
            separator = ", ";
        }
    }
    fprintf(out, "\n");
}

static void report_cnode(const struct capdl *capdl, const struct capdl_object *cnode, FILE *out)
{
    fprintf(out, "\t- CNode: '%s'\n", cnode->name);
    const struct capdl_cap *cap = capdl_caps(cnode);
    for (size_t i = 0; i < capdl_cap_count(cnode); i++, cap++) {
        bool badged = cap->type == CAPDL_ENDPOINT || cap->type == CAPDL_NOTIFICATION;
        fprintf(out, "\t\t* Slot: %u\n\t\t\t-> Object: '%s'\n", cap->slot,
                capdl_object(capdl, cap->object)->name);
        if (badged || cap->type == CAPDL_FRAME) {
            report_rights(cap->rights, out);
        }
        if (badged) {
            fprintf(out, "\t\t\t-> Badge: 0x%" PRIx64 "\n", cap->badge);
        }
    }
    fprintf(out, "\n");
}

static void report_ioports(const struct capdl_object *ports, FILE *out)
{
    fprintf(out,
            "\t- x86 I/O Ports: '%s'\n\t\t* Start Port: 0x%" PRIx64 "\n\t\t* End Port: 0x%" PRIx64
            "\n",
            ports->name, ports->first_port, ports->last_port);
}

static void report_each(const struct capdl *capdl, enum capdl_type type, FILE *out)
{
    for (uint32_t i = 0; i < capdl_count(capdl); i++) {
        const struct capdl_object *object = capdl_object(capdl, i);
        if (object->type != type) {
            continue;
        }
        if (type == CAPDL_TCB) {
            report_tcb(capdl, object, out);
        } else if (type == CAPDL_CNODE) {
            report_cnode(capdl, object, out);
        } else {
            report_ioports(object, out);
        }
    }
}

void capdl_report(const struct capdl *capdl, FILE *out)
{
    fprintf(out, "# Initial Task (CapDL Initialiser) Details\n\n# IRQ Details\n");
    const struct capdl_irq *irqs = (const void *)capdl->irqs.data;
    for (size_t i = 0; i < capdl->irqs.size / sizeof *irqs; i++) {
        report_irq(capdl, &irqs[i], out);
    }
    fprintf(out, "\n# TCB Details\n");
    report_each(capdl, CAPDL_TCB, out);
    fprintf(out, "\n# CNode Details\n");
    report_each(capdl, CAPDL_CNODE, out);
    fprintf(out, "\n# Architecture Specific Details\n");
    report_each(capdl, CAPDL_IOPORTS, out);
    fprintf(out, "\n# Kernel Objects Details: ID, Type, Name\n");
    for (uint32_t i = 0; i < capdl_count(capdl); i++) {
        const struct capdl_object *object = capdl_object(capdl, i);
        if (capdl_size_bits(object) > 0) {
            fprintf(out, "\t%u - %s: '%s'\n", i, type_name(object), object->name);
        }
    }
}
