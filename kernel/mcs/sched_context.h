/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Scheduling contexts: rights to time, which threads are bound to, lend and return. MCS. */
#pragma once

#include "kernel/call.h"

enum answer decode_sched_context(struct call *call);
enum answer decode_sched_control(struct call *call);

void sc_finalise(struct kernel *k, struct sched_context *sc);

void sc_bind_tcb(struct kernel *k, struct sched_context *sc, struct tcb *tcb);
void sc_unbind_tcb(struct kernel *k, struct sched_context *sc);
void sc_unbind_ntfn(struct kernel *k, struct sched_context *sc);
void sc_donate(struct kernel *k, struct sched_context *sc, struct tcb *to);

/* If its thread can run but for its refill, put it into the release queue. `sc` may be NULL, and
 * has a thread otherwise. */
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

static inline bool sc_is_round_robin(const struct sched_context *sc)
{
    return sc->period_ticks == 0;
}

/* It has been configured. */
static inline bool sc_is_active(const struct sched_context *sc)
{
    return sc && sc->refills_max > 0;
}

/* Its thread could use it this instant. */
bool sc_is_released(struct kernel *k, struct sched_context *sc);

/* A thread with this scheduling context (may be NULL) wakes up: if it is sporadic and does not run
 * already, its refills begin no earlier than now. */
void sc_wake(struct kernel *k, struct sched_context *sc);

/*
 * refill.c: the sporadic server. Amounts and times in ticks.
 *
 * The ring never is empty. Refills are in the order of their times, and do not overlap; the head's
 * amount is never below refill_min_budget_ticks(). A round-robin context has exactly two: what is
 * left of its turn, and what was used of it.
 */
struct refill *refill_head(struct sched_context *sc);

/* The head can be used now. */
bool refill_is_ready(struct kernel *k, struct sched_context *sc);
/* After `usage_ticks` the head still pays for entering and leaving the kernel. */
bool refill_is_sufficient(struct kernel *k, struct sched_context *sc, uint64_t usage_ticks);

/* The smallest budget that can be configured, in ticks and in microseconds. */
uint64_t refill_min_budget_ticks(const struct kernel *k);
uint64_t refill_min_budget_us(const struct kernel *k);
/* The longest period, in microseconds: sums of a few periods and a time never overflow. */
uint64_t refill_max_period_us(const struct kernel *k);
/* How many refills an object of this size has room for. */
uint64_t refill_capacity(unsigned size_bits);

/* Begin anew, with the whole budget from now on. A period of 0 is for round robin. */
void refill_new(struct kernel *k, struct sched_context *sc, uint64_t refills_max,
                uint64_t budget_ticks, uint64_t period_ticks);
/* Change the parameters of a context in use: in no window of a new period is there more than the
 * new budget. */
void refill_update(struct kernel *k, struct sched_context *sc, uint64_t refills_max,
                   uint64_t budget_ticks, uint64_t period_ticks);

/* Its thread used so much of the head, which is sufficient, and may use the rest later. */
void refill_spend(struct kernel *k, struct sched_context *sc, uint64_t used_ticks);
/* Its turn is over: the head has been used, and maybe more than the head. */
void refill_end_turn(struct kernel *k, struct sched_context *sc, uint64_t used_ticks);
/* What could be used before now but was not becomes usable from now on, in one piece. */
void refill_unblock_check(struct kernel *k, struct sched_context *sc);
