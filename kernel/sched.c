/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What all rules of scheduling share: queues, states, and the switch at the end of an entry. */
#include "kernel/sched.h"

#include "kernel/domain.h"

#define PRIORITIES_PER_WORD 64
#define BITMAP_WORDS        (PRIORITIES_MAX / PRIORITIES_PER_WORD)

/* Queues. */

void queue_insert(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb, struct tcb *successor)
{
    struct tcb *predecessor = tcb_at(k, successor ? successor->queue.previous : queue->tail);
    tcb->queue.previous = tcb_address(k, predecessor);
    tcb->queue.next = tcb_address(k, successor);
    *(predecessor ? &predecessor->queue.next : &queue->head) = tcb_address(k, tcb);
    *(successor ? &successor->queue.previous : &queue->tail) = tcb_address(k, tcb);
}

void queue_remove(struct kernel *k, struct tcb_queue *queue, struct tcb *tcb)
{
    struct tcb *predecessor = tcb_at(k, tcb->queue.previous);
    struct tcb *successor = tcb_at(k, tcb->queue.next);
    *(predecessor ? &predecessor->queue.next : &queue->head) = tcb->queue.next;
    *(successor ? &successor->queue.previous : &queue->tail) = tcb->queue.previous;
    tcb->queue = (struct tcb_link){0};
}

/* The ready queues, and the bitmap of those that are not empty. */

static struct tcb_queue *ready_queue(struct kernel *k, const struct tcb *tcb)
{
    return &k->core.ready[tcb->domain][tcb->priority];
}

static void update_bitmap(struct kernel *k, const struct tcb *tcb)
{
    uint64_t *word = &k->core.ready_bitmap[tcb->domain][tcb->priority / PRIORITIES_PER_WORD];
    uint64_t bit = 1ul << tcb->priority % PRIORITIES_PER_WORD;
    *word = ready_queue(k, tcb)->head ? *word | bit : *word & ~bit;
}

static void put_before(struct kernel *k, struct tcb *tcb, struct tcb *successor)
{
    queue_insert(k, ready_queue(k, tcb), tcb, successor);
    tcb->in_ready_queue = true;
    update_bitmap(k, tcb);
}

void sched_enqueue(struct kernel *k, struct tcb *tcb)
{
    if (!tcb->in_ready_queue) {
        put_before(k, tcb, tcb_at(k, ready_queue(k, tcb)->head));
    }
}

void sched_append(struct kernel *k, struct tcb *tcb)
{
    if (!tcb->in_ready_queue) {
        put_before(k, tcb, NULL);
    }
}

void sched_dequeue(struct kernel *k, struct tcb *tcb)
{
    if (tcb->in_ready_queue) {
        queue_remove(k, ready_queue(k, tcb), tcb);
        tcb->in_ready_queue = false;
        update_bitmap(k, tcb);
    }
}

int sched_highest_priority(const struct kernel *k)
{
    for (int word = BITMAP_WORDS - 1; word >= 0; word--) {
        uint64_t bits = k->core.ready_bitmap[k->domain][word];
        if (bits) {
            return word * PRIORITIES_PER_WORD + PRIORITIES_PER_WORD - 1 - __builtin_clzl(bits);
        }
    }
    return -1;
}

/* States. */

bool sched_is_runnable(const struct tcb *tcb)
{
    return tcb->state == THREAD_RUNNING || tcb->state == THREAD_RESTART;
}

bool sched_is_blocked(const struct tcb *tcb)
{
    return tcb->state != THREAD_INACTIVE && !sched_is_runnable(tcb);
}

void sched_set_state(struct kernel *k, struct tcb *tcb, enum thread_state state)
{
    tcb->state = state;
    if (tcb == current_tcb(k) && k->core.action == ACTION_RESUME && !sched_is_schedulable(k, tcb)) {
        k->core.action = ACTION_CHOOSE;
    }
}

void sched_set_mcp(struct kernel *k, struct tcb *tcb, uint8_t mcp)
{
    (void)k;
    tcb->mcp = mcp;
}

void sched_set_domain(struct kernel *k, struct tcb *tcb, uint8_t domain)
{
    sched_dequeue(k, tcb);
    tcb->domain = domain;
    if (sched_is_schedulable(k, tcb)) {
        sched_enqueue(k, tcb);
    }
    if (tcb == current_tcb(k)) {
        sched_reschedule(k);
    }
}

/* Decisions. */

/* The thread that action names, or NULL. */
static struct tcb *candidate(struct kernel *k)
{
    paddr action = k->core.action;
    return action == ACTION_RESUME || action == ACTION_CHOOSE ? NULL : tcb_at(k, action);
}

void sched_reschedule(struct kernel *k)
{
    struct tcb *tcb = candidate(k);
    if (tcb && sched_is_schedulable(k, tcb)) {
        sched_enqueue(k, tcb);
    }
    k->core.action = ACTION_CHOOSE;
}

void sched_possible_switch(struct kernel *k, struct tcb *tcb)
{
    if (!sched_is_schedulable(k, tcb)) {
        return;
    }
    if (tcb->domain != k->domain) {
        sched_enqueue(k, tcb);
    } else if (k->core.action != ACTION_RESUME) {
        /* One thread at a time can avoid the queues. The first goes into them first. */
        sched_reschedule(k);
        sched_enqueue(k, tcb);
    } else {
        k->core.action = tcb_address(k, tcb);
    }
}

static void switch_to(struct kernel *k, struct tcb *tcb)
{
    sched_dequeue(k, tcb);
    if (tcb != current_tcb(k)) {
        tcb->times_scheduled++;
    }
    k->core.current = tcb_address(k, tcb);
}

static void choose_from_queues(struct kernel *k)
{
    if (k->domain_time_ticks == 0) {
        domain_next(k);
    }
    int priority = sched_highest_priority(k);
    if (priority < 0) {
        k->core.current = 0;
    } else {
        switch_to(k, tcb_at(k, k->core.ready[k->domain][priority].head));
    }
}

/* Switch to a thread without a look at the queues, if they can have nothing better. A current
 * thread that was more important than it says nothing: others as important may be ready. */
static bool switch_directly(struct kernel *k, struct tcb *tcb, bool current_is_ready)
{
    const struct tcb *current = current_tcb(k);
    bool needs_look = !current || tcb->priority < current->priority;
    if (needs_look && tcb->priority < sched_highest_priority(k)) {
        sched_enqueue(k, tcb);
        return false;
    }
    if (current && current_is_ready && tcb->priority == current->priority) {
        /* The current thread was put at the head: it goes on. */
        sched_append(k, tcb);
        return false;
    }
    switch_to(k, tcb);
    return true;
}

void sched_pick(struct kernel *k)
{
    if (k->core.action == ACTION_RESUME) {
        return;
    }
    struct tcb *current = current_tcb(k);
    bool current_is_ready = current && sched_is_schedulable(k, current);
    if (current_is_ready) {
        sched_enqueue(k, current);
    }
    struct tcb *tcb = candidate(k);
    if (!tcb || !switch_directly(k, tcb, current_is_ready)) {
        choose_from_queues(k);
    }
    k->core.action = ACTION_RESUME;
}
