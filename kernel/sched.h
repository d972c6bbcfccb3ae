/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Which thread runs. sched.c has the queues; sched_mcs.c (later also sched_classic.c) the rules.
 *
 * Exactly seL4's scheduler, its corners included: who goes to the head of a queue and who to the
 * tail can be seen by guests.
 */
#pragma once

#include "kernel/call.h"

/* Queues. A thread is in at most one. */
void sched_enqueue(struct kernel *k, struct tcb *tcb);        /* at the head */
void sched_append(struct kernel *k, struct tcb *tcb);         /* at the tail */
void sched_dequeue(struct kernel *k, struct tcb *tcb);        /* if it is in the ready queue */
void sched_release_remove(struct kernel *k, struct tcb *tcb); /* if it is in the release queue */

/* Put a thread into any queue, before `successor`; NULL is the end. */
void queue_insert(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb,
                  struct tcb *successor);

/* The queue of an endpoint or a notification. MCS: by priority, and behind its equals. */
void queue_append(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb);
void queue_remove(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb);

/* Change a thread's state; when it is the current one and cannot run any more, the scheduler
 * chooses at the end of the entry. */
void sched_set_state(struct kernel *k, struct tcb *tcb, enum thread_state state);

/* The thread can run now: switch to it at the end of the entry if it is more important, else put it
 * into its queue. */
void sched_possible_switch(struct kernel *k, struct tcb *tcb);

/* Look at the queues at the end of the entry. */
void sched_reschedule(struct kernel *k);

/* Its state allows it to run. */
bool sched_is_runnable(const struct tcb *tcb);
/* It waits for somebody else. */
bool sched_is_blocked(const struct tcb *tcb);
/* Its state allows it to run, and so does its scheduling context. */
bool sched_is_schedulable(struct kernel *k, const struct tcb *tcb);

void sched_set_priority(struct kernel *k, struct tcb *tcb, uint8_t priority);
void sched_set_mcp(struct kernel *k, struct tcb *tcb, uint8_t mcp);
void sched_set_domain(struct kernel *k, struct tcb *tcb, uint8_t domain);

/* End of an entry: choose the thread that runs next; core.current is 0 when there is none. */
void sched_choose(struct kernel *k);

/* When the kernel has to be entered at the latest: budget, release queue, domain's turn. Now, while
 * an interrupt waits. */
uint64_t sched_deadline(struct kernel *k);

/* The part of sched_choose() that all rules share: do what core.action says. */
void sched_pick(struct kernel *k);

/* Time. Begin of an entry: read the clock. */
void sched_clock(struct kernel *k);
/* The current thread may be billed for one more entry; else it is out of time and *not* to
 * execute its system call or interrupt: see the two forms in the caller. */
bool sched_check_budget(struct kernel *k);
bool sched_check_budget_restart(struct kernel *k);
/* In the midst of a long operation: read the clock again. False when the budget or the domain's turn
 * is spent, so that the operation should stop. */
bool sched_may_continue(struct kernel *k);
/* A long operation was stopped, and may have deleted the current thread or its scheduling context:
 * charge for it what can be charged. */
void sched_charge_preempted(struct kernel *k);
/* Timer interrupt or deadline. */
void sched_tick(struct kernel *k);
void sched_yield_turn(struct kernel *k);
/* The current scheduling context pays for what was consumed; its budget is known to suffice. MCS. */
void sched_commit(struct kernel *k);
/* The thread of a scheduling context has to wait for its refill. MCS. */
void sched_postpone(struct kernel *k, struct sched_context *sc);

/* Boot: the initial thread runs first. Gives its scheduling context, which is bound to it, the boot
 * time slice, round robin. */
void sched_boot(struct kernel *k, struct tcb *initial);
