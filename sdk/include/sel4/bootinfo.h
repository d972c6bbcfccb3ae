/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Finding the bootinfo. New programs take it from their start-up code. */
#pragma once

#include <sel4/bootinfo_types.h>

SEL4_BEGIN_C
void seL4_InitBootInfo(seL4_BootInfo *bi) SEL4_DEPRECATED("start-up code hands the bootinfo over");
seL4_BootInfo *seL4_GetBootInfo(void) SEL4_DEPRECATED("start-up code hands the bootinfo over");
SEL4_END_C
