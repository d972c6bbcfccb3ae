/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The comparison as a whole. */
#include "compare/pipeline.h"

#include "compare/against.h"
#include "compare/child.h"
#include "compare/comparison.h"
#include "compare/interrupt.h"
#include "compare/list.h"
#include "compare/output.h"
#include "compare/plot.h"
#include "compare/progress.h"
#include "compare/report.h"
#include "compare/results.h"
#include "compare/subjects.h"
#include "compare/summary.h"
#include "compare/table.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REST_NS              1000000000ull
#define SILENCE_NS           60000000000ull
#define CLOCK_PER_SECOND_MAX 7000000000ull
#define SILENCE_ITERATION_NS 1000000ull /* more for each */

struct pipeline {
    const struct plan *plan;
    struct comparison comparison;
    struct progress progress;
    bool failed; /* a run was not complete, or something could not be written */
};

/* --- One run --- */

static uint64_t silence_ns(const struct plan *plan)
{
    return plan->silence_ns != 0 ? plan->silence_ns
                                 : SILENCE_NS + plan->iterations * SILENCE_ITERATION_NS;
}

static bool rests(const struct subject *subject, enum part_kind kind)
{
    return kind == PART_REST || kind == PART_ALL ||
           (kind == PART_IPC && !subject_has_part(subject, PART_REST));
}

/* What cannot be read is a mistake of the measured program's, and its figures may lack something. */
static void tell_wrong_lines(struct pipeline *pipeline, const struct subject *subject,
                             const struct run_record *record, const struct recording *recording)
{
    if (recording->wrong_lines > 0) {
        comparison_remark(&pipeline->comparison,
                          "In the run %s of %s, %zu lines of the measuring protocol could not be "
                          "read; the first is '%s'.",
                          record->name, subject->name, recording->wrong_lines,
                          recording->first_wrong);
        progress_clear(&pipeline->progress);
        fprintf(stderr, "quoll: %s\n",
                pipeline->comparison.remarks.items[pipeline->comparison.remarks.count - 1]);
    }
}

/* A kernel that measures its clock while the host is busy, as one in an emulated machine may, can be
 * wrong by far, and then all its times are. */
static void tell_strange_clock(struct pipeline *pipeline, const struct subject *subject,
                               const struct run_record *record, const struct recording *recording)
{
    for (size_t i = 0; i < recording->sections.count; i++) {
        uint64_t second = recording->sections.items[i].ticks_per_second;
        if (second > CLOCK_PER_SECOND_MAX) {
            comparison_remark(&pipeline->comparison,
                              "In the run %s of %s the clock is said to tick %.1f times a "
                              "nanosecond, which no CPU's does: its times are too short.",
                              record->name, subject->name, (double)second / 1e9);
            return;
        }
    }
}

/* Returns false when nothing can be written any more. */
static bool watch_run(struct pipeline *pipeline, struct subject *subject, const struct part *part,
                      struct run_record *record)
{
    char *folder = text_of("%s/%s", pipeline->comparison.folder, record->folder);
    struct output log = output_open(folder, "log.txt");
    bool written = log.stream != NULL;
    if (written) {
        struct run_order order = {
            .arguments = part->arguments,
            .expected = part_sections(part->kind),
            .cpu = pipeline->comparison.cpu,
            .silence_ns = silence_ns(pipeline->plan),
            .rest_ns = rests(subject, part->kind) ? REST_NS : 0,
            .log = log.stream,
            .progress = progress_show,
            .context = &pipeline->progress,
        };
        struct run_report report = run_watch(&order);
        comparison_keep(subject, record, &report);
        tell_wrong_lines(pipeline, subject, record, &report.recording);
        tell_strange_clock(pipeline, subject, record, &report.recording);
        fprintf(log.stream, "           --- %s\n", record->result);
        written = results_write(&report.recording, folder);
        run_report_free(&report);
    }
    written = output_close(&log) && written;
    free(folder);
    return written;
}

/* A line for a person when a run went wrong. */
static void tell_failure(struct pipeline *pipeline, const struct subject *subject,
                         const struct run_record *record)
{
    fprintf(
        stderr,
        "quoll: the run %s of %s is not complete: it %s\n      %s/%s/log.txt has what it said.\n",
        record->name, subject->name, record->result, pipeline->comparison.folder, record->folder);
    comparison_remark(&pipeline->comparison, "The run %s of %s is not complete: it %s.",
                      record->name, subject->name, record->result);
}

static bool do_run(struct pipeline *pipeline, struct subject *subject, const struct part *part,
                   uint64_t round)
{
    struct run_record record = {
        .kind = part->kind,
        .name = text_of("%s-%llu", part_name(part->kind), (unsigned long long)round),
        .folder = text_of("runs/%s-%s-%llu", subject->name, part_name(part->kind),
                          (unsigned long long)round),
    };
    char *what = text_of("%s, %s", subject->name, record.name);
    progress_begin(&pipeline->progress, what);
    free(what);
    bool written = output_make_folder(pipeline->comparison.folder, record.folder) &&
                   watch_run(pipeline, subject, part, &record);
    if (!record.result) {
        record.result = text_of("not run");
    }
    progress_end(&pipeline->progress, record.result);
    if (!record.complete && interrupt_signal() == 0) {
        pipeline->failed = true;
        tell_failure(pipeline, subject, &record);
    }
    *LIST_ADD(&subject->runs) = record;
    return written;
}

