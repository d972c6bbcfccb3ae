/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a person sees while it runs. */
#include "compare/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL_NS 200000000ull

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

struct progress progress_new(bool quiet, size_t runs)
{
    return (struct progress){.quiet = quiet, .terminal = isatty(STDERR_FILENO), .runs = runs};
}

void progress_clear(struct progress *progress)
{
    if (progress->terminal && !progress->quiet) {
        fputs("\r\033[K", stderr);
    }
}

void progress_say(struct progress *progress, const char *what)
{
    if (progress->terminal && !progress->quiet) {
        fprintf(stderr, "\r\033[K%s", what);
    }
}

void progress_begin(struct progress *progress, const char *what)
{
    progress->run++;
    progress->begin_ns = now_ns();
    progress->shown_ns = 0;
    snprintf(progress->what, sizeof(progress->what), "%s", what);
    progress_show(progress, &(struct recording){0});
}

void progress_show(void *context, const struct recording *recording)
{
    struct progress *progress = context;
    uint64_t now = now_ns();
    if (progress->quiet || !progress->terminal || now - progress->shown_ns < INTERVAL_NS) {
        return;
    }
    progress->shown_ns = now;
    fprintf(stderr, "\r\033[K[%zu/%zu] %s, %.0f s", progress->run, progress->runs, progress->what,
            (double)(now - progress->begin_ns) / 1e9);
    size_t sections = recording->sections.count;
    if (sections > 0) {
        const struct section *last = &recording->sections.items[sections - 1];
        fprintf(stderr, ", %s: %zu samples", last->name, last->samples.count);
    }
}

void progress_end(struct progress *progress, const char *result)
{
    progress_clear(progress);
    if (!progress->quiet) {
        fprintf(stderr, "[%zu/%zu] %s: %s, %.1f s\n", progress->run, progress->runs, progress->what,
                result, (double)(now_ns() - progress->begin_ns) / 1e9);
    }
}
