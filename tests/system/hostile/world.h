/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What the root task makes systems of: objects from pools, VSpaces with the guests' image, threads.
 *
 * Nothing here can fail but by a mistake in the test: need() stops the machine and names the call.
 */
#pragma once

#include <roottask.h>

#include "tests/system/hostile/layout.h"

/* Stop unless error is seL4_NoError. */
void need(seL4_Error error, const char *what);

/* An untyped to make objects of. What was made is deleted all at once. */
struct pool {
    seL4_CPtr untyped;
    seL4_CPtr first_slot, next_slot, end_slot;
};

/* Find the machine's memory and slots. */
void world_start(seL4_BootInfo *bootinfo);

/* A pool of 2^size_bits bytes and so many slots. */
struct pool pool_make(seL4_Word size_bits, seL4_Word slots);
void pool_empty(struct pool *pool);

/* A new object; size_bits only where the type leaves it open. */
seL4_CPtr make(struct pool *pool, seL4_Word type, seL4_Word size_bits);
/* Another cap to the same object, with a badge or a guard. */
seL4_CPtr copy_of(struct pool *pool, seL4_CPtr cap);
seL4_CPtr badged(struct pool *pool, seL4_CPtr cap, seL4_Word badge);

/* Map a frame into the root task's own window, at the next free page; its address. */
volatile seL4_Word *see(seL4_CPtr frame);

struct space {
    seL4_CPtr vspace;
    seL4_CPtr cnode;
};

/* A VSpace with the tables for GUEST_BASE and an empty CSpace. */
struct space space_make(struct pool *pool);
void space_map(seL4_CPtr vspace, seL4_Word vaddr, seL4_CPtr frame, seL4_CapRights_t rights);
void space_give(struct space *space, enum guest_cap slot, seL4_CPtr cap);

/* Map the image of all guests, each space with frames of its own. frames: their caps, or NULL. */
void space_load(struct pool *pool, struct space *space, seL4_CPtr *frames);
seL4_Word image_pages(void);
const volatile seL4_Word *image_page(seL4_Word page);

struct thread {
    seL4_CPtr tcb, sc;
};

struct thread_plan {
    const char *name;
    seL4_Word priority;
    seL4_Time budget_us, period_us;
    seL4_CPtr fault_ep;
    seL4_Word stack; /* which stack page */
};

/* A thread that does not run yet; its stack is mapped. */
struct thread thread_make(struct pool *pool, struct space *space, const struct thread_plan *plan);
/* From the start of the guests' image, with its arguments, whatever it does now. */
void thread_start(struct thread thread, seL4_Word stack, const seL4_Word arguments[4]);

/* Microseconds from the time stamp counter. */
seL4_Word now_us(void);
