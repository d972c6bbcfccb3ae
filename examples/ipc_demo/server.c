/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Answers the client's calls, and tells the logger of every 250th. */

#include "protocol.h"

#include <microkit.h>

#define LOGGER 1

seL4_Word *numbers; /* set by the tool: see the .system file */

static seL4_Word calls;

static seL4_Word sum_shared_page(void)
{
    seL4_Word sum = 0;
    for (seL4_Word i = 0; i < NUMBERS; i++) {
        sum += numbers[i];
    }
    return sum;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    if (++calls % 250 == 0) {
        microkit_notify(LOGGER);
    }
    switch (microkit_msginfo_get_label(msginfo)) {
    case REQUEST_ADD:
        microkit_mr_set(0, microkit_mr_get(0) + microkit_mr_get(1));
        return microkit_msginfo_new(0, 1);
    case REQUEST_SUM:
        microkit_mr_set(0, sum_shared_page());
        return microkit_msginfo_new(0, 1);
    default:
        return microkit_msginfo_new(0, 0);
    }
}

void init(void)
{
    microkit_dbg_puts("server: ready\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
