/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Matching. */
#include "cli/test/match.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_BYTES_MAX  200   /* of a line, for a person */
#define EARLY_LINES_MAX 10000 /* further ones are not looked at for what comes before its turn */

/* What a rule has found, the first time. */
static void note(struct finding *finding, const struct lines *lines)
{
    if (finding->line != 0) {
        return;
    }
    finding->line = lines_number(lines);
    finding->length = lines->length < KEPT_BYTES_MAX ? lines->length : KEPT_BYTES_MAX;
    finding->text = malloc(finding->length + 1);
    if (finding->text) {
        memcpy(finding->text, lines_text(lines), finding->length);
        finding->text[finding->length] = '\0';
    }
}

/* --- In order --- */

static const struct rule *rule_at(const struct matcher *matcher, size_t index)
{
    return index < matcher->test->rule_count ? &matcher->test->rules[index] : NULL;
}

/* Go on to the next `expect`, and type what stands before it. Returns whether something was typed. */
static bool advance(struct matcher *matcher)
{
    bool typed = false;
    const struct rule *rule;
    while ((rule = rule_at(matcher, matcher->next)) && rule->kind != RULE_EXPECT) {
        if (rule->kind == RULE_INPUT) {
            matcher->type(matcher->context, rule->pattern.text, rule->pattern.length);
            typed = true;
        }
        matcher->next++;
    }
    return typed;
}

/* The next `expect` has come, and ends there in the line. */
static void take_expected(struct matcher *matcher, size_t end)
{
    note(&matcher->findings[matcher->next], &matcher->output);
    matcher->missing--;
    matcher->next++;
    matcher->used = true;
    if (advance(matcher)) {
        matcher->start = end;
        matcher->searched = end;
    } else {
        matcher->taken = true;
    }
}

/* A part may begin in what was looked at before. */
static size_t search_from(const struct matcher *matcher, const struct pattern *pattern)
{
    bool looked =
        pattern->kind == PATTERN_CONTAINS && matcher->searched > matcher->start + pattern->length;
    return looked ? matcher->searched - pattern->length : matcher->start;
}

/* Look for what is expected in what there is of the line. */
static void find_expected(struct matcher *matcher, bool finished)
{
    const struct rule *rule;
    while (!matcher->taken && (rule = rule_at(matcher, matcher->next)) &&
           (finished || rule->pattern.kind == PATTERN_CONTAINS)) {
        size_t end;
        size_t from = search_from(matcher, &rule->pattern);
        if (!pattern_find(&rule->pattern, lines_text(&matcher->output) + from,
                          matcher->output.length - from, &end)) {
            matcher->searched = matcher->output.length;
            return;
        }
        take_expected(matcher, from + end);
    }
}

/* What comes before its turn helps a person to see why it is missing. */
static void note_early(struct matcher *matcher)
{
    size_t end;
    const struct lines *lines = &matcher->output;
    if (matcher->used || lines_number(lines) > EARLY_LINES_MAX) {
        return;
    }
    for (size_t i = matcher->next; i < matcher->test->rule_count; i++) {
        const struct rule *rule = &matcher->test->rules[i];
        if (rule->kind == RULE_EXPECT && matcher->findings[i].early == 0 &&
            pattern_find(&rule->pattern, lines_text(lines), lines->length, &end)) {
            matcher->findings[i].early = lines_number(lines);
        }
    }
}

/* --- In any order --- */

/* Look for all rules of a kind in a whole line. Returns whether one was found. */
static bool find_all(struct matcher *matcher, enum rule_kind kind, const struct lines *lines)
{
    bool found = false;
    size_t end;
    for (size_t i = 0; i < matcher->test->rule_count; i++) {
        const struct rule *rule = &matcher->test->rules[i];
        struct finding *finding = &matcher->findings[i];
        if (rule->kind != kind ||
            !pattern_find(&rule->pattern, lines_text(lines), lines->length, &end)) {
            continue;
        }
        found = true;
        finding->reported |= finding->line == 0 && lines == &matcher->report;
        finding->count++;
        matcher->missing -= kind == RULE_ANYWHERE && finding->line == 0;
        note(finding, lines);
    }
    return found;
}

