/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Reply caps: the right to answer one call, or one fault. Classic.
 *
 * A thread that waits for a reply has one reply cap somewhere: in the slot TCB_CALLER of whoever
 * received the call, or in a CNode after it was saved there. It is derived from the thread's master
 * reply cap, in its slot TCB_REPLY, so the derivation tree finds one from the other. Who answers
 * uses the cap up, and when the caller stops waiting it goes too.
 */
#pragma once

#include "kernel/call.h"

/* Give a thread its master reply cap, unless it has it. Before it runs for the first time. */
void reply_make_master(struct kernel *k, struct tcb *tcb);

/* `caller` waits for a reply, which `receiver` holds the right to. */
void reply_hold_caller(struct kernel *k, struct tcb *caller, struct tcb *receiver, bool can_grant);

/* The right that the receiver holds goes: whom it was for waits on, for ever. */
void reply_forget_caller(struct kernel *k, struct tcb *receiver);

/* Answer whom the replier holds the right to answer; nobody is no error. */
void reply_to_caller(struct kernel *k, struct tcb *replier);

/* The caller stops waiting: nobody can answer it any more. */
void reply_cancel(struct kernel *k, struct tcb *caller);

/* The thread that holds the right to answer `caller`, unless it was saved in a CNode; else NULL. */
struct tcb *reply_holder(struct kernel *k, const struct tcb *caller);

/* Invocation of a reply cap. */
enum answer decode_reply(struct call *call);

/* CNode_SaveCaller: move the right that the caller of this operation holds into a slot. */
enum answer decode_save_caller(struct call *call);
