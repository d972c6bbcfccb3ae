/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Answers the client's calls, and tells the logger of some. */

#include "crashes.h"
#include "protocol.h"

#include <microkit.h>

#define LOGGER 1

seL4_Word *shared; /* set by the tool: see the .system files */

static seL4_Word calls;

static seL4_Word sum_message(seL4_Word words)
{
    seL4_Word sum = 0;
    for (seL4_Word i = 0; i < words; i++) {
        sum += microkit_mr_get((seL4_Uint8)i);
    }
    return sum;
}

static seL4_Word sum_shared(seL4_Word words)
{
    seL4_Word sum = 0;
    for (seL4_Word i = 0; i < words && i < SHARED_BYTES / sizeof(seL4_Word); i++) {
        sum += shared[i];
    }
    return sum;
}

static seL4_Word answer(microkit_msginfo msginfo)
{
    switch (microkit_msginfo_get_label(msginfo)) {
    case REQUEST_ADD:
        return microkit_mr_get(0) + microkit_mr_get(1);
    case REQUEST_SUM_MESSAGE:
        return sum_message(microkit_msginfo_get_count(msginfo));
    case REQUEST_SUM_SHARED:
        return sum_shared(microkit_mr_get(0));
    default:
        return 0;
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    seL4_Word sum = answer(msginfo);
    if (++calls % LOG_EVERY == 0) {
        microkit_notify(LOGGER);
    }
    sign();
    microkit_mr_set(0, sum);
    return microkit_msginfo_new(0, 1);
}

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}
