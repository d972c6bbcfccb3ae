/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Sends each notification back. */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel channel)
{
    microkit_notify(channel);
}
