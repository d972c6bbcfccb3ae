/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/watch.h"

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"

/* From the bell until Linux has put the thread to sleep, or the mapper: 1 to 4 us, with a margin. */
#define FALL_ASLEEP_NS 8000

/* A bound for one sweep: reading a CPU clock is a system call. */
#define CELLS_MAX 64

#define IDLE_CALM_NS 1000000000ull

void watch_grant(struct cell *cell, uint64_t ns)
{
    cell->watch.granted_ns += ns + FALL_ASLEEP_NS;
}

/* Often it has no more than woken the core when that takes the CPU. The rest takes two more switches. */
void watch_grant_woken(struct cell *cell, uint64_t ns)
{
    watch_grant(cell, ns + 2 * cell->platform->stolen.exchange_ns);
}

/* Returns whether it has used the CPU since the last look. */
static bool look(struct cell *cell)
{
    struct watch *watch = &cell->watch;
    uint64_t cpu;
    if (host.cpu_ns(cell->process, &cpu) != 0) {
        return true;
    }
    bool used = cpu != watch->cpu_ns;
    uint64_t balance = watch->stolen_ns + (cpu - watch->cpu_ns);
    watch->stolen_ns = balance > watch->granted_ns ? balance - watch->granted_ns : 0;
    watch->granted_ns = 0;
    watch->cpu_ns = cpu;
    if (watch->stolen_ns > WATCH_STOLEN_NS) {
        cell_kill(cell, "it used the CPU when it was not its turn");
    }
    return used;
}

void watch_sweep(struct platform *platform, const struct cell *running, uint64_t now_ns)
{
    if (now_ns < platform->watch_at) {
        return;
    }
    platform->watch_at = now_ns + WATCH_NS;
    platform->watch_calm = true;
    unsigned looked = 0;
    for (size_t i = 0; i < platform->cells.capacity && looked < CELLS_MAX; i++) {
        platform->watch_next = (platform->watch_next + 1) & (platform->cells.capacity - 1);
        struct cell *cell = platform->cells.entries[platform->watch_next].value;
        if (cell != NULL && cell != running && cell->process != 0) {
            platform->watch_calm = !look(cell) && platform->watch_calm;
            looked++;
        }
    }
}

uint64_t watch_idle_ns(const struct platform *platform)
{
    return platform->watch_calm ? IDLE_CALM_NS : WATCH_NS;
}
