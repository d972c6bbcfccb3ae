/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The system calls of debugging and benchmarking configurations. */
#include "kernel/debug.h"
#include "tests/kernel/fixture.h"
#include "tests/test.h"

/* Upstream calls them dangerous: on a processor they reach its own registers. */
TEST(a_model_specific_register_reads_zero_and_takes_what_is_written)
{
    struct fixture *f = fixture_new("sel4test");
    f->k->config.dangerous_msr = true;
    *fixture_register(f, SYSCALL_CAP) = 0x186;
    *fixture_register(f, SYSCALL_MR0) = 0x41;
    fixture_syscall(f, SYS_X86DangerousWRMSR);
    EXPECT_EQ(0x41, *fixture_register(f, SYSCALL_MR0));

    fixture_syscall(f, SYS_X86DangerousRDMSR);

    EXPECT_EQ(0, *fixture_register(f, SYSCALL_MR0));
    EXPECT_EQ(1, *fixture_register(f, SYSCALL_INFO));
    fixture_free(f);
}

TEST(without_the_option_a_model_specific_register_is_an_unknown_system_call)
{
    struct fixture *f = fixture_new("sel4test");
    EXPECT_FALSE(debug_syscall(f->k, SYS_X86DangerousRDMSR));
    fixture_free(f);
}
