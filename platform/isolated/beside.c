/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/beside.h"

#include <sched.h>
#include <x86intrin.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/stolen.h"

/* A move costs up to 100 us, an entry beside the core saves 5 to 20. */
#define STREAK_MIN 64u
#define STREAK_MAX 65536u
/* So many of others after the last one, and the thread comes back. */
#define SHORT_STREAKS_MAX 32u

/* It pays where the thread and the core do not stand in line for their CPUs: at most so long in one window. With
 * one of them out of its CPU the other one has nothing to do. */
#define WINDOW_NS      20000000u
#define WINDOW_LINE_NS 5000000u
/* So many good windows, and a failure is forgotten. */
#define GOOD_WINDOWS 4u
/* In less time nobody else had the CPU for long, and asking costs 20 us. */
#define ASK_NS 300000u

/* Of what passes, at most so much for the word of guests: a fiftieth, and so much at once. */
#define BELIEVED_PART   50u
#define BELIEVED_NS_MAX 20000000u

#define MEASURED_LOOPS 1000u
#define LOOPS_PER_LOOK 16u
/* An undisturbed look takes a microsecond. */
#define LOOK_NS_MAX 100000u

/* How many times the stub can look in the time that it may watch. */
static uint32_t measure_loops(void)
{
    uint64_t start_ns = host_now_ns();
    for (unsigned i = 0; i < MEASURED_LOOPS; i++) {
        _mm_pause();
    }
    uint64_t passed_ns = host_now_ns() - start_ns;
    return (uint32_t)(MEASURED_LOOPS * (uint64_t)BESIDE_GUEST_NS / (passed_ns + 1)) + 1;
}

void beside_start(struct platform *platform, int cpu)
{
    struct beside *beside = &platform->beside;
    *beside = (struct beside){.home_cpu = cpu, .other_cpu = -1, .streak_min = STREAK_MIN};
    for (int other = 0; other < CPU_SETSIZE && beside->other_cpu < 0; other++) {
        if (other != cpu && CPU_ISSET((size_t)other, &platform->affinity_before)) {
            beside->other_cpu = other;
        }
    }
    beside->guest_loops = measure_loops();
}

/* How long the thread has stood in line since the last question. */
static uint64_t line_ns(struct cell *cell, unsigned slot)
{
    uint64_t *line_ns = &cell->slots[slot].line_ns;
    uint64_t before_ns = *line_ns;
    *line_ns = host_line_ns(cell->process, cell->slots[slot].thread_id);
    return *line_ns > before_ns ? *line_ns - before_ns : 0;
}

static void start_window(struct cell *cell, unsigned slot, uint64_t now_ns)
{
    struct beside *beside = &cell->platform->beside;
    beside->window_at = now_ns + WINDOW_NS;
    beside->window_line_ns = 0;
    beside->window_core_line_ns = host_line_ns(0, 0);
    line_ns(cell, slot);
}

/* Woken, it should wait until the thread that woke it has gone to sleep. */
static void move_mapper_away(struct cell *cell)
{
    cell->mapper_beside = host.pin(cell->process, cell->platform->beside.other_cpu) == 0;
    host.schedule(cell->process, SCHED_BATCH);
}

static void move_away(struct cell *cell, unsigned slot)
{
    struct beside *beside = &cell->platform->beside;
    if (host.pin(cell->slots[slot].thread_id, beside->other_cpu) != 0) {
        beside->other_cpu = -1; /* not ours to use, or no longer there */
        return;
    }
    cell->slots[slot].beside = true;
    cell->slots[slot].short_streaks = 0;
    line_ns(cell, slot);
}

/* Where Linux refuses, they stay where they are, and all is slower. */
static void move_mapper_home(struct cell *cell)
{
    cell_orders(cell)->loops = 0;
    host.pin(cell->process, cell->platform->beside.home_cpu);
    host.schedule(cell->process, SCHED_OTHER);
    cell->mapper_beside = false;
}

static void move_home(struct cell *cell, unsigned slot)
{
    cell_resume(cell, slot)->loops = 0;
    host.pin(cell->slots[slot].thread_id, cell->platform->beside.home_cpu);
    cell->slots[slot].beside = false;
    move_mapper_home(cell);
}

void beside_leave(struct cell *cell)
{
    struct platform *platform = cell->platform;
    if (cell->mapper_beside && platform->last == cell && cell->slots[platform->last_slot].beside) {
        move_home(cell, platform->last_slot);
        platform->beside.streak = 0;
    } else if (cell->mapper_beside) {
        move_mapper_home(cell);
    }
}

/* Since it rang, the thread that ran last has watched, or its mapper after it; and no longer than this. */
static void grant_watching(struct platform *platform, uint64_t now_ns)
{
    struct beside *beside = &platform->beside;
    if (platform->last != NULL && beside->rang_ns != 0) {
        uint64_t watched_ns = now_ns - beside->rang_ns;
        uint64_t most_ns = UINT64_C(2) * BESIDE_GUEST_NS;
        watch_grant(platform->last, watched_ns < most_ns ? watched_ns : most_ns);
    }
    beside->rang_ns = 0;
}

