/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Notifies all the channels that a PD can have, 0 to 61, and counts who answers.
 *
 * 62 is the limit of the format: a PD's notification has 64 bits in a badge, and two of them say
 * that a message is a call or a fault. Id 62 shows what happens beyond: a line, and nothing else.
 */

#include <microkit.h>

static seL4_Word answered;

void init(void)
{
    for (microkit_channel ch = 0; ch < MICROKIT_MAX_CHANNELS; ch++) {
        microkit_notify(ch);
    }
    microkit_notify(MICROKIT_MAX_CHANNELS);
}

void notified(microkit_channel ch)
{
    answered |= 1ul << ch;
    if (answered == (1ul << MICROKIT_MAX_CHANNELS) - 1) {
        microkit_dbg_puts("hub: all 62 channels answered\n");
    }
}
