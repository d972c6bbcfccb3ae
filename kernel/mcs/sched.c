/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The MCS kernel's rules of scheduling: threads run on the time of a scheduling context.
 *
 * The clock is read once on entry. What has passed since the last entry was consumed by the current
 * scheduling context, but is charged to it only when it must be: when its budget does not last
 * (check_budget), or when the deadline is set anew (sched_choose).
 */
#include "kernel/mcs/sched.h"

#include "kernel/domain.h"
#include "kernel/irq.h"
#include "kernel/mcs/fault.h"
#include "kernel/mcs/ipc.h"
#include "kernel/mcs/sched_context.h"

static struct sched_context *current_sc(struct kernel *k)
{
    return sc_at(k, k->core.current_sc);
}

bool sched_is_schedulable(struct kernel *k, const struct tcb *tcb)
{
    return sched_is_runnable(tcb) && sc_is_active(sc_at(k, tcb->sc)) && !tcb->in_release_queue;
}

static bool current_is_schedulable(struct kernel *k)
{
    return k->core.current && sched_is_schedulable(k, current_tcb(k));
}

/* Queues. */

void queue_append(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb)
{
    struct tcb *successor = tcb_at(k, queue->head);
    while (successor && successor->priority >= tcb->priority) {
        successor = tcb_at(k, successor->queue.next);
    }
    queue_insert(k, queue, tcb, successor);
}

static uint64_t release_ticks(struct kernel *k, const struct tcb *tcb)
{
    return refill_head(sc_at(k, tcb->sc))->time_ticks;
}

static void release_insert(struct kernel *k, struct tcb *tcb)
{
    uint64_t ticks = release_ticks(k, tcb);
    struct tcb *successor = tcb_at(k, k->core.release.head);
    while (successor && release_ticks(k, successor) <= ticks) {
        successor = tcb_at(k, successor->queue.next);
    }
    queue_insert(k, &k->core.release, tcb, successor);
    tcb->in_release_queue = true;
}

void sched_release_remove(struct kernel *k, struct tcb *tcb)
{
    if (!tcb->in_release_queue) {
        return;
    }
    if (k->core.release.head == tcb_address(k, tcb)) {
        k->core.reprogram = true;
    }
    queue_remove(k, &k->core.release, tcb);
    tcb->in_release_queue = false;
}

void sched_postpone(struct kernel *k, struct sched_context *sc)
{
    struct tcb *tcb = tcb_at(k, sc->tcb);
    sched_dequeue(k, tcb);
    release_insert(k, tcb);
    k->core.reprogram = true;
}

void sched_remove(struct kernel *k, struct tcb *tcb)
{
    sched_dequeue(k, tcb);
    sched_release_remove(k, tcb);
    sc_cancel_yield_to(k, tcb);
}

void sched_retry(struct kernel *k, struct tcb *tcb)
{
    sched_set_state(k, tcb, THREAD_RESTART);
    sc_wake(k, sc_at(k, tcb->sc));
    sched_possible_switch(k, tcb);
}

/* Those whose refill has come can run. */
static void awaken(struct kernel *k)
{
    struct tcb *tcb;
    while ((tcb = tcb_at(k, k->core.release.head)) != NULL &&
           release_ticks(k, tcb) <= k->core.now_ticks) {
        sched_release_remove(k, tcb);
        sched_possible_switch(k, tcb);
    }
}

/* Priorities. */

void sched_set_priority(struct kernel *k, struct tcb *tcb, uint8_t priority)
{
    switch (tcb->state) {
    case THREAD_RUNNING:
    case THREAD_RESTART:
        if (!tcb->in_ready_queue && tcb != current_tcb(k)) {
            tcb->priority = priority;
            return;
        }
        sched_dequeue(k, tcb);
        tcb->priority = priority;
        sched_enqueue(k, tcb);
        sched_reschedule(k);
        break;
    case THREAD_BLOCKED_ON_RECEIVE:
    case THREAD_BLOCKED_ON_SEND:
        tcb->priority = priority;
        ep_reorder(k, ep_at(k, tcb->wait.object), tcb);
        break;
    case THREAD_BLOCKED_ON_NOTIFICATION:
        tcb->priority = priority;
        ntfn_reorder(k, ntfn_at(k, tcb->wait.object), tcb);
        break;
    default:
        tcb->priority = priority;
        break;
    }
}

/* Time. */

/* A domain's turn goes on, unless so little is left that it would not pay for a kernel entry. */
static void elapse_domain(struct kernel *k, uint64_t ticks)
{
    if (k->config.domains == 1) {
        return;
    }
    if (ticks + refill_min_budget_ticks(k) >= k->domain_time_ticks) {
        k->domain_time_ticks = 0;
    } else {
        k->domain_time_ticks -= ticks;
    }
}

static void read_clock(struct kernel *k)
{
    uint64_t now_ticks = k->port.now_ticks(k->port.context);
    uint64_t elapsed_ticks = now_ticks > k->core.now_ticks ? now_ticks - k->core.now_ticks : 0;
    k->core.now_ticks += elapsed_ticks;
    k->core.consumed_ticks += elapsed_ticks;
    elapse_domain(k, elapsed_ticks);
}

void sched_commit(struct kernel *k)
{
    struct sched_context *sc = current_sc(k);
    uint64_t consumed_ticks = k->core.consumed_ticks;
    k->core.consumed_ticks = 0;
    if (!sc_is_active(sc)) {
        return;
    }
    if (consumed_ticks > 0) {
        refill_spend(k, sc, consumed_ticks);
    }
    sc->consumed_ticks += consumed_ticks;
}

enum turn_end { TURN_MAY_FAULT, TURN_IS_GIVEN_UP };

