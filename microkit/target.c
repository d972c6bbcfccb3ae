/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/target.h"

#include "microkit/hardware.h"

#include <assert.h>
#include <string.h>

/*
 * Source: Microkit 2.3.0, build_sdk.py: boards, cores and kernel options; its tool's main.rs: what of
 * them a description depends on, such as that only x86 has an IOMMU.
 */
#define KERNEL .cores = 1, .domains_max = 16, .domain_schedule_max = 100

/* seL4 16.0.0, sel4_arch/constants.h: seL4_UserVSpaceTop. */
#define X86_64_TOP      UINT64_C(0x7fffffffefff)
#define AARCH64_TOP     UINT64_C(0xffffffffff)  /* a hypervisor, with 40 bits of physical address */
#define AARCH64_A72_TOP UINT64_C(0xfffffffffff) /* the same with 44 bits */
#define AARCH64_EL1_TOP UINT64_C(0x7fffffffffff) /* no hypervisor */
#define RISCV64_TOP     UINT64_C(0x3fffffefff)   /* Sv39 */

#define X86_64(board, with_vtx)                                                                    \
    {                                                                                              \
        KERNEL, .name = (board), .arch = ARCH_X86_64, .smc = SMC_NONE, .hypervisor = (with_vtx),   \
                .iommu = true, .cores_smp = 16, .user_top = X86_64_TOP                             \
    }
#define ARM(board, smp, is_hypervisor, top, devices)                                               \
    {                                                                                              \
        KERNEL, .name = (board), .arch = ARCH_AARCH64, .hardware = (devices), .smc = SMC_ON,       \
                .hypervisor = (is_hypervisor), .cores_smp = (smp), .user_top = (top)               \
    }
#define AARCH64(board, smp, devices) ARM(board, smp, true, AARCH64_TOP, devices)
#define RISCV64(board, smp, devices)                                                               \
    {                                                                                              \
        KERNEL, .name = (board), .arch = ARCH_RISCV64, .hardware = (devices), .smc = SMC_NONE,     \
                .cores_smp = (smp), .user_top = RISCV64_TOP                                        \
    }

const struct target target_x86_64 = X86_64("x86_64_generic", false);

/* Of each architecture, the board that is meant if none is named comes first. */
const struct target targets[] = {
    X86_64("x86_64_generic", false),
    X86_64("x86_64_generic_vtx", true),

    AARCH64("qemu_virt_aarch64", 4, &hardware_virt_arm),
    ARM("qemu_virt_aarch64_el1", 4, false, AARCH64_EL1_TOP, &hardware_virt_arm),
    AARCH64("imx8mm_evk", 4, &hardware_imx8m),
    AARCH64("imx8mp_evk", 4, &hardware_imx8m),
    AARCH64("imx8mp_iotgate", 4, &hardware_imx8m),
    AARCH64("imx8mq_evk", 4, &hardware_imx8m),
    AARCH64("kria_k26", 1, &hardware_zynqmp),
    AARCH64("maaxboard", 4, &hardware_imx8m),
    AARCH64("odroidc2", 4, &hardware_meson_gx),
    AARCH64("odroidc4", 4, &hardware_meson_g12),
    AARCH64("rock3b", 1, &hardware_rk3568),
    AARCH64("rockpro64", 4, &hardware_rk3399),
    ARM("rpi4b_1gb", 4, true, AARCH64_A72_TOP, &hardware_bcm2711),
    ARM("rpi4b_2gb", 4, true, AARCH64_A72_TOP, &hardware_bcm2711),
    ARM("rpi4b_4gb", 4, true, AARCH64_A72_TOP, &hardware_bcm2711),
    ARM("rpi4b_8gb", 4, true, AARCH64_A72_TOP, &hardware_bcm2711),
    AARCH64("stm32mp2", 2, &hardware_stm32mp2),
    AARCH64("tqma8xqp1gb", 4, &hardware_imx8x),
    AARCH64("ultra96v2", 4, &hardware_zynqmp),
    AARCH64("zcu102", 4, &hardware_zynqmp),

    RISCV64("qemu_virt_riscv64", 4, &hardware_virt_riscv),
    RISCV64("ariane", 1, &hardware_ariane),
    RISCV64("cheshire", 1, &hardware_cheshire),
    RISCV64("hifive_p550", 4, &hardware_eic7700),
    RISCV64("serengeti", 1, &hardware_cheshire),
    RISCV64("star64", 4, &hardware_jh7110),
};
const size_t target_count = sizeof(targets) / sizeof(targets[0]);

static const struct {
    const char *name;
    const char *title;
} architectures[] = {
    [ARCH_X86_64] = {"x86_64", "x86-64"},
    [ARCH_AARCH64] = {"aarch64", "AArch64"},
    [ARCH_RISCV64] = {"riscv64", "RISC-V (64-bit)"},
};

const char *target_arch_name(enum architecture arch)
{
    return architectures[arch].name;
}

const char *target_arch_title(enum architecture arch)
{
    return architectures[arch].title;
}

bool target_arch_read(const char *name, enum architecture *arch)
{
    for (unsigned i = 0; i < sizeof(architectures) / sizeof(architectures[0]); i++) {
        if (strcmp(name, architectures[i].name) == 0) {
            *arch = i;
            return true;
        }
    }
    return false;
}

const struct target *target_of_board(const char *board)
{
    for (size_t i = 0; i < target_count; i++) {
        if (strcmp(targets[i].name, board) == 0) {
            return &targets[i];
        }
    }
    return NULL;
}

const struct target *target_of_arch(enum architecture arch)
{
    const struct target *target = targets;
    while (target->arch != arch) {
        target++;
        assert(target < targets + target_count);
    }
    return target;
}

struct target target_smp(const struct target *target)
{
    struct target smp = *target;
    smp.cores = target->cores_smp;
    smp.domains_max = 1;
    return smp;
}

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
