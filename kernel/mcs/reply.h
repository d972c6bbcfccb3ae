/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reply objects: the right to answer a call, and the call stack of a scheduling context. MCS. */
#pragma once

#include "kernel/call.h"

/* `caller` waits for a reply through `reply`, and lends its scheduling context to `callee` if
 * `can_donate` and the callee is passive. */
void reply_push(struct kernel *k, struct tcb *caller, struct tcb *callee, struct reply *reply,
                bool can_donate);

/* The caller is answered: unlink, and give a scheduling context at the top of its stack back. */
void reply_pop(struct kernel *k, struct reply *reply, struct tcb *caller);

/* The reply object dies or is used anew: whoever waits for it never gets an answer. */
void reply_remove(struct kernel *k, struct reply *reply, struct tcb *caller);

/* The caller stops waiting (it was suspended or deleted). */
void reply_remove_tcb(struct kernel *k, struct tcb *caller);

/* The receiver gives its reply object back without having got a call. */
void reply_unlink(struct kernel *k, struct reply *reply, struct tcb *tcb);

/* The thread that the call went to, as far as the call stack tells; else NULL. */
struct tcb *reply_holder(struct kernel *k, const struct reply *reply);

/* Invocation of a reply cap. */
enum answer decode_reply(struct call *call);