/* Another thread runs now: the last one, and its mapper, need not watch any longer. It stays where it is if
 * it is likely to have a streak again. */
static void end_streak(struct platform *platform)
{
    struct beside *beside = &platform->beside;
    struct cell *cell = platform->last;
    if (cell != NULL && !cell->lost && cell->slots[platform->last_slot].beside) {
        cell_resume(cell, platform->last_slot)->loops = 0;
        cell_orders(cell)->loops = 0;
        struct slot *slot = &cell->slots[platform->last_slot];
        if (beside->streak >= STREAK_MIN) {
            slot->short_streaks = 0;
        } else if (++slot->short_streaks > SHORT_STREAKS_MAX) {
            move_home(cell, platform->last_slot);
        }
    }
    beside->streak = 0;
    beside->window_at = 0;
    beside->mapper_until = 0;
}

bool beside_run(struct cell *cell, unsigned slot, uint64_t now_ns)
{
    struct platform *platform = cell->platform;
    struct beside *beside = &platform->beside;
    bool *is_beside = &cell->slots[slot].beside;
    grant_watching(platform, now_ns);
    if (platform->last != cell || platform->last_slot != slot) {
        end_streak(platform);
    }
    if (++beside->streak >= beside->streak_min && !*is_beside && beside->other_cpu >= 0) {
        move_away(cell, slot);
    }
    if (*is_beside && !cell->mapper_beside) {
        move_mapper_away(cell);
    }
    if (*is_beside) {
        cell_orders(cell)->hand_over = 0;
        cell_resume(cell, slot)->loops = beside->guest_loops;
        platform->stats.beside++;
    } else {
        stolen_run(cell);
    }
    return *is_beside;
}

/* With the mapper awake the thread sleeps, or will see its word before it does. */
bool beside_wake(struct cell *cell, unsigned slot)
{
    struct beside *beside = &cell->platform->beside;
    beside->slept = true;
    beside->woken_ticks = __rdtsc();
    if (beside->mapper_until > host_now_ns()) {
        __atomic_store_n(&cell_orders(cell)->wake, 1, __ATOMIC_SEQ_CST);
    } else if (__atomic_load_n(&cell_save(cell, slot)->asleep, __ATOMIC_SEQ_CST) != 0) {
        host.futex_wake(&cell_resume(cell, slot)->wake);
    } else {
        beside->slept = false;
    }
    cell_orders(cell)->loops = 0;
    beside->mapper_until = 0;
    return beside->slept;
}

/* What the core itself lost of the CPU while it watched, or stood in line after that, is no guest's doing. */
static bool rings(struct platform *platform, const uint32_t *bell)
{
    struct beside *beside = &platform->beside;
    uint64_t start_ns = host_now_ns();
    uint64_t watched_ns = 0;
    beside->core_lost_ns = beside->core_line_ns = 0;
    while (watched_ns < BESIDE_CORE_NS) {
        for (unsigned i = 0; i < LOOPS_PER_LOOK; i++) {
            if (__atomic_load_n(bell, __ATOMIC_ACQUIRE) != 0) {
                stolen_watched(platform, watched_ns);
                return true;
            }
            _mm_pause();
        }
        uint64_t before_ns = watched_ns;
        watched_ns = host_now_ns() - start_ns;
        if (watched_ns - before_ns > LOOK_NS_MAX) {
            beside->core_lost_ns += watched_ns - before_ns;
        }
    }
    stolen_watched(platform, BESIDE_CORE_NS);
    beside->core_line_ns = host_line_ns(0, 0);
    return false;
}

/* A mapper that was slower than thought sleeps, and will wake nobody; and a guest may have denied that it
 * sleeps. */
void beside_watch(struct cell *cell, unsigned slot)
{
    if (!rings(cell->platform, cell_bell(cell))) {
        host.futex_wake(&cell_resume(cell, slot)->wake);
    }
    cell_orders(cell)->wake = 0;
}

/* The thread reads the order after it has said that it sleeps, so one of the two sees the other. */
bool beside_hand_over(struct cell *cell)
{
    struct platform *platform = cell->platform;
    struct beside *beside = &platform->beside;
    struct stub_orders *orders = cell_orders(cell);
    if (!cell->mapper_beside) {
        return false;
    }
    if (platform->last != cell || !cell->slots[platform->last_slot].beside) {
        move_mapper_home(cell);
        return false;
    }
    if (beside->mapper_until > host_now_ns()) {
        return true;
    }
    unsigned slot = platform->last_slot;
    orders->loops = beside->guest_loops;
    __atomic_store_n(&orders->hand_over, 1, __ATOMIC_SEQ_CST);
    cell_resume(cell, slot)->loops = 0;
    return __atomic_load_n(&cell_save(cell, slot)->asleep, __ATOMIC_SEQ_CST) == 0;
}

