/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <ioport> */
#include "microkit/format/format.h"

#include <inttypes.h>

static void begin_ioport(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    if (!is_x86(r)) {
        /* Upstream names the PD here. */
        reader_refuse_value(r, element->parent,
                            "Map the device's registers as a memory region instead.",
                            "I/O Ports are only available on x86");
    }
}

static void check_port_range(struct reader *r, const struct xml_element *element, void *object)
{
    const struct ioport *ioport = object;
    if (ioport->addr > UINT16_MAX || ioport->size > UINT16_MAX + UINT64_C(1) - ioport->addr) {
        reader_refuse_value(r, element, "An x86 machine has ports 0 to 0xffff.",
                            "I/O port range [0x%" PRIx64 ", +%" PRIu64 ") is out of range",
                            ioport->addr, ioport->size);
    }
}

static const struct range ioport_size = {1, INT64_MAX, "size must be > 0", NULL};

static const struct attribute ioport_attributes[] = {
    {"id", REQUIRED, VALUE_DECIMAL, FIELD(struct ioport, id), .range = &channel_id_range,
     .advice = channel_id_advice},
    {"setvar_id", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct ioport, id)}},
    {"addr", REQUIRED, VALUE_NUMBER, FIELD(struct ioport, addr)},
    {"setvar_addr", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct ioport, addr)}},
    {"size", REQUIRED, VALUE_DECIMAL, FIELD(struct ioport, size), .range = &ioport_size,
     .advice = "It counts ports, each one byte wide.", .check = check_port_range},
    {0},
};

const struct schema ioport_schema = {
    .size = sizeof(struct ioport),
    .attributes = ioport_attributes,
    .begin = begin_ioport,
};
