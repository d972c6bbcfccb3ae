/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* System calls of x86: see sel4_arch. */
#pragma once

#include <sel4/sel4_arch/syscalls.h>
