/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Refills: a sporadic server's promise that no thread gets more than its budget in any period.
 *
 * What is used of a refill comes back one period after the refill could first be used. So the
 * amounts always add up to the budget.
 */
#include "kernel/mcs/sched_context.h"

#define REFILLS_OFFSET                                                                             \
    (SCHED_CONTEXT_CORE_BYTES - SCHED_CONTEXT_REFILLS_MIN * SCHED_CONTEXT_REFILL_BYTES)
_Static_assert(sizeof(struct sched_context) <= REFILLS_OFFSET, "the refills follow");

uint64_t refill_capacity(unsigned size_bits)
{
    return ((1ul << size_bits) - REFILLS_OFFSET) / SCHED_CONTEXT_REFILL_BYTES;
}

uint64_t refill_min_budget_us(const struct kernel *k)
{
    return 2ul * k->config.kernel_wcet_us * k->config.kernel_wcet_scale;
}

uint64_t refill_min_budget_ticks(const struct kernel *k)
{
    return refill_min_budget_us(k) * k->ticks_per_us;
}

uint64_t refill_max_period_us(const struct kernel *k)
{
    return UINT64_MAX / k->ticks_per_us / 8;
}

/* Refills that lie later than this are not moved further into the future. */
static uint64_t last_release_ticks(const struct kernel *k)
{
    return UINT64_MAX - 5 * refill_max_period_us(k) * k->ticks_per_us;
}

/* The ring. */

static struct refill *refill_at(struct sched_context *sc, uint64_t index)
{
    return (struct refill *)((uint8_t *)sc + REFILLS_OFFSET) + index;
}

struct refill *refill_head(struct sched_context *sc)
{
    return refill_at(sc, sc->refill_head);
}

static struct refill *refill_tail(struct sched_context *sc)
{
    return refill_at(sc, sc->refill_tail);
}

static uint64_t index_after(const struct sched_context *sc, uint64_t index)
{
    return index + 1 == sc->refills_max ? 0 : index + 1;
}

static bool is_single(const struct sched_context *sc)
{
    return sc->refill_head == sc->refill_tail;
}

static bool is_full(const struct sched_context *sc)
{
    return index_after(sc, sc->refill_tail) == sc->refill_head;
}

static struct refill pop_head(struct sched_context *sc)
{
    ASSERT(!is_single(sc));
    struct refill head = *refill_head(sc);
    sc->refill_head = index_after(sc, sc->refill_head);
    return head;
}

static void push_tail(struct sched_context *sc, struct refill refill)
{
    ASSERT(!is_full(sc));
    sc->refill_tail = index_after(sc, sc->refill_tail);
    *refill_tail(sc) = refill;
}

bool refill_is_ready(struct kernel *k, struct sched_context *sc)
{
    return refill_head(sc)->time_ticks <= k->core.now_ticks;
}

bool refill_is_sufficient(struct kernel *k, struct sched_context *sc, uint64_t usage_ticks)
{
    uint64_t amount = refill_head(sc)->amount_ticks;
    return usage_ticks <= amount && amount - usage_ticks >= refill_min_budget_ticks(k);
}

/* Configuration. */

/* Where a round-robin context keeps what was used of its turn. */
static void push_used(struct sched_context *sc)
{
    if (sc_is_round_robin(sc)) {
        push_tail(sc, (struct refill){.time_ticks = refill_head(sc)->time_ticks});
    }
}

void refill_new(struct kernel *k, struct sched_context *sc, uint64_t refills_max,
                uint64_t budget_ticks, uint64_t period_ticks)
{
    sc->period_ticks = period_ticks;
    sc->refills_max = refills_max;
    sc->refill_head = 0;
    sc->refill_tail = 0;
    *refill_head(sc) =
        (struct refill){.time_ticks = k->core.now_ticks, .amount_ticks = budget_ticks};
    push_used(sc);
}

void refill_update(struct kernel *k, struct sched_context *sc, uint64_t refills_max,
                   uint64_t budget_ticks, uint64_t period_ticks)
{
    struct refill head = *refill_head(sc);
    if (refill_is_ready(k, sc)) {
        head.time_ticks = k->core.now_ticks;
    }
    uint64_t missing_ticks =
        head.amount_ticks < budget_ticks ? budget_ticks - head.amount_ticks : 0;
    head.amount_ticks = budget_ticks - missing_ticks;

    sc->period_ticks = period_ticks;
    sc->refills_max = refills_max;
    sc->refill_head = 0;
    sc->refill_tail = 0;
    *refill_head(sc) = head;
    if (missing_ticks) {
        push_tail(sc, (struct refill){.time_ticks = head.time_ticks + period_ticks,
                                      .amount_ticks = missing_ticks});
    } else {
        push_used(sc);
    }
}

