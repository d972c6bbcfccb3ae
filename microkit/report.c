/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The report of an image, read from its spec. */
#include "microkit/image.h"

#include <inttypes.h>

static const struct spec_objects *find_run(const struct spec *spec, uint32_t object)
{
    const struct spec_objects *run = spec_records(spec, spec->objects);
    for (uint32_t i = 1; i < spec->objects.count && run[1].first <= object; i++) {
        run++;
    }
    return run;
}

static const char *object_name(const struct spec *spec, uint32_t object)
{
    return object == SPEC_NONE ? "none" : (const char *)spec + find_run(spec, object)->name;
}

static const char *type_name(uint8_t type)
{
    static const char *const names[SPEC_TYPES] = {
        [SPEC_ENDPOINT] = "Endpoint",
        [SPEC_NOTIFICATION] = "Notification",
        [SPEC_REPLY] = "Reply",
        [SPEC_TCB] = "TCB",
        [SPEC_SCHED_CONTEXT] = "SchedContext",
        [SPEC_CNODE] = "CNode",
        [SPEC_FRAME_4K] = "Page(4 KiB)",
        [SPEC_FRAME_2M] = "Page(2 MiB)",
        [SPEC_PAGE_TABLE] = "PageTable",
        [SPEC_PAGE_DIRECTORY] = "PageDirectory",
        [SPEC_PDPT] = "PDPT",
        [SPEC_PML4] = "PML4",
        [SPEC_IRQ] = "x86 IRQ",
        [SPEC_IOPORTS] = "x86 I/O Ports",
    };
    return names[type];
}

static void report_irq(const struct spec *spec, const struct spec_irq *irq, FILE *out)
{
    static const char *const ioapic[] = {"IOAPIC", "Pin", "Trigger", "Polarity"};
    static const char *const msi[] = {"PCI Bus", "PCI Device", "PCI Function", "Handle"};
    const char *const *names = irq->kind == SPEC_IRQ_MSI ? msi : ioapic;
    fprintf(out, "\t- IRQ: '%s'\n\t\t* Vector: %u\n", object_name(spec, irq->object), irq->vector);
    for (int i = 0; i < 2; i++) {
        fprintf(out, "\t\t* %s: %u\n", names[i], irq->args[i]);
    }
    if (irq->kind == SPEC_IRQ_MSI) {
        fprintf(out, "\t\t* %s: %u\n\t\t* %s: %u\n", names[2], irq->args[2], names[3],
                irq->args[3]);
    } else {
        fprintf(out, "\t\t* %s: %s\n\t\t* %s: %s\n", names[2], irq->args[2] ? "level" : "edge",
                names[3], irq->args[3] ? "low" : "high");
    }
    fprintf(out, "\n");
}

static void report_tcb(const struct spec *spec, const struct spec_tcb *tcb, FILE *out)
{
    fprintf(out, "\t- TCB: '%s'\n", object_name(spec, tcb->object));
    fprintf(out, "\t\t* IP: 0x%" PRIx64 "\n\t\t* SP: 0x%" PRIx64 "\n", tcb->ip, tcb->sp);
    fprintf(out, "\t\t* IPC Buffer: 0x%" PRIx64 "\n", tcb->ipc_buffer);
    fprintf(out, "\t\t* Priority: %u\n\t\t* CPU Affinity: 0\n\t\t* Bound Objects:\n",
            tcb->priority);
    const struct {
        const char *name;
        uint32_t object;
    } bound[] = {
        {"CSpace", tcb->cspace.object},        {"VSpace", tcb->vspace},
        {"IPC Buffer", tcb->ipc_buffer_frame}, {"Fault Endpoint", tcb->fault_endpoint.object},
        {"Scheduling Context", tcb->sched},    {"Notification", tcb->notification},
    };
    for (size_t i = 0; i < sizeof bound / sizeof bound[0]; i++) {
        if (bound[i].object != SPEC_NONE) {
            fprintf(out, "\t\t\t-> %s: '%s'\n", bound[i].name, object_name(spec, bound[i].object));
        }
    }
    fprintf(out, "\n");
}

