/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The state of one kernel: all that is not an object.
 *
 * Like the objects it refers to objects by physical address only, so that a copy of this struct
 * and of kernel-private memory is a snapshot; `port`, `ram`, `objects`, `regions` and `reserved`
 * are the host's to set again.
 */
#pragma once

#include "abi/invocations.h"
#include "kernel/kernel.h"
#include "kernel/objects.h"

#define INVOCATION_ENUMERATOR(name, condition) name,
enum invocation { INVOCATIONS(INVOCATION_ENUMERATOR) INVOCATION_COUNT };
#undef INVOCATION_ENUMERATOR

#define OBJECT_ENUMERATOR(name, condition) name,
enum object_type { OBJECT_TYPES(OBJECT_ENUMERATOR) OBJECT_TYPE_COUNT };
#undef OBJECT_ENUMERATOR

#define IRQ_COUNT  256 /* slots of the interrupt CNode */
#define ASID_POOLS 8

enum irq_state { IRQ_INACTIVE, IRQ_SIGNAL, IRQ_TIMER, IRQ_RESERVED };

struct irq {
    uint8_t state;  /* enum irq_state */
    bool is_ioapic; /* else an MSI */
    bool is_level;
    uint8_t ioapic;
    uint8_t pin;
};

/* One entry of the domain schedule: a domain and how long it runs; 0 ticks: the end marker. */
struct domain_turn {
    uint64_t domain;
    uint64_t duration;
};

/* What one core needs. */
struct core {
    paddr current;    /* the running thread; 0: idle */
    paddr current_sc; /* MCS: whose time runs */
    /* The scheduler's decision at the end of the entry: ACTION_RESUME, ACTION_CHOOSE or a TCB that
     * may be switched to without looking at the queues. */
    paddr action;
    uint64_t now_ticks;       /* the clock, read once on entry */
    uint64_t consumed_ticks;  /* MCS: by current_sc, not yet charged */
    bool reprogram;           /* MCS: the deadline has to be computed anew */
    uint64_t deadline_ticks;  /* MCS: when the current thread's turn ends or another's begins */
    struct tcb_queue release; /* MCS: threads that wait for their refill, earliest first */
    uint64_t last_tick_ticks; /* classic: when the last tick of the timer that was taken came */
    struct tcb_queue ready[DOMAINS_MAX][PRIORITIES_MAX];
    uint64_t ready_bitmap[DOMAINS_MAX][PRIORITIES_MAX / 64];
};

#define ACTION_RESUME ((paddr)0)
#define ACTION_CHOOSE ((paddr)1)

struct kernel {
    struct kernel_config config;
    struct kernel_port port;
    uint8_t *ram;
    uint8_t *objects;
    uint64_t memory_bytes;
    const struct kernel_region *regions;
    size_t region_count;
    const struct kernel_reserved *reserved;
    size_t reserved_count;
    uint64_t ticks_per_us;

    /* From the configuration: a guest's label or type number to ours, and how many there are. */
    uint8_t invocation_of_label[INVOCATION_COUNT];
    unsigned label_count;
    uint8_t type_of_number[OBJECT_TYPE_COUNT];
    unsigned type_count;

    struct core core;

    struct domain_turn schedule[SCHEDULES_MAX];
    uint64_t schedule_index;
    uint64_t schedule_start;
    uint64_t domain;            /* the one whose turn it is */
    uint64_t domain_time_ticks; /* what is left of its turn; classic: in ticks of the timer */

    struct irq irqs[IRQ_COUNT];
    paddr irq_slots; /* IRQ_COUNT slots: the interrupt CNode */

    paddr asid_pools[ASID_POOLS];
    uint8_t io_ports[65536 / 8]; /* bit set: issued */

    uint64_t work_units; /* done since the last look for interrupts */
    bool halted;

    /* mismatch.c: what has been looked at, and that a person has been told. */
    bool label_judged;
    bool syscall_judged;
    bool mismatch_told;

    struct {
        paddr first; /* the list of all threads, see tcb.all */
    } threads;
    struct kernel_stats stats;
};

static inline void *object_at(struct kernel *k, paddr object)
{
    return k->objects + object;
}

static inline paddr object_address(const struct kernel *k, const void *object)
{
    return (paddr)((const uint8_t *)object - k->objects);
}

/* The typed forms. NULL for 0, and 0 for NULL. */
#define OBJECT_ACCESSORS(type, name)                                                               \
    static inline struct type *name##_at(struct kernel *k, paddr object)                           \
    {                                                                                              \
        return object ? object_at(k, object) : NULL;                                               \
    }                                                                                              \
    static inline paddr name##_address(const struct kernel *k, const struct type *object)          \
    {                                                                                              \
        return object ? object_address(k, object) : 0;                                             \
    }

OBJECT_ACCESSORS(slot, slot)
OBJECT_ACCESSORS(tcb, tcb)
OBJECT_ACCESSORS(endpoint, ep)
OBJECT_ACCESSORS(notification, ntfn)
OBJECT_ACCESSORS(reply, reply)
OBJECT_ACCESSORS(sched_context, sc)

static inline struct tcb *current_tcb(struct kernel *k)
{
    return tcb_at(k, k->core.current);
}

/* Stops at once: a bug in Quoll, never something that a guest can cause. */
#define ASSERT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            __builtin_trap();                                                                      \
        }                                                                                          \
    } while (0)
