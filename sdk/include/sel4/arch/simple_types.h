/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Which C types are 64 bits wide on x86: see sel4_arch. */
#pragma once

#include <sel4/sel4_arch/simple_types.h>
