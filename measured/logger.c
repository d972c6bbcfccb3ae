/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Counts what the server tells it: printing would be a part of what is measured. It is the first PD that
 * runs, and notes when that was.
 */

#include "crashes.h"

seL4_Uint64 *first_init; /* set by the tool: see the .system files */

static seL4_Word heard;

void init(void)
{
    *first_init = __builtin_ia32_rdtsc();
}

void notified(microkit_channel ch)
{
    (void)ch;
    heard++;
    sign();
}
