/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Measures an empty system call, a protected call, and a notification there and back. */
#include <stddef.h>

#include "bench/guest/report.h"

#define SERVER 0
#define ECHO   1

/* Where libmicrokit keeps the notification of a PD that nobody calls. */
#define INPUT_CAP 1

static uint64_t samples[SAMPLES];

static void signal_and_wait(void)
{
    microkit_notify(ECHO);
    seL4_Wait(INPUT_CAP, NULL);
}

void init(void)
{
    MEASURE(samples, seL4_NBWait(INPUT_CAP, NULL));
    report("syscall", samples);
    MEASURE(samples, microkit_ppcall(SERVER, microkit_msginfo_new(0, 1)));
    report("call", samples);
    MEASURE(samples, signal_and_wait());
    report("notification", samples);
}

void notified(microkit_channel channel)
{
    (void)channel;
}
