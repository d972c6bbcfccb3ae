/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The classic kernel's rules of scheduling: priorities, and time slices among equals.
 *
 * The real kernel has a timer that ticks. A tick takes one from the time slice of the running
 * thread, which goes behind its equals when that was the last, and one from its domain's turn. Here
 * no timer ticks: ticks are counted when the kernel is entered next, and sched_deadline() names the
 * one that will change who runs, if there is any. Who comes late, as a host may, finds that tick
 * pending, and it is dealt with before anybody runs; if more have come since, they are lost, as an
 * interrupt controller remembers but one.
 */
#include "kernel/sched.h"

#include "kernel/domain.h"
#include "kernel/irq.h"

#define NO_TICK UINT64_MAX

bool sched_is_schedulable(struct kernel *k, const struct tcb *tcb)
{
    (void)k;
    return sched_is_runnable(tcb);
}

/* Queues. */

void queue_append(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb)
{
    queue_insert(k, queue, tcb, NULL);
}

void sched_remove(struct kernel *k, struct tcb *tcb)
{
    sched_dequeue(k, tcb);
}

void sched_retry(struct kernel *k, struct tcb *tcb)
{
    sched_set_state(k, tcb, THREAD_RESTART);
    sched_enqueue(k, tcb);
}

void sched_set_priority(struct kernel *k, struct tcb *tcb, uint8_t priority)
{
    sched_dequeue(k, tcb);
    tcb->priority = priority;
    if (!sched_is_runnable(tcb)) {
        return;
    }
    if (tcb == current_tcb(k)) {
        sched_reschedule(k);
    } else {
        sched_possible_switch(k, tcb);
    }
}

/* The current thread goes behind its equals. */
static void end_turn(struct kernel *k)
{
    sched_dequeue(k, current_tcb(k));
    sched_append(k, current_tcb(k));
    sched_reschedule(k);
}

void sched_yield_turn(struct kernel *k)
{
    end_turn(k);
}

/* Ticks. */

static uint64_t period_ticks(const struct kernel *k)
{
    return k->config.timer_tick_ms * 1000ul * k->ticks_per_us;
}

/* Read the clock. Returns how many ticks have come since the last that was taken. */
static uint64_t ticks_due(struct kernel *k)
{
    uint64_t now_ticks = k->port.now_ticks(k->port.context);
    if (now_ticks > k->core.now_ticks) {
        k->core.now_ticks = now_ticks;
    }
    return (k->core.now_ticks - k->core.last_tick_ticks) / period_ticks(k);
}

/* At the end of the current domain's turn somebody starts to run, or stops. */
static bool turn_matters(const struct kernel *k)
{
    return k->core.current ? domain_will_change(k) : domain_will_wake(k);
}

/* Which tick, counted from the last that was taken, changes who runs: the end of the time slice, if
 * an equal waits for its turn, or of the domain's turn. */
static uint64_t changing_tick(struct kernel *k)
{
    const struct tcb *tcb = current_tcb(k);
    uint64_t tick = NO_TICK;
    if (tcb && sched_highest_priority(k) >= tcb->priority) {
        tick = tcb->time_slice;
    }
    if (k->domain_time_ticks < tick && turn_matters(k)) {
        tick = k->domain_time_ticks;
    }
    return tick;
}

/* Ticks of the domain's turn, or of turns that do not matter. */
static void elapse_domain(struct kernel *k, uint64_t ticks)
{
    if (k->config.domains == 1) {
        return;
    }
    while (ticks >= k->domain_time_ticks) {
        ticks -= k->domain_time_ticks;
        domain_next(k);
    }
    k->domain_time_ticks -= ticks;
}

/* A time slice after ticks that come while nobody waits for its end: it begins anew. */
static uint64_t rest_of_slice(const struct kernel *k, uint64_t slice, uint64_t ticks)
{
    uint64_t whole = k->config.time_slice_ticks;
    uint64_t part = ticks % whole;
    return slice > part ? slice - part : slice + whole - part;
}

/* Take ticks that change nothing. */
static void take_quiet(struct kernel *k, uint64_t ticks)
{
    struct tcb *tcb = current_tcb(k);
    if (ticks == 0) {
        return;
    }
    if (tcb) {
        tcb->time_slice = rest_of_slice(k, tcb->time_slice, ticks);
    }
    elapse_domain(k, ticks);
    k->core.last_tick_ticks += ticks * period_ticks(k);
}

/* Of all ticks that are due only one is pending. */
static void lose_late_ticks(struct kernel *k, uint64_t due)
{
    k->core.last_tick_ticks += (due - 1) * period_ticks(k);
}

/* Take the ticks that have come, up to the one that changes who runs. Returns whether that one is
 * pending. */
static bool count_ticks(struct kernel *k)
{
    uint64_t due = ticks_due(k);
    uint64_t changing = changing_tick(k);
    if (due < changing) {
        take_quiet(k, due);
        return false;
    }
    take_quiet(k, changing - 1);
    lose_late_ticks(k, due - (changing - 1));
    return true;
}

/* Take one tick, as the timer's interrupt. A thread that is in the midst of a long operation does
 * not pay for it. */
static void take_tick(struct kernel *k)
{
    struct tcb *tcb = current_tcb(k);
    k->core.last_tick_ticks += period_ticks(k);
    if (tcb && tcb->state == THREAD_RUNNING && --tcb->time_slice == 0) {
        tcb->time_slice = k->config.time_slice_ticks;
        end_turn(k);
    }
    if (k->config.domains > 1 && --k->domain_time_ticks == 0) {
        sched_reschedule(k);
    }
}

bool sched_enter(struct kernel *k)
{
    count_ticks(k);
    return true;
}

void sched_interrupt(struct kernel *k)
{
    if (count_ticks(k)) {
        take_tick(k);
    } else {
        irq_handle(k);
    }
}

/* The end of the domain's turn is due. */
static bool turn_is_over(struct kernel *k, uint64_t due)
{
    return due >= k->domain_time_ticks && domain_will_change(k);
}

bool sched_may_continue(struct kernel *k)
{
    uint64_t due = ticks_due(k);
    if (turn_is_over(k, due)) {
        return false;
    }
    elapse_domain(k, due);
    k->core.last_tick_ticks += due * period_ticks(k);
    return true;
}

void sched_preempted(struct kernel *k)
{
    uint64_t due = ticks_due(k);
    if (turn_is_over(k, due)) {
        k->core.last_tick_ticks += due * period_ticks(k);
        k->domain_time_ticks = 0;
        sched_reschedule(k);
    } else {
        irq_handle(k);
    }
}

/* The end of an entry. */

void sched_choose(struct kernel *k)
{
    sched_pick(k);
}

uint64_t sched_deadline(struct kernel *k)
{
    if (k->port.interrupt_pending(k->port.context)) {
        return k->core.now_ticks;
    }
    uint64_t tick = changing_tick(k);
    uint64_t furthest = (NO_DEADLINE - k->core.last_tick_ticks) / period_ticks(k);
    return tick < furthest ? k->core.last_tick_ticks + tick * period_ticks(k) : NO_DEADLINE;
}

bool kernel_timer_pending(const struct kernel *kernel)
{
    return domain_will_wake(kernel);
}

void sched_boot(struct kernel *k, struct tcb *initial)
{
    k->core.now_ticks = k->port.now_ticks(k->port.context);
    k->core.last_tick_ticks = k->core.now_ticks;
    domain_boot(k);
    k->core.action = tcb_address(k, initial);
}
