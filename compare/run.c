/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* One run of one measured program. */
#include "compare/run.h"

#include "compare/child.h"
#include "compare/interrupt.h"
#include "compare/list.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUIET_NS      200000000ull /* after the last line of the protocol, until it counts as resting */
#define POLL_MS       20
#define LOG_BYTES_MAX (16ul << 20)

/* A run as it goes on. */
struct watch {
    const struct run_order *order;
    struct run_report *report;
    struct child child;
    struct line_reader output, errors;
    uint64_t begin_ns;
    uint64_t heard_ns; /* when the last line of the protocol came, or the run began */
    bool open_output, open_errors;
    size_t log_bytes;
    size_t samples; /* that the log does not have */
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* --- What it says --- */

static void log_line(struct watch *watch, const char *stream, const char *line)
{
    if (watch->log_bytes > LOG_BYTES_MAX) {
        return;
    }
    double seconds = (double)(now_ns() - watch->begin_ns) / 1e9;
    int length = fprintf(watch->order->log, "%10.6f %s %s\n", seconds, stream, line);
    watch->log_bytes += length > 0 ? (size_t)length : 0;
    if (watch->log_bytes > LOG_BYTES_MAX) {
        fputs("           ---  the rest is left out\n", watch->order->log);
    }
}

static void log_samples(struct watch *watch)
{
    if (watch->samples > 0) {
        char line[64];
        snprintf(line, sizeof(line), "%zu samples, which are in a .csv here", watch->samples);
        log_line(watch, "---", line);
        watch->samples = 0;
    }
}

static void take_output(void *context, const char *line, bool whole)
{
    struct watch *watch = context;
    struct run_report *report = watch->report;
    size_t wrong_lines = report->recording.wrong_lines;
    size_t samples = recording_samples(&report->recording);
    bool ours = whole && recording_take(&report->recording, line);
    if (ours) {
        watch->heard_ns = now_ns();
    }
    if (report->start_ns == 0 && report->recording.sections.count > 0) {
        report->start_ns = watch->heard_ns - watch->begin_ns;
    }
    bool wrong = report->recording.wrong_lines != wrong_lines;
    samples = recording_samples(&report->recording) - samples;
    if (samples > 0) {
        watch->samples += samples;
    } else {
        log_samples(watch);
        log_line(watch, wrong ? "???" : "out", line);
    }
}

static void take_errors(void *context, const char *line, bool whole)
{
    (void)whole;
    log_line(context, "err", line);
}

/* Read what there is. Clears `*open` at its end. */
static void drain(struct watch *watch, int fd, bool *open, struct line_reader *reader,
                  line_taker *take)
{
    static char bytes[65536];
    ssize_t count = *open ? read(fd, bytes, sizeof(bytes)) : -1;
    if (count > 0) {
        line_reader_feed(reader, bytes, (size_t)count, take, watch);
    } else if (count == 0) {
        line_reader_finish(reader, take, watch);
        *open = false;
    }
}

/* Wait for output, a signal or a little while, and take in what has come. */
static void listen_once(struct watch *watch)
{
    struct pollfd fds[] = {
        {.fd = watch->open_output ? watch->child.output : -1, .events = POLLIN},
        {.fd = watch->open_errors ? watch->child.errors : -1, .events = POLLIN},
        {.fd = interrupt_fd(), .events = POLLIN},
    };
    poll(fds, sizeof(fds) / sizeof(fds[0]), POLL_MS);
    drain(watch, watch->child.output, &watch->open_output, &watch->output, take_output);
    drain(watch, watch->child.errors, &watch->open_errors, &watch->errors, take_errors);
    if (watch->order->progress) {
        watch->order->progress(watch->order->context, &watch->report->recording);
    }
}

static bool has_said_all(const struct watch *watch)
{
    const struct recording *recording = &watch->report->recording;
    for (const char *const *name = watch->order->expected; *name; name++) {
        if (!recording_has(recording, *name)) {
            return false;
        }
    }
    return recording_is_complete(recording);
}

/* Returns true when there is nothing more to come. */
static bool is_over(struct watch *watch, enum run_result *result)
{
    uint64_t now = now_ns();
    bool all = has_said_all(watch);
    bool exited = child_has_exited(&watch->child) && !watch->open_output;
    if (interrupt_signal() != 0) {
        *result = RUN_INTERRUPTED;
    } else if (all && (exited || now - watch->heard_ns > QUIET_NS)) {
        *result = RUN_COMPLETE;
    } else if (exited) {
        *result = RUN_ENDED;
    } else if (now - watch->heard_ns > watch->order->silence_ns) {
        *result = RUN_SILENT;
    } else {
        return false;
    }
    return true;
}

/* --- At rest --- */

static void watch_rest(struct watch *watch)
{
    struct run_report *report = watch->report;
    report->memory = process_tree_memory(watch->child.pid);
    uint64_t begin = now_ns();
    while (now_ns() - begin < watch->order->rest_ns && interrupt_signal() == 0) {
        listen_once(watch);
    }
    uint64_t used_ns = process_tree_use(watch->child.pid).cpu_ns - report->use.cpu_ns;
    report->rested = interrupt_signal() == 0 && !child_has_exited(&watch->child);
    report->idle_percent = 100.0 * (double)used_ns / (double)(now_ns() - begin);
}

/* --- The whole --- */

struct run_report run_watch(const struct run_order *order)
{
    struct run_report report = {0};
    struct watch watch = {
        .order = order, .report = &report, .open_output = true, .open_errors = true};
    watch.begin_ns = watch.heard_ns = now_ns();
    report.failure = child_start(&watch.child, order->arguments, order->cpu);
    if (report.failure != 0) {
        report.result = RUN_NOT_STARTED;
        report.failure = -report.failure;
        return report;
    }
    do {
        listen_once(&watch);
    } while (!is_over(&watch, &report.result));
    if (report.result == RUN_COMPLETE && !child_has_exited(&watch.child)) {
        report.use = process_tree_use(watch.child.pid);
        if (order->rest_ns > 0) {
            watch_rest(&watch);
        }
    }
    line_reader_finish(&watch.output, take_output, &watch);
    line_reader_finish(&watch.errors, take_errors, &watch);
    log_samples(&watch);
    report.wait_status = child_end(&watch.child);
    return report;
}

void run_report_free(struct run_report *report)
{
    recording_free(&report->recording);
    free(report->memory.items);
    report->memory = (struct components){0};
}

char *run_result_text(const struct run_report *report)
{
    char *status;
    char *text;
    switch (report->result) {
    case RUN_COMPLETE:
        return text_of("complete");
    case RUN_NOT_STARTED:
        return text_of("could not be started: %s", strerror(report->failure));
    case RUN_ENDED:
        status = child_status_text(report->wait_status);
        text = text_of("ended before it had measured all: %s", status);
        free(status);
        return text;
    case RUN_SILENT:
        return text_of("said nothing for too long");
    case RUN_INTERRUPTED:
        break;
    }
    return text_of("interrupted");
}
