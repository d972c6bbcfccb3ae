/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* CPU exceptions and page fault error codes. Reference: Intel SDM volume 3, chapter 6. */
#pragma once

#include <stdint.h>

enum x86_vector {
    X86_DIVIDE_ERROR = 0,
    X86_DEBUG = 1,
    X86_BREAKPOINT = 3,
    X86_OVERFLOW = 4,
    X86_INVALID_OPCODE = 6,
    X86_DEVICE_NOT_AVAILABLE = 7,
    X86_STACK_SEGMENT = 12,
    X86_GENERAL_PROTECTION = 13,
    X86_PAGE_FAULT = 14,
    X86_X87_ERROR = 16,
    X86_ALIGNMENT_CHECK = 17,
    X86_SIMD_ERROR = 19,
};

/* The error code of `int $n`, where guests have no gate for vector n. */
#define X86_ERROR_OF_INT(n) (UINT64_C(8) * (n) + 2)

#define X86_FAULT_PRESENT     0x01u
#define X86_FAULT_WRITE       0x02u
#define X86_FAULT_USER        0x04u
#define X86_FAULT_INSTRUCTION 0x10u /* only with NX, which seL4 does not use */
