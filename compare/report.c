/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The report. */
#include "compare/report.h"

#include "compare/html.h"
#include "compare/list.h"
#include "compare/output.h"
#include "compare/table.h"
#include "compare/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOISE_PERCENT_MAX 20 /* what the slowest hundredth of a quiet machine may take more */

const struct plot *const report_plots[] = {
    &plot_distribution, &plot_percentiles, &plot_time, &plot_throughput,
    &plot_memory,       &plot_fault,       NULL,
};

static const char style[] =
    "body{font:16px/1.5 "
    "system-ui,sans-serif;color:#222;background:#fff;max-width:60rem;margin:2rem "
    "auto;padding:0 1rem}h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:1px solid #ddd}"
    "table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #eee;vertical-align:top}"
    "th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #bbb}"
    ".range{display:block;font-size:.75rem;color:#777}.text td,td.words{text-align:left}"
    ".wide{overflow-x:auto}figure{margin:1.5rem 0}figure img{width:100%;height:auto;border:1px "
    "solid "
    "#eee}figcaption,.note{color:#555;font-size:.9rem}code{background:#f4f4f4;padding:0 .2em;"
    "overflow-wrap:anywhere}.lead{font-size:1.1rem}.warn{border-left:4px solid "
    "#e69f00;padding:.3rem "
    "1rem;background:#fff8ea}.dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;"
    "margin-right:.4em}";

struct report {
    FILE *stream;
    const struct comparison *comparison;
    const struct changes *changes;
};

/* --- Parts of tables --- */

static void print_heads(const struct report *report, const char *first)
{
    fprintf(report->stream, "<thead><tr><th>%s</th>", first);
    for (size_t i = 0; i < report->comparison->subjects.count; i++) {
        fprintf(report->stream, "<th><span class=\"dot\" style=\"background:%s\"></span>%s</th>",
                plot_colour(i), report->comparison->subjects.items[i].name);
    }
    fputs("</tr></thead>\n", report->stream);
}

/* The figure and, where there are several runs, how far they lie apart. */
static void print_cell(FILE *stream, const struct figure *figure)
{
    char text[UNIT_TEXT_MAX];
    char low[UNIT_TEXT_MAX];
    char high[UNIT_TEXT_MAX];
    if (!figure) {
        fputs("<td>–</td>", stream);
        return;
    }
    fprintf(stream, "<td>%s", unit_text(text, figure->unit, figure->value));
    if (figure->low != figure->high) {
        fprintf(stream, "<span class=\"range\">%s … %s</span>",
                unit_text(low, figure->unit, figure->low),
                unit_text(high, figure->unit, figure->high));
    }
    fputs("</td>", stream);
}

/* What became of a part, in words. */
static void print_part_cell(FILE *stream, const struct figures *figures, const char *part)
{
    char text[PART_TEXT_MAX];
    part_text(text, figures, part);
    fprintf(stream, "<td class=\"words\">%s</td>", text[0] != '\0' ? text : "–");
}

static void print_table(const struct report *report, unsigned which)
{
    struct table table = table_of(report->comparison, which);
    if (table.count > 0) {
        fputs("<div class=\"wide\"><table>", report->stream);
        print_heads(report, "");
        for (size_t i = 0; i < table.count; i++) {
            fputs("<tr><td>", report->stream);
            html_print(report->stream, table.items[i].label);
            fputs("</td>", report->stream);
            for (size_t s = 0; s < report->comparison->subjects.count; s++) {
                const struct figures *figures = &report->comparison->subjects.items[s].figures;
                if (which == TABLE_PARTS) {
                    print_part_cell(report->stream, figures, table.items[i].of);
                } else {
                    print_cell(report->stream,
                               figures_find(figures, table.items[i].figure, table.items[i].of));
                }
            }
            fputs("</tr>\n", report->stream);
        }
        fputs("</table></div>\n", report->stream);
    } else {
        fputs("<p class=\"note\">Nothing of this has been measured.</p>\n", report->stream);
    }
    free(table.items);
}

static void print_plot(const struct report *report, const struct plot *plot)
{
    char *name = text_of("%s/plots/%s.svg", report->comparison->folder, plot->name);
    FILE *image = fopen(name, "re");
    free(name);
    if (!image) {
        return;
    }
    fprintf(report->stream, "<figure><h3>%s</h3><img alt=\"%s\" src=\"data:image/svg+xml;base64,",
            plot->title, plot->title);
    html_print_base64(report->stream, image);
    fprintf(report->stream, "\"><figcaption>%s</figcaption></figure>\n", plot->caption);
    fclose(image);
}

/* --- Sections --- */

