/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The pool: a loop over the attempts' pipes, and a descriptor for signals. */
#include "cli/test/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_MS 100

struct pool {
    struct results *results;
    const struct pool_options *options;
    const struct pool_observer *observer;
    struct run_options run;
    struct attempt *attempts; /* in slots, which do not move: matchers know their attempt */
    struct pollfd *fds;       /* ATTEMPT_FDS for each slot, and the signals' */
    int signals;
    sigset_t before;
    uint64_t next;  /* run to start: all tests once, then all again */
    uint64_t total; /* runs */
    uint64_t done;
    uint64_t failed;
    size_t *to_run; /* indices of results */
    size_t to_run_count;
    bool stopping;
};

/* --- One run is over --- */

static void keep(struct pool *pool, struct result *result, const struct attempt *attempt)
{
    free(result->output);
    free(result->report);
    free(result->command);
    result->output = excerpt_text(&attempt->output, &result->output_length);
    result->output_lines = attempt->matcher.output.before;
    result->report = excerpt_text(&attempt->report, &result->report_length);
    result->command = command_line_text(attempt->test, &pool->run);
}

static void count_run(struct result *result, const struct attempt *attempt, enum verdict verdict)
{
    uint64_t took_ns = attempt->end_ns - attempt->start_ns;
    result->runs++;
    result->total_ns += took_ns;
    if (result->runs == 1 || took_ns < result->shortest_ns) {
        result->shortest_ns = took_ns;
    }
    if (took_ns > result->longest_ns) {
        result->longest_ns = took_ns;
    }
    if (verdict > result->verdict) {
        result->verdict = verdict;
    }
}

static struct result *result_of(const struct pool *pool, const struct test_case *test)
{
    for (size_t i = 0; i < pool->results->count; i++) {
        if (&pool->results->all[i].test == test) {
            return &pool->results->all[i];
        }
    }
    return NULL;
}

static void finish_run(struct pool *pool, struct attempt *attempt)
{
    struct result *result = result_of(pool, attempt->test);
    struct diagnostics failures = {0};
    size_t report_length = 0;
    char *report = excerpt_text(&attempt->report, &report_length);
    matcher_finish(&attempt->matcher);
    attempt->end.report = report;
    attempt->end.report_length = report_length;
    attempt->end.timeout_ns = attempt->timeout_ns;
    enum verdict verdict = judge(&attempt->matcher, &attempt->end, &failures);
    count_run(result, attempt, verdict);
    pool->done++;
    if (verdict != VERDICT_PASSED) {
        pool->failed++;
        result->failed++;
        if (result->failed == 1) {
            result->failed_run = attempt->run;
            result->failures = failures;
            failures = (struct diagnostics){0};
            keep(pool, result, attempt);
        }
        pool->stopping |= pool->options->until_fail;
    } else if (pool->options->keep_output && result->failed == 0) {
        keep(pool, result, attempt);
    }
    bool last = result->runs == pool->options->repeat;
    if (last || (verdict != VERDICT_PASSED && pool->options->until_fail)) {
        pool->observer->finished(pool->observer->context, result);
    }
    diagnostics_free(&failures);
    free(report);
    attempt_free(attempt);
}

/* --- Starting --- */

static void say_trouble(struct results *results, const char *what, int failure)
{
    if (!results->trouble && asprintf(&results->trouble, "%s: %s", what, strerror(failure)) < 0) {
        results->trouble = NULL;
    }
}

/* For want of processes or memory another may have to end first. Returns false if none can be started. */
static bool start_next(struct pool *pool, size_t slot, bool alone)
{
    size_t index = pool->to_run[pool->next % pool->to_run_count];
    struct result *result = &pool->results->all[index];
    int failure = attempt_start(&pool->attempts[slot], &result->test,
                                pool->next / pool->to_run_count, &pool->run);
    if (failure == 0) {
        pool->next++;
    } else if (alone) {
        say_trouble(pool->results, "cannot start a test", -failure);
        pool->stopping = true;
    }
    return failure == 0;
}

static size_t count_running(const struct pool *pool)
{
    size_t count = 0;
    for (size_t slot = 0; slot < pool->options->jobs; slot++) {
        count += attempt_is_running(&pool->attempts[slot]);
    }
    return count;
}

static void start_some(struct pool *pool)
{
    for (size_t slot = 0; slot < pool->options->jobs && !pool->stopping; slot++) {
        if (attempt_is_running(&pool->attempts[slot])) {
            continue;
        }
        if (pool->next == pool->total || !start_next(pool, slot, count_running(pool) == 0)) {
            return;
        }
    }
}

/* --- The loop --- */