/* The current thread has had its turn: its handler hears of it, or it goes behind its equals, or
 * waits for its next refill. */
static void end_turn(struct kernel *k, enum turn_end end)
{
    struct tcb *tcb = current_tcb(k);
    struct sched_context *sc = current_sc(k);
    if (end == TURN_MAY_FAULT && !sc_is_round_robin(sc) && fault_wants_timeout(tcb)) {
        fault_timeout(k, tcb);
    } else if (sc_is_released(k, sc)) {
        sched_append(k, tcb);
    } else {
        sched_postpone(k, sc);
    }
}

static void charge_budget(struct kernel *k, uint64_t used_ticks, enum turn_end end)
{
    struct sched_context *sc = current_sc(k);
    k->core.consumed_ticks = 0;
    if (sc) {
        refill_end_turn(k, sc, used_ticks);
        sc->consumed_ticks += used_ticks;
    }
    if (current_is_schedulable(k)) {
        end_turn(k, end);
        sched_reschedule(k);
        k->core.reprogram = true;
    }
}

/* The current thread may be billed for one more entry; else it is out of time. */
static bool check_budget(struct kernel *k)
{
    struct sched_context *sc = current_sc(k);
    if (!sc || refill_is_sufficient(k, sc, k->core.consumed_ticks)) {
        return !domain_has_expired(k);
    }
    charge_budget(k, k->core.consumed_ticks, TURN_MAY_FAULT);
    return false;
}

bool sched_enter(struct kernel *k)
{
    read_clock(k);
    bool paid = check_budget(k);
    struct tcb *tcb = current_tcb(k);
    if (!paid && sched_is_runnable(tcb)) {
        sched_set_state(k, tcb, THREAD_RESTART);
    }
    return paid;
}

bool sched_may_continue(struct kernel *k)
{
    read_clock(k);
    struct sched_context *sc = current_sc(k);
    return !domain_has_expired(k) && sc_is_active(sc) &&
           refill_is_sufficient(k, sc, k->core.consumed_ticks);
}

/* It may have deleted the current thread or its scheduling context: charge what can be charged. */
static void charge_preempted(struct kernel *k)
{
    if (current_is_schedulable(k)) {
        check_budget(k);
    } else if (sc_is_active(current_sc(k))) {
        charge_budget(k, k->core.consumed_ticks, TURN_IS_GIVEN_UP);
    } else {
        k->core.consumed_ticks = 0;
    }
}

void sched_preempted(struct kernel *k)
{
    charge_preempted(k);
    irq_handle(k);
}

void sched_interrupt(struct kernel *k)
{
    read_clock(k);
    check_budget(k);
    irq_handle(k);
    if (k->core.now_ticks >= k->core.deadline_ticks) {
        k->core.reprogram = true;
    }
}

void sched_yield_turn(struct kernel *k)
{
    struct sched_context *sc = current_sc(k);
    uint64_t consumed_ticks = sc->consumed_ticks + k->core.consumed_ticks;
    charge_budget(k, refill_head(sc)->amount_ticks, TURN_IS_GIVEN_UP);
    /* The rest of the head was given away, not consumed. */
    sc->consumed_ticks = consumed_ticks;
}

/* The end of an entry. */

static void switch_sched_context(struct kernel *k)
{
    const struct tcb *tcb = current_tcb(k);
    struct sched_context *sc = tcb ? sc_at(k, tcb->sc) : NULL;
    if (sc != current_sc(k)) {
        k->core.reprogram = true;
        if (sc && !sc->sporadic) {
            refill_unblock_check(k, sc);
        }
    }
    if (k->core.reprogram) {
        sched_commit(k);
    }
    k->core.current_sc = sc_address(k, sc);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* seL4 asks for its interrupt a microsecond early, as it comes late. Ours is the host's to time. */
static uint64_t next_deadline_ticks(struct kernel *k)
{
    uint64_t deadline_ticks = NO_DEADLINE;
    struct sched_context *sc = current_sc(k);
    const struct tcb *first = tcb_at(k, k->core.release.head);
    if (sc) {
        deadline_ticks = k->core.now_ticks + refill_head(sc)->amount_ticks;
    }
    if (k->config.domains > 1) {
        deadline_ticks = earlier(deadline_ticks, k->core.now_ticks + k->domain_time_ticks);
    }
    if (first) {
        deadline_ticks = earlier(deadline_ticks, release_ticks(k, first));
    }
    return deadline_ticks;
}

void sched_choose(struct kernel *k)
{
    awaken(k);
    if (domain_has_expired(k)) {
        k->core.reprogram = true;
        sched_reschedule(k);
    }
    sched_pick(k);
    switch_sched_context(k);
    if (k->core.reprogram) {
        k->core.deadline_ticks = next_deadline_ticks(k);
        k->core.reprogram = false;
    }
    struct tcb *tcb = current_tcb(k);
    if (tcb && tcb->yield_to) {
        sc_complete_yield_to(k, tcb);
    }
}

uint64_t sched_deadline(struct kernel *k)
{
    return k->port.interrupt_pending(k->port.context) ? k->core.now_ticks : k->core.deadline_ticks;
}

bool kernel_timer_pending(const struct kernel *kernel)
{
    return kernel->core.release.head != 0 || domain_will_wake(kernel);
}

void sched_boot(struct kernel *k, struct tcb *initial)
{
    k->core.now_ticks = k->port.now_ticks(k->port.context);
    k->core.reprogram = true;
    domain_boot(k);
    refill_new(k, sc_at(k, initial->sc), SCHED_CONTEXT_REFILLS_MIN,
               k->config.boot_time_slice_ms * 1000ul * k->ticks_per_us, 0);
    k->core.action = tcb_address(k, initial);
}