static void print_lead(const struct report *report)
{
    char text[UNIT_TEXT_MAX];
    bool first = true;
    fputs("<p class=\"lead\">", report->stream);
    for (size_t i = 0; i < report->comparison->subjects.count; i++) {
        const struct subject *subject = &report->comparison->subjects.items[i];
        const struct figure *median = figures_find(&subject->figures, "latency_median", "");
        if (median && !subject->emulated) {
            fprintf(report->stream, "%s<strong>%s</strong> on %s",
                    first ? "Half of all round trips took at most " : ", ",
                    unit_text(text, "ns", median->value), subject->name);
            first = false;
        }
    }
    fputs(first ? "No round trip was measured." : ".", report->stream);
    fputs("</p>\n", report->stream);
}

/* What crashes have cost each system, in a sentence. */
static void print_losses(const struct report *report)
{
    bool first = true;
    for (size_t i = 0; i < report->comparison->subjects.count; i++) {
        const struct subject *subject = &report->comparison->subjects.items[i];
        const struct figure *lost = figures_find(&subject->figures, "fault_count", "lost");
        const struct figure *requests = figures_find(&subject->figures, "fault_count", "requests");
        if (lost && requests) {
            fprintf(report->stream, "%s%s lost <strong>%.0f</strong> of %.0f",
                    first ? "<p class=\"lead\">While a part crashed, again and again, " : ", ",
                    subject->name, lost->value, requests->value);
            first = false;
        }
    }
    fputs(first ? "" : " requests of the others.</p>\n", report->stream);
}

static bool is_noisy(const struct noise *noise)
{
    return noise->load > 0.5 * (double)sysconf(_SC_NPROCESSORS_ONLN) ||
           noise->work_p99_percent > NOISE_PERCENT_MAX;
}

static void print_noise_warning(const struct report *report)
{
    const struct noise *before = &report->comparison->before;
    const struct noise *after = &report->comparison->after;
    double stolen = noise_stolen_percent(before, after);
    if (is_noisy(before) || is_noisy(after) || stolen > 1) {
        fprintf(
            report->stream,
            "<p class=\"warn\"><strong>The machine was not quiet</strong>: the load was %.1f "
            "before "
            "and %.1f after the runs, one in a hundred loops of fixed work took at least %.0f %% "
            "longer than usual, and a hypervisor took %.1f %% of all CPU time. Then medians and "
            "percentiles say more of the machine than of what ran; the least values are "
            "nearest to what it would be at rest.</p>\n",
            before->load, after->load, fmax(before->work_p99_percent, after->work_p99_percent),
            stolen);
    }
}

static void print_remarks(const struct report *report)
{
    const struct comparison *comparison = report->comparison;
    print_noise_warning(report);
    if (comparison->interrupted) {
        fputs("<p class=\"warn\">It was interrupted: only the runs that are listed below have "
              "begun, and the last one may have been cut short.</p>\n",
              report->stream);
    }
    for (size_t i = 0; i < comparison->remarks.count; i++) {
        fputs("<p class=\"warn\">", report->stream);
        html_print(report->stream, comparison->remarks.items[i]);
        fputs("</p>\n", report->stream);
    }
}

static void print_command(FILE *stream, char *const *arguments)
{
    fputs("<code>", stream);
    for (char *const *argument = arguments; *argument; argument++) {
        fputs(argument == arguments ? "" : " ", stream);
        html_print(stream, *argument);
    }
    fputs("</code>", stream);
}

static void print_runs(FILE *stream, const struct subject *subject)
{
    for (size_t i = 0; i < subject->runs.count; i++) {
        const struct run_record *record = &subject->runs.items[i];
        fprintf(stream, "%s<a href=\"%s/log.txt\">%s</a>%s", i == 0 ? "" : ", ", record->folder,
                record->name, record->complete ? "" : ": ");
        if (!record->complete) {
            html_print(stream, record->result);
        }
    }
}

static void print_subjects(const struct report *report)
{
    FILE *stream = report->stream;
    const struct comparison *comparison = report->comparison;
    fprintf(stream,
            "<h2>What was run</h2>\n<p>%llu round trips in each run, after a warm-up that is left "
            "out; %llu rounds. In a round each part of all systems runs in turn, and who is first "
            "changes from round to round. %s</p>\n<table class=\"text\">",
            (unsigned long long)comparison->iterations, (unsigned long long)comparison->rounds,
            comparison->cpu >= 0 ? "All that belongs to a run shares one CPU." : "");
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        const struct subject *subject = &comparison->subjects.items[i];
        fprintf(
            stream,
            "<tr><td><span class=\"dot\" style=\"background:%s\"></span><strong>%s</strong></td>"
            "<td><strong>",
            plot_colour(i), subject->name);
        html_print(stream, subject->title);
        fputs("</strong><br>", stream);
        html_print(stream, subject->about);
        for (size_t part = 0; part < subject->part_count; part++) {
            fprintf(stream, "<br>%s: ", part_name(subject->parts[part].kind));
            print_command(stream, subject->parts[part].arguments);
        }
        fputs("<br>Runs: ", stream);
        print_runs(stream, subject);
        fputs("</td></tr>\n", stream);
    }
    fputs("</table>\n", stream);
}

