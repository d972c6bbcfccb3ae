/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How libsel4's headers spell attributes, inlining and compile-time checks. */
#pragma once

#include <sel4/config.h>

#ifndef CONST
#define CONST __attribute__((__const__))
#endif
#ifndef PURE
#define PURE __attribute__((__pure__))
#endif

#define SEL4_PACKED             __attribute__((packed))
#define SEL4_DEPRECATED(x)      __attribute__((deprecated(x)))
#define SEL4_DEPRECATE_MACRO(x) _Pragma("deprecated") x

#define LIBSEL4_UNUSED   __attribute__((unused))
#define LIBSEL4_WEAK     __attribute__((weak))
#define LIBSEL4_NOINLINE __attribute__((noinline))

/* LIBSEL4_INLINE is for invocations, LIBSEL4_INLINE_FUNC for all other functions. */
#if defined(CONFIG_LIB_SEL4_INLINE_INVOCATIONS)
#define LIBSEL4_INLINE      static inline
#define LIBSEL4_INLINE_FUNC static inline
#elif defined(CONFIG_LIB_SEL4_PUBLIC_SYMBOLS)
#define LIBSEL4_INLINE      LIBSEL4_UNUSED LIBSEL4_WEAK
#define LIBSEL4_INLINE_FUNC LIBSEL4_UNUSED LIBSEL4_WEAK
#else
#define LIBSEL4_INLINE      LIBSEL4_NOINLINE LIBSEL4_UNUSED LIBSEL4_WEAK
#define LIBSEL4_INLINE_FUNC static inline
#endif

#ifdef CONFIG_LIB_SEL4_USE_THREAD_LOCALS
#define LIBSEL4_THREAD_LOCAL __thread
#else
#define LIBSEL4_THREAD_LOCAL
#endif

#ifdef __cplusplus
#define SEL4_BEGIN_C extern "C" {
#define SEL4_END_C   }
#else
#define SEL4_BEGIN_C
#define SEL4_END_C
#endif

#if defined(__cplusplus)
#define SEL4_COMPILE_ASSERT(name, expr) static_assert(expr, #name);
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define SEL4_COMPILE_ASSERT(name, expr) _Static_assert(expr, #name);
#else
#define SEL4_COMPILE_ASSERT(name, expr)                                                            \
    typedef int __assert_failed_##name[(expr) ? 1 : -1] LIBSEL4_UNUSED;
#endif

#define SEL4_SIZE_SANITY(index, entry, size)                                                       \
    SEL4_COMPILE_ASSERT(index##_##entry##_##size, (index) + (entry) == size)

/* As an enumerator: makes the enumeration as wide as a long, whatever else is in it. */
#define SEL4_FORCE_LONG_ENUM(type) _enum_pad_##type = ((1ULL << ((sizeof(long) * 8) - 1)) - 1)

#define LIBSEL4_BIT(n) (1ul << (n))
