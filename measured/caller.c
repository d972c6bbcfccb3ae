/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Keeps calling the server while the crasher crashes, and measures what it notices of that. */

#include "crashes.h"
#include "protocol.h"
#include "samples.h"

#define SERVER  0
#define CRASHER 1

/* Set by the tool: see fault.system. */
const struct tsc_frequency *tsc;
const volatile struct crasher_notes *crasher;
const volatile struct supervisor_notes *supervisor;

static seL4_Uint64 first, answered, longest_gap;

static bool add(seL4_Word left, seL4_Word right)
{
    microkit_mr_set(0, left);
    microkit_mr_set(1, right);
    microkit_ppcall(SERVER, microkit_msginfo_new(REQUEST_ADD, 2));
    return microkit_mr_get(0) == left + right;
}

/* The crashes are spread evenly over the requests. */
static void crash_if_due(unsigned *crashes, seL4_Uint64 request, seL4_Uint64 count)
{
    while (*crashes < CRASHES && request >= count * (*crashes + 1) / (CRASHES + 1)) {
        ++*crashes;
        microkit_notify(CRASHER);
    }
}

static void measure_calls(seL4_Uint64 count)
{
    unsigned crashes = 0;
    for (seL4_Word i = 0; i < WARM_UP; i++) {
        add(i, 1);
    }
    first = ticks_now();
    seL4_Uint64 last = first;
    for (seL4_Word i = 0; i < count; i++) {
        crash_if_due(&crashes, i, count);
        seL4_Uint64 begin = ticks_now();
        answered += add(i, 1);
        seL4_Uint64 end = ticks_now();
        samples[i] = (struct sample){.latency = end - begin, .timestamp = end - first};
        if (end - last > longest_gap) {
            longest_gap = end - last;
        }
        last = end;
    }
}

static void report_crashes(void)
{
    for (unsigned i = 0; i < crasher->count; i++) {
        report("event", "crash", crasher->crashed[i] - first);
        if (i >= supervisor->count) {
            continue;
        }
        report("event", "reported", supervisor->reported[i] - first);
        if (crasher->restarted[i] > 0) {
            report("event", "restarted", crasher->restarted[i] - first);
        }
    }
    if (supervisor->stopped > 0) {
        report("event", "stopped", supervisor->stopped - first);
    }
}

void init(void)
{
    struct wish wish;
    if (!read_iterations(&wish)) {
        return;
    }
    seL4_Uint64 count = wish.count;
    measure_calls(count);

    report_begin("fault", tsc);
    report_samples(&wish);
    report_crashes();
    report("count", "requests", count);
    report("count", "answered", answered);
    report("count", "lost", count - answered);
    report("count", "crashes", crasher->count);
    report("count", "reports", supervisor->count);
    report("count", "longest-gap", longest_gap);
    report_end("fault");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
