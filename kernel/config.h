/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a kernel build of upstream decides with options is data here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What a configuration can ask for at most; upstream allows more domains and schedules. */
#define PRIORITIES_MAX 256
#define DOMAINS_MAX    16
#define SCHEDULES_MAX  256
#define SCHEDULES_MIN  2 /* a turn and the end marker */

/* The names are those of upstream's options, CONFIG_…, in lower case. */
struct kernel_config {
    const char *name;
    bool mcs; /* which of the two kernels: see kernel/product.h */
    bool debug_build;
    bool printing;
    bool hardware_debug_api;
    bool iommu;
    bool huge_page;
    bool set_tls_base_self;
    bool fsgsbase_inst;         /* FS and GS bases can be changed by the guest itself */
    bool dangerous_msr;         /* X86DangerousRDMSR and WRMSR exist */
    bool export_pmc_user;       /* guests can read performance counters */
    bool benchmarks;            /* the Benchmark system calls exist */
    bool benchmark_utilisation; /* those that track utilisation as well */
    uint32_t xsave_bytes;       /* decides how large a TCB is */
    uint32_t domains;
    uint32_t domain_schedules;
    uint32_t priorities;
    uint32_t root_cnode_size_bits;
    uint32_t bootinfo_untypeds;
    uint32_t retype_fan_out_limit;
    uint32_t reset_chunk_bits;
    uint32_t work_units_per_preemption;
    uint32_t boot_time_slice_ms; /* MCS */
    uint32_t kernel_wcet_us;     /* MCS: what the kernel reserves for itself */
    uint32_t kernel_wcet_scale;  /* MCS */
    uint32_t timer_tick_ms;      /* classic */
    uint32_t time_slice_ticks;   /* classic */
    uint32_t ioapics_max;        /* IOAPICs */
    /* Where the kernel's image lies in memory, from 1 MiB on: what serves only to boot, and becomes
     * untyped memory, ends at kernel_boot_end; the root task's image begins at kernel_end. */
    uint64_t kernel_boot_end;
    uint64_t kernel_end;
};

/*
 * The configurations known by name: "microkit", "sel4test", "sel4test-classic", and each of these
 * with "-release".
 *
 * Returns   a constant, or NULL when there is none of that name.
 */
const struct kernel_config *kernel_config_named(const char *name);

/* Names of the configurations, index from 0; NULL after the last. */
const char *kernel_config_name(unsigned index);