static void note_other(struct matcher *matcher)
{
    note(&matcher->other, &matcher->output);
    matcher->other.count++;
}

/* --- Lines --- */

static void finish_output_line(struct matcher *matcher)
{
    find_expected(matcher, true);
    note_early(matcher);
    bool anywhere = find_all(matcher, RULE_ANYWHERE, &matcher->output);
    find_all(matcher, RULE_NEVER, &matcher->output);
    if (matcher->test->exact && !matcher->used && !anywhere &&
        !find_all(matcher, RULE_IGNORE, &matcher->output)) {
        note_other(matcher);
    }
    matcher->start = 0;
    matcher->searched = 0;
    matcher->taken = false;
    matcher->used = false;
    lines_next(&matcher->output);
}

static void finish_report_line(struct matcher *matcher)
{
    find_all(matcher, RULE_REPORT, &matcher->report);
    find_all(matcher, RULE_NEVER, &matcher->report);
    lines_next(&matcher->report);
}

void matcher_output(struct matcher *matcher, const char *bytes, size_t length)
{
    while (length > 0) {
        bool finished;
        size_t taken = lines_take(&matcher->output, bytes, length, &finished);
        if (finished) {
            finish_output_line(matcher);
        } else {
            find_expected(matcher, false);
        }
        bytes += taken;
        length -= taken;
    }
}

void matcher_report(struct matcher *matcher, const char *bytes, size_t length)
{
    while (length > 0) {
        bool finished;
        size_t taken = lines_take(&matcher->report, bytes, length, &finished);
        if (finished) {
            finish_report_line(matcher);
        }
        bytes += taken;
        length -= taken;
    }
}

void matcher_finish(struct matcher *matcher)
{
    if (matcher->output.length > 0) {
        finish_output_line(matcher);
    }
    if (matcher->report.length > 0) {
        finish_report_line(matcher);
    }
}

/* --- The whole --- */

bool matcher_open(struct matcher *matcher, const struct test_case *test,
                  void (*type)(void *context, const char *bytes, size_t length), void *context)
{
    *matcher = (struct matcher){.test = test, .type = type, .context = context};
    matcher->findings = calloc(test->rule_count + 1, sizeof(*matcher->findings));
    for (size_t i = 0; i < test->rule_count; i++) {
        enum rule_kind kind = test->rules[i].kind;
        matcher->missing += kind == RULE_EXPECT || kind == RULE_ANYWHERE;
    }
    if (matcher->findings) {
        advance(matcher);
    }
    return matcher->findings;
}

void matcher_close(struct matcher *matcher)
{
    for (size_t i = 0; matcher->findings && i < matcher->test->rule_count; i++) {
        free(matcher->findings[i].text);
    }
    free(matcher->findings);
    free(matcher->other.text);
    lines_free(&matcher->output);
    lines_free(&matcher->report);
    *matcher = (struct matcher){.test = NULL};
}

bool matcher_holds(const struct matcher *matcher)
{
    return matcher->missing == 0;
}

bool matcher_typed_all(const struct matcher *matcher)
{
    for (size_t i = matcher->next; i < matcher->test->rule_count; i++) {
        if (matcher->test->rules[i].kind == RULE_INPUT) {
            return false;
        }
    }
    return true;
}

bool matcher_rule_holds(const struct matcher *matcher, size_t rule)
{
    bool found = matcher->findings[rule].line != 0;
    switch (matcher->test->rules[rule].kind) {
    case RULE_EXPECT:
    case RULE_ANYWHERE:
    case RULE_REPORT:
        return found;
    case RULE_NEVER:
        return !found;
    case RULE_INPUT:
        return rule < matcher->next;
    case RULE_IGNORE:
        return true;
    }
    return true;
}
