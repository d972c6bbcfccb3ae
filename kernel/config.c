/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The configurations known by name, and what follows from one. */
#include "kernel/config.h"

#include "kernel/config_tables.h"
#include "kernel/state.h"

#define COMMON_OPTIONS                                                                             \
    .mcs = true, .huge_page = true, .priorities = 256, .bootinfo_untypeds = 230,                   \
    .retype_fan_out_limit = 256, .reset_chunk_bits = 8, .work_units_per_preemption = 100,          \
    .boot_time_slice_ms = 5, .kernel_wcet_us = 10, .kernel_wcet_scale = 1, .ioapics_max = 1,       \
    .kernel_boot_end = 0x800000

/* Microkit 2.3.0, x86_64_generic. */
#define MICROKIT_OPTIONS                                                                           \
    COMMON_OPTIONS, .iommu = true, .fsgsbase_inst = true, .xsave_bytes = 576, .domains = 16,       \
                    .domain_schedules = 100, .root_cnode_size_bits = 17

/* Where a kernel ends was read from one that gcc 12.2 built. */
static const struct kernel_config named[] = {
    {.name = "microkit",
     MICROKIT_OPTIONS,
     .kernel_end = 0xa22000,
     .debug_build = true,
     .printing = true,
     .hardware_debug_api = true},
    {.name = "microkit-release", MICROKIT_OPTIONS, .kernel_end = 0xa21000},
    /* sel4test's simulation build, MCS. */
    {.name = "sel4test",
     COMMON_OPTIONS,
     .debug_build = true,
     .printing = true,
     .set_tls_base_self = true,
     .xsave_bytes = 512,
     .domains = 1,
     .domain_schedules = 2,
     .root_cnode_size_bits = 13,
     .kernel_end = 0xa13000},
};

#define NAMED_COUNT (sizeof(named) / sizeof(named[0]))

static bool same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

const struct kernel_config *kernel_config_named(const char *name)
{
    for (unsigned i = 0; i < NAMED_COUNT; i++) {
        if (same_text(named[i].name, name)) {
            return &named[i];
        }
    }
    return NULL;
}

const char *kernel_config_name(unsigned index)
{
    return index < NAMED_COUNT ? named[index].name : NULL;
}

enum condition {
    ALWAYS,
    MCS,
    CLASSIC,
    SMP_CLASSIC,
    HARDWARE_DEBUG_API,
    IOMMU,
    VTX,
    VTX_64BIT_GUESTS,
    HUGE_PAGE,
};

static bool condition_holds(const struct kernel_config *config, enum condition condition)
{
    switch (condition) {
    case ALWAYS:
        return true;
    case MCS:
        return config->mcs;
    case CLASSIC:
        return !config->mcs;
    case HARDWARE_DEBUG_API:
        return config->hardware_debug_api;
    case IOMMU:
        return config->iommu;
    case HUGE_PAGE:
        return config->huge_page;
    case SMP_CLASSIC: /* one core only */
    case VTX:         /* no virtual machines */
    case VTX_64BIT_GUESTS:
        return false;
    }
    return false;
}

#define CONDITION_OF(name, condition) condition,
static const uint8_t invocation_conditions[] = {INVOCATIONS(CONDITION_OF)};
static const uint8_t object_type_conditions[] = {OBJECT_TYPES(CONDITION_OF)};

/* Number those entries of a list whose condition holds; returns how many. */
static unsigned number_list(const struct kernel_config *config, const uint8_t *conditions,
                            unsigned count, uint8_t *item_of_number)
{
    unsigned numbered = 0;
    for (unsigned item = 0; item < count; item++) {
        if (condition_holds(config, conditions[item])) {
            item_of_number[numbered++] = (uint8_t)item;
        }
    }
    return numbered;
}

void config_number_tables(struct kernel *k)
{
    k->label_count =
        number_list(&k->config, invocation_conditions, INVOCATION_COUNT, k->invocation_of_label);
    k->type_count =
        number_list(&k->config, object_type_conditions, OBJECT_TYPE_COUNT, k->type_of_number);
}

enum invocation config_invocation(const struct kernel_config *config, uint64_t label)
{
    uint8_t invocation_of_label[INVOCATION_COUNT];
    unsigned count =
        number_list(config, invocation_conditions, INVOCATION_COUNT, invocation_of_label);
    return label < count ? invocation_of_label[label] : InvalidInvocation;
}
