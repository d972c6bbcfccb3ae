/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/target.h"

/* Source: Microkit 2.3.0, build_sdk.py (board x86_64_generic), and seL4 16.0.0's seL4_UserVSpaceTop. */
const struct target target_x86_64 = {
    .name = "x86_64",
    .arch = ARCH_X86_64,
    .smc = SMC_NONE,
    .hypervisor = false,
    .iommu = true,
    .cores = 1,
    .domains_max = 16,
    .domain_schedule_max = 100,
    .user_top = UINT64_C(0x7fffffffefff),
};

uint64_t target_ipc_buffer(const struct target *target)
{
    return target->user_top & ~(PAGE_SMALL - 1);
}

uint64_t target_stack_top(const struct target *target)
{
    return target_ipc_buffer(target) - PAGE_SMALL;
}

uint64_t target_stack_bottom(const struct target *target, uint64_t stack_size)
{
    return target_stack_top(target) - stack_size;
}
