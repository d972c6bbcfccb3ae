/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/bell.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/watch.h"

#define US 1000ull
#define MS 1000000ull

/* A guest may do something with the CPU even when its deadline has passed, and enough to get on: a
 * timer that is always overdue would else leave no time for those who are to stop it. */
#define SLICE_MIN_NS (100 * US)
/* A preemption signal that meets the thread inside the stub is lost: send it again, ever more
 * rarely. The first one is the alarm's or a kicker's. */
#define AGAIN_FIRST_NS (100 * US)
#define AGAIN_MAX_NS   (5 * MS)
/* The promise: CPU time that a cell may use before it yields to a preemption. */
#define YIELD_CPU_NS (20 * MS)
/* A preempted thread that only sleeps has broken the stub's protocol. */
#define ASLEEP_MAX 4

/* The word that the core thread sleeps on, for bits: the thread rang, somebody kicked. */
#define RUNG   1u
#define KICKED 2u

void platform_kick(struct platform *platform)
{
    int before = errno;
    __atomic_store_n(&platform->kicked, true, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&platform->kickers, 1, __ATOMIC_SEQ_CST);
    alarm_preempt(platform);
    uint32_t *word = __atomic_load_n(&platform->waiting, __ATOMIC_SEQ_CST);
    if (word != NULL) {
        __atomic_fetch_or(word, KICKED, __ATOMIC_SEQ_CST);
        host.futex_wake(word);
    }
    __atomic_fetch_sub(&platform->kickers, 1, __ATOMIC_SEQ_CST);
    errno = before;
}

void platform_outlive_kickers(struct platform *platform)
{
    /* A kicker counts itself in and looks then whom to kick; what it is to find there has to be written. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    while (__atomic_load_n(&platform->kickers, __ATOMIC_SEQ_CST) != 0) {
        sched_yield();
    }
}

bool bell_kicked(struct platform *platform)
{
    return __atomic_exchange_n(&platform->kicked, false, __ATOMIC_SEQ_CST);
}

static void start_waiting(struct platform *platform, uint32_t *word)
{
    __atomic_store_n(word, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&platform->waiting, word, __ATOMIC_SEQ_CST);
}

static void stop_waiting(struct platform *platform)
{
    __atomic_store_n(&platform->waiting, NULL, __ATOMIC_RELEASE);
}

/* Does the thread sleep in Linux, or has somebody stopped it? Only while we wait for it to ring is that a
 * bad sign. A debugger's stop is another one ('t'), and we wait for its end. */
static bool asleep(const struct cell *cell, unsigned slot)
{
    char name[64];
    char state = '?';
    snprintf(name, sizeof(name), "/proc/%d/task/%d/stat", (int)cell->process,
             (int)cell->slots[slot].thread_id);
    FILE *file = fopen(name, "re");
    if (file != NULL) {
        /* The name in parentheses is the host thread's own, from us: no closing one inside. */
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) {
            state = '?';
        }
        fclose(file);
    }
    return state == 'S' || state == 'T';
}

/* What is known of a thread that was told to yield. */
struct yield {
    uint64_t cpu_at_start;
    uint64_t again_ns, again_at;
    unsigned asleep;
};

static void yield_start(struct yield *yield, const struct cell *cell, uint64_t now)
{
    *yield = (struct yield){.again_ns = AGAIN_FIRST_NS, .again_at = now};
    if (host.cpu_ns(cell->process, &yield->cpu_at_start) != 0) {
        yield->cpu_at_start = 0;
    }
}

