/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The bytes of the instruction cpuid, and those that stand in its place where it is to trap: 06 was a push
 * and is no instruction in 64-bit mode. A guest that copies its text copies them. */
#pragma once

#define X86_CPUID_0      0x0f
#define X86_CPUID_1      0xa2
#define X86_CPUID_TRAP_0 0x06 /* with the same second byte */