static void report_rights(uint8_t rights, FILE *out)
{
    fprintf(out, "\t\t\t-> Rights:%s%s%s%s\n", rights & SPEC_READ ? " Read" : "",
            rights & SPEC_WRITE ? " Write" : "", rights & SPEC_GRANT ? " Grant" : "",
            rights & SPEC_GRANT_REPLY ? " GrantReply" : "");
}

static void report_slot(const struct spec *spec, const struct spec_slot *slot, FILE *out)
{
    uint8_t type = find_run(spec, slot->cap.object)->type;
    fprintf(out, "\t\t* Slot: %u\n\t\t\t-> Object: '%s'\n", slot->slot,
            object_name(spec, slot->cap.object));
    if (type == SPEC_ENDPOINT || type == SPEC_NOTIFICATION) {
        report_rights(slot->cap.rights, out);
        fprintf(out, "\t\t\t-> Badge: 0x%" PRIx64 "\n", slot->cap.badge);
    }
}

/* The slots are in the order of their CNodes. */
static void report_slots(const struct spec *spec, FILE *out)
{
    const struct spec_slot *slots = spec_records(spec, spec->slots);
    for (uint32_t i = 0; i < spec->slots.count; i++) {
        if (i == 0 || slots[i].cnode != slots[i - 1].cnode) {
            fprintf(out, "%s\t- CNode: '%s'\n", i == 0 ? "" : "\n",
                    object_name(spec, slots[i].cnode));
        }
        report_slot(spec, &slots[i], out);
    }
    fprintf(out, "\n");
}

static void report_ioports(const struct spec *spec, const struct spec_ioports *ports, FILE *out)
{
    fprintf(out, "\t- x86 I/O Ports: '%s'\n\t\t* Start Port: 0x%x\n\t\t* End Port: 0x%x\n",
            object_name(spec, ports->object), ports->first_port, ports->last_port);
}

static void report_objects(const struct spec *spec, const struct spec_objects *run, FILE *out)
{
    for (uint32_t i = 0; run->size_bits != 0 && i < run->count; i++) {
        fprintf(out, "\t%u - %s: '%s", run->first + i, type_name(run->type),
                (const char *)spec + run->name);
        if (run->count > 1) {
            fprintf(out, "_%09u", i);
        }
        fprintf(out, "'\n");
    }
}

void image_report(const struct image *image, FILE *out)
{
    const struct spec *spec = image->spec;
    fprintf(out, "# Initial Task Details\n");
    fprintf(out, "\t- Memory: 0x%" PRIx64 " bytes\n\t- Spec: 0x%x bytes, %u objects\n",
            image->memory_size, spec->size, spec->objects_total);

    fprintf(out, "\n# IRQ Details\n");
    const struct spec_irq *irqs = spec_records(spec, spec->irqs);
    for (uint32_t i = 0; i < spec->irqs.count; i++) {
        report_irq(spec, &irqs[i], out);
    }
    fprintf(out, "\n# TCB Details\n");
    const struct spec_tcb *tcbs = spec_records(spec, spec->tcbs);
    for (uint32_t i = 0; i < spec->tcbs.count; i++) {
        report_tcb(spec, &tcbs[i], out);
    }
    fprintf(out, "\n# CNode Details\n");
    report_slots(spec, out);

    fprintf(out, "\n# Architecture Specific Details\n");
    const struct spec_ioports *ports = spec_records(spec, spec->ioports);
    for (uint32_t i = 0; i < spec->ioports.count; i++) {
        report_ioports(spec, &ports[i], out);
    }
    fprintf(out, "\n# Kernel Objects Details: ID, Type, Name\n");
    const struct spec_objects *runs = spec_records(spec, spec->objects);
    for (uint32_t i = 0; i < spec->objects.count; i++) {
        report_objects(spec, &runs[i], out);
    }
}
