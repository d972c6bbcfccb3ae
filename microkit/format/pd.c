/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <protection_domain>, in <system> and in another, with <program_image> and <setvar>. */
#include "microkit/format/format.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static void finish_setvar(struct reader *r, const struct xml_element *element, void *object)
{
    (void)object;
    reader_add_setvar(r, element, r->pd,
                      (struct setvar){.kind = SETVAR_REGION_PADDR,
                                      .symbol = xml_value(element, "symbol"),
                                      .region_name = xml_value(element, "region_paddr")});
}

static const struct attribute setvar_attributes[] = {
    {"symbol", REQUIRED, .kind = VALUE_ELSEWHERE},
    {"region_paddr", REQUIRED, .kind = VALUE_ELSEWHERE},
    {0},
};

static const struct schema setvar_schema = {
    .attributes = setvar_attributes,
    .finish = finish_setvar,
};

/* <program_image> */

static void finish_program_image(struct reader *r, const struct xml_element *element, void *object)
{
    (void)r;
    struct protection_domain *pd = object;
    pd->program_image_at = element->at;
}

static void check_first_image(struct reader *r, const struct xml_element *element, void *object)
{
    const struct protection_domain *pd = object;
    if (pd->program_image != NULL) {
        /* Upstream names the PD here. */
        reader_refuse_value(r, element->parent, "Remove the second one.",
                            "program_image must only be specified once");
    }
}

static const struct attribute program_image_attributes[] = {
    {.check = check_first_image},
    {"path", REQUIRED, VALUE_TEXT, FIELD(struct protection_domain, program_image)},
    {"path_for_symbols", OPTIONAL, VALUE_TEXT,
     FIELD(struct protection_domain, program_image_for_symbols)},
    {0},
};

static const struct schema program_image_schema = {
    .attributes = program_image_attributes,
    .finish = finish_program_image,
};

/* The PD itself. */

static bool has_parent(const struct reader *r, const void *object)
{
    (void)r;
    return ((const struct protection_domain *)object)->parent != NULL;
}

static void *place_pd(struct reader *r, void *parent)
{
    (void)parent;
    struct protection_domain *pd = &r->system->pds[r->system->pd_count++];
    pd->parent = r->pd;
    if (r->pd != NULL) {
        r->pd->child_count++;
    }
    return pd;
}

static void begin_pd(struct reader *r, const struct xml_element *element, void *object)
{
    (void)element;
    r->pd = object;
}

static void check_pd_budget(struct reader *r, const struct xml_element *element, void *object)
{
    struct protection_domain *pd = object;
    reader_check_budget(r, element, pd->budget_us, &pd->period_us);
}

static void check_smc(struct reader *r, const struct xml_element *element, void *object)
{
    const struct protection_domain *pd = object;
    if (pd->smc && r->system->target->smc == SMC_OFF) {
        reader_refuse_value(
            r, element, "Remove smc=\"true\".",
            "Using SMC support without ARM SMC forwarding support enabled in the kernel "
            "for this platform");
    }
    if (pd->smc && r->system->target->smc == SMC_NONE) {
        reader_refuse(r, element->at,
                      "Secure monitor calls are an Arm feature. Remove smc=\"true\".",
                      "ARM SMC forwarding support is not available for this architecture");
    }
}

static void read_pd_core(struct reader *r, const struct xml_element *element, const char *text,
                         void *object)
{
    struct protection_domain *pd = object;
    pd->cpu = reader_core(r, element, text);
}

static void read_pd_domain(struct reader *r, const struct xml_element *element, const char *name,
                           void *object)
{
    struct protection_domain *pd = object;
    if (r->system->schedule.domain_count == 0) {
        reader_refuse_value(
            r, element, "Put a <domains> element before this one, or remove the attribute.",
            "Specifying a domain '%s' without declaring a domain schedule is not allowed:", name);
    }
    const struct domain *domain = names_find(&r->domain_names, name);
    if (domain == NULL) {
        reader_refuse_value(r, element, "Add a <domain> with that name there.",
                            "domain '%s' not declared in <domains>:", name);
    }
    pd->domain = domain->id;
}

