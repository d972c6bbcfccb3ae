/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll test: runs systems and compares them with what is written beside them. */
#include "cli/command.h"
#include "cli/test/export.h"
#include "cli/test/find.h"
#include "cli/test/report.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_NS_DEFAULT UINT64_C(30000000000)
#define JOBS_MAX           1024

/* --- Files for machines --- */

struct export
{
    const char *path; /* NULL: none; "-": standard output */
    FILE *stream;
    void (*write)(FILE * stream, const struct results *results);
};

static bool complain_of_export(const struct export *export)
{
    fprintf(stderr,
            "quoll: cannot write %s: %s\n"
            "      Name a file on a disk with room that you may write to.\n",
            export->path, strerror(errno));
    return false;
}

/* Before anything runs: whoever waits for the file is told at once that there will be none. */
static bool open_export(struct export *export)
{
    if (export->path) {
        export->stream = strcmp(export->path, "-") == 0 ? stdout : fopen(export->path, "we");
    }
    return !export->path || export->stream || complain_of_export(export);
}

static bool close_export(struct export *export, const struct results *results)
{
    if (!export->stream) {
        return true;
    }
    errno = 0;
    if (results) {
        export->write(export->stream, results);
    }
    bool failed = fflush(export->stream) != 0 || ferror(export->stream);
    if (export->stream != stdout) {
        failed |= fclose(export->stream) != 0;
    }
    export->stream = NULL;
    return !failed || complain_of_export(export);
}

/* --- The tests --- */

static bool find_all(const struct settings *settings, struct found *found)
{
    for (size_t i = 0; i < settings->operand_count; i++) {
        find_tests(found, settings->operands[i]);
    }
    if (settings->operand_count == 0) {
        find_tests(found, ".");
    }
    size_t before = found->count;
    found_finish(found, settings->test.filter);
    if (found->failed) {
        return false;
    }
    if (found->count == 0 && before > 0) {
        fprintf(stderr,
                "quoll: of %zu tests, none has a name like '%s'\n"
                "      quoll test --list shows their names; * stands for anything.\n",
                before, settings->test.filter);
    } else if (found->count == 0) {
        fprintf(stderr,
                "quoll: there are no tests in %s\n"
                "      A test is a file NAME.test, beside NAME.system: docs/testing.md.\n",
                settings->operand_count > 0 ? settings->operands[0] : "this folder");
    }
    return found->count > 0;
}

static void list(const struct found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        printf("%.*s\n", (int)(strlen(found->paths[i]) - strlen(".test")), found->paths[i]);
    }
}

/* One that is wrong is not run, and the others are. */
static void open_result(struct result *result, const char *path)
{
    *result = (struct result){.verdict = VERDICT_NOT_RUN};
    case_open(&result->test, path);
    if (result->test.found.errors > 0) {
        result->verdict = VERDICT_BROKEN;
        result->failures = result->test.found;
        result->test.found = (struct diagnostics){0};
    } else if (result->test.skip) {
        result->verdict = VERDICT_SKIPPED;
    }
}

static bool open_results(struct results *results, const struct found *found)
{
    results->all = calloc(found->count, sizeof(*results->all));
    if (!results->all) {
        fprintf(stderr, "quoll: there is no memory for %zu tests\n", found->count);
        return false;
    }
    for (size_t i = 0; i < found->count; i++) {
        open_result(&results->all[i], found->paths[i]);
    }
    results->count = found->count;
    return true;
}

static void close_results(struct results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        result_free(&results->all[i]);
    }
    free(results->all);
    free(results->trouble);
}

/* --- The command --- */

static size_t cpu_count(void)
{
    cpu_set_t cpus;
    return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (size_t)CPU_COUNT(&cpus) : 1;
}

static struct pool_options pool_options_of(const struct settings *settings)
{
    const struct test_settings *test = &settings->test;
    bool endless = test->until_fail && test->repeat == 0;
    return (struct pool_options){
        .run = {.time = test->time,
                .folders = settings->search.folders,
                .folder_count = settings->search.count,
                .timeout_ns = settings->timeout_ns ? settings->timeout_ns : TIMEOUT_NS_DEFAULT},
        .jobs = test->jobs ? test->jobs : cpu_count(),
        .repeat = endless        ? UINT64_MAX
                  : test->repeat ? test->repeat
                                 : 1,
        .until_fail = test->until_fail,
        .keep_output = settings->verbose,
    };
}

static enum exit_status status_of(const struct results *results, bool written)
{
    if (results->interrupted) {
        return (enum exit_status)(EXIT_SIGNAL + results->interrupted);
    }
    if (results->trouble || !written) {
        return EXIT_HOST;
    }
    bool bad = results_count(results, VERDICT_FAILED) > 0 ||
               results_count(results, VERDICT_BROKEN) > 0 ||
               results_count(results, VERDICT_PASSED) == 0;
    return bad ? EXIT_INPUT : EXIT_OK;
}

