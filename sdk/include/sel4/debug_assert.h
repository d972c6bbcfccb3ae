/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* seL4_DebugAssert(): seL4_Assert(), and nothing where NDEBUG is defined. */
#pragma once

#ifdef NDEBUG
#define seL4_DebugAssert(expr) ((void)(0))
#else
#include <sel4/assert.h>

#define seL4_DebugAssert(expr) seL4_Assert(expr)
#endif
