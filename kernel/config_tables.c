/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The numbers of invocations and object types, which depend on the configuration. */
#include "kernel/config_tables.h"

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
