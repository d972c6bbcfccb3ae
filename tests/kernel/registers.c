/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Registers that guests write are made harmless. */
#include "tests/test.h"

#include "kernel/x86/x86.h"

static const enum x86_register addresses[] = {X86_RIP, X86_FS_BASE, X86_GS_BASE};

/* Observed. */
TEST(an_address_that_the_cpu_does_not_know_becomes_zero)
{
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(0, x86_sanitise_register(addresses[i], 0x0000800000000000));
        EXPECT_EQ(0, x86_sanitise_register(addresses[i], 0xffff7fffffffffff));
    }
}

TEST(an_address_in_either_half_is_kept)
{
    static const uint64_t kept[] = {0, 0x401000, 0x00007fffffffffff, 0xffff800000000000,
                                    UINT64_MAX};
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned j = 0; j < sizeof(kept) / sizeof(kept[0]); j++) {
            EXPECT_EQ(kept[j], x86_sanitise_register(addresses[i], kept[j]));
        }
    }
}

TEST(flags_have_interrupts_on_and_nothing_of_the_kernels)
{
    EXPECT_EQ(0x202, x86_sanitise_register(X86_RFLAGS, 0));
    EXPECT_EQ(0xed7, x86_sanitise_register(X86_RFLAGS, UINT64_MAX));
    EXPECT_EQ(0x202, x86_sanitise_register(X86_RFLAGS, 0x100));  /* trap */
    EXPECT_EQ(0x202, x86_sanitise_register(X86_RFLAGS, 0x3000)); /* I/O privilege */
    EXPECT_EQ(0x246, x86_sanitise_register(X86_RFLAGS, 0x46));   /* zero, parity */
}

TEST(other_registers_are_the_guests_own)
{
    EXPECT_EQ(0x0000800000000000, x86_sanitise_register(X86_RSP, 0x0000800000000000));
    EXPECT_EQ(UINT64_MAX, x86_sanitise_register(X86_RAX, UINT64_MAX));
}
