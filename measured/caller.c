/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Keeps calling the server while the crasher crashes, and measures what it notices of that. */

#include "crashes.h"
#include "protocol.h"
#include "samples.h"

#define SERVER     0
#define CRASHER    1
#define LOGGER     2
#define SUPERVISOR 3

#define COOL_DOWN                                                                                  \
    1000 /* requests after the measured ones, for parts to give a sign after the last crash */

/* Set by the tool: see fault.system. */
const struct tsc_frequency *tsc;
const volatile struct supervisor_notes *supervisor;
const volatile struct pulse *server_pulse, *logger_pulse, *supervisor_pulse, *crasher_pulse;

static seL4_Uint64 first, answered, longest_gap;

static bool add(seL4_Word left, seL4_Word right)
{
    microkit_mr_set(0, left);
    microkit_mr_set(1, right);
    microkit_ppcall(SERVER, microkit_msginfo_new(REQUEST_ADD, 2));
    bool right_answer = microkit_mr_get(0) == left + right;
    sign();
    return right_answer;
}

/* Who has no part in the requests is told to give a sign of life. */
static void call_the_roll(seL4_Uint64 request)
{
    if (request % ROLL_CALL == 0) {
        microkit_notify(LOGGER);
        microkit_notify(SUPERVISOR);
    }
}

/* Requests that are not measured. */
static void keep_calling(unsigned count)
{
    for (seL4_Word i = 0; i < count; i++) {
        add(i, 1);
        call_the_roll(i);
    }
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
    keep_calling(WARM_UP);
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
        call_the_roll(i);
    }
    keep_calling(COOL_DOWN);
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

static void report_silence(const char *part, unsigned crash, const volatile struct pulse *of)
{
    put_text("measure silence ");
    put_text(part);
    put(' ');
    put_number(crash + 1);
    put(' ');
    if (crash >= of->crashes) {
        put_text("never\n");
        return;
    }
    put_number(of->silences[crash].end - of->silences[crash].begin);
    put(' ');
    put_number(of->silences[crash].end - crasher->crashed[crash]);
    put_text(of->silences[crash].restarted ? " restarted\n" : "\n");
}

static void report_part(const char *name, const volatile struct pulse *of)
{
    put_text("measure part ");
    put_text(name);
    put(' ');
    put_number(of->signs);
    put(' ');
    put_number(of->longest);
    put('\n');
    for (unsigned i = 0; i < crasher->count; i++) {
        report_silence(name, i, of);
    }
}

static void report_parts(void)
{
    report_part("client", pulse);
    report_part("server", server_pulse);
    report_part("logger", logger_pulse);
    report_part("supervisor", supervisor_pulse);
    report_part("crasher", crasher_pulse);
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
    report_parts();
    report_end("fault");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
