/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Measures a fault: executes an illegal instruction, which its parent steps over. */
#include "bench/guest/report.h"

static uint64_t samples[SAMPLES];

void init(void)
{
    MEASURE(samples, __asm__ volatile("ud2" : : : "memory"));
    report("fault", samples);
}

void notified(microkit_channel channel)
{
    (void)channel;
}
