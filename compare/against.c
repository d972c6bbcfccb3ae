/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What has changed since an older comparison. */
#include "compare/against.h"

#include "compare/list.h"
#include "compare/output.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Reading the older one --- */

/* To be put. NULL: there is none, and a person has been told. */
static json_object *read_summary(const char *folder)
{
    char *path = text_of("%s/summary.json", folder);
    json_object *root = json_object_from_file(path);
    json_object *format;
    bool known = root && json_object_object_get_ex(root, "format", &format) &&
                 json_object_is_type(format, json_type_string) &&
                 strcmp(json_object_get_string(format), "quoll-comparison-1") == 0;
    if (!known) {
        fprintf(stderr,
                "quoll: %s is not the summary of a comparison\n"
                "      Name a folder that `quoll compare` has written, such as out/DATE.\n",
                path);
        json_object_put(root);
        root = NULL;
    }
    free(path);
    return root;
}

bool against_is_readable(const char *folder)
{
    json_object *root = read_summary(folder);
    json_object_put(root);
    return root != NULL;
}

static const char *text_in(json_object *object, const char *key)
{
    json_object *value;
    return json_object_object_get_ex(object, key, &value) &&
                   json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : "";
}

static double number_in(json_object *object, const char *key)
{
    json_object *value;
    return json_object_object_get_ex(object, key, &value) ? json_object_get_double(value) : 0;
}

/* An array in an object; NULL: there is none. */
static json_object *array_in(json_object *object, const char *key)
{
    json_object *value;
    return json_object_object_get_ex(object, key, &value) &&
                   json_object_is_type(value, json_type_array)
               ? value
               : NULL;
}

/* The first object of an array that has this text. NULL: there is none. */
static json_object *find_in(json_object *array, const char *key, const char *text)
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *object = json_object_array_get_idx(array, i);
        if (strcmp(text_in(object, key), text) == 0) {
            return object;
        }
    }
    return NULL;
}

static json_object *find_figure(json_object *figures, const struct figure *figure)
{
    for (size_t i = 0; figures && i < json_object_array_length(figures); i++) {
        json_object *object = json_object_array_get_idx(figures, i);
        if (strcmp(text_in(object, "figure"), figure->name) == 0 &&
            strcmp(text_in(object, "of"), figure->of) == 0 &&
            strcmp(text_in(object, "unit"), figure->unit) == 0) {
            return object;
        }
    }
    return NULL;
}

/* --- Comparing --- */

/* The older figures were written with fewer digits than they had. */
static bool is_above(double left, double right)
{
    return left - right > 1e-9 * (fabs(left) + fabs(right));
}

static enum change_kind kind_of(const struct change *change, double old_runs)
{
    if (!is_above(change->now->low, change->old_high) &&
        !is_above(change->old_low, change->now->high)) {
        return CHANGE_NONE;
    }
    return change->now->runs < 2 || old_runs < 2 ? CHANGE_UNKNOWN : CHANGE_CLEAR;
}

static void compare_figure(struct changes *changes, const char *system, const struct figure *figure,
                           json_object *old)
{
    struct change *change = LIST_ADD(changes);
    *change = (struct change){
        .system = system,
        .now = figure,
        .old_value = number_in(old, "value"),
        .old_low = number_in(old, "low"),
        .old_high = number_in(old, "high"),
    };
    change->kind = kind_of(change, number_in(old, "runs"));
    change->percent = change->old_value != 0 ? 100 * (figure->value / change->old_value - 1) : 0;
}

static void compare_subject(struct changes *changes, const struct subject *subject,
                            json_object *old)
{
    json_object *figures = array_in(old, "figures");
    for (size_t i = 0; i < subject->figures.count; i++) {
        json_object *figure = find_figure(figures, &subject->figures.items[i]);
        if (figure) {
            compare_figure(changes, subject->name, &subject->figures.items[i], figure);
        }
    }
}

/* Other machines, and other amounts of work, give other figures. */
static char *caution_about(const struct comparison *comparison, json_object *root)
{
    json_object *machine = NULL;
    json_object_object_get_ex(root, "machine", &machine);
    for (size_t i = 0; machine && i < comparison->testbed.count; i++) {
        const struct fact *fact = &comparison->testbed.items[i];
        const char *old = text_in(machine, fact->name);
        if (strcmp(old, fact->text) != 0) {
            return text_of("%s was '%s' then and is '%s' now", fact->name, old, fact->text);
        }
    }
    double iterations = number_in(root, "iterations");
    return iterations != (double)comparison->iterations
               ? text_of("there were %.0f iterations then and %llu now", iterations,
                         (unsigned long long)comparison->iterations)
               : NULL;
}

static bool write_changes(const struct comparison *comparison, const struct changes *changes)
{
    static const char *const words[] = {
        [CHANGE_NONE] = "none", [CHANGE_UNKNOWN] = "unknown", [CHANGE_CLEAR] = "clear"};
    struct output output = output_open(comparison->folder, "changes.csv");
    if (output.stream) {
        fputs("system,figure,of,unit,old,now,percent,change\n", output.stream);
        for (size_t i = 0; i < changes->count; i++) {
            const struct change *change = &changes->items[i];
            fprintf(output.stream, "%s,%s,%s,%s,%.12g,%.12g,%.2f,%s\n", change->system,
                    change->now->name, change->now->of, change->now->unit, change->old_value,
                    change->now->value, change->percent, words[change->kind]);
        }
    }
    return output_close(&output);
}

bool against_compare(const struct comparison *comparison, const char *folder,
                     struct changes *changes)
{
    json_object *root = read_summary(folder);
    if (!root) {
        return false;
    }
    changes->against = text_of("%s", folder);
    changes->date = text_of("%s", text_in(root, "date"));
    changes->caution = caution_about(comparison, root);
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        const struct subject *subject = &comparison->subjects.items[i];
        json_object *old = find_in(array_in(root, "systems"), "name", subject->name);
        if (old) {
            compare_subject(changes, subject, old);
        }
    }
    json_object_put(root);
    return write_changes(comparison, changes);
}

void changes_free(struct changes *changes)
{
    free(changes->items);
    free(changes->against);
    free(changes->date);
    free(changes->caution);
    *changes = (struct changes){0};
}
