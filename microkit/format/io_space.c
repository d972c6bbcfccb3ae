/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <io_address_space>, with <iomap>. */
#include "microkit/format/format.h"

#include <inttypes.h>
#include <string.h>

static void check_iovaddr(struct reader *r, const struct xml_element *element, void *object)
{
    const struct iomap *iomap = object;
    if (iomap->iovaddr >= IO_ADDRESS_SPACE_END) {
        reader_refuse_value(r, element, "A device's address space has 39 bits.",
                            "iovaddr (0x%" PRIx64 ") must be less than 0x%" PRIx64, iomap->iovaddr,
                            IO_ADDRESS_SPACE_END);
    }
}

static void read_iomap_perms(struct reader *r, const struct xml_element *element, const char *text,
                             void *object)
{
    struct iomap *iomap = object;
    int perms = perms_read(text, "rw");
    if (perms <= 0) {
        reader_refuse_value(r, element, "Write \"r\", \"w\" or \"rw\".",
                            "perms for io mapped memory must only be a combination of 'r' and 'w'");
    }
    iomap->perms = (uint8_t)perms;
}

static const struct attribute iomap_attributes[] = {
    {"mr", REQUIRED, VALUE_TEXT, FIELD(struct iomap, region_name)},
    {"iovaddr", REQUIRED, VALUE_NUMBER, FIELD(struct iomap, iovaddr), .check = check_iovaddr},
    {"perms", OPTIONAL, VALUE_OTHER, FIELD(struct iomap, perms), .preset = PERM_READ | PERM_WRITE,
     .read = read_iomap_perms},
    {0},
};

static const struct schema iomap_schema = {
    .size = sizeof(struct iomap),
    .attributes = iomap_attributes,
};

static void begin_io_space(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    if (!r->system->target->iommu) {
        reader_refuse(r, element->at, "Remove the element: this kernel cannot confine devices.",
                      "Error: io address space requires seL4 to be built with IOMMU support: " AT,
                      AT_OF(r->system, element->at));
    }
}

static void check_io_space_name(struct reader *r, const struct xml_element *element, void *object)
{
    struct io_address_space *space = object;
    if (!reader_name(r, &r->device_names, space->name, space)) {
        reader_refuse_value(r, element, "Rename one of them.", "duplicate device name '%s'",
                            space->name);
    }
}

static void read_io_space_domain(struct reader *r, const struct xml_element *element, void *object)
{
    struct io_address_space *space = object;
    if (!is_x86(r)) {
        return; /* upstream takes the attribute there, and does not look at it */
    }
    space->domain_id = reader_number(r, element, reader_required(r, element, "domain_id"));
    for (const struct io_address_space *o = r->system->io_address_spaces; o < space; o++) {
        if (o->domain_id == space->domain_id) {
            reader_refuse_value(
                r, element,
                "The hardware caches translations by domain id. Give each device its own.",
                "reusing a domain id is forbidden");
        }
    }
}

static void read_peripheral(struct reader *r, const struct xml_element *element, const char *text,
                            void *object)
{
    struct io_address_space *space = object;
    if (!is_x86(r)) {
        reader_refuse_value(r, element, "Remove the element: only on x86 can seL4 confine devices.",
                            "failed to parse device peripheral_id '%s': IOMMU device identifiers "
                            "are not supported on %s",
                            text, target_arch_title(r->system->target->arch));
    }
    const char *wrong = pci_read(text, &space->device);
    if (wrong != NULL) {
        reader_refuse_value(r, element, pci_advice, "failed to parse device peripheral_id '%s': %s",
                            text, wrong);
    }
    for (const struct io_address_space *o = r->system->io_address_spaces; o < space; o++) {
        if (memcmp(&o->device, &space->device, sizeof(o->device)) == 0) {
            reader_refuse_value(r, element, "Put all of a device's <iomap> into one element.",
                                "duplicate device peripheral_id 'PCI device %02x:%02x.%x'",
                                space->device.bus, space->device.device, space->device.function);
        }
    }
}

static const struct attribute io_space_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct io_address_space, name),
     .check = check_io_space_name},
    {"domain_id", OPTIONAL, VALUE_ELSEWHERE, .check = read_io_space_domain},
    {"peripheral_id", REQUIRED, VALUE_OTHER, .read = read_peripheral},
    {0},
};

static const struct child io_space_children[] = {
    {"iomap", &iomap_schema, ARRAY(struct io_address_space, iomaps, iomap_count)},
    {0},
};

const struct schema io_space_schema = {
    .size = sizeof(struct io_address_space),
    .attributes = io_space_attributes,
    .children = io_space_children,
    .begin = begin_io_space,
};
