/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <irq>: three kinds, told apart by an attribute that only the one has. */
#include "microkit/format/format.h"

#include <stdlib.h>

static const struct range irq_vector = {
    0,
    X86_IRQ_VECTOR_MAX,
    "vector must be within [0..107]",
    "vector must be within [0..107]",
};
static const struct choices triggers = {
    (const struct choice[]){{"level", TRIGGER_LEVEL}, {"edge", TRIGGER_EDGE}, {NULL, 0}},
    "trigger must be either 'level' or 'edge'",
};
static const struct choices polarities = {
    (const struct choice[]){{"low", POLARITY_LOW}, {"high", POLARITY_HIGH}, {NULL, 0}},
    "polarity must be either 'low' or 'high'",
};
static const struct range ioapic_number = {0, INT64_MAX, "ioapic must be >= 0", NULL};
static const struct range ioapic_pin = {0, INT64_MAX, "pin must be >= 0", NULL};
static const struct range msi_handle = {0, INT64_MAX, "handle must be >= 0", NULL};
static const struct range irq_number = {0, INT64_MAX, "irq must be >= 0", NULL};

static const struct attribute conventional_attributes[] = {
    {"id", REQUIRED, .kind = VALUE_ELSEWHERE},
    {"setvar_id", OPTIONAL, .kind = VALUE_ELSEWHERE},
    {"irq", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, number), .range = &irq_number},
    {"trigger", OPTIONAL, VALUE_CHOICE, FIELD(struct irq, trigger), .choices = &triggers},
    {0},
};
static const struct schema conventional_schema = {.attributes = conventional_attributes};

static const struct attribute ioapic_attributes[] = {
    {"id", REQUIRED, .kind = VALUE_ELSEWHERE},
    {"setvar_id", OPTIONAL, .kind = VALUE_ELSEWHERE},
    {"ioapic", OPTIONAL, VALUE_DECIMAL, FIELD(struct irq, ioapic), .range = &ioapic_number},
    {"pin", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, pin), .range = &ioapic_pin},
    {"trigger", OPTIONAL, VALUE_CHOICE, FIELD(struct irq, trigger), .choices = &triggers},
    {"polarity", OPTIONAL, VALUE_CHOICE, FIELD(struct irq, polarity), .choices = &polarities},
    {"vector", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, number), .range = &irq_vector},
    {0},
};
static const struct schema ioapic_schema = {.attributes = ioapic_attributes};

static void read_pcidev(struct reader *r, const struct xml_element *element, const char *text,
                        void *object)
{
    struct irq *irq = object;
    const char *wrong = pci_read(text, &irq->pci);
    if (wrong != NULL) {
        reader_refuse_value(r, element, pci_advice, "%s", wrong);
    }
}

static const struct attribute msi_attributes[] = {
    {"id", REQUIRED, .kind = VALUE_ELSEWHERE},
    {"setvar_id", OPTIONAL, .kind = VALUE_ELSEWHERE},
    {"pcidev", REQUIRED, VALUE_OTHER, .read = read_pcidev},
    {"handle", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, handle), .range = &msi_handle},
    {"vector", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, number), .range = &irq_vector},
    {0},
};
static const struct schema msi_schema = {.attributes = msi_attributes};

static const struct schema *choose_irq_kind(struct reader *r, const struct xml_element *element,
                                            void *object)
{
    struct irq *irq = object;
    if (xml_value(element, "irq") != NULL) {
        if (is_x86(r)) {
            reader_refuse_value(
                r, element,
                "Here an irq is a pin of the I/O APIC (pin, vector) or a message from a\n"
                "PCI device (pcidev, handle, vector).",
                "ARM and RISC-V IRQs are not supported on x86");
        }
        irq->kind = IRQ_CONVENTIONAL;
        return &conventional_schema;
    }
    if (xml_value(element, "pin") != NULL) {
        if (!is_x86(r)) {
            reader_refuse_value(r, element, "Here an irq is a number: irq=\"...\".",
                                "x86 I/O APIC IRQ isn't supported on ARM and RISC-V");
        }
        irq->kind = IRQ_IOAPIC;
        return &ioapic_schema;
    }
    if (xml_value(element, "pcidev") != NULL) {
        if (!is_x86(r)) {
            reader_refuse_value(r, element, "Here an irq is a number: irq=\"...\".",
                                "x86 MSI IRQ isn't supported on ARM and RISC-V");
        }
        irq->kind = IRQ_MSI;
        return &msi_schema;
    }
    reader_required(r, element, is_x86(r) ? "pin" : "irq");
    abort(); /* neither is there, or we were not here */
}

static const struct attribute irq_attributes[] = {
    {"id", REQUIRED, VALUE_DECIMAL, FIELD(struct irq, id), .range = &channel_id_range,
     .advice = channel_id_advice},
    {"setvar_id", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct irq, id)}},
    {0},
};

const struct schema irq_schema = {
    .size = sizeof(struct irq),
    .attributes = irq_attributes,
    .open = true,
    .variant = choose_irq_kind,
};
