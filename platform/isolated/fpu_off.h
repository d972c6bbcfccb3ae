/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Threads whose FPU is off. Linux has no such thing, so they run one instruction at a time, and one
 * that uses the FPU or a vector register is not run.
 */
#pragma once

#include <stdbool.h>

#include "platform/platform.h"

struct cell;

/* Would the CPU raise X86_DEVICE_NOT_AVAILABLE on the instruction at rip? False also where it
 * cannot be read: then running it faults first. */
bool fpu_off_faults(const struct cell *cell, const struct x86_registers *registers);
