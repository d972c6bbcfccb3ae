/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Signs of life: each part of a system in which one crashes notes here whenever it has done something,
 * so that how long it was silent around each crash has been measured and not concluded.
 *
 * linux_baseline/ has the same notes. Only the part itself writes them; all of them share one CPU.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PULSE_CRASHES 8 /* there is room for */
#define PULSE_SETTLED                                                                              \
    10               /* signs, from which on silences are usual ones: the first have cold pages */
#define ROLL_CALL 10 /* requests: then those parts are called who have nothing to do with them */

struct pulse {
    uint64_t signs;
    uint64_t last;    /* when the last one was */
    uint64_t longest; /* silence between two of them before anything crashed, in ticks */
    uint64_t crashes; /* after which there has been a sign */
    struct {
        uint64_t begin, end; /* the last sign before the crash, the first one after it */
        bool restarted;      /* that one was given as the part began to run */
    } silences[PULSE_CRASHES];
};

/* Give a sign of life now. `crashes` so many there have been; `begins`: the part has just been started. */
static inline void pulse_sign(volatile struct pulse *pulse, uint64_t crashes, uint64_t now,
                              bool begins)
{
    uint64_t silence = now - pulse->last;
    if (pulse->signs >= PULSE_SETTLED && crashes == 0 && silence > pulse->longest) {
        pulse->longest = silence;
    }
    for (; pulse->crashes < crashes && pulse->crashes < PULSE_CRASHES; pulse->crashes++) {
        pulse->silences[pulse->crashes].begin = pulse->last;
        pulse->silences[pulse->crashes].end = now;
        pulse->silences[pulse->crashes].restarted = begins;
    }
    pulse->last = now;
    pulse->signs++;
}
