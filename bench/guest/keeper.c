/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Handles its child's faults by stepping over the two bytes of `ud2`. */
#include <microkit.h>

#define UD2_BYTES 2

void init(void)
{
}

void notified(microkit_channel channel)
{
    (void)channel;
}

seL4_Bool fault(microkit_child child, microkit_msginfo message, microkit_msginfo *reply)
{
    (void)child;
    if (microkit_msginfo_get_label(message) != seL4_Fault_UserException) {
        return seL4_False;
    }
    microkit_mr_set(0, microkit_mr_get(0) + UD2_BYTES);
    *reply = microkit_msginfo_new(0, 1);
    return seL4_True;
}
