/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <virtual_machine>, with <vcpu>. */
#include "microkit/format/format.h"

#include <inttypes.h>

static bool is_arm(const struct reader *r, const void *object)
{
    (void)object;
    return r->system->target->arch == ARCH_AARCH64;
}

static void begin_vm(struct reader *r, const struct xml_element *element, void *object)
{
    if (!r->system->target->hypervisor) {
        /* Upstream names the PD here. */
        reader_refuse_value(
            r, element->parent,
            "Remove the <virtual_machine>. This kernel runs protection domains only.",
            "seL4 has not been built as a hypervisor, virtual machines are disabled");
    }
    r->vm = object;
}

static void *place_vm(struct reader *r, void *parent)
{
    struct protection_domain *pd = parent;
    pd->vm = reader_alloc(r, sizeof(*pd->vm));
    return pd->vm;
}

static void check_vm_budget(struct reader *r, const struct xml_element *element, void *object)
{
    struct virtual_machine *vm = object;
    reader_check_budget(r, element, vm->budget_us, &vm->period_us);
}

static void read_vcpu_core(struct reader *r, const struct xml_element *element, const char *text,
                           void *object)
{
    struct vcpu *vcpu = object;
    vcpu->cpu = reader_core(r, element, text);
    vcpu->cpu_given = true;
}

static void check_vcpu_id(struct reader *r, const struct xml_element *element, void *object)
{
    const struct vcpu *vcpu = object;
    const struct virtual_machine *vm = r->vm;
    for (const struct vcpu *other = vm->vcpus; other < vcpu; other++) {
        if (other->id == vcpu->id) {
            reader_refuse(r, element->at, "Give each <vcpu> an id of its own.",
                          "Error: duplicate vcpu id %" PRIu64 " in virtual machine '%s' @ " AT,
                          vcpu->id, vm->name, AT_OF(r->system, element->at));
        }
    }
}

static const struct attribute vcpu_attributes[] = {
    {"id", REQUIRED, VALUE_DECIMAL, FIELD(struct vcpu, id), .range = &channel_id_range,
     .advice = channel_id_advice, .check = check_vcpu_id},
    {"setvar_id", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct vcpu, id)}},
    {"cpu", OPTIONAL, VALUE_OTHER, .read = read_vcpu_core},
    {0},
};

static const struct schema vcpu_schema = {
    .size = sizeof(struct vcpu),
    .attributes = vcpu_attributes,
};

static void refuse_vm_child(struct reader *r, const struct xml_element *element,
                            const struct xml_element *child)
{
    /* Upstream's position is the virtual machine's. */
    reader_complain(r, child->at, "Error: invalid XML element '%s': " AT, child->name,
                    AT_OF(r->system, element->at));
}

static void finish_vm(struct reader *r, const struct xml_element *element, void *object)
{
    const struct virtual_machine *vm = object;
    if (vm->vcpu_count == 0) {
        reader_refuse(r, element->at, "Add <vcpu id=\"0\" /> to it.",
                      "Error: missing 'vcpu' element on virtual_machine: '%s'", vm->name);
    }
    r->vm = NULL;
}

/* Upstream has no limit: it keeps the lowest byte of what is given. */
static const struct range vm_priority = {0, UINT8_MAX, NULL, "priority must be between 0 and 255"};

static const struct attribute vm_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct virtual_machine, name)},
    {"budget", OPTIONAL, VALUE_NUMBER, FIELD(struct virtual_machine, budget_us), .preset = 1000,
     .applies = is_arm},
    {"period", OPTIONAL, VALUE_NUMBER, FIELD(struct virtual_machine, period_us), .applies = is_arm,
     .check = check_vm_budget},
    {"priority", OPTIONAL, VALUE_NUMBER, FIELD(struct virtual_machine, priority),
     .range = &vm_priority, .advice = "It is 0, the lowest, unless given.", .applies = is_arm},
    {0},
};

static const struct child vm_children[] = {
    {"vcpu", &vcpu_schema, ARRAY(struct virtual_machine, vcpus, vcpu_count)},
    {"map", &map_schema, ARRAY(struct virtual_machine, maps, map_count)},
    {0},
};

const struct schema vm_schema = {
    .size = sizeof(struct virtual_machine),
    .place = place_vm,
    .attributes = vm_attributes,
    .children = vm_children,
    .begin = begin_vm,
    .stranger = refuse_vm_child,
    .finish = finish_vm,
};
