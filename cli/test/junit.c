/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* JUnit's XML. */
#include "cli/test/escape.h"
#include "cli/test/export.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* Tests of one folder stand together: they are sorted by path. */
struct suite {
    const struct result *first;
    size_t count;
    size_t failures;
    size_t errors;
    size_t skipped;
    uint64_t took_ns;
};

/* The name's part that is the folder; "." where there is none. */
static const char *folder_of(const struct result *result, size_t *length)
{
    const char *name = result->test.name;
    const char *slash = strrchr(name, '/');
    *length = slash ? (size_t)(slash - name) : 1;
    return slash ? name : ".";
}

static const char *base_of(const struct result *result)
{
    const char *slash = strrchr(result->test.name, '/');
    return slash ? slash + 1 : result->test.name;
}

static bool is_of_suite(const struct result *result, const struct suite *suite)
{
    size_t length;
    size_t own_length;
    const char *folder = folder_of(suite->first, &length);
    const char *own = folder_of(result, &own_length);
    return length == own_length && memcmp(folder, own, length) == 0;
}

static struct suite suite_at(const struct results *results, size_t index)
{
    struct suite suite = {.first = &results->all[index]};
    for (size_t i = index; i < results->count && is_of_suite(&results->all[i], &suite); i++) {
        const struct result *result = &results->all[i];
        suite.count++;
        suite.failures += result->verdict == VERDICT_FAILED;
        suite.errors += result->verdict == VERDICT_BROKEN;
        suite.skipped += result->verdict == VERDICT_SKIPPED || result->verdict == VERDICT_NOT_RUN;
        suite.took_ns += result->total_ns;
    }
    return suite;
}

static void write_attribute(FILE *stream, const char *name, const char *text, size_t length)
{
    fprintf(stream, " %s=\"", name);
    print_xml(stream, text, length);
    fputc('"', stream);
}

static void write_element(FILE *stream, const char *name, const char *text, size_t length)
{
    if (text && length > 0) {
        fprintf(stream, "      <%s>", name);
        print_xml(stream, text, length);
        fprintf(stream, "</%s>\n", name);
    }
}

static void write_failure(FILE *stream, const struct result *result)
{
    const char *name = result->verdict == VERDICT_BROKEN ? "error" : "failure";
    size_t length;
    const char *message = result_message(result, &length);
    fprintf(stream, "      <%s type=\"%s\"", name,
            result->verdict == VERDICT_BROKEN ? "broken" : "failed");
    write_attribute(stream, "message", message, length);
    fputc('>', stream);
    for (const struct diagnostic *d = result->failures.first; d; d = d->next) {
        print_xml(stream, d->text, strlen(d->text));
        fputc('\n', stream);
    }
    if (result->runs > 1) {
        fprintf(stream, "%" PRIu64 " of %" PRIu64 " runs failed, run %" PRIu64 " first.\n",
                result->failed, result->runs, result->failed_run + 1);
    }
    if (result->command) {
        fputs("Again: ", stream);
        print_xml(stream, result->command, strlen(result->command));
        fputc('\n', stream);
    }
    fprintf(stream, "</%s>\n", name);
}

static void write_skipped(FILE *stream, const char *why)
{
    fputs("      <skipped", stream);
    write_attribute(stream, "message", why, strlen(why));
    fputs("/>\n", stream);
}

static void write_case(FILE *stream, const struct result *result)
{
    size_t length;
    const char *folder = folder_of(result, &length);
    fputs("    <testcase", stream);
    write_attribute(stream, "classname", folder, length);
    write_attribute(stream, "name", base_of(result), strlen(base_of(result)));
    fprintf(stream, " time=\"%.3f\">\n", (double)result->total_ns / 1e9);
    if (result_is_bad(result)) {
        write_failure(stream, result);
    } else if (result->verdict == VERDICT_SKIPPED) {
        write_skipped(stream, result->test.skip);
    } else if (result->verdict == VERDICT_NOT_RUN) {
        write_skipped(stream, "it was not run to its end");
    }
    write_element(stream, "system-out", result->output, result->output_length);
    write_element(stream, "system-err", result->report, result->report_length);
    fputs("    </testcase>\n", stream);
}

static void write_suite(FILE *stream, const struct suite *suite)
{
    size_t length;
    const char *folder = folder_of(suite->first, &length);
    fputs("  <testsuite", stream);
    write_attribute(stream, "name", folder, length);
    fprintf(
        stream, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
        suite->count, suite->failures, suite->errors, suite->skipped, (double)suite->took_ns / 1e9);
    for (size_t i = 0; i < suite->count; i++) {
        write_case(stream, &suite->first[i]);
    }
    fputs("  </testsuite>\n", stream);
}

void junit_write(FILE *stream, const struct results *results)
{
    fprintf(stream,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"quoll test\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
            "skipped=\"%zu\" time=\"%.3f\">\n",
            results->count, results_count(results, VERDICT_FAILED),
            results_count(results, VERDICT_BROKEN),
            results_count(results, VERDICT_SKIPPED) + results_count(results, VERDICT_NOT_RUN),
            (double)results->elapsed_ns / 1e9);
    for (size_t i = 0; i < results->count;) {
        struct suite suite = suite_at(results, i);
        write_suite(stream, &suite);
        i += suite.count;
    }
    fputs("</testsuites>\n", stream);
}
