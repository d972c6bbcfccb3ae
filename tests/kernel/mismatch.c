/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Systems that were built for another configuration, and what a person is told. */
#include "tests/kernel/fixture_ipc.h"

#include <string.h>

#define FRAME seL4_CapInitThreadIPCBuffer
#define TOLD  "built for another kernel?"

/* The number of Page_Map in the configuration "microkit", which has six invocations more before it:
 * here it is another one's. */
#define MICROKITS_PAGE_MAP X86IOPortIn8

TEST(a_label_of_another_configuration_is_recognised_and_that_is_named)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, FRAME, MICROKITS_PAGE_MAP, ARGS(0)).error);

    EXPECT_TRUE(strstr(f->report, TOLD) != NULL);
    EXPECT_TRUE(strstr(f->report, "on a frame cap, which has none such here (sel4test)") != NULL);
    EXPECT_TRUE(strstr(f->report, "With --kernel microkit it is seL4_X86_Page_Map. Try that.") !=
                NULL);
    fixture_free(f);
}

TEST(it_is_told_once)
{
    struct fixture *f = fixture_new("sel4test");
    CALL(f, FRAME, MICROKITS_PAGE_MAP, ARGS(0));
    CALL(f, FRAME, MICROKITS_PAGE_MAP, ARGS(0));
    EXPECT_TRUE(strstr(f->report, TOLD) == NULL);
    fixture_free(f);
}

TEST(it_is_told_in_configurations_without_printing_too)
{
    struct fixture *f = fixture_new("microkit-release");
    /* Which has the number of TCB_SetTLSBase where the hardware debug API exists. */
    CALL(f, seL4_CapInitThreadTCB, CNodeCancelBadgedSends, ARGS(0));
    EXPECT_EQ(1, f->report_count);
    EXPECT_TRUE(strstr(f->report, "With --kernel microkit it is seL4_TCB_SetTLSBase.") != NULL);
    fixture_free(f);
}

TEST(options_are_named_where_no_known_configuration_has_them)
{
    struct fixture *f = fixture_new("sel4test");
    /* Four more before it: the hardware debug API without an IOMMU. */
    CALL(f, FRAME, X86ASIDPoolAssign, ARGS(0));
    EXPECT_TRUE(strstr(f->report, "With HARDWARE_DEBUG_API on it is seL4_X86_Page_Map.") != NULL);
    EXPECT_TRUE(strstr(f->report, "--config FILE") != NULL);
    fixture_free(f);
}

TEST(a_label_that_means_nothing_anywhere_is_no_mismatch_and_ends_the_search)
{
    struct fixture *f = fixture_new("sel4test");
    CALL(f, FRAME, InvalidInvocation, ARGS(0));
    EXPECT_TRUE(strstr(f->report, TOLD) == NULL);
    CALL(f, FRAME, UntypedRetype, ARGS(0));
    EXPECT_TRUE(strstr(f->report, TOLD) == NULL);
    CALL(f, FRAME, MICROKITS_PAGE_MAP, ARGS(0));
    EXPECT_TRUE(strstr(f->report, TOLD) == NULL);
    fixture_free(f);
}

TEST(a_system_call_of_another_configuration_is_recognised)
{
    struct fixture *f = fixture_new("microkit");
    unsigned before = f->report_count;

    fixture_syscall(f, -33);

    EXPECT_TRUE(f->report_count > before);
    EXPECT_TRUE(strstr(f->report, "made system call -33, which does not exist here (microkit)") !=
                NULL);
    EXPECT_TRUE(strstr(f->report, "With --kernel sel4test") != NULL);
    EXPECT_TRUE(strstr(f->report, "it is seL4_SetTLSBase.") != NULL);
    fixture_free(f);
}

/* SetTLSBase of the classic kernel is a call of few in this one. */
TEST(the_classic_kernels_system_calls_are_recognised)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_syscall(f, -30);
    EXPECT_TRUE(strstr(f->report, TOLD) != NULL);
    EXPECT_TRUE(strstr(f->report, "it is seL4_SetTLSBase.") != NULL);
    fixture_free(f);
}

TEST(a_system_call_that_exists_nowhere_is_no_mismatch)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_syscall(f, 12345);
    EXPECT_TRUE(strstr(f->report, TOLD) == NULL);
    fixture_free(f);
}

/* Tests do it on purpose, and others emulate system calls. */
TEST(a_system_call_whose_fault_is_handled_is_no_mismatch)
{
    struct fixture *f = fixture_new("microkit");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread thread = fixture_thread(f, 150, FIXTURE_ACTIVE);
    fixture_handle_faults(f, thread, ep);
    fixture_start(f, thread);
    EXPECT_RUNS(f, thread);

    fixture_syscall(f, -33);

    EXPECT_TRUE(strstr(f->report, TOLD) == NULL);
    fixture_free(f);
}
