/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reports for people. */
#include "cli/test/report.h"

#include "cli/test/escape.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define OUTPUT_LINES_SHOWN 20
#define REPORT_LINES_SHOWN 60
#define LINE_BYTES_SHOWN   500
#define SHOW_EVERY_NS      UINT64_C(100000000)
#define COLUMNS_DEFAULT    80

#define GREEN  "\033[32m"
#define RED    "\033[31m"
#define YELLOW "\033[33m"

struct report report_start(FILE *stream, bool quiet, bool verbose)
{
    const char *kind = getenv("TERM");
    const char *plain = getenv("NO_COLOR");
    bool terminal = isatty(fileno(stream)) && kind && strcmp(kind, "dumb") != 0;
    return (struct report){
        .stream = stream,
        .quiet = quiet,
        .verbose = verbose,
        .terminal = terminal,
        .colours = terminal && (!plain || plain[0] == '\0'),
        .start_ns = attempt_now_ns(),
    };
}

/* --- The line that shows what is going on --- */

static void erase(struct report *report)
{
    if (report->shown_ns != 0) {
        fputs("\r\033[K", report->stream);
    }
    report->shown_ns = 0;
}

static size_t columns_of(FILE *stream)
{
    struct winsize size;
    bool known = ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : COLUMNS_DEFAULT;
}

static void write_state(FILE *stream, const struct report *report, const struct pool_state *state)
{
    fprintf(stream, "[%" PRIu64, state->done);
    if (state->total != UINT64_MAX) {
        fprintf(stream, "/%" PRIu64, state->total);
    }
    fprintf(stream, "] %.0f s", (double)(attempt_now_ns() - report->start_ns) / 1e9);
    if (state->failed > 0) {
        fprintf(stream, ", %" PRIu64 " failed", state->failed);
    }
    const char *before = ": ";
    for (size_t i = 0; i < state->slots; i++) {
        if (attempt_is_running(&state->attempts[i])) {
            const char *name = state->attempts[i].test->name;
            fputs(before, stream);
            print_safely(stream, name, strlen(name));
            before = ", ";
        }
    }
}

/* Somebody still reads what is written, as far as one can know. Where nothing fails for hours nothing is
 * written either, so that it is no write that would tell. */
static bool is_read(FILE *stream)
{
    struct pollfd fd = {.fd = fileno(stream)};
    return poll(&fd, 1, 0) <= 0 || (fd.revents & POLLERR) == 0;
}

bool report_tick(void *context, const struct pool_state *state)
{
    struct report *report = context;
    uint64_t now_ns = attempt_now_ns();
    if (report->terminal && now_ns >= report->shown_ns + SHOW_EVERY_NS) {
        char *line = NULL;
        size_t length;
        FILE *stream = open_memstream(&line, &length);
        if (stream) {
            write_state(stream, report, state);
            fclose(stream);
        }
        erase(report);
        if (line) {
            fprintf(report->stream, "%.*s", (int)columns_of(report->stream) - 1, line);
        }
        free(line);
        report->shown_ns = now_ns;
    }
    return fflush(report->stream) == 0 && !ferror(report->stream) && is_read(report->stream);
}

/* --- One test --- */

static const char *word_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASSED:
        return "PASS";
    case VERDICT_FAILED:
        return "FAIL";
    case VERDICT_BROKEN:
        return "BROKEN";
    case VERDICT_SKIPPED:
        return "SKIP";
    case VERDICT_NOT_RUN:
        break;
    }
    return "NOT RUN";
}

static const char *colour_of(enum verdict verdict)
{
    return verdict == VERDICT_PASSED                                ? GREEN
           : verdict == VERDICT_FAILED || verdict == VERDICT_BROKEN ? RED
                                                                    : YELLOW;
}

static void write_heading(struct report *report, const struct result *result)
{
    FILE *stream = report->stream;
    fprintf(stream, "%s%-7s%s ", report->colours ? colour_of(result->verdict) : "",
            word_of(result->verdict), report->colours ? "\033[0m" : "");
    if (result->runs > 0) {
        fprintf(stream, "%7.2f s  ", (double)result->longest_ns / 1e9);
    } else {
        fprintf(stream, "%11s", "");
    }
    print_safely(stream, result->test.name, strlen(result->test.name));
    if (result->verdict == VERDICT_SKIPPED) {
        fputs(": ", stream);
        print_safely(stream, result->test.skip, strlen(result->test.skip));
    } else if (result->failed > 0 && result->runs > 1) {
        fprintf(stream, ": %" PRIu64 " of %" PRIu64 " runs failed, run %" PRIu64 " first",
                result->failed, result->runs, result->failed_run + 1);
    } else if (result->runs > 1) {
        fprintf(stream, ": %" PRIu64 " runs, %.2f s to %.2f s", result->runs,
                (double)result->shortest_ns / 1e9, (double)result->longest_ns / 1e9);
    }
    fputc('\n', stream);
}

