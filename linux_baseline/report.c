/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What is printed. */
#include "linux_baseline/report.h"

#include "linux_baseline/protocol.h"

#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

static bool silent;

void report_begin(const char *section)
{
    printf("measure begin %s %llu\n", section, TICKS_PER_SECOND);
}

void report_samples(const struct sample *samples, uint64_t count)
{
    for (uint64_t i = 0; i < count && !ferror(stdout); i++) {
        printf("measure sample %" PRIu64 " %" PRIu64 "\n", samples[i].latency,
               samples[i].timestamp);
    }
}

void report_event(const char *what, uint64_t timestamp)
{
    printf("measure event %s %" PRIu64 "\n", what, timestamp);
}

void report_count(const char *what, uint64_t count)
{
    printf("measure count %s %" PRIu64 "\n", what, count);
}

void report_life(const char *part, uint64_t signs, uint64_t longest_silence)
{
    printf("measure part %s %" PRIu64 " %" PRIu64 "\n", part, signs, longest_silence);
}

void report_silence(const char *part, unsigned crash, uint64_t silence, uint64_t after_crash,
                    bool restarted)
{
    printf("measure silence %s %u %" PRIu64 " %" PRIu64 "%s\n", part, crash, silence, after_crash,
           restarted ? " restarted" : "");
}

void report_silence_for_ever(const char *part, unsigned crash)
{
    printf("measure silence %s %u never\n", part, crash);
}

void report_end(const char *section)
{
    printf("measure end %s\n", section);
}

void report_flush(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        die("write to standard output");
    }
}

static int by_latency(const void *left, const void *right)
{
    uint64_t a = ((const struct sample *)left)->latency;
    uint64_t b = ((const struct sample *)right)->latency;
    return (a > b) - (a < b);
}

static double us_of(const struct sample *sample)
{
    return (double)sample->latency / 1e3;
}

void summarise_nothing(void)
{
    silent = true;
}

static bool is_person(void)
{
    return !silent && isatty(STDERR_FILENO);
}

void summarise_samples(const char *section, struct sample *samples, uint64_t count)
{
    if (!is_person() || count == 0) {
        return;
    }
    qsort(samples, count, sizeof(*samples), by_latency);
    uint64_t middle = count / 2, last = count - 1, hundredth = count / 100;
    summarise("%s: median %.2f us, 99th percentile %.2f us, least %.2f us, greatest %.2f us",
              section, us_of(&samples[middle]), us_of(&samples[last - hundredth]),
              us_of(&samples[0]), us_of(&samples[last]));
}

void summarise(const char *format, ...)
{
    if (!is_person()) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
