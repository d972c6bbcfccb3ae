/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* SchedControl: the right to give scheduling contexts their parameters. MCS. */
#include "kernel/mcs/sched.h"
#include "kernel/mcs/sched_context.h"

struct parameters {
    uint64_t budget_ticks;
    uint64_t period_ticks;
    uint64_t refills_max;
    uint64_t badge;
    bool sporadic;
};

/* Its parameters change: nothing may be sorted by the old ones, and what was used of them is paid
 * for. */
static void take_off(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
    sched_release_remove(k, tcb);
    sched_dequeue(k, tcb);
    if (k->core.current_sc == sc_address(k, sc)) {
        sched_commit(k);
    }
}

static void put_back(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
    sc_resume(k, sc);
    if (tcb == current_tcb(k)) {
        sched_reschedule(k);
    } else if (sched_is_runnable(tcb)) {
        sched_possible_switch(k, tcb);
    }
}

static void set_refills(struct kernel *k, struct sched_context *sc, const struct tcb *tcb,
                        const struct parameters *new)
{
    if (new->budget_ticks == new->period_ticks) {
        refill_new(k, sc, SCHED_CONTEXT_REFILLS_MIN, new->budget_ticks, 0);
    } else if (sc_is_active(sc) && tcb && sched_is_runnable(tcb)) {
        refill_update(k, sc, new->refills_max, new->budget_ticks, new->period_ticks);
    } else {
        refill_new(k, sc, new->refills_max, new->budget_ticks, new->period_ticks);
    }
}

static enum answer perform_configure(struct call *call, struct sched_context *sc,
                                     const struct parameters *new)
{
    struct kernel *k = call->k;
    struct tcb *tcb = tcb_at(k, sc->tcb);
    if (tcb) {
        take_off(k, sc, tcb);
    }
    set_refills(k, sc, tcb, new);
    if (tcb) {
        put_back(k, sc, tcb);
    }
    sc->badge = new->badge;
    sc->sporadic = new->sporadic;
    return ANSWER_DONE;
}

static enum answer answer_time_range(struct call *call, struct why why)
{
    return answer_range(call, refill_min_budget_us(call->k), refill_max_period_us(call->k), why);
}

/* Budget and period, in seL4's order: both are too long for anything before one is too short. */
static enum answer check_times(struct call *call, uint64_t budget_us, uint64_t period_us)
{
    uint64_t least_us = refill_min_budget_us(call->k);
    uint64_t greatest_us = refill_max_period_us(call->k);
    if (budget_us > greatest_us) {
        return answer_time_range(
            call, WHY("a budget of %u us is above the limit, %u us", budget_us, greatest_us));
    }
    if (period_us > greatest_us) {
        return answer_time_range(
            call, WHY("a period of %u us is above the limit, %u us", period_us, greatest_us));
    }
    if (budget_us < least_us) {
        return answer_time_range(
            call, WHY("a budget of %u us is below the smallest, %u us", budget_us, least_us));
    }
    if (period_us < least_us) {
        return answer_time_range(
            call, WHY("a period of %u us is below the smallest, %u us", period_us, least_us));
    }
    if (budget_us > period_us) {
        return answer_range(
            call, least_us, period_us,
            WHY("a budget of %u us is above its period, %u us", budget_us, period_us));
    }
    return ANSWER_DONE;
}

enum { CONFIGURE_BUDGET, CONFIGURE_PERIOD, CONFIGURE_EXTRA, CONFIGURE_BADGE, CONFIGURE_FLAGS };

static enum answer decode_configure(struct call *call)
{
    if (call->extra_count < 1 || call->length < CONFIGURE_FLAGS + 1) {
        return answer_truncated(call, CONFIGURE_FLAGS + 1, 1);
    }
    uint64_t budget_us = call->args[CONFIGURE_BUDGET];
    uint64_t period_us = call->args[CONFIGURE_PERIOD];
    if (check_times(call, budget_us, period_us) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    struct cap cap = call->extra[0]->cap;
    if (!cap_is(cap, CAP_SCHED_CONTEXT)) {
        return answer_invalid_cap(call, 1, WHY("the cap given is no scheduling context's"));
    }
    uint64_t extra = call->args[CONFIGURE_EXTRA];
    uint64_t extra_max =
        refill_capacity((unsigned)cap.sched_context.size_bits) - SCHED_CONTEXT_REFILLS_MIN;
    if (extra > extra_max) {
        return answer_range(call, 0, extra_max,
                            WHY("%u extra refills do not fit into the scheduling context, %u do",
                                extra, extra_max));
    }
    struct parameters parameters = {
        .budget_ticks = budget_us * call->k->ticks_per_us,
        .period_ticks = period_us * call->k->ticks_per_us,
        .refills_max = extra + SCHED_CONTEXT_REFILLS_MIN,
        .badge = call->args[CONFIGURE_BADGE],
        .sporadic = call->args[CONFIGURE_FLAGS] & SCHED_CONTEXT_FLAG_SPORADIC,
    };
    return perform_configure(call, sc_at(call->k, cap_object(cap)), &parameters);
}

enum answer decode_sched_control(struct call *call)
{
    if (call->label != SchedControlConfigureFlags) {
        return answer_unknown_label(call);
    }
    return decode_configure(call);
}
