/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What of the crasher is noted, by whom, in ticks: each writes a region of its own that the caller reads. */
#pragma once

#include "pulse.h"

#include <microkit.h>

enum crash {
    CRASH_NULL,        /* writes to NULL */
    CRASH_INSTRUCTION, /* executes one that does not exist */
    CRASH_JUMP,        /* to where nothing is mapped */
    CRASH_SPY,         /* reads what client and server share, at the address where they have it */
    CRASH_STACK, /* runs off its stack, and is not started again: that would not set it back */
    CRASHES,
};

struct crasher_notes {
    seL4_Uint64 count; /* of crashes begun */
    seL4_Uint64 crashed[CRASHES], restarted[CRASHES];
};

_Static_assert(CRASHES <= PULSE_CRASHES, "each crash has its silence");

/* Set by the tool where parts crash: see fault.system. NULL elsewhere, and then nobody gives a sign. */
volatile struct pulse *pulse;
const volatile struct crasher_notes *crasher;

/* Give a sign of life. */
static inline void sign(void)
{
    if (pulse) {
        pulse_sign(pulse, crasher->count, __builtin_ia32_rdtsc(), false);
    }
}

struct supervisor_notes {
    seL4_Uint64 count; /* of faults reported */
    seL4_Uint64 reported[CRASHES];
    seL4_Uint64 stopped;
};
