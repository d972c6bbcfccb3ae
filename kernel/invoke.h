/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a system call that names a cap to the object's decode function, and the answer back. */
#pragma once

#include "kernel/call.h"

/* How a system call sends. */
struct send {
    cptr destination;
    bool is_call;
    bool is_blocking;
    bool can_donate;     /* MCS */
    bool is_first_phase; /* MCS */
};

/* Send a message, or invoke an object, as the current thread. ANSWER_PREEMPTED when the system call
 * is to be restarted; refusals and faults have been dealt with. */
enum answer invoke(struct kernel *k, struct send send);

/* Decode a call of an object that both products have. */
enum answer invoke_decode_shared(struct call *call);

/* Each product's own: decode a call, of its own objects or by the function above. */
enum answer invoke_decode(struct call *call);