static void write_failures(FILE *stream, const struct result *result)
{
    for (const struct diagnostic *d = result->failures.first; d; d = d->next) {
        for (const char *line = d->text; line;) {
            const char *newline = strchr(line, '\n');
            fputs("  ", stream);
            print_safely(stream, line, newline ? (size_t)(newline - line) : strlen(line));
            fputc('\n', stream);
            line = newline ? newline + 1 : NULL;
        }
    }
}

/* Where the last lines of a text start. */
static size_t start_of_last(const char *text, size_t length, uint64_t lines, uint64_t *count)
{
    size_t start = length;
    *count = 0;
    while (start > 0 && *count < lines) {
        const char *newline = start > 1 ? memrchr(text, '\n', start - 1) : NULL;
        start = newline ? (size_t)(newline - text) + 1 : 0;
        (*count)++;
    }
    return start;
}

/* Lines with a bar before them, and their numbers if the first one has one. */
static void write_lines(FILE *stream, const char *text, size_t length, uint64_t number)
{
    for (size_t i = 0; i < length;) {
        const char *newline = memchr(text + i, '\n', length - i);
        size_t end = newline ? (size_t)(newline - text) : length;
        size_t shown = end - i < LINE_BYTES_SHOWN ? end - i : LINE_BYTES_SHOWN;
        if (number > 0) {
            fprintf(stream, "  %5" PRIu64 " | ", number++);
        } else {
            fputs("        | ", stream);
        }
        print_safely(stream, text + i, line_length_trimmed(text + i, shown));
        if (shown < end - i) {
            fprintf(stream, " [... %zu bytes more]", end - i - shown);
        }
        fputc('\n', stream);
        i = end + 1;
    }
}

static void write_output(FILE *stream, const struct result *result)
{
    uint64_t count;
    size_t start = start_of_last(result->output, result->output_length, OUTPUT_LINES_SHOWN, &count);
    uint64_t lines = result->output_lines;
    if (!result->output) {
        fputs("  It printed nothing.\n", stream);
        return;
    }
    fprintf(stream, "  It printed %" PRIu64 " line%s%s:\n", lines, lines == 1 ? "" : "s",
            count < lines ? ", the last of them" : "");
    write_lines(stream, result->output + start, result->output_length - start,
                lines >= count ? lines - count + 1 : 1);
}

static void write_report(FILE *stream, const struct result *result)
{
    uint64_t count;
    size_t start = start_of_last(result->report, result->report_length, REPORT_LINES_SHOWN, &count);
    if (result->report) {
        fprintf(stream, "  Quoll said%s:\n", start > 0 ? ", at last" : "");
        write_lines(stream, result->report + start, result->report_length - start, 0);
    }
}

static void write_details(FILE *stream, const struct result *result)
{
    write_failures(stream, result);
    if (result->command) {
        write_output(stream, result);
        write_report(stream, result);
        fputs("  Again: ", stream);
        print_safely(stream, result->command, strlen(result->command));
        fputs("\n\n", stream);
    }
}

void report_finished(void *context, const struct result *result)
{
    struct report *report = context;
    bool bad = result_is_bad(result);
    if (report->quiet && !bad) {
        return;
    }
    erase(report);
    write_heading(report, result);
    if (bad || report->verbose) {
        write_details(report->stream, result);
    }
    fflush(report->stream);
}

/* --- The end --- */

static void write_count(FILE *stream, size_t count, const char *word, const char **before)
{
    if (count > 0) {
        fprintf(stream, "%s%zu %s", *before, count, word);
        *before = ", ";
    }
}

static void list_bad(FILE *stream, const struct results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        const struct result *result = &results->all[i];
        if (result_is_bad(result)) {
            fprintf(stream, "  %-7s", word_of(result->verdict));
            print_safely(stream, result->test.name, strlen(result->test.name));
            fputc('\n', stream);
        }
    }
}

void report_summary(struct report *report, const struct results *results)
{
    FILE *stream = report->stream;
    const char *before = ": ";
    uint64_t runs = 0;
    for (size_t i = 0; i < results->count; i++) {
        runs += results->all[i].runs;
    }
    erase(report);
    if (results->interrupted) {
        fprintf(stream, "Interrupted by %s.\n", strsignal(results->interrupted));
    }
    fprintf(stream, "%zu test%s", results->count, results->count == 1 ? "" : "s");
    if (runs > results->count) {
        fprintf(stream, ", %" PRIu64 " runs", runs);
    }
    fprintf(stream, " in %.2f s", (double)results->elapsed_ns / 1e9);
    write_count(stream, results_count(results, VERDICT_PASSED), "passed", &before);
    write_count(stream, results_count(results, VERDICT_FAILED), "failed", &before);
    write_count(stream, results_count(results, VERDICT_BROKEN), "broken", &before);
    write_count(stream, results_count(results, VERDICT_SKIPPED), "skipped", &before);
    write_count(stream, results_count(results, VERDICT_NOT_RUN), "not run", &before);
    fputc('\n', stream);
    list_bad(stream, results);
    fflush(stream);
}
