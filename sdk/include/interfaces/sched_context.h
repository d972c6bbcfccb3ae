/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Scheduling contexts (MCS): the right to a budget in each period, both in microseconds. */
#pragma once

#include <sel4/invoke.h>

/* Answers, declared for kernels without these invocations as well. */
typedef struct seL4_SchedContext_Consumed {
    int error;
    seL4_Time consumed; /* microseconds */
} seL4_SchedContext_Consumed_t;

typedef struct seL4_SchedContext_YieldTo {
    int error;
    seL4_Time consumed; /* microseconds */
} seL4_SchedContext_YieldTo_t;

#ifdef CONFIG_KERNEL_MCS
/* Set budget and period. `badge` comes with timeout faults; `flags` are of seL4_SchedContextFlag. */
LIBSEL4_INLINE seL4_Error seL4_SchedControl_ConfigureFlags(seL4_SchedControl _service,
                                                           seL4_SchedContext schedcontext,
                                                           seL4_Time budget, seL4_Time period,
                                                           seL4_Word extra_refills, seL4_Word badge,
                                                           seL4_Word flags)
{
    return SEL4_INVOKE((_service, schedcontext), SchedControlConfigureFlags, budget, period,
                       extra_refills, badge, flags);
}

/* Give the time to a thread or a notification. */
LIBSEL4_INLINE seL4_Error seL4_SchedContext_Bind(seL4_SchedContext _service, seL4_CPtr cap)
{
    return SEL4_INVOKE((_service, cap), SchedContextBind);
}

/* Take the time back from whatever has it. */
LIBSEL4_INLINE seL4_Error seL4_SchedContext_Unbind(seL4_SchedContext _service)
{
    return SEL4_INVOKE((_service), SchedContextUnbind);
}

/* Take the time back from this thread or notification. */
LIBSEL4_INLINE seL4_Error seL4_SchedContext_UnbindObject(seL4_SchedContext _service, seL4_CPtr cap)
{
    return SEL4_INVOKE((_service, cap), SchedContextUnbindObject);
}

/* The time used since this was last asked, or since the last timeout fault. */
LIBSEL4_INLINE seL4_SchedContext_Consumed_t seL4_SchedContext_Consumed(seL4_SchedContext _service)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), SchedContextConsumed);
    const seL4_SchedContext_Consumed_t result = {answer.error, answer.mrs.r0};
    return result;
}

/* Let the thread run that has this time, if its priority allows; answers the time it used. */
LIBSEL4_INLINE seL4_SchedContext_YieldTo_t seL4_SchedContext_YieldTo(seL4_SchedContext _service)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), SchedContextYieldTo);
    const seL4_SchedContext_YieldTo_t result = {answer.error, answer.mrs.r0};
    return result;
}
#endif
