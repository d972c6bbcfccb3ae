/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The kernel that a system is made for, as far as its description depends on it: the limits and the
 * features that a system description may or may not use.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum architecture { ARCH_X86_64, ARCH_AARCH64 };

/* Whether a PD may have smc="true". */
enum smc_forwarding { SMC_NONE, SMC_OFF, SMC_ON };

struct target {
    const char *name; /* "x86_64" */
    enum architecture arch;
    enum smc_forwarding smc;
    bool hypervisor;
    bool iommu;
    uint8_t cores;
    uint8_t domains_max;
    uint64_t domain_schedule_max; /* entries, of which the kernel keeps one */
    uint64_t user_top;            /* seL4_UserVSpaceTop: the last address that a PD may use */
};

/* Where everything starts from: Microkit's x86_64_generic board, debug configuration, one core. */
extern const struct target target_x86_64;

/* The two page sizes that Microkit uses on every architecture, in bytes. */
#define PAGE_SMALL UINT64_C(0x1000)
#define PAGE_LARGE UINT64_C(0x200000)

/*
 * The top of a PD's address space: the page of the IPC buffer, a guard page, then the stack.
 * What is mapped by the description ends at or below the bottom of the stack.
 */
uint64_t target_ipc_buffer(const struct target *target);
uint64_t target_stack_top(const struct target *target);
uint64_t target_stack_bottom(const struct target *target, uint64_t stack_size);
