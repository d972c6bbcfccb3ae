/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* seL4_Assert() and seL4_Fail(), checked always; debug_assert.h has one that NDEBUG turns off. */
#pragma once

#include <sel4/macros.h>

SEL4_BEGIN_C
/* Called when an assertion fails. The program or one of its libraries provides it. */
void __assert_fail(const char *str, const char *file, int line, const char *function);
SEL4_END_C

#define seL4_Fail(s) __assert_fail(s, __FILE__, __LINE__, __func__)

#define seL4_Assert(expr)                                                                          \
    do {                                                                                           \
        if (!(expr)) {                                                                             \
            __assert_fail(#expr, __FILE__, __LINE__, __func__);                                    \
        }                                                                                          \
    } while (0)

#define seL4_CompileTimeAssert(expr) SEL4_COMPILE_ASSERT(seL4_CompileTimeAssert, expr)
