/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Judgement. */
#include "cli/test/judge.h"

#include "cli/test/escape.h"
#include "machine/ending.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- How it ended --- */

static bool is_first_word(const char *line, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* Quoll's exit status does not tell rest from a halt; what it says does: docs/exit-codes.md. */
static enum ends ends_of_report(const struct run_end *end)
{
    enum ends ends = ENDS_WELL;
    for (size_t i = 0; end->report && i < end->report_length;) {
        const char *line = end->report + i;
        size_t left = end->report_length - i;
        if (is_first_word(line, left, "quoll: idle")) {
            ends = ENDS_IDLE;
        } else if (is_first_word(line, left, "quoll: halted")) {
            ends = ENDS_HALTED;
        }
        const char *newline = memchr(line, '\n', left);
        i += newline ? (size_t)(newline - line) + 1 : left;
    }
    return ends;
}

static enum ends ends_of(const struct run_end *end)
{
    switch (end->status) {
    case EXIT_OK:
        return ends_of_report(end);
    case EXIT_STUCK:
        return ENDS_STUCK;
    case EXIT_TIMEOUT:
        return ENDS_TIMEOUT;
    default:
        return ENDS_EXIT;
    }
}

static const char *words_of(enum ends ends, int status)
{
    switch (ends) {
    case ENDS_WELL:
        return "it ended well";
    case ENDS_IDLE:
        return "it came to rest: idle";
    case ENDS_HALTED:
        return "it halted";
    case ENDS_STUCK:
        return "it is stuck";
    case ENDS_TIMEOUT:
        return "it still ran at the time-out";
    case ENDS_MATCHED:
    case ENDS_EXIT:
        break;
    }
    return status == EXIT_INPUT   ? "quoll could not start it"
           : status == EXIT_USAGE ? "quoll does not take its arguments"
           : status == EXIT_HOST  ? "the host failed it"
           : status > EXIT_SIGNAL ? "quoll was ended by a signal"
                                  : "quoll ended otherwise";
}

static const char *wanted_words(enum ends ends)
{
    static const char *const words[] = {
        [ENDS_WELL] = "end well",
        [ENDS_IDLE] = "end idle",
        [ENDS_HALTED] = "end halted",
        [ENDS_STUCK] = "end stuck",
        [ENDS_TIMEOUT] = "run on to its time-out",
        [ENDS_MATCHED] = "run until all had come",
        [ENDS_EXIT] = "end otherwise",
    };
    return words[ends];
}

/* --- Messages --- */

static void complain(const struct test_case *test, struct diagnostics *failures, struct position at,
                     const char *what)
{
    if (at.line == 0) {
        diagnostic_error(failures, "%s: error: %s", test->path, what);
    } else {
        diagnostic_error(failures, "%s:%u:%u: error: %s", test->path, at.line, at.column, what);
        diagnostic_quote(failures, &test->source, at);
    }
}

/* A line of output, as a line of advice; `what` has the line's number for a %. */
static void advise_line(struct diagnostics *failures, const char *what, uint64_t number,
                        const char *text, size_t length)
{
    char *safe = NULL;
    size_t size;
    FILE *stream = open_memstream(&safe, &size);
    if (stream) {
        print_safely(stream, text ? text : "", text ? line_length_trimmed(text, length) : 0);
        fclose(stream);
    }
    diagnostic_advise(failures, "%s line %" PRIu64 ": %s", what, number, safe ? safe : "");
    free(safe);
}

static void explain_order(const struct matcher *matcher, size_t rule, struct diagnostics *failures)
{
    const struct finding *findings = matcher->findings;
    size_t before = rule;
    for (size_t i = 0; i < rule; i++) {
        if (matcher->test->rules[i].kind == RULE_EXPECT) {
            before = i;
        }
    }
    if (before < rule) {
        advise_line(failures, "It was to come behind", findings[before].line, findings[before].text,
                    findings[before].length);
    }
    if (findings[rule].early != 0) {
        diagnostic_advise(failures,
                          "It came too early, as line %" PRIu64
                          ". If the order does not matter, write `anywhere` for `expect`.",
                          findings[rule].early);
    }
}

static void explain_cut(const struct matcher *matcher, struct diagnostics *failures)
{
    if (matcher->output.cut) {
        diagnostic_advise(failures,
                          "Some line has more than %u KiB: the rest of it was not looked at.",
                          LINE_BYTES_MAX >> 10);
    }
}

/* The first `expect` that is missing: those behind it had no turn. */
static void judge_order(const struct matcher *matcher, struct diagnostics *failures)
{
    size_t further = 0;
    bool missing = false;
    for (size_t i = 0; i < matcher->test->rule_count; i++) {
        const struct rule *rule = &matcher->test->rules[i];
        if (rule->kind != RULE_EXPECT || matcher_rule_holds(matcher, i)) {
            continue;
        }
        if (missing) {
            further++;
            continue;
        }
        missing = true;
        complain(matcher->test, failures, rule->at, "this did not come");
        explain_order(matcher, i, failures);
        explain_cut(matcher, failures);
    }
    if (further > 0) {
        diagnostic_advise(failures, "%zu more that %s to come behind it had no turn.", further,
                          further == 1 ? "was" : "were");
    }
}

static void judge_never(const struct matcher *matcher, size_t rule, struct diagnostics *failures)
{
    const struct finding *finding = &matcher->findings[rule];
    complain(matcher->test, failures, matcher->test->rules[rule].at, "this came, and must not");
    advise_line(failures, finding->reported ? "Quoll said it, in" : "It was", finding->line,
                finding->text, finding->length);
    if (finding->count > 1) {
        diagnostic_advise(failures, "It came %" PRIu64 " times.", finding->count);
    }
}

static void judge_rule(const struct matcher *matcher, size_t rule, struct diagnostics *failures)
{
    const struct position at = matcher->test->rules[rule].at;
    if (matcher_rule_holds(matcher, rule)) {
        return;
    }
    switch (matcher->test->rules[rule].kind) {
    case RULE_ANYWHERE:
        complain(matcher->test, failures, at, "this did not come");
        explain_cut(matcher, failures);
        break;
    case RULE_REPORT:
        complain(matcher->test, failures, at, "quoll did not say this");
        break;
    case RULE_NEVER:
        judge_never(matcher, rule, failures);
        break;
    case RULE_EXPECT:
    case RULE_INPUT:
    case RULE_IGNORE:
        break;
    }
}

static void judge_others(const struct matcher *matcher, struct diagnostics *failures)
{
    const struct finding *other = &matcher->other;
    if (other->count == 0) {
        return;
    }
    struct position nowhere = {0};
    complain(matcher->test, failures, nowhere,
             "a line came that nothing expects or ignores, and it says `exact: yes`");
    advise_line(failures, "It was", other->line, other->text, other->length);
    if (other->count > 1) {
        diagnostic_advise(failures, "There are %" PRIu64 " such lines.", other->count);
    }
}

/* --- The end --- */

static bool ended_as_meant(const struct matcher *matcher, const struct run_end *end, enum ends ends)
{
    const struct test_case *test = matcher->test;
    if (end->was_killed) {
        return false;
    }
    switch (test->ends) {
    case ENDS_WELL:
        return end->status == EXIT_OK;
    case ENDS_EXIT:
        return end->status == test->exit_status;
    case ENDS_MATCHED:
        return end->was_matched || end->status == EXIT_OK;
    case ENDS_IDLE:
    case ENDS_HALTED:
    case ENDS_STUCK:
    case ENDS_TIMEOUT:
        return ends == test->ends;
    }
    return false;
}

static void advise_ending(const struct matcher *matcher, enum ends ends,
                          struct diagnostics *failures)
{
    const struct test_case *test = matcher->test;
    if (ends == ENDS_TIMEOUT && test->ends == ENDS_WELL && matcher->missing == 0) {
        diagnostic_advise(failures,
                          "All that is expected had come. If it never rests, write `ends: "
                          "matched`, and it is ended then.");
    } else if (ends == ENDS_STUCK && test->ends != ENDS_STUCK) {
        diagnostic_advise(failures, "Who waits for what stands below. If it is meant, write `ends: "
                                    "stuck`.");
    } else if (ends == ENDS_TIMEOUT) {
        diagnostic_advise(failures, "What it did then stands below. If it only takes longer, write "
                                    "`timeout:` with more.");
    }
}

static void judge_ending(const struct matcher *matcher, const struct run_end *end,
                         struct diagnostics *failures)
{
    const struct test_case *test = matcher->test;
    enum ends ends = ends_of(end);
    char text[200];
    if (ended_as_meant(matcher, end, ends)) {
        return;
    }
    if (end->was_killed) {
        snprintf(text, sizeof(text), "quoll did not end at its time-out of %.3g s, and was killed",
                 (double)end->timeout_ns / 1e9);
    } else if (test->ends == ENDS_EXIT) {
        snprintf(text, sizeof(text), "it was to end with exit status %d, and ended with %d: %s",
                 test->exit_status, end->status, words_of(ends, end->status));
    } else if (test->ends == ENDS_WELL) {
        snprintf(text, sizeof(text), "%s (exit status %d)", words_of(ends, end->status),
                 end->status);
    } else {
        snprintf(text, sizeof(text), "it was to %s, but %s (exit status %d)",
                 wanted_words(test->ends), words_of(ends, end->status), end->status);
    }
    complain(test, failures, test->ends_at, text);
    advise_ending(matcher, ends, failures);
}

/* The system never ran, whatever was to come. */
static bool did_not_start(const struct test_case *test, const struct run_end *end)
{
    bool refused =
        end->status == EXIT_INPUT || end->status == EXIT_USAGE || end->status == EXIT_HOST;
    return refused && test->ends != ENDS_EXIT;
}

enum verdict judge(const struct matcher *matcher, const struct run_end *end,
                   struct diagnostics *failures)
{
    if (did_not_start(matcher->test, end)) {
        judge_ending(matcher, end, failures);
        return VERDICT_BROKEN;
    }
    judge_order(matcher, failures);
    for (size_t i = 0; i < matcher->test->rule_count; i++) {
        judge_rule(matcher, i, failures);
    }
    judge_others(matcher, failures);
    judge_ending(matcher, end, failures);
    return failures->errors == 0 ? VERDICT_PASSED : VERDICT_FAILED;
}
