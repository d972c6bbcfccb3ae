/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * CPUs that a machine can be told to have: what CPUID says of them. No instruction is emulated for that, so a
 * CPU shows those of its features that the host has as well.
 */
#pragma once

#include <stdint.h>

#include "kernel/config.h"

struct cpuid_leaf {
    uint32_t eax, ebx, ecx, edx;
};

/* Of the host's CPUID, what a CPU's features are limited by. */
struct cpu_host {
    uint32_t leaf_1_ecx, leaf_1_edx;
    uint32_t leaf_7_ebx;
    uint32_t leaf_d_1_eax;
    uint32_t extended_1_ecx, extended_1_edx;
};

struct cpu {
    const char *name; /* as a person names it */
    struct cpuid_leaf (*answer)(const struct kernel_config *config, const struct cpu_host *host,
                                uint32_t leaf, uint32_t subleaf);
};

/* Returns   a constant, or NULL when there is none of that name. */
const struct cpu *cpu_named(const char *name);

/* Names of the CPUs, index from 0; NULL after the last. */
const char *cpu_name(unsigned index);

/* Ask the processor that this runs on. */
struct cpu_host cpu_host_read(void);
