/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the root task of the classic kernel finds at start. */
#include "tests/kernel/fixture.h"

#include "kernel/product.h"

#include <stdlib.h>
#include <string.h>

static const struct abi_bootinfo_classic *bootinfo(struct fixture *f)
{
    return (const void *)(f->ram + cap_object(fixture_slot(f, seL4_CapBootInfoFrame)->cap));
}

TEST(untyped_memory_is_described_where_mcs_has_schedcontrol)
{
    struct fixture *f = fixture_new("sel4test-classic");

    const struct abi_bootinfo_classic *info = bootinfo(f);

    EXPECT_TRUE(info->untyped.start < info->untyped.end);
    EXPECT_EQ(info->empty.start, info->untyped.end);
    EXPECT_CAP(f, info->untyped.start, CAP_UNTYPED);
    EXPECT_EQ(fixture_slot(f, info->untyped.start)->cap.untyped.size_bits,
              info->untyped_list[0].size_bits);
    fixture_free(f);
}

TEST(the_root_task_has_no_scheduling_context_and_no_fault_handler)
{
    struct fixture *f = fixture_new("sel4test-classic");

    EXPECT_CAP(f, seL4_CapInitThreadSC, CAP_NULL);
    EXPECT_EQ(0, fixture_current(f)->sc);
    EXPECT_EQ(0, fixture_current(f)->fault_handler);
    EXPECT_EQ(5, fixture_current(f)->time_slice);
    fixture_free(f);
}

TEST(object_types_skip_those_of_mcs)
{
    struct fixture *f = fixture_new("sel4test-classic");

    EXPECT_EQ(4, fixture_type(f, seL4_CapTableObject));
    EXPECT_EQ(5, fixture_type(f, seL4_X86_PDPTObject));
    EXPECT_EQ(12, f->k->type_count);
    fixture_free(f);
}

/* seL4 16.0.0's numbers, of the build for sel4test. */
TEST(labels_are_those_of_the_classic_kernel)
{
    struct fixture *f = fixture_new("sel4test-classic");

    EXPECT_EQ(9, fixture_label(f, TCBSetIPCBuffer));
    EXPECT_EQ(25, fixture_label(f, CNodeSaveCaller));
    EXPECT_EQ(33, fixture_label(f, X86PDPTMap));
    fixture_free(f);
}

TEST(every_named_classic_kernel_boots_a_root_task)
{
    const char *name;
    for (unsigned i = 0; (name = kernel_config_name(i)) != NULL; i++) {
        if (!kernel_config_named(name)->mcs) {
            fixture_free(fixture_new(name));
        }
    }
}

TEST(a_configuration_of_the_mcs_kernel_is_refused)
{
    struct kernel_boot boot = {.config = *kernel_config_named("sel4test")};
    struct kernel *k = calloc(1, kernel_size());

    EXPECT_STR("the configuration is for the other of the two kernels", kernel_boot(k, &boot));

    free(k);
}
