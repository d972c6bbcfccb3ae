/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The boards that descriptions are made for, and that the right ones are accepted for them. */
#include "microkit/hardware.h"
#include "microkit/model.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#define ACCEPTED "tests/microkit/accepted/"

static struct system *accepted_for(const char *path, const struct target *target)
{
    static const char *const folders[] = {"."};
    const struct search_path search = {1, folders};
    struct diagnostics found = {0};
    struct system *system = microkit_parse(path, target, &search, &found);
    bool accepted = system != NULL && microkit_check(system, &found);
    diagnostics_print(&found, stdout, stdout);
    diagnostics_free(&found);
    if (!accepted) {
        fail_msg("%s is refused for %s", path, target->name);
    }
    return system;
}

TEST(everything_of_aarch64_is_accepted_for_an_aarch64_board)
{
    struct system *system =
        accepted_for(ACCEPTED "aarch64.system", target_of_board("qemu_virt_aarch64"));
    EXPECT_EQ(3, system->pd_count);
    EXPECT_TRUE(system->pds[0].smc);
    EXPECT_EQ(30, system->pds[0].irqs[1].number);
    EXPECT_EQ(TRIGGER_EDGE, system->pds[0].irqs[1].trigger);
    EXPECT_EQ(2, system->pds[1].vm->vcpu_count);
    EXPECT_EQ(500, system->pds[1].vm->budget_us);
    microkit_free(system);
}

/* Microkit 2.3.0, sdf.rs: a PD's priority has a limit of 254, a virtual machine's has none. */
TEST(a_virtual_machine_may_have_the_monitors_priority)
{
    struct system *system =
        accepted_for(ACCEPTED "aarch64.system", target_of_board("qemu_virt_aarch64"));
    EXPECT_EQ(255, system->pds[1].vm->priority);
    microkit_free(system);
}

/* x86 wants the region to have one: setvar_of_region_without_address. */
TEST(a_setvar_may_ask_for_an_address_that_the_tool_chooses)
{
    struct system *system =
        accepted_for(ACCEPTED "aarch64.system", target_of_board("qemu_virt_aarch64"));
    EXPECT_FALSE(system->regions[1].phys_addr_given);
    EXPECT_TRUE(system->pds[0].setvars[2].region == &system->regions[1]);
    microkit_free(system);
}

TEST(a_driver_is_accepted_for_each_riscv64_board)
{
    for (size_t i = 0; i < target_count; i++) {
        if (targets[i].arch == ARCH_RISCV64) {
            microkit_free(accepted_for(ACCEPTED "riscv64.system", &targets[i]));
        }
    }
}

TEST(what_runs_here_is_accepted_for_both_x86_boards)
{
    microkit_free(accepted_for("examples/ipc_demo/ipc_demo.system", &target_x86_64));
    microkit_free(
        accepted_for("examples/ipc_demo/ipc_demo.system", target_of_board("x86_64_generic_vtx")));
}

TEST(no_two_boards_have_one_name)
{
    EXPECT_EQ(28, target_count); /* of Microkit 2.3.0's build_sdk.py */
    for (size_t i = 0; i < target_count; i++) {
        EXPECT_TRUE(target_of_board(targets[i].name) == &targets[i]);
    }
    EXPECT_TRUE(target_of_board("odroidc5") == NULL);
}

TEST(each_architecture_has_the_board_that_is_meant_without_a_name)
{
    static const char *const names[] = {"x86_64_generic", "qemu_virt_aarch64", "qemu_virt_riscv64"};
    for (unsigned i = 0; i < 3; i++) {
        enum architecture arch;
        EXPECT_TRUE(target_arch_read(target_arch_name(i), &arch));
        EXPECT_EQ(i, arch);
        EXPECT_STR(names[i], target_of_arch(arch)->name);
        EXPECT_EQ(arch, target_of_arch(arch)->arch);
    }
    enum architecture arch;
    EXPECT_FALSE(target_arch_read("arm", &arch));
}

TEST(the_target_of_this_machine_is_its_board)
{
    EXPECT_STR("x86_64_generic", target_x86_64.name);
    EXPECT_EQ(targets[0].user_top, target_x86_64.user_top);
    EXPECT_FALSE(target_x86_64.hypervisor);
}

/* build_sdk.py: an smp- configuration has the board's cores, and one domain. */
TEST(an_smp_configuration_has_cores_and_no_domains)
{
    struct target smp = target_smp(target_of_board("stm32mp2"));
    EXPECT_EQ(2, smp.cores);
    EXPECT_EQ(1, smp.domains_max);
    EXPECT_STR("stm32mp2", smp.name);
    EXPECT_EQ(1, target_of_board("stm32mp2")->cores);
}

TEST(a_cortex_a72_has_a_larger_address_space)
{
    EXPECT_EQ(UINT64_C(0xfffffffffff), target_of_board("rpi4b_1gb")->user_top);
    EXPECT_EQ(UINT64_C(0xffffffffff), target_of_board("odroidc4")->user_top);
}