static bool output_is_gone(FILE *stream)
{
    if (fflush(stream) == 0 && !ferror(stream)) {
        return false;
    }
    fprintf(stderr, "quoll: the tests' results cannot be written any more: %s\n", strerror(errno));
    return true;
}

static enum exit_status run_found(const struct settings *settings, const struct found *found,
                                  struct export *junit, struct export *json)
{
    struct results results = {.count = 0};
    if (!open_results(&results, found)) {
        return EXIT_HOST;
    }
    FILE *stream = junit->stream == stdout || json->stream == stdout ? stderr : stdout;
    struct report report = report_start(stream, settings->quiet, settings->verbose);
    struct pool_observer observer = {report_finished, report_tick, &report};
    struct pool_options options = pool_options_of(settings);
    pool_run(&results, &options, &observer);
    report_summary(&report, &results);
    if (results.trouble) {
        fprintf(stderr, "quoll: %s\n", results.trouble);
    }
    bool written = !output_is_gone(stream);
    written &= close_export(junit, &results);
    written &= close_export(json, &results);
    enum exit_status status = status_of(&results, written);
    close_results(&results);
    return status;
}

static enum exit_status check_settings(const struct settings *settings)
{
    const struct test_settings *test = &settings->test;
    if (test->jobs > JOBS_MAX) {
        fprintf(stderr, "quoll: --jobs %llu: at most %d tests can run at a time\n",
                (unsigned long long)test->jobs, JOBS_MAX);
        return EXIT_USAGE;
    }
    if (test->time && strcmp(test->time, "real") != 0 && strcmp(test->time, "virtual") != 0) {
        fprintf(stderr,
                "quoll: --time %s: there is no such time\n"
                "      It can be real or virtual.\n",
                test->time);
        return EXIT_USAGE;
    }
    if (settings->json && test->junit && strcmp(test->junit, "-") == 0) {
        fprintf(stderr, "quoll: --json and --junit both write to standard output\n"
                        "      Name a file for --junit.\n");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static enum exit_status run_tests(const struct settings *settings, const char *operand)
{
    (void)operand;
    struct found found = {.paths = NULL};
    struct export junit = {.path = settings->test.junit, .write = junit_write};
    struct export json = {.path = settings->json ? "-" : NULL, .write = json_write};
    enum exit_status status = check_settings(settings);
    if (status == EXIT_OK && !find_all(settings, &found)) {
        status = EXIT_INPUT;
    } else if (status == EXIT_OK && settings->test.list) {
        list(&found);
    } else if (status == EXIT_OK) {
        bool open = open_export(&junit);
        open &= open_export(&json);
        status = open ? run_found(settings, &found, &junit, &json) : EXIT_HOST;
        close_export(&junit, NULL);
        close_export(&json, NULL);
    }
    found_free(&found);
    return status;
}

#define FIELD(name) offsetof(struct settings, name)

static const struct option test_options[] = {
    {"jobs", 'j', "N", "how many tests run at a time (default: one for each CPU)", OPTION_COUNT,
     FIELD(test.jobs)},
    {"filter", 'f', "GLOB", "only tests with such a name, as in '*ipc*'", OPTION_TEXT,
     FIELD(test.filter)},
    {"repeat", 'r', "N", "run each so often", OPTION_COUNT, FIELD(test.repeat)},
    {"until-fail", 'u', NULL,
     "stop when one has failed; without --repeat, run them again until\n"
     "then",
     OPTION_FLAG, FIELD(test.until_fail)},
    {"time", 0, "WHICH", "real or virtual, whatever a test's file says", OPTION_TEXT,
     FIELD(test.time)},
    {"timeout", 't', "SECONDS", "for tests whose files give none (default: 30)", OPTION_SECONDS,
     FIELD(timeout_ns)},
    {"junit", 0, "FILE", "write JUnit's XML there; - is standard output", OPTION_TEXT,
     FIELD(test.junit)},
    {"json", 0, NULL, "write JSON to standard output, and all else to standard error", OPTION_FLAG,
     FIELD(json)},
    {"list", 'l', NULL, "show the tests' names, and run none", OPTION_FLAG, FIELD(test.list)},
    {0},
};

static const struct option *const tables[] = {test_options, search_options, common_options, NULL};

const struct command test_command = {
    .name = "test",
    .operand = "[PATHS]",
    .summary = "run systems and compare them with the tests beside them",
    .description =
        "Runs each NAME.test in the folders that are given (default: the current one), or\n"
        "that is given itself. It says what its system, NAME.system unless it names\n"
        "another, is to print and how it is to end: docs/testing.md. When one fails, what\n"
        "was missing is shown, with the end of its output, the backtraces of what\n"
        "faulted, and who waits for what.\n",
    .examples = "  quoll test examples\n"
                "  quoll test --time virtual --jobs 8 --junit results.xml\n"
                "  quoll test --until-fail --filter '*ipc*' examples\n",
    .tables = tables,
    .many_operands = true,
    .run = run_tests,
};
