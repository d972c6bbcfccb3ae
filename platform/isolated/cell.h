/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A cell: the Linux process that holds a VSpace, and the two kinds of work that its mapper does.
 *
 * Rules
 *   A cell belongs to one VSpace for life. It is never given to another one: that its threads are
 *   parked cannot be proved, and one that is not would wake up in somebody else's memory.
 *   Whatever fails inside a cell ends the cell, never the kernel: cell_kill().
 *   Only the core thread touches a cell.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "platform/isolated/bases.h"
#include "platform/isolated/cache.h"
#include "platform/isolated/pages.h"
#include "platform/isolated/rewrite.h"
#include "platform/isolated/watch.h"
#include "platform/platform.h"
#include "platform/stub/layout.h"

struct thread;

/* A Linux thread of a cell. */
struct slot {
    pid_t thread_id; /* 0: not made yet */
    uint32_t wake;   /* last value of resume->wake */
    struct bases bases;
    struct thread *owner; /* NULL: free */

    /* beside.c */
    bool beside;            /* it has the second CPU */
    unsigned short_streaks; /* since the last long one */
    uint64_t line_ns; /* how long it had stood in line for a CPU in its life, when last asked */
};

struct cell {
    struct platform *platform;
    paddr vspace;
    struct cache cache;

    pid_t process;       /* 0: not started, or lost */
    bool mapper_beside;  /* the mapper has the second CPU */
    int reply;           /* read end of the mapper's pipe */
    uint8_t *control;    /* the control memory: CONTROL_BYTES, shared with the cell */
    unsigned ordered;    /* orders that wait for mapper_run() */
    unsigned slots_made; /* slots below this have a Linux thread */
    struct slot slots[STUB_SLOTS_MAX];
    struct pages pages;
    struct rewrite rewrite;
    struct watch watch;
    uint64_t last_run;            /* stats.runs when it last ran: who is evicted first */
    unsigned unmaps_since_placed; /* of what was present, since a thread was last placed in it */
    bool lost;                    /* the process is gone; only cell_free() is left to do */
    char why[256];                /* why it was lost */
};

/* A cell without a process: a place to remember mappings. NULL if the host has no memory. */
struct cell *cell_make(struct platform *platform, paddr vspace);

/* The cell of a VSpace, made if there is none. NULL if the host has no memory. */
struct cell *cell_of(struct platform *platform, paddr vspace);

/* Start its process around a memfd of RAM, and wait until the mapper is ready. Nothing happens if it
 * is started.
 * Returns   0, or -errno with *error filled in and the cell as it was. */
int cell_start(struct cell *cell, int ram, struct platform_error *error);

/* Kill and reap the process. The cell is lost from now on; a first reason is kept. */
void cell_kill(struct cell *cell, const char *why);

/* The process has died or is about to, by itself: wait until it has. The cell is lost from now on. */
void cell_reap(struct cell *cell);

/* Has the process died by itself? Then the cell is lost. */
bool cell_has_died(struct cell *cell);

/* Kill if need be, and free. */
void cell_free(struct cell *cell);

static inline struct stub_orders *cell_orders(struct cell *cell)
{
    return (struct stub_orders *)cell->control;
}

static inline uint32_t *cell_bell(struct cell *cell)
{
    return (uint32_t *)(cell->control + CONTROL_BELL);
}

static inline uint8_t *cell_slot(struct cell *cell, unsigned slot)
{
    return cell->control + CONTROL_SLOT(slot);
}

static inline struct stub_resume *cell_resume(struct cell *cell, unsigned slot)
{
    return (struct stub_resume *)cell_slot(cell, slot);
}

static inline struct stub_save *cell_save(struct cell *cell, unsigned slot)
{
    return (struct stub_save *)(cell_slot(cell, slot) + SLOT_SAVE);
}