static void print_noise(FILE *stream, const char *when, const struct noise *noise)
{
    fprintf(stream,
            "<tr><td>%s</td><td>%.1f µs</td><td>%+.1f %%</td><td>%+.0f %%</td><td>%.2f</td></tr>\n",
            when, noise->work_median_us, noise->work_p99_percent, noise->work_max_percent,
            noise->load);
}

static void print_machine(const struct report *report)
{
    FILE *stream = report->stream;
    const struct comparison *comparison = report->comparison;
    fputs("<h2>On what machine</h2>\n<table class=\"text\">", stream);
    for (size_t i = 0; i < comparison->testbed.count; i++) {
        fprintf(stream, "<tr><td>%s</td><td>", comparison->testbed.items[i].name);
        html_print(stream, comparison->testbed.items[i].text);
        fputs("</td></tr>\n", stream);
    }
    fputs(
        "</table>\n<h3>How quiet it was</h3>\n<p>A loop of fixed work, on the CPU of the runs: its "
        "median, how much longer the slowest hundredth took at least, and the slowest of 2000; and "
        "the load average.</p>\n<table><thead><tr><th></th><th>median</th><th>slowest 1 %</th>"
        "<th>slowest</th><th>load</th></tr></thead>\n",
        stream);
    print_noise(stream, "before the runs", &comparison->before);
    print_noise(stream, "after them", &comparison->after);
    fprintf(
        stream,
        "</table>\n<p>Between the two a hypervisor gave %.2f %% of all CPU time to others.</p>\n",
        noise_stolen_percent(&comparison->before, &comparison->after));
}

static void print_memory_row(FILE *stream, const struct figures *figures, const char *component)
{
    fprintf(stream, "<tr><td>%s</td>", component);
    print_cell(stream, figures_find(figures, "memory_private", component));
    print_cell(stream, figures_find(figures, "memory_shared", component));
    print_cell(stream, figures_find(figures, "memory_kernel", component));
    fputs("</tr>\n", stream);
}

/* Their components differ: a table for each system. */
static void print_memory(const struct report *report)
{
    FILE *stream = report->stream;
    fputs(
        "<h2>Memory</h2>\n<p>Resident memory of each component at rest: private, shared with other "
        "processes (each of them counts it), and what Linux's kernel holds for it in page tables "
        "and "
        "stacks of its threads. Of seL4 in QEMU it is what its capDL gives to each: frames that "
        "are "
        "mapped, "
        "and kernel objects. On Quoll these objects are the same, in the memory of "
        "<code>quoll</code>.</p>\n",
        stream);
    for (size_t i = 0; i < report->comparison->subjects.count; i++) {
        const struct subject *subject = &report->comparison->subjects.items[i];
        bool first = true;
        for (size_t f = 0; f < subject->figures.count; f++) {
            const struct figure *figure = &subject->figures.items[f];
            if (strcmp(figure->name, "memory_private") != 0) {
                continue;
            }
            if (first) {
                fprintf(stream,
                        "<table><thead><tr><th>%s</th><th>private</th><th>shared</th><th>in the "
                        "kernel</th></tr></thead>\n",
                        subject->name);
            }
            first = false;
            print_memory_row(stream, &subject->figures, figure->of);
        }
        fputs(first ? "" : "</table>\n", stream);
    }
    print_plot(report, &plot_memory);
}

static void print_changes(const struct report *report)
{
    FILE *stream = report->stream;
    const struct changes *changes = report->changes;
    char text[2][UNIT_TEXT_MAX];
    size_t same = 0;
    fputs("<h2>What has changed</h2>\n<p>Since <code>", stream);
    html_print(stream, changes->against);
    fputs("</code> of ", stream);
    html_print(stream, changes->date);
    fputs(".</p>\n", stream);
    if (changes->caution) {
        fputs("<p class=\"warn\">Take care: ", stream);
        html_print(stream, changes->caution);
        fputs(".</p>\n", stream);
    }
    fputs("<div "
          "class=\"wide\"><table><thead><tr><th>system</th><th>figure</th><th>then</th><th>now</th>"
          "<th>change</th><th></th></tr></thead>\n",
          stream);
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        if (change->kind == CHANGE_NONE) {
            same++;
            continue;
        }
        fprintf(stream,
                "<tr><td>%s</td><td>%s %s</td><td>%s</td><td>%s</td><td>%+.1f "
                "%%</td><td>%s</td></tr>\n",
                change->system, change->now->name, change->now->of,
                unit_text(text[0], change->now->unit, change->old_value),
                unit_text(text[1], change->now->unit, change->now->value), change->percent,
                change->kind == CHANGE_CLEAR ? "beyond the spread of the runs" : "one run only");
    }
    fprintf(
        stream,
        "</table></div>\n<p>%zu more figures are the same within the spread of their runs.</p>\n",
        same);
}

