/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* JSON. */
#include "cli/test/escape.h"
#include "cli/test/export.h"

#include <inttypes.h>
#include <string.h>

static const char *word_of(enum verdict verdict)
{
    static const char *const words[] = {
        [VERDICT_NOT_RUN] = "not run", [VERDICT_PASSED] = "passed",   [VERDICT_FAILED] = "failed",
        [VERDICT_BROKEN] = "broken",   [VERDICT_SKIPPED] = "skipped",
    };
    return words[verdict];
}

static void write_member(FILE *stream, const char *name, const char *text, size_t length)
{
    if (text) {
        fprintf(stream, ",\n     \"%s\": ", name);
        print_json(stream, text, length);
    }
}

static void write_failures(FILE *stream, const struct result *result)
{
    const char *before = ",\n     \"failures\": [";
    for (const struct diagnostic *d = result->failures.first; d; d = d->next) {
        fputs(before, stream);
        print_json(stream, d->text, strlen(d->text));
        before = ", ";
    }
    if (result->failures.first) {
        fputc(']', stream);
    }
}

static void write_result(FILE *stream, const struct result *result)
{
    fputs("    {\"name\": ", stream);
    print_json(stream, result->test.name, strlen(result->test.name));
    fprintf(stream,
            ", \"verdict\": \"%s\", \"runs\": %" PRIu64 ", \"failed_runs\": %" PRIu64
            ",\n     \"total_s\": %.6f, \"shortest_s\": %.6f, \"longest_s\": %.6f",
            word_of(result->verdict), result->runs, result->failed, (double)result->total_ns / 1e9,
            (double)result->shortest_ns / 1e9, (double)result->longest_ns / 1e9);
    write_member(stream, "skip", result->test.skip,
                 result->test.skip ? strlen(result->test.skip) : 0);
    write_failures(stream, result);
    write_member(stream, "command", result->command, result->command ? strlen(result->command) : 0);
    write_member(stream, "output", result->output, result->output_length);
    write_member(stream, "report", result->report, result->report_length);
    fputc('}', stream);
}

void json_write(FILE *stream, const struct results *results)
{
    fprintf(stream,
            "{\n  \"passed\": %zu, \"failed\": %zu, \"broken\": %zu, \"skipped\": %zu, "
            "\"not_run\": %zu,\n  \"elapsed_s\": %.6f, \"interrupted\": %s,\n  \"tests\": [",
            results_count(results, VERDICT_PASSED), results_count(results, VERDICT_FAILED),
            results_count(results, VERDICT_BROKEN), results_count(results, VERDICT_SKIPPED),
            results_count(results, VERDICT_NOT_RUN), (double)results->elapsed_ns / 1e9,
            results->interrupted ? "true" : "false");
    for (size_t i = 0; i < results->count; i++) {
        fputs(i > 0 ? ",\n" : "\n", stream);
        write_result(stream, &results->all[i]);
    }
    fputs("\n  ]\n}\n", stream);
}
