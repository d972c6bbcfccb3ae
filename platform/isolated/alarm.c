/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/alarm.h"

#include <signal.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"

static void look_again(struct alarm *alarm)
{
    __atomic_fetch_add(&alarm->word, 1, __ATOMIC_SEQ_CST);
    host.futex_wake(&alarm->word);
}

void alarm_preempt(struct platform *platform)
{
    uint64_t running = __atomic_load_n(&platform->alarm.running, __ATOMIC_SEQ_CST);
    if (running != 0) {
        host.tgkill((pid_t)(running >> 32), (pid_t)(uint32_t)running, STUB_SIGNAL_PREEMPT);
    }
}

/* The deadline may belong to a run that has ended, and the guest to a later one: it comes back once too
 * often, which callers of platform_run() expect. */
static void ring(struct platform *platform)
{
    __atomic_fetch_add(&platform->kickers, 1, __ATOMIC_SEQ_CST);
    alarm_preempt(platform);
    __atomic_fetch_sub(&platform->kickers, 1, __ATOMIC_SEQ_CST);
}

static void *alarm_main(void *argument)
{
    struct platform *platform = argument;
    struct alarm *alarm = &platform->alarm;
    host_short_slices();
    while (!__atomic_load_n(&alarm->closing, __ATOMIC_SEQ_CST)) {
        uint32_t word = __atomic_load_n(&alarm->word, __ATOMIC_SEQ_CST);
        uint64_t until = __atomic_load_n(&alarm->until_ns, __ATOMIC_SEQ_CST);
        if (until <= host_now_ns()) {
            __atomic_compare_exchange_n(&alarm->until_ns, &until, RUN_FOREVER, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
            ring(platform);
            continue;
        }
        /* Written before the last look: an earlier deadline that this look misses finds it there. */
        __atomic_store_n(&alarm->armed_ns, until, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&alarm->until_ns, __ATOMIC_SEQ_CST) >= until) {
            host_sleep_on(&alarm->word, word, until);
        }
    }
    return NULL;
}

int alarm_start(struct platform *platform, struct platform_error *error)
{
    platform->alarm.until_ns = RUN_FOREVER;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int code = host.start_thread(&platform->alarm.thread, NULL, alarm_main, platform);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0) {
        return host_failed(error, code, "start the thread that watches deadlines");
    }
    platform->alarm.started = true;
    return 0;
}

void alarm_stop(struct platform *platform)
{
    struct alarm *alarm = &platform->alarm;
    if (alarm->started) {
        __atomic_store_n(&alarm->closing, true, __ATOMIC_SEQ_CST);
        look_again(alarm);
        pthread_join(alarm->thread, NULL);
    }
}

void alarm_set(struct cell *cell, unsigned slot, uint64_t until_ns)
{
    struct alarm *alarm = &cell->platform->alarm;
    uint64_t running = (uint64_t)cell->process << 32 | (uint32_t)cell->slots[slot].thread_id;
    __atomic_store_n(&alarm->running, running, __ATOMIC_SEQ_CST);
    __atomic_store_n(&alarm->until_ns, until_ns, __ATOMIC_SEQ_CST);
    /* A deadline that moves back costs nothing now: the alarm looks again at the old one. */
    if (until_ns < __atomic_load_n(&alarm->armed_ns, __ATOMIC_SEQ_CST)) {
        look_again(alarm);
    }
}

void alarm_clear(struct platform *platform)
{
    __atomic_store_n(&platform->alarm.running, 0, __ATOMIC_RELEASE);
}