static void wait_for_something(struct pool *pool)
{
    size_t count = 0;
    for (size_t slot = 0; slot < pool->options->jobs; slot++) {
        if (attempt_is_running(&pool->attempts[slot])) {
            attempt_poll(&pool->attempts[slot], &pool->fds[count]);
        } else {
            memset(&pool->fds[count], 0, ATTEMPT_FDS * sizeof(*pool->fds));
            for (int i = 0; i < ATTEMPT_FDS; i++) {
                pool->fds[count + (size_t)i].fd = -1;
            }
        }
        count += ATTEMPT_FDS;
    }
    pool->fds[count] = (struct pollfd){.fd = pool->signals, .events = POLLIN};
    if (poll(pool->fds, (nfds_t)count + 1, TICK_MS) < 0) {
        /* What was asked for is unknown: ask each. */
        for (size_t i = 0; i < count; i++) {
            pool->fds[i].revents = POLLIN;
        }
    }
}

static void read_signals(struct pool *pool)
{
    struct signalfd_siginfo signal;
    while (read(pool->signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal)) {
        if (signal.ssi_signo != SIGCHLD) {
            pool->results->interrupted = (int)signal.ssi_signo;
            pool->stopping = true;
        }
    }
}

static void attend(struct pool *pool)
{
    for (size_t slot = 0; slot < pool->options->jobs; slot++) {
        struct attempt *attempt = &pool->attempts[slot];
        if (!attempt_is_running(attempt)) {
            continue;
        }
        attempt_attend(attempt, &pool->fds[slot * ATTEMPT_FDS]);
        if (attempt_is_done(attempt)) {
            finish_run(pool, attempt);
        }
    }
}

static void show(struct pool *pool)
{
    struct pool_state state = {
        .attempts = pool->attempts,
        .slots = pool->options->jobs,
        .done = pool->done,
        .total = pool->total,
        .failed = pool->failed,
    };
    if (!pool->observer->tick(pool->observer->context, &state)) {
        pool->stopping = true;
    }
}

/* All at once, so that none is left while others are still being ended. */
static void kill_all(struct pool *pool)
{
    for (size_t slot = 0; slot < pool->options->jobs; slot++) {
        if (attempt_is_running(&pool->attempts[slot]) && pool->attempts[slot].pid != 0) {
            kill(-pool->attempts[slot].pid, SIGKILL);
        }
    }
    for (size_t slot = 0; slot < pool->options->jobs; slot++) {
        if (attempt_is_running(&pool->attempts[slot])) {
            attempt_free(&pool->attempts[slot]);
        }
    }
}

static void loop(struct pool *pool)
{
    start_some(pool);
    while (count_running(pool) > 0 && !pool->stopping) {
        wait_for_something(pool);
        read_signals(pool);
        attend(pool);
        start_some(pool);
        show(pool);
    }
    kill_all(pool);
    pool->results->not_started = pool->total == UINT64_MAX ? 0 : pool->total - pool->done;
}

/* --- Setting up --- */

static bool list_to_run(struct pool *pool)
{
    pool->to_run = calloc(pool->results->count + 1, sizeof(*pool->to_run));
    for (size_t i = 0; pool->to_run && i < pool->results->count; i++) {
        if (pool->results->all[i].verdict == VERDICT_NOT_RUN) {
            pool->to_run[pool->to_run_count++] = i;
        } else {
            pool->observer->finished(pool->observer->context, &pool->results->all[i]);
        }
    }
    if (__builtin_mul_overflow(pool->to_run_count, pool->options->repeat, &pool->total) ||
        (pool->options->repeat == UINT64_MAX && pool->to_run_count > 0)) {
        pool->total = UINT64_MAX;
    }
    return pool->to_run;
}

/* One that is ignored, as under nohup, would not stay so once it is blocked. */
static void add_unless_ignored(sigset_t *set, int number)
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
        sigaddset(set, number);
    }
}

/* Signals become readable. */
static bool open_signals(struct pool *pool)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    add_unless_ignored(&set, SIGINT);
    add_unless_ignored(&set, SIGTERM);
    add_unless_ignored(&set, SIGHUP);
    signal(SIGCHLD, SIG_DFL); /* if ignored, children would vanish unseen */
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, &pool->before);
    pool->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    pool->run.mask = pool->before;
    return pool->signals >= 0;
}

static bool open_pool(struct pool *pool)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* what attempts leave behind is ours to wait for */
    size_t jobs = pool->options->jobs;
    pool->attempts = calloc(jobs, sizeof(*pool->attempts));
    pool->fds = calloc(jobs * ATTEMPT_FDS + 1, sizeof(*pool->fds));
    bool listed = list_to_run(pool);
    return open_signals(pool) && listed && pool->attempts && pool->fds;
}

static void close_pool(struct pool *pool)
{
    if (pool->signals >= 0) {
        close(pool->signals);
    }
    sigprocmask(SIG_SETMASK, &pool->before, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    free(pool->attempts);
    free(pool->fds);
    free(pool->to_run);
}

void pool_run(struct results *results, const struct pool_options *options,
              const struct pool_observer *observer)
{
    struct pool pool = {
        .results = results,
        .options = options,
        .observer = observer,
        .run = options->run,
    };
    uint64_t start_ns = attempt_now_ns();
    if (!open_pool(&pool)) {
        say_trouble(results, "cannot run tests", errno);
    } else if (pool.to_run_count > 0) {
        loop(&pool);
    }
    close_pool(&pool);
    results->elapsed_ns = attempt_now_ns() - start_ns;
}