/* Send the signal, again if need be, and see that the promise is kept. */
static void yield_demand(struct yield *yield, struct cell *cell, unsigned slot, uint64_t now)
{
    if (now < yield->again_at) {
        return;
    }
    if (yield->again_ns == AGAIN_MAX_NS) {
        uint64_t cpu;
        if (host.cpu_ns(cell->process, &cpu) == 0 && cpu - yield->cpu_at_start > YIELD_CPU_NS) {
            cell_kill(cell, "it did not give up the CPU when it was told to");
            return;
        }
        yield->asleep = asleep(cell, slot) ? yield->asleep + 1 : 0;
        if (yield->asleep == ASLEEP_MAX) {
            cell_kill(cell, "it sleeps, or was stopped, without having told the kernel why");
            return;
        }
    }
    host.tgkill(cell->process, cell->slots[slot].thread_id, STUB_SIGNAL_PREEMPT);
    yield->again_at = now + yield->again_ns;
    yield->again_ns = 2 * yield->again_ns > AGAIN_MAX_NS ? AGAIN_MAX_NS : 2 * yield->again_ns;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Returns whether it rang. */
static bool wait_for_bell(struct cell *cell, unsigned slot, uint64_t now, uint64_t until_ns)
{
    struct platform *platform = cell->platform;
    uint32_t *bell = cell_bell(cell);
    struct yield yield;
    bool yielding = false;
    uint64_t watch_at = now + WATCH_NS;
    uint64_t overdue_ns =
        until_ns > RUN_FOREVER - AGAIN_FIRST_NS ? RUN_FOREVER : until_ns + AGAIN_FIRST_NS;
    for (;;) {
        uint32_t value = __atomic_load_n(bell, __ATOMIC_SEQ_CST);
        if (value & RUNG) {
            return true;
        }
        if (!yielding &&
            (now >= overdue_ns || __atomic_load_n(&platform->kicked, __ATOMIC_SEQ_CST))) {
            yielding = true;
            yield_start(&yield, cell, now);
        }
        if (yielding) {
            yield_demand(&yield, cell, slot, now);
        }
        /* It lets us wait: it may be dead, or have wiped out a kick. */
        if (now >= watch_at) {
            cell_has_died(cell);
            watch_sweep(platform, cell, now);
            watch_at = now + WATCH_NS;
        }
        if (cell->lost) {
            return false;
        }
        __atomic_store_n(&cell_orders(cell)->asleep, 1, __ATOMIC_SEQ_CST);
        host_sleep_on(bell, value, earlier(watch_at, yielding ? yield.again_at : overdue_ns));
        __atomic_store_n(&cell_orders(cell)->asleep, 0, __ATOMIC_SEQ_CST);
        now = host_now_ns();
    }
}

bool bell_exchange(struct cell *cell, unsigned slot, uint64_t until_ns)
{
    struct platform *platform = cell->platform;
    struct stub_resume *resume = cell_resume(cell, slot);
    uint64_t start = host_now_ns();
    watch_sweep(platform, cell, start);
    cell_orders(cell)->current = STUB_SLOTS + (uint64_t)slot * SLOT_BYTES;
    start_waiting(platform, cell_bell(cell));
    if (until_ns < start + SLICE_MIN_NS) {
        until_ns = start + SLICE_MIN_NS;
    }
    alarm_set(cell, slot, until_ns);
    bool beside = beside_run(cell, slot, start);
    __atomic_store_n(&resume->wake, ++cell->slots[slot].wake, __ATOMIC_SEQ_CST);
    bool slept = true;
    if (beside) {
        slept = beside_wake(cell, slot);
        beside_watch(cell, slot);
    } else {
        host.futex_wake(&resume->wake);
    }
    bool rang = wait_for_bell(cell, slot, start, until_ns);
    alarm_clear(platform);
    stop_waiting(platform);
    uint64_t now = host_now_ns();
    platform->stolen.watched_run_ns = slept ? 0 : now - start;
    if (slept) {
        stolen_exchange(platform, now - start);
    }
    if (!beside) {
        watch_grant_woken(cell, now - start);
    } else {
        watch_grant(cell, now - start);
    }
    if (rang && beside) {
        beside_rang(cell, slot, start, now);
    }
    return rang;
}

/* Asleep for longer, the core should wake like any other thread. */
static void idle_asleep(struct platform *platform, uint64_t until_ns)
{
    stolen_sleep(platform);
    if (platform->ordinary) {
        host.schedule(0, SCHED_OTHER);
    }
    host_sleep_on(&platform->idle_word, 0, until_ns);
    if (platform->ordinary) {
        host.schedule(0, SCHED_BATCH);
    }
    stolen_wake(platform);
}

void bell_idle(struct platform *platform, uint64_t until_ns)
{
    uint64_t now = host_now_ns();
    watch_sweep(platform, NULL, now);
    until_ns = earlier(until_ns, now + watch_idle_ns(platform));
    start_waiting(platform, &platform->idle_word);
    if (!__atomic_load_n(&platform->kicked, __ATOMIC_SEQ_CST) && until_ns > now) {
        idle_asleep(platform, until_ns);
    }
    stop_waiting(platform);
    bell_kicked(platform);
}
