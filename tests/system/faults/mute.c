/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A server that never answers: it waits for what never comes. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    seL4_Word badge;
    (void)ch;
    for (;;) {
        seL4_Wait(1, &badge); /* its own endpoint, where nobody will call any more */
    }
    return msginfo;
}