/* Use. */

/* Time that was used comes back: behind the tail, or as part of it. */
static void schedule(struct sched_context *sc, struct refill used)
{
    struct refill *tail = refill_tail(sc);
    if (tail->time_ticks + tail->amount_ticks >= used.time_ticks) {
        tail->amount_ticks += used.amount_ticks;
    } else if (!is_full(sc)) {
        push_tail(sc, used);
    } else {
        /* One of the two has to wait for the other: the tail ends where the new one begins. */
        tail->time_ticks = used.time_ticks - tail->amount_ticks;
        tail->amount_ticks += used.amount_ticks;
    }
}

/* The whole head comes back a period later. */
static void postpone_head(struct sched_context *sc)
{
    if (is_single(sc)) {
        refill_head(sc)->time_ticks += sc->period_ticks;
        return;
    }
    struct refill head = pop_head(sc);
    head.time_ticks += sc->period_ticks;
    schedule(sc, head);
}

static void use_part_of_head(struct sched_context *sc, uint64_t used_ticks)
{
    struct refill *head = refill_head(sc);
    struct refill used = {.time_ticks = head->time_ticks + sc->period_ticks,
                          .amount_ticks = used_ticks};
    head->amount_ticks -= used_ticks;
    head->time_ticks += used_ticks;
    schedule(sc, used);
}

/* A head too small to be of use becomes the beginning of the next refill, which ends when it would
 * have ended without. */
static void join_head_to_next(struct sched_context *sc)
{
    struct refill head = pop_head(sc);
    refill_head(sc)->amount_ticks += head.amount_ticks;
    refill_head(sc)->time_ticks -= head.amount_ticks;
}

static void charge(struct kernel *k, struct sched_context *sc, uint64_t used_ticks)
{
    uint64_t last_ticks = last_release_ticks(k);
    while (refill_head(sc)->amount_ticks <= used_ticks &&
           refill_head(sc)->time_ticks < last_ticks) {
        used_ticks -= refill_head(sc)->amount_ticks;
        postpone_head(sc);
    }
    if (used_ticks > 0 && refill_head(sc)->time_ticks < last_ticks) {
        use_part_of_head(sc, used_ticks);
    }
    while (refill_head(sc)->amount_ticks < refill_min_budget_ticks(k)) {
        join_head_to_next(sc);
    }
}

void refill_spend(struct kernel *k, struct sched_context *sc, uint64_t used_ticks)
{
    ASSERT(refill_is_sufficient(k, sc, used_ticks));
    if (sc_is_round_robin(sc)) {
        refill_head(sc)->amount_ticks -= used_ticks;
        refill_tail(sc)->amount_ticks += used_ticks;
    } else {
        charge(k, sc, used_ticks);
    }
}

void refill_end_turn(struct kernel *k, struct sched_context *sc, uint64_t used_ticks)
{
    if (sc_is_round_robin(sc)) {
        refill_head(sc)->amount_ticks += refill_tail(sc)->amount_ticks;
        refill_tail(sc)->amount_ticks = 0;
    } else {
        charge(k, sc, used_ticks);
    }
}

/* The refill after the head can be used as soon as the head has been. */
static bool head_reaches_next(struct sched_context *sc)
{
    if (is_single(sc)) {
        return false;
    }
    const struct refill *head = refill_head(sc);
    const struct refill *next = refill_at(sc, index_after(sc, sc->refill_head));
    return next->time_ticks <= head->time_ticks + head->amount_ticks;
}

void refill_unblock_check(struct kernel *k, struct sched_context *sc)
{
    if (sc_is_round_robin(sc) || !refill_is_ready(k, sc)) {
        return;
    }
    refill_head(sc)->time_ticks = k->core.now_ticks;
    k->core.reprogram = true;
    while (head_reaches_next(sc)) {
        struct refill head = pop_head(sc);
        refill_head(sc)->time_ticks = head.time_ticks;
        refill_head(sc)->amount_ticks += head.amount_ticks;
    }
}
