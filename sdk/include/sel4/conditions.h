/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The conditions of the lists in abi/, decided by this configuration:
 * SEL4_WHEN_<condition>(text) is the text if the condition holds, and nothing otherwise.
 */
#pragma once

#include <sel4/config.h>

#define SEL4_WHEN_ALWAYS(...) __VA_ARGS__

#ifdef CONFIG_KERNEL_MCS
#define SEL4_WHEN_MCS(...) __VA_ARGS__
#define SEL4_WHEN_CLASSIC(...)
#else
#define SEL4_WHEN_MCS(...)
#define SEL4_WHEN_CLASSIC(...) __VA_ARGS__
#endif

#if !defined(CONFIG_KERNEL_MCS) && defined(CONFIG_ENABLE_SMP_SUPPORT)
#define SEL4_WHEN_SMP_CLASSIC(...) __VA_ARGS__
#else
#define SEL4_WHEN_SMP_CLASSIC(...)
#endif

#ifdef CONFIG_HARDWARE_DEBUG_API
#define SEL4_WHEN_HARDWARE_DEBUG_API(...) __VA_ARGS__
#else
#define SEL4_WHEN_HARDWARE_DEBUG_API(...)
#endif

#ifdef CONFIG_IOMMU
#define SEL4_WHEN_IOMMU(...) __VA_ARGS__
#else
#define SEL4_WHEN_IOMMU(...)
#endif

#ifdef CONFIG_VTX
#define SEL4_WHEN_VTX(...) __VA_ARGS__
#else
#define SEL4_WHEN_VTX(...)
#endif

#ifdef CONFIG_X86_64_VTX_64BIT_GUESTS
#define SEL4_WHEN_VTX_64BIT_GUESTS(...) __VA_ARGS__
#else
#define SEL4_WHEN_VTX_64BIT_GUESTS(...)
#endif

#ifdef CONFIG_HUGE_PAGE
#define SEL4_WHEN_HUGE_PAGE(...) __VA_ARGS__
#else
#define SEL4_WHEN_HUGE_PAGE(...)
#endif
