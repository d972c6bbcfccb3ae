/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Registers that guests write. */
#include "kernel/x86/x86.h"

/* Interrupts are on and the CPU's reserved bit is set; a guest has only the arithmetic flags and
 * the direction. Not the trap flag: single steps are the kernel's. */
#define FLAGS_SET  0x202
#define FLAGS_MASK 0xed7

/* Addresses between the two halves that the CPU knows. */
#define HOLE_FIRST 0x0000800000000000ul
#define HOLE_END   0xffff800000000000ul

uint64_t x86_sanitise_register(enum x86_register which, uint64_t value)
{
    switch (which) {
    case X86_RIP:
    case X86_FS_BASE:
    case X86_GS_BASE:
        return value >= HOLE_FIRST && value < HOLE_END ? 0 : value;
    case X86_RFLAGS:
        return (value | FLAGS_SET) & FLAGS_MASK;
    default:
        return value;
    }
}