static const char meaning[] =
    "<h2>What the figures say, and what not</h2>\n<ul>\n"
    "<li>A round trip is a request to the server and its answer: a protected call on seL4, a "
    "message there "
    "and back on Linux. It is the price of the wall between two components, not of the work behind "
    "it.</li>\n"
    "<li>Quoll's figures are those of an seL4 system <em>on Linux</em>: the wall is made of Linux "
    "processes, and a call crosses it four times. They do not tell how fast seL4 is on "
    "hardware.</li>\n"
    "<li><strong>What ran in QEMU was emulated. Latency, throughput and times there say how fast "
    "QEMU "
    "is, and nothing of silicon.</strong> What is lost in a fault, and who stops, holds as well "
    "there.</li>\n"
    "<li>Start-up counts from when Linux is asked to start the program to the first line of its "
    "measurements, which each system prints when its first request has been answered; a run of its "
    "own "
    "measures nothing else. With QEMU it includes the emulated machine's firmware.</li>\n"
    "<li>Small numbers under a figure are the least and the greatest run. Two systems whose ranges "
    "overlap "
    "have not been shown to differ.</li>\n"
    "<li>Memory of QEMU is that of the emulator with all the emulated machine has "
    "touched.</li>\n</ul>\n";

static void print_files(const struct report *report)
{
    fprintf(report->stream,
            "<h2>Files</h2>\n<p>Beside this report: <a href=\"summary.csv\">summary.csv</a> and "
            "<a href=\"summary.json\">summary.json</a> have all figures, of each run and of all; "
            "<code>runs/</code> has every sample (<code>results.csv</code>: iteration, latency_ns, "
            "timestamp) and a log of each run; <code>plots/</code> the plots as SVG, PNG and "
            "scripts of "
            "gnuplot; <code>inputs/</code> what was booted.%s <code>quoll capture</code> makes an "
            "archive "
            "of it all.</p>\n",
            report->changes ? " <a href=\"changes.csv\">changes.csv</a> has all changes." : "");
}

static void print_body(const struct report *report)
{
    char date[64];
    strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S %Z", &report->comparison->date);
    fprintf(report->stream,
            "<h1>What isolation costs, and what it buys</h1>\n<p class=\"note\">%s</p>\n", date);
    print_lead(report);
    print_losses(report);
    print_remarks(report);
    fputs("<h2>Latency</h2>\n", report->stream);
    print_table(report, TABLE_LATENCY);
    print_plot(report, &plot_distribution);
    print_plot(report, &plot_percentiles);
    print_plot(report, &plot_time);
    fputs("<h2>Throughput</h2>\n", report->stream);
    print_table(report, TABLE_THROUGHPUT);
    print_plot(report, &plot_throughput);
    fputs("<h2>Fault impact</h2>\n<p>A part crashes while others work: five times, each "
          "time in another way. Who waits for an answer is the caller, which has nothing to do "
          "with it. A "
          "request that is lost was never answered.</p>\n",
          report->stream);
    print_table(report, TABLE_FAULT);
    fputs("<h3>Which parts stopped, and for how long</h3>\n<p>Each part notes whenever it has "
          "done something: answered, asked, heard a log line or a roll call. A part went on when "
          "around a crash it was never silent for longer than it had been before anything "
          "crashed. It never came back when it gave no sign any more, though at least a thousand "
          "requests followed.</p>\n",
          report->stream);
    print_table(report, TABLE_PARTS);
    fputs("<p>How long each was silent: from its last sign before a crash to its first one after "
          "it, and before anything crashed.</p>\n",
          report->stream);
    print_table(report, TABLE_SILENCES);
    print_plot(report, &plot_fault);
    fputs("<h2>Start-up and rest</h2>\n", report->stream);
    print_table(report, TABLE_REST);
    print_memory(report);
    if (report->changes) {
        print_changes(report);
    }
    fputs(meaning, report->stream);
    print_subjects(report);
    print_machine(report);
    print_files(report);
}

bool report_write(const struct comparison *comparison, const struct changes *changes)
{
    struct output output = output_open(comparison->folder, "report.html");
    if (output.stream) {
        struct report report = {output.stream, comparison, changes};
        fprintf(output.stream,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width\">\n"
                "<title>Quoll: a comparison</title>\n<style>%s</style>\n</head>\n<body>\n",
                style);
        print_body(&report);
        fputs("</body>\n</html>\n", output.stream);
    }
    return output_close(&output);
}
