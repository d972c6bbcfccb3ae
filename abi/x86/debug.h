/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Debug registers. Reference: Intel SDM volume 3, chapter 18, "Debug registers". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define X86_BREAKPOINTS 4 /* DR0 to DR3 */

/* What a breakpoint stops, as DR7 encodes it. */
enum x86_break_on {
    X86_BREAK_ON_EXECUTE = 0, /* before the instruction */
    X86_BREAK_ON_WRITE = 1,   /* behind the instruction, as the next one */
    X86_BREAK_ON_ACCESS = 3,
};

struct x86_breakpoint {
    uint64_t address; /* a multiple of bytes */
    uint8_t bytes;    /* 1, 2, 4 or 8; of an instruction 1 */
    uint8_t on;       /* enum x86_break_on */
    bool enabled;
};

/* Why there was a debug exception, as DR6 tells it. Nothing at all: the instruction `int1`. */
#define X86_DEBUG_HIT(n) (UINT64_C(1) << (n)) /* breakpoint n */
#define X86_DEBUG_HITS   UINT64_C(0xf)
#define X86_DEBUG_STEP   (UINT64_C(1) << 14)

#define X86_FLAG_TRAP   UINT64_C(0x100)   /* a debug exception after each instruction */
#define X86_FLAG_RESUME UINT64_C(0x10000) /* no instruction breakpoint at the next instruction */
