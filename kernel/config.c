/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The configurations known by name. */
#include "kernel/config.h"

#include <stddef.h>

/* The times are upstream's defaults, of whichever of the two kernels has them. */
#define COMMON_OPTIONS                                                                             \
    .huge_page = true, .priorities = 256, .bootinfo_untypeds = 230, .retype_fan_out_limit = 256,   \
    .reset_chunk_bits = 8, .work_units_per_preemption = 100, .boot_time_slice_ms = 5,              \
    .kernel_wcet_us = 10, .kernel_wcet_scale = 1, .timer_tick_ms = 2, .time_slice_ticks = 5,       \
    .ioapics_max = 1, .kernel_boot_end = 0x800000

/* Microkit 2.3.0, x86_64_generic. */
#define MICROKIT_OPTIONS                                                                           \
    COMMON_OPTIONS, .mcs = true, .iommu = true, .fsgsbase_inst = true, .xsave_bytes = 576,         \
                    .domains = 16, .domain_schedules = 100, .root_cnode_size_bits = 17

/* sel4test's simulation build. */
#define SEL4TEST_OPTIONS                                                                           \
    COMMON_OPTIONS, .set_tls_base_self = true, .xsave_bytes = 512, .domains = 1,                   \
                    .domain_schedules = 2, .root_cnode_size_bits = 13

/* Where a kernel ends was read from one that gcc 12.2 built. */
static const struct kernel_config named[] = {
    {.name = "microkit",
     MICROKIT_OPTIONS,
     .kernel_end = 0xa22000,
     .debug_build = true,
     .printing = true,
     .hardware_debug_api = true},
    {.name = "microkit-release", MICROKIT_OPTIONS, .kernel_end = 0xa21000},
    {.name = "sel4test",
     SEL4TEST_OPTIONS,
     .mcs = true,
     .kernel_end = 0xa13000,
     .debug_build = true,
     .printing = true},
    {.name = "sel4test-release", SEL4TEST_OPTIONS, .mcs = true, .kernel_end = 0xa12000},
    {.name = "sel4test-classic",
     SEL4TEST_OPTIONS,
     .kernel_end = 0xa13000,
     .debug_build = true,
     .printing = true},
    {.name = "sel4test-classic-release", SEL4TEST_OPTIONS, .kernel_end = 0xa12000},
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
