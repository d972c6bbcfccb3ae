/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <system> */
#include "microkit/format/format.h"

#include <inttypes.h>
#include <string.h>

static size_t count_pds(const struct xml_element *element)
{
    size_t count = 0;
    for (const struct xml_element *child = element->first_child; child; child = child->next) {
        if (strcmp(child->name, "protection_domain") == 0) {
            count += 1 + count_pds(child);
        }
    }
    return count;
}

/* All at once, as PDs are referred to while others are read. */
static void begin_system(struct reader *r, const struct xml_element *element, void *object)
{
    struct system *system = object;
    size_t count = count_pds(element);
    if (count > 0) {
        system->pds = reader_alloc(r, count * sizeof(*system->pds));
        r->symbols = reader_alloc(r, count * sizeof(*r->symbols));
    }
}

static void check_child_ids(struct reader *r, const struct protection_domain *parent)
{
    const struct system *system = r->system;
    const struct protection_domain *end = system->pds + system->pd_count;
    uint64_t seen = 0;
    for (const struct protection_domain *pd = parent + 1; pd < end; pd++) {
        if (pd->parent != parent) {
            continue;
        }
        if (pd->id > CHILD_ID_MAX) {
            reader_refuse(r, pd->at,
                          "The cap to a child's TCB has its place in the parent's CSpace by id.",
                          "Error: id must be < %d on element 'protection_domain': " AT,
                          CHILD_ID_MAX + 1, AT_OF(system, pd->at));
        }
        if (seen & UINT64_C(1) << pd->id) {
            reader_refuse(r, pd->at, "Each child of a PD needs an id of its own.",
                          "Error: duplicate id: %" PRIu64 " in protection domain: '%s' @ " AT,
                          pd->id, parent->name, AT_OF(system, pd->at));
        }
        for (size_t i = 0; parent->vm != NULL && i < parent->vm->vcpu_count; i++) {
            if (parent->vm->vcpus[i].id == pd->id) {
                reader_refuse(r, pd->at, "Children and vCPUs share their ids.",
                              "Error: duplicate id: %" PRIu64
                              " clashes with virtual machine vcpu id in "
                              "protection domain: '%s' @ " AT,
                              pd->id, parent->name, AT_OF(system, pd->at));
            }
        }
        seen |= UINT64_C(1) << pd->id;
    }
}

static void finish_pds(struct reader *r, const struct xml_element *element, void *object)
{
    (void)element;
    struct system *system = object;
    for (size_t i = 0; i < system->pd_count; i++) {
        if (system->pds[i].child_count > 0) {
            check_child_ids(r, &system->pds[i]);
        }
        reader_name(r, &r->pd_names, system->pds[i].name, &system->pds[i]);
    }
}

static void refuse_lone_vm(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    reader_refuse(r, element->at, "Move it into the PD that is to be its monitor.",
                  "Error: virtual machine must be a child of a protection domain: " AT,
                  AT_OF(r->system, element->at));
}

static const struct schema lone_vm_schema = {
    .begin = refuse_lone_vm,
};

static const struct child system_children[] = {
    {"protection_domain", .schema = &pd_schema},
    {"memory_region", &region_schema, ARRAY(struct system, regions, region_count)},
    {"channel", &channel_schema, ARRAY(struct system, channels, channel_count), .late = true},
    {"io_address_space", &io_space_schema,
     ARRAY(struct system, io_address_spaces, io_address_space_count)},
    {"domains", &domains_schema, .once = "domains must only be specified once",
     .once_on = BLAME_CHILD},
    {"virtual_machine", .schema = &lone_vm_schema},
    {0},
};

const struct schema system_schema = {
    .open = true, /* upstream takes any attribute here, and looks at none */
    .children = system_children,
    .begin = begin_system,
    .halfway = finish_pds,
};
