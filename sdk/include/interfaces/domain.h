/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains: groups of threads that take turns by a fixed schedule. */
#pragma once

#include <sel4/invoke.h>

/* Move a thread to a domain. */
LIBSEL4_INLINE seL4_Error seL4_DomainSet_Set(seL4_DomainSet _service, seL4_Uint8 domain,
                                             seL4_TCB thread)
{
    return SEL4_INVOKE((_service, thread), DomainSetSet, domain);
}

/*
 * Set entry `index` of the schedule: a domain, and for how many timer ticks (classic: kernel ticks)
 * it runs. Domain 0 for 0 ticks marks the end, where the schedule goes back to its start.
 */
LIBSEL4_INLINE seL4_Error seL4_DomainSet_ScheduleConfigure(seL4_DomainSet _service, seL4_Word index,
                                                           seL4_Uint8 domain, seL4_Time duration)
{
    return SEL4_INVOKE((_service), DomainScheduleConfigure, index, domain, duration);
}

/* Make this entry the start of the schedule, and go there now. */
LIBSEL4_INLINE seL4_Error seL4_DomainSet_ScheduleSetStart(seL4_DomainSet _service, seL4_Word index)
{
    return SEL4_INVOKE((_service), DomainScheduleSetStart, index);
}
