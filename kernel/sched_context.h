/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Scheduling contexts: rights to time, which threads are bound to, lend and return. MCS. */
#pragma once

#include "kernel/call.h"

enum answer decode_sched_context(struct call *call);
enum answer decode_sched_control(struct call *call);

void sc_create(struct kernel *k, struct sched_context *sc, unsigned size_bits);
void sc_finalise(struct kernel *k, struct sched_context *sc);

void sc_bind_tcb(struct kernel *k, struct sched_context *sc, struct tcb *tcb);
void sc_unbind_tcb(struct kernel *k, struct sched_context *sc, struct tcb *tcb);
void sc_unbind_ntfn(struct kernel *k, struct sched_context *sc);
void sc_donate(struct kernel *k, struct sched_context *sc, struct tcb *to);

/* If its thread could run but for its refill, put that into the ready or release queue. */
void sc_resume(struct kernel *k, struct sched_context *sc);

/* A thread that is signalled through `ntfn` gets the notification's scheduling context if it has
 * none; and gives it back when it blocks again. */
void sc_donate_from_ntfn(struct kernel *k, struct notification *ntfn, struct tcb *tcb);
void sc_return_to_ntfn(struct kernel *k, struct notification *ntfn, struct tcb *tcb);

/* What SchedContext_Consumed and YieldTo report: microseconds since the last report. */
uint64_t sc_take_consumed_us(struct kernel *k, struct sched_context *sc);
/* The one it yielded to was preempted, unbound or spent: `tcb` hears what was consumed. */
void sc_complete_yield_to(struct kernel *k, struct tcb *tcb);
void sc_cancel_yield_to(struct kernel *k, struct tcb *tcb);

static inline bool sc_is_active(const struct sched_context *sc)
{
    return sc && sc->refills_max > 0;
}

/* A thread with this scheduling context (may be NULL) wakes up: if it is sporadic and does not run
 * already, its refills begin no earlier than now. */
void sc_wake(struct kernel *k, struct sched_context *sc);

/* refill.c: the sporadic server. Amounts and times in ticks. */
struct refill *refill_head(struct sched_context *sc);
bool refill_is_ready(struct kernel *k, struct sched_context *sc);
bool refill_is_sufficient(struct kernel *k, struct sched_context *sc, uint64_t usage_ticks);
uint64_t refill_min_budget_ticks(const struct kernel *k);
void refill_new(struct kernel *k, struct sched_context *sc, uint32_t refills_max,
                uint64_t budget_ticks, uint64_t period_ticks);
void refill_update(struct kernel *k, struct sched_context *sc, uint64_t period_ticks,
                   uint64_t budget_ticks, uint32_t refills_max);
void refill_charge(struct kernel *k, struct sched_context *sc, uint64_t used_ticks);
void refill_unblock_check(struct kernel *k, struct sched_context *sc);
