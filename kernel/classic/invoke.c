/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What only the classic kernel can be asked for: replies through caps to callers. */
#include "kernel/invoke.h"

#include "kernel/classic/reply.h"

enum answer invoke_decode(struct call *call)
{
    enum cap_type type = cap_type(call->cap);
    if (type == CAP_REPLY) {
        return decode_reply(call);
    }
    if (type == CAP_CNODE && call->label == CNodeSaveCaller) {
        return decode_save_caller(call);
    }
    return invoke_decode_shared(call);
}