/* --- All runs --- */

static size_t count_runs(const struct comparison *comparison)
{
    size_t parts = 0;
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        parts += comparison->subjects.items[i].part_count;
    }
    return parts * comparison->rounds;
}

/* Each part of all systems in turn; who is first changes, because the first may be at an advantage. */
static bool do_round(struct pipeline *pipeline, uint64_t round)
{
    struct comparison *comparison = &pipeline->comparison;
    for (size_t part = 0; part < PARTS_MAX; part++) {
        for (size_t i = 0; i < comparison->subjects.count; i++) {
            size_t which = (i + (size_t)round) % comparison->subjects.count;
            struct subject *subject = &comparison->subjects.items[which];
            if (interrupt_signal() != 0) {
                return true;
            }
            if (part < subject->part_count &&
                !do_run(pipeline, subject, &subject->parts[part], round)) {
                return false;
            }
        }
    }
    return true;
}

static bool do_rounds(struct pipeline *pipeline)
{
    struct comparison *comparison = &pipeline->comparison;
    pipeline->progress = progress_new(pipeline->plan->quiet, count_runs(comparison));
    if (!output_make_folder(comparison->folder, "runs")) {
        return false;
    }
    progress_say(&pipeline->progress, "measuring the machine's noise");
    comparison->before = noise_measure(comparison->cpu);
    bool written = true;
    for (uint64_t round = 1; written && round <= comparison->rounds; round++) {
        written = do_round(pipeline, round);
    }
    progress_say(&pipeline->progress, "measuring the machine's noise");
    comparison->after = noise_measure(comparison->cpu);
    progress_clear(&pipeline->progress);
    comparison->interrupted = interrupt_signal() != 0;
    return written;
}

/* --- What is written at the end --- */

static bool draw_plots(struct pipeline *pipeline)
{
    bool missing = false;
    bool drawn = true;
    for (size_t i = 0; report_plots[i]; i++) {
        progress_say(&pipeline->progress, "drawing");
        enum plot_result result = plot_draw(report_plots[i], &pipeline->comparison);
        missing = missing || result == PLOT_NO_GNUPLOT;
        drawn = drawn && result != PLOT_FAILED;
    }
    progress_clear(&pipeline->progress);
    if (missing) {
        static const char text[] =
            "there is no gnuplot, so no plots are drawn: their scripts are in "
            "plots/; Debian has it as gnuplot-nox";
        fprintf(stderr, "quoll: %s\n", text);
        comparison_remark(&pipeline->comparison, "%s", text);
    }
    return drawn;
}

static bool write_all(struct pipeline *pipeline)
{
    struct comparison *comparison = &pipeline->comparison;
    comparison_sum_up(comparison);
    struct changes changes = {0};
    /* First what counts: plots are large, and the disk may be nearly full. */
    bool written = summary_write_csv(comparison);
    written = draw_plots(pipeline) && written;
    if (pipeline->plan->against) {
        written = against_compare(comparison, pipeline->plan->against, &changes) && written;
    }
    written = summary_write_json(comparison) && written;
    written = report_write(comparison, pipeline->plan->against ? &changes : NULL) && written;
    if (!pipeline->plan->quiet) {
        table_print(comparison, pipeline->plan->against ? &changes : NULL, stdout);
    }
    if (!pipeline->plan->quiet && written) {
        printf("\n%s/report.html\n", comparison->folder);
    }
    changes_free(&changes);
    return written;
}

/* --- The whole --- */

static void describe(struct pipeline *pipeline)
{
    struct comparison *comparison = &pipeline->comparison;
    time_t now = time(NULL);
    localtime_r(&now, &comparison->date);
    comparison->testbed = testbed_describe();
    comparison->cpu = testbed_cpu();
    comparison->iterations = pipeline->plan->iterations;
    comparison->rounds = pipeline->plan->rounds;
}

static enum exit_status exit_status_of(const struct pipeline *pipeline, bool written)
{
    int signal = interrupt_signal();
    return signal != 0                    ? EXIT_SIGNAL + (enum exit_status)signal
           : !written || pipeline->failed ? EXIT_HOST
                                          : EXIT_OK;
}

enum exit_status pipeline_run(const struct plan *plan)
{
    struct pipeline pipeline = {.plan = plan};
    enum exit_status status = EXIT_INPUT;
    if (plan->against && !against_is_readable(plan->against)) {
        return EXIT_INPUT;
    }
    describe(&pipeline);
    pipeline.comparison.folder = output_new_folder(plan->out, &pipeline.comparison.date);
    if (!pipeline.comparison.folder) {
        comparison_free(&pipeline.comparison);
        return EXIT_INPUT;
    }
    interrupt_watch();
    if (subjects_prepare(&pipeline.comparison, plan)) {
        bool written = do_rounds(&pipeline);
        written = write_all(&pipeline) && written;
        status = exit_status_of(&pipeline, written);
    } else {
        output_discard(pipeline.comparison.folder);
    }
    comparison_free(&pipeline.comparison);
    return status;
}
