/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The summary. */
#include "compare/summary.h"

#include "compare/output.h"

#include <json-c/json.h>
#include <math.h>

/* --- CSV --- */

static void print_figure(FILE *stream, const char *system, const char *run,
                         const struct figure *figure)
{
    fprintf(stream, "%s,%s,%s,%s,%s,%.12g,%.12g,%.12g,%u\n", system, run, figure->name, figure->of,
            figure->unit, figure->value, figure->low, figure->high, figure->runs);
}

static void print_figures(FILE *stream, const char *system, const char *run,
                          const struct figures *figures)
{
    for (size_t i = 0; i < figures->count; i++) {
        print_figure(stream, system, run, &figures->items[i]);
    }
}

bool summary_write_csv(const struct comparison *comparison)
{
    struct output output = output_open(comparison->folder, "summary.csv");
    if (output.stream) {
        fputs("system,run,figure,of,unit,value,low,high,runs\n", output.stream);
        for (size_t i = 0; i < comparison->subjects.count; i++) {
            const struct subject *subject = &comparison->subjects.items[i];
            for (size_t run = 0; run < subject->runs.count; run++) {
                print_figures(output.stream, subject->name, subject->runs.items[run].name,
                              &subject->runs.items[run].figures);
            }
            print_figures(output.stream, subject->name, "all", &subject->figures);
        }
    }
    return output_close(&output);
}

/* --- JSON --- */

static void add_text(json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

/* Whole numbers are written without a point, and none with more digits than it has. */
static void add_number(json_object *object, const char *key, double value)
{
    char text[32];
    if (value == floor(value) && fabs(value) < 1e15) {
        json_object_object_add(object, key, json_object_new_int64((int64_t)value));
    } else {
        snprintf(text, sizeof(text), "%.12g", value);
        json_object_object_add(object, key, json_object_new_double_s(value, text));
    }
}

static json_object *figures_json(const struct figures *figures, bool over_runs)
{
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *figure = &figures->items[i];
        json_object *object = json_object_new_object();
        add_text(object, "figure", figure->name);
        if (figure->of[0] != '\0') {
            add_text(object, "of", figure->of);
        }
        add_text(object, "unit", figure->unit);
        add_number(object, "value", figure->value);
        if (over_runs) {
            add_number(object, "low", figure->low);
            add_number(object, "high", figure->high);
            add_number(object, "runs", figure->runs);
        }
        json_object_array_add(array, object);
    }
    return array;
}

static json_object *run_json(const struct run_record *record)
{
    json_object *object = json_object_new_object();
    add_text(object, "run", record->name);
    add_text(object, "folder", record->folder);
    add_text(object, "result", record->result);
    json_object_object_add(object, "complete", json_object_new_boolean(record->complete));
    json_object_object_add(object, "figures", figures_json(&record->figures, false));
    return object;
}

static json_object *commands_json(const struct subject *subject)
{
    json_object *object = json_object_new_object();
    for (size_t i = 0; i < subject->part_count; i++) {
        json_object *arguments = json_object_new_array();
        for (char **argument = subject->parts[i].arguments; *argument; argument++) {
            json_object_array_add(arguments, json_object_new_string(*argument));
        }
        json_object_object_add(object, part_name(subject->parts[i].kind), arguments);
    }
    return object;
}

static json_object *subject_json(const struct subject *subject)
{
    json_object *object = json_object_new_object();
    json_object *runs = json_object_new_array();
    for (size_t i = 0; i < subject->runs.count; i++) {
        json_object_array_add(runs, run_json(&subject->runs.items[i]));
    }
    add_text(object, "name", subject->name);
    add_text(object, "title", subject->title);
    add_text(object, "about", subject->about);
    json_object_object_add(object, "emulated", json_object_new_boolean(subject->emulated));
    json_object_object_add(object, "commands", commands_json(subject));
    json_object_object_add(object, "figures", figures_json(&subject->figures, true));
    json_object_object_add(object, "runs", runs);
    return object;
}

static json_object *noise_json(const struct noise *noise)
{
    json_object *object = json_object_new_object();
    add_number(object, "work_median_us", noise->work_median_us);
    add_number(object, "work_p99_percent", noise->work_p99_percent);
    add_number(object, "work_max_percent", noise->work_max_percent);
    add_number(object, "load", noise->load);
    return object;
}

static void add_place(json_object *root, const struct comparison *comparison)
{
    json_object *machine = json_object_new_object();
    for (size_t i = 0; i < comparison->testbed.count; i++) {
        add_text(machine, comparison->testbed.items[i].name, comparison->testbed.items[i].text);
    }
    json_object_object_add(root, "machine", machine);
    json_object *noise = json_object_new_object();
    json_object_object_add(noise, "before", noise_json(&comparison->before));
    json_object_object_add(noise, "after", noise_json(&comparison->after));
    add_number(noise, "stolen_percent",
               noise_stolen_percent(&comparison->before, &comparison->after));
    json_object_object_add(root, "noise", noise);
}

static json_object *comparison_json(const struct comparison *comparison)
{
    char date[64];
    json_object *root = json_object_new_object();
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S%z", &comparison->date);
    add_text(root, "format", "quoll-comparison-1");
    add_text(root, "date", date);
    add_number(root, "iterations", (double)comparison->iterations);
    add_number(root, "rounds", (double)comparison->rounds);
    add_number(root, "cpu", comparison->cpu);
    json_object_object_add(root, "interrupted", json_object_new_boolean(comparison->interrupted));
    add_place(root, comparison);
    json_object *remarks = json_object_new_array();
    for (size_t i = 0; i < comparison->remarks.count; i++) {
        json_object_array_add(remarks, json_object_new_string(comparison->remarks.items[i]));
    }
    json_object_object_add(root, "remarks", remarks);
    json_object *systems = json_object_new_array();
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        json_object_array_add(systems, subject_json(&comparison->subjects.items[i]));
    }
    json_object_object_add(root, "systems", systems);
    return root;
}

bool summary_write_json(const struct comparison *comparison)
{
    struct output output = output_open(comparison->folder, "summary.json");
    if (output.stream) {
        json_object *root = comparison_json(comparison);
        fputs(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
                                                       JSON_C_TO_STRING_NOSLASHESCAPE),
              output.stream);
        fputc('\n', output.stream);
        json_object_put(root);
    }
    return output_close(&output);
}
