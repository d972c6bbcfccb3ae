/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/stolen.h"

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"

/* Others may take less than that at a time, and often. */
#define LOOK_MAX_NS 2000000u

/* By the core, of what has passed since the last look; but no more than it had a use for. */
static uint64_t used_by_core_ns(struct stolen *stolen, uint64_t passed_ns)
{
    uint64_t core_cpu_ns = host_thread_cpu_ns();
    uint64_t used_ns = less(core_cpu_ns - stolen->core_cpu_ns, stolen->watched_ns);
    uint64_t busy_ns = less(passed_ns, stolen->waited_ns);
    stolen->core_cpu_ns = core_cpu_ns;
    return used_ns < busy_ns ? used_ns : busy_ns;
}

/* Since the last look. Where Linux does not tell, all was used. */
static uint64_t used_ns(struct stolen *stolen, uint64_t passed_ns)
{
    uint64_t used_ns = used_by_core_ns(stolen, passed_ns) + stolen->beside_ns;
    for (unsigned i = 0; i < stolen->cell_count; i++) {
        uint64_t cpu_ns;
        if (host.cpu_ns(stolen->cells[i]->process, &cpu_ns) != 0) {
            return UINT64_MAX;
        }
        used_ns += cpu_ns - stolen->cell_cpu_ns[i];
    }
    return used_ns;
}

static void start_anew(struct stolen *stolen)
{
    stolen->looked_ns = stolen->asked_ns = host_now_ns();
    stolen->core_cpu_ns = host_thread_cpu_ns();
    stolen->cell_count = 0;
    stolen->added_ns = 0;
    stolen->watched_ns = 0;
    stolen->waited_ns = 0;
    stolen->beside_ns = 0;
}

void stolen_start(struct platform *platform)
{
    platform->stolen.found_ns = 0;
    start_anew(&platform->stolen);
}

static void look(struct platform *platform, uint64_t now_ns)
{
    struct stolen *stolen = &platform->stolen;
    uint64_t passed_ns = now_ns - stolen->looked_ns;
    uint64_t unused_ns = less(passed_ns, used_ns(stolen, passed_ns));
    /* A mapper's work has been added, and is unused time as well. */
    uint64_t room_ns = less(passed_ns, stolen->added_ns);
    stolen->found_ns += unused_ns < room_ns ? unused_ns : room_ns;
    stolen->added_ns = 0;
    stolen->watched_ns = 0;
    stolen->waited_ns = 0;
    stolen->beside_ns = 0;
    stolen->looked_ns = now_ns;
    stolen->cell_count = 0;
}

static bool is_listed(const struct stolen *stolen, const struct cell *cell)
{
    for (unsigned i = 0; i < stolen->cell_count; i++) {
        if (stolen->cells[i] == cell) {
            return true;
        }
    }
    return false;
}

void stolen_run(struct cell *cell)
{
    struct stolen *stolen = &cell->platform->stolen;
    if (is_listed(stolen, cell)) {
        return;
    }
    if (stolen->cell_count == STOLEN_CELLS_MAX) {
        look(cell->platform, host_now_ns());
    }
    uint64_t cpu_ns;
    if (host.cpu_ns(cell->process, &cpu_ns) == 0) {
        stolen->cells[stolen->cell_count] = cell;
        stolen->cell_cpu_ns[stolen->cell_count++] = cpu_ns;
    }
}

void stolen_end(struct cell *cell)
{
    if (is_listed(&cell->platform->stolen, cell)) {
        look(cell->platform, host_now_ns());
    }
}

void stolen_add(struct platform *platform, uint64_t ns)
{
    platform->stolen.found_ns += ns;
    platform->stolen.added_ns += ns;
}

void stolen_exchange(struct platform *platform, uint64_t ns)
{
    uint64_t most_ns = ns - ns / 8;
    uint64_t exchange_ns = platform->stolen.exchange_ns;
    stolen_add(platform, exchange_ns < most_ns ? exchange_ns : most_ns);
    platform->stolen.waited_ns += less(ns, exchange_ns);
}

void stolen_beside(struct platform *platform, uint64_t ns)
{
    platform->stolen.beside_ns += ns;
}

/* Of a guest that had to be woken, stolen_exchange() has left out as much. */
void platform_excuse_fault(struct platform *platform)
{
    struct stolen *stolen = &platform->stolen;
    uint64_t ns = stolen->watched_run_ns;
    if (ns != 0 && (stolen->fault_ns == 0 || ns < stolen->fault_ns)) {
        stolen->fault_ns = ns;
    }
    stolen_add(platform, stolen->fault_ns < ns - ns / 8 ? stolen->fault_ns : ns - ns / 8);
    stolen->watched_run_ns = 0;
}

void stolen_watched(struct platform *platform, uint64_t ns)
{
    platform->stolen.watched_ns += ns;
}

void stolen_sleep(struct platform *platform)
{
    look(platform, host_now_ns());
    platform->stolen.line_ns = host_line_ns(0, 0);
}

void stolen_wake(struct platform *platform)
{
    struct stolen *stolen = &platform->stolen;
    uint64_t line_ns = host_line_ns(0, 0);
    stolen->found_ns += less(line_ns, stolen->line_ns);
    start_anew(stolen);
}

uint64_t platform_stolen_ns(struct platform *platform, uint64_t now_ns)
{
    struct stolen *stolen = &platform->stolen;
    /* One round trip of a guest that is not disturbed takes less. */
    bool disturbed = now_ns - stolen->asked_ns >= PLATFORM_LOOK_NS;
    stolen->asked_ns = now_ns;
    if (disturbed || now_ns - stolen->looked_ns >= LOOK_MAX_NS) {
        look(platform, now_ns);
        stolen_add(platform, host_now_ns() - now_ns); /* nor should they pay for the look */
    }
    uint64_t found_ns = stolen->found_ns;
    stolen->found_ns = 0;
    return found_ns;
}