void beside_answered(struct cell *cell)
{
    if (cell_orders(cell)->loops != 0) {
        cell->platform->beside.mapper_until = host_now_ns() + BESIDE_GUEST_NS / 2;
    }
}

static void fail(struct cell *cell, unsigned slot)
{
    struct beside *beside = &cell->platform->beside;
    move_home(cell, slot);
    beside->streak = 0;
    beside->window_at = 0;
    beside->streak_min *= beside->streak_min < STREAK_MAX ? 2 : 1;
    beside->good_windows = 0;
}

static void end_window(struct cell *cell, unsigned slot, uint64_t now_ns)
{
    struct beside *beside = &cell->platform->beside;
    uint64_t core_line_ns = host_line_ns(0, 0) - beside->window_core_line_ns;
    if (core_line_ns + beside->window_line_ns + line_ns(cell, slot) > WINDOW_LINE_NS) {
        fail(cell, slot);
        return;
    }
    start_window(cell, slot, now_ns);
    if (++beside->good_windows == GOOD_WINDOWS) {
        beside->good_windows = 0;
        beside->streak_min /= beside->streak_min > STREAK_MIN ? 2 : 1;
    }
}

static uint64_t less_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t more_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* How long it took to wake the thread, and then the core, in a run that took so long: not known to Linux where a
 * hypervisor is in no hurry to have a CPU go on that slept. The thread tells. */
static void ways(struct cell *cell, unsigned slot, uint64_t took_ns, uint64_t *there_ns,
                 uint64_t *back_ns)
{
    const struct stub_save *save = cell_save(cell, slot);
    uint64_t start = cell->platform->beside.woken_ticks;
    uint64_t end = more_of(__rdtsc(), start + 1);
    uint64_t woke = __atomic_load_n(&save->woke_ticks, __ATOMIC_RELAXED);
    uint64_t rang = __atomic_load_n(&save->rang_ticks, __ATOMIC_RELAXED);
    woke = start < woke && woke < end ? woke : start;
    rang = woke < rang && rang < end ? rang : end;
    *there_ns = (uint64_t)((unsigned __int128)(woke - start) * took_ns / (end - start));
    *back_ns = (uint64_t)((unsigned __int128)(end - rang) * took_ns / (end - start));
}

/* Of what threads tell, so much as Linux did not see; and little of that, as some may lie. */
static uint64_t believe(struct beside *beside, uint64_t told_ns, uint64_t now_ns)
{
    uint64_t accrued_ns = (now_ns - beside->believed_at) / BELIEVED_PART;
    uint64_t most_ns = less_of(beside->believable_ns + accrued_ns, BELIEVED_NS_MAX);
    uint64_t believed_ns = less_of(told_ns, most_ns);
    beside->believable_ns = most_ns - believed_ns;
    beside->believed_at = now_ns;
    return believed_ns;
}

/* Of the time that a run took, what was no guest's doing, and has not been left out by stolen_exchange(). Linux tells
 * who stood in line for a CPU, the thread how long it was on its way: it may have stood in line there. */
static uint64_t lost_ns(struct cell *cell, unsigned slot, uint64_t took_ns, uint64_t now_ns)
{
    struct platform *platform = cell->platform;
    struct beside *beside = &platform->beside;
    uint64_t thread_line_ns = line_ns(cell, slot);
    uint64_t core_line_ns =
        beside->core_line_ns == 0 ? 0 : less(host_line_ns(0, 0), beside->core_line_ns);
    uint64_t there_ns, back_ns;
    ways(cell, slot, took_ns, &there_ns, &back_ns);
    beside->window_line_ns += thread_line_ns;

    uint64_t seen_ns = thread_line_ns + beside->core_lost_ns;
    uint64_t all_ns = more_of(seen_ns, there_ns) + more_of(core_line_ns, back_ns);
    seen_ns += core_line_ns;
    uint64_t exchange_ns = beside->slept ? platform->stolen.exchange_ns : 0;
    return seen_ns + believe(beside, less(all_ns - seen_ns, exchange_ns), now_ns);
}

void beside_rang(struct cell *cell, unsigned slot, uint64_t start_ns, uint64_t now_ns)
{
    struct beside *beside = &cell->platform->beside;
    uint64_t took_ns = now_ns - start_ns;
    beside->rang_ns = now_ns;
    if (took_ns > ASK_NS) {
        took_ns = less(took_ns, lost_ns(cell, slot, took_ns, now_ns));
    }
    stolen_beside(cell->platform, took_ns);
    if (beside->window_at == 0 && beside->streak >= STREAK_MIN) {
        start_window(cell, slot, now_ns);
    } else if (beside->window_at != 0 && now_ns >= beside->window_at) {
        end_window(cell, slot, now_ns);
    }
}