static void check_pd_domain(struct reader *r, const struct xml_element *element, void *object)
{
    const struct protection_domain *pd = object;
    if (r->system->schedule.domain_count > 0) {
        reader_required(r, element, "domain");
    }
    if (pd->stack_size < PD_STACK_SIZE_MIN || pd->stack_size > PD_STACK_SIZE_MAX) {
        reader_refuse_value(r, element, "It is 0x2000 (8 KiB) unless given.",
                            "stack size must be between 0x%" PRIx64 " bytes and 0x%" PRIx64
                            " bytes",
                            PD_STACK_SIZE_MIN, PD_STACK_SIZE_MAX);
    }
    if (pd->stack_size % PAGE_SMALL != 0) {
        reader_refuse_value(
            r, element, "Round it up to a multiple of 0x1000.",
            "stack size must be aligned to the smallest page size, %" PRIu64 " bytes", PAGE_SMALL);
    }
}

static void refuse_pd_child(struct reader *r, const struct xml_element *element,
                            const struct xml_element *child)
{
    (void)element;
    reader_complain(r, child->at, "Invalid XML element '%s': " AT, child->name,
                    AT_OF(r->system, child->at));
}

static void finish_pd(struct reader *r, const struct xml_element *element, void *object)
{
    struct protection_domain *pd = object;
    if (pd->program_image == NULL) {
        reader_refuse(r, element->at, "Add <program_image path=\"NAME.elf\" /> to it.",
                      "Error: missing 'program_image' element on protection_domain: '%s'",
                      pd->name);
    }
    r->pd = pd->parent;
    const char *symbol = xml_value(element, "setvar_id");
    if (symbol != NULL) {
        assert(pd->parent != NULL);
        reader_add_setvar(r, element, pd->parent,
                          (struct setvar){.kind = SETVAR_VALUE, .symbol = symbol, .value = pd->id});
    }
}

static const struct range pd_priority = {0, PD_PRIORITY_MAX, NULL,
                                         "priority must be between 0 and 254"};

static const struct attribute pd_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct protection_domain, name)},
    {"id", REQUIRED, VALUE_NUMBER, FIELD(struct protection_domain, id), .applies = has_parent},
    {"setvar_id", OPTIONAL, .kind = VALUE_ELSEWHERE, .applies = has_parent},
    {"budget", OPTIONAL, VALUE_NUMBER, FIELD(struct protection_domain, budget_us), .preset = 1000},
    {"period", OPTIONAL, VALUE_NUMBER, FIELD(struct protection_domain, period_us),
     .check = check_pd_budget},
    {"passive", OPTIONAL, VALUE_BOOL, FIELD(struct protection_domain, passive)},
    {"stack_size", OPTIONAL, VALUE_NUMBER, FIELD(struct protection_domain, stack_size),
     .preset = 0x2000},
    {"smc", OPTIONAL, VALUE_BOOL, FIELD(struct protection_domain, smc), .check = check_smc},
    {"cpu", OPTIONAL, VALUE_OTHER, .read = read_pd_core},
    {"domain", OPTIONAL, VALUE_OTHER, .read = read_pd_domain, .check = check_pd_domain},
    {"priority", OPTIONAL, VALUE_NUMBER, FIELD(struct protection_domain, priority),
     .range = &pd_priority, .advice = "255 is the monitor's. It is 0, the lowest, unless given."},
    {"fpu", OPTIONAL, VALUE_BOOL, FIELD(struct protection_domain, fpu), .preset = true},
    {0},
};

static const struct child pd_children[] = {
    {"program_image", .schema = &program_image_schema},
    {"map", &map_schema, ARRAY(struct protection_domain, maps, map_count)},
    {"irq", &irq_schema, ARRAY(struct protection_domain, irqs, irq_count)},
    {"ioport", &ioport_schema, ARRAY(struct protection_domain, ioports, ioport_count)},
    {"setvar", .schema = &setvar_schema},
    {"protection_domain", .schema = &pd_schema},
    {"virtual_machine", &vm_schema, .once = "virtual_machine must only be specified once",
     .once_on = BLAME_PARENT},
    {"cspace", &cspace_schema, .once = "cspace must only be specified once",
     .once_on = BLAME_PARENT},
    {0},
};

const struct schema pd_schema = {
    .size = sizeof(struct protection_domain),
    .place = place_pd,
    .attributes = pd_attributes,
    .children = pd_children,
    .begin = begin_pd,
    .stranger = refuse_pd_child,
    .finish = finish_pd,
};
