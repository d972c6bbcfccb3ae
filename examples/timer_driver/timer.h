/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a client asks of the timer driver: protected calls, with an answer by notification. */
#pragma once

#include <microkit.h>

enum timer_request {
    TIMER_NOW, /* -> MR0: nanoseconds since the driver started */
    TIMER_AFTER, /* MR0: nanoseconds. Then the channel is notified once; a later request replaces it */
};

static inline seL4_Uint64 timer_now_ns(microkit_channel timer)
{
    microkit_ppcall(timer, microkit_msginfo_new(TIMER_NOW, 0));
    return microkit_mr_get(0);
}

static inline void timer_after_ns(microkit_channel timer, seL4_Uint64 delay_ns)
{
    microkit_mr_set(0, delay_ns);
    microkit_ppcall(timer, microkit_msginfo_new(TIMER_AFTER, 1));
}
