/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/thread.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform/isolated/bell.h"
#include "platform/isolated/fpu.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/slot.h"

struct thread *thread_of(struct platform *platform, paddr tcb)
{
    struct thread *thread = table_find(&platform->threads, tcb);
    if (thread != NULL) {
        return thread;
    }
    thread = host.calloc(1, sizeof(*thread));
    if (thread == NULL) {
        return NULL;
    }
    thread->tcb = tcb;
    if (table_insert(&platform->threads, tcb, thread) != 0) {
        free(thread);
        return NULL;
    }
    return thread;
}

void thread_lost(struct thread *thread)
{
    breakpoints_clear(thread);
    thread->cell->slots[thread->slot].owner = NULL;
    thread->cell->platform->stats.threads_live--;
    thread->cell = NULL;
    free(thread->fpu);
    thread->fpu = NULL;
}

/* The Linux thread stays for the next TCB of this VSpace. */
static void leave_slot(struct thread *thread)
{
    breakpoints_clear(thread);
    thread->cell->slots[thread->slot].owner = NULL;
    thread->cell->platform->stats.threads_live--;
    thread->cell = NULL;
}

void thread_free(struct platform *platform, struct thread *thread)
{
    if (thread->cell != NULL) {
        leave_slot(thread);
    }
    table_remove(&platform->threads, thread->tcb);
    free(thread->fpu);
    free(thread);
}

/* A parked thread saves its FPU state at once. One that is not gets a signal, and its state is what it
 * makes of it. */
#define SAVE_NS 1000000u

/* Fetch the FPU state of a thread. NULL: the cell was lost over it. */
static uint8_t *save_fpu(struct thread *thread, uint8_t *state)
{
    struct cell *cell = thread->cell;
    cell_resume(cell, thread->slot)->fpu = STUB_FPU_SAVE;
    if (!bell_exchange(cell, thread->slot, host_now_ns() + SAVE_NS)) {
        free(state);
        return NULL;
    }
    fpu_copy(cell->platform, state, cell_slot(cell, thread->slot) + SLOT_FPU_SAVED);
    return state;
}

uint8_t *thread_fpu(struct thread *thread)
{
    if (thread->fpu == NULL && thread->cell != NULL && !thread->cell->lost) {
        uint8_t *state = host.calloc(1, SLOT_FPU_BYTES);
        thread->fpu = state == NULL ? NULL : save_fpu(thread, state);
    }
    return thread->fpu;
}

/* Take a thread that may run again out of its slot, its FPU state with it if that can be had. */
static int evict(struct thread *thread, struct platform_error *error)
{
    if (thread_fpu(thread) == NULL && !thread->cell->lost) {
        return host_failed(error, ENOMEM, "keep the FPU state of a thread");
    }
    leave_slot(thread);
    return 0;
}

void thread_evict_all(struct cell *cell)
{
    for (unsigned i = 0; i < cell->slots_made && !cell->lost; i++) {
        struct platform_error ignored;
        if (cell->slots[i].owner != NULL) {
            evict(cell->slots[i].owner, &ignored);
        }
    }
}

/* The one of the cell that has not run for the longest time. */
static struct thread *oldest(const struct cell *cell)
{
    struct thread *found = NULL;
    for (unsigned i = 0; i < cell->slots_made; i++) {
        struct thread *owner = cell->slots[i].owner;
        if (owner != NULL && (found == NULL || owner->last_run < found->last_run)) {
            found = owner;
        }
    }
    return found;
}

static bool free_slot(const struct cell *cell, unsigned *slot)
{
    for (unsigned i = 0; i < cell->slots_made; i++) {
        if (cell->slots[i].owner == NULL) {
            *slot = i;
            return true;
        }
    }
    return false;
}

static int find_slot(struct cell *cell, const char *name, unsigned *slot,
                     struct platform_error *error)
{
    if (free_slot(cell, slot)) {
        return 0;
    }
    int code = slot_make(cell, name, slot, error);
    struct thread *victim = oldest(cell);
    if (code != -EAGAIN || victim == NULL) {
        return code;
    }
    code = evict(victim, error);
    if (code == 0 && (cell->lost || !free_slot(cell, slot))) {
        code = host_refused(error, EPIPE, "make room for a thread in a cell", cell->why);
    }
    return code;
}

int thread_place(struct thread *thread, struct cell *cell, const char *name,
                 struct platform_error *error)
{
    if (thread->cell == cell) {
        return 0;
    }
    if (thread->cell != NULL) {
        int code = evict(thread, error);
        if (code != 0) {
            return code;
        }
    }
    if (thread->fpu == NULL) {
        thread->fpu = host.calloc(1, SLOT_FPU_BYTES);
        if (thread->fpu == NULL) {
            return host_failed(error, ENOMEM, "keep the FPU state of a thread");
        }
        fpu_fresh(thread->fpu);
    }
    unsigned slot;
    int code = find_slot(cell, name, &slot, error);
    if (code != 0) {
        return code;
    }
    cell->slots[slot].owner = thread;
    cell->platform->stats.threads_live++;
    thread->cell = cell;
    thread->slot = slot;
    cell->unmaps_since_placed = 0;
    return 0;
}

void platform_release_thread(struct platform *platform, paddr tcb)
{
    struct thread *thread = table_find(&platform->threads, tcb);
    if (thread != NULL) {
        thread_free(platform, thread);
    }
}

void platform_stats(const struct platform *platform, struct platform_stats *stats)
{
    *stats = platform->stats;
}
