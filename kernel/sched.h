/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Which thread runs. sched.c has the queues and the switch; mcs/sched.c and classic/sched.c have the
 * rules, which is what makes the two kernels two.
 *
 * Exactly seL4's schedulers, their corners included: who goes to the head of a queue and who to the
 * tail can be seen by guests.
 */
#pragma once

#include "kernel/call.h"

/* Queues. A thread is in at most one. */
void sched_enqueue(struct kernel *k, struct tcb *tcb); /* at the head */
void sched_append(struct kernel *k, struct tcb *tcb);  /* at the tail */
void sched_dequeue(struct kernel *k, struct tcb *tcb); /* if it is in the ready queue */

/* Put a thread into any queue, before `successor`; NULL is the end. */
void queue_insert(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb,
                  struct tcb *successor);
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

void sched_set_mcp(struct kernel *k, struct tcb *tcb, uint8_t mcp);
void sched_set_domain(struct kernel *k, struct tcb *tcb, uint8_t domain);

/* The part of sched_choose() that all rules share: do what core.action says. */
void sched_pick(struct kernel *k);

/* The highest priority of the current domain with a ready thread, or -1. */
int sched_highest_priority(const struct kernel *k);

/*
 * What follows is each product's own: the rules.
 */

/* The queue of an endpoint or a notification. MCS: by priority, and behind its equals. Classic:
 * first come, first served. */
void queue_append(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb);

/* Its state allows it to run, and so does its time. */
bool sched_is_schedulable(struct kernel *k, const struct tcb *tcb);

void sched_set_priority(struct kernel *k, struct tcb *tcb, uint8_t priority);

/* Take a thread that stops out of the queues of those that run or will. */
void sched_remove(struct kernel *k, struct tcb *tcb);

/* What a thread waited on is gone, and its wait with it: its system call is executed again. */
void sched_retry(struct kernel *k, struct tcb *tcb);

/* Begin of an entry by the current thread: time has passed. False: that was all it had; it is not
 * to have what it entered for now, but executes its instruction again later. */
bool sched_enter(struct kernel *k);

/* Begin of an entry by an interrupt or a deadline: deal with it. */
void sched_interrupt(struct kernel *k);

/* In the midst of a long operation: look at the clock again. False when the current thread's time
 * or its domain's turn is over, so that the operation should stop. */
bool sched_may_continue(struct kernel *k);

/* A long operation was stopped, for that or for an interrupt; it may have deleted the current
 * thread or its time. Deal with why. */
void sched_preempted(struct kernel *k);

void sched_yield_turn(struct kernel *k);

/* End of an entry: choose the thread that runs next; core.current is 0 when there is none. */
void sched_choose(struct kernel *k);

/* When the kernel has to be entered at the latest, if nothing happens before; NO_DEADLINE: time
 * alone changes nothing. Now, while an interrupt waits. */
uint64_t sched_deadline(struct kernel *k);

/* Boot: the clock starts, and the initial thread runs first. MCS: on its scheduling context, which
 * is bound to it and gets the boot time slice, round robin. */
void sched_boot(struct kernel *k, struct tcb *initial);
