/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The objects that only the MCS kernel has, and what cannot be invoked while sending first. */
#include "kernel/invoke.h"

#include "kernel/mcs/reply.h"
#include "kernel/mcs/sched_context.h"

/* Objects that the first phase of NBSendRecv and its kin may not invoke. */
static bool is_forbidden_in_first_phase(enum cap_type type)
{
    switch (type) {
    case CAP_TCB:
    case CAP_DOMAIN:
    case CAP_CNODE:
    case CAP_SCHED_CONTEXT:
    case CAP_SCHED_CONTROL:
        return true;
    default:
        return false;
    }
}

enum answer invoke_decode(struct call *call)
{
    enum cap_type type = cap_type(call->cap);
    if (call->is_first_phase && is_forbidden_in_first_phase(type)) {
        return answer_invalid_cap(
            call, 0, WHY("this object cannot be invoked while sending in one step with receiving"));
    }
    switch (type) {
    case CAP_REPLY:
        return decode_reply(call);
    case CAP_SCHED_CONTEXT:
        return decode_sched_context(call);
    case CAP_SCHED_CONTROL:
        return decode_sched_control(call);
    default:
        return invoke_decode_shared(call);
    }
}
