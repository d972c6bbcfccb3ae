/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Rules against output, however it is cut; and what is said when they do not hold. */
#include "cli/test/judge.h"
#include "cli/test/match.h"
#include "machine/ending.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/dev/demo.test"

static struct test_case test;
static struct matcher matcher;
static char typed[64];

static void type(void *context, const char *bytes, size_t length)
{
    (void)context;
    strncat(typed, bytes, length);
}

static void start(const char *rules)
{
    char *text;
    EXPECT_TRUE(asprintf(&text, "system: null\n%s", rules) > 0);
    case_parse(&test, PATH, text, strlen(text));
    if (test.found.first) {
        EXPECT_STR("", test.found.first->text);
    }
    typed[0] = '\0';
    EXPECT_TRUE(matcher_open(&matcher, &test, type, NULL));
}

static void stop(void)
{
    matcher_close(&matcher);
    case_close(&test);
}

/* In chunks of that size. */
static void print(const char *output, size_t chunk)
{
    size_t length = strlen(output);
    for (size_t i = 0; i < length; i += chunk) {
        matcher_output(&matcher, output + i, i + chunk < length ? chunk : length - i);
    }
}

/* Whether the rules hold for the output, which is to be the same for chunks of any size. */
static bool holds(const char *rules, const char *output)
{
    bool first = false;
    size_t sizes[] = {1, 2, 3, 7, 4096};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct diagnostics failures = {0};
        struct run_end end = {.status = EXIT_OK};
        start(rules);
        print(output, sizes[i]);
        matcher_finish(&matcher);
        bool passed = judge(&matcher, &end, &failures) == VERDICT_PASSED;
        if (i == 0) {
            first = passed;
        }
        EXPECT_EQ(first, passed);
        diagnostics_free(&failures);
        stop();
    }
    return first;
}

TEST(a_line_is_the_whole_line_but_for_blanks_at_its_end)
{
    EXPECT_TRUE(holds("expect: client: 42\n", "client: 42 \t\r\n"));
    EXPECT_FALSE(holds("expect: client: 4\n", "client: 42\n"));
    EXPECT_FALSE(holds("expect: client: 42\n", " client: 42\n"));
    EXPECT_TRUE(holds("expect: \" client: 42\"\n", " client: 42\n"));
    EXPECT_TRUE(holds("expect: \"\"\n", "a\n\nb\n"));
    EXPECT_FALSE(holds("expect: \"\"\n", "a\nb\n"));
}

TEST(contains_is_a_part_of_a_line)
{
    EXPECT_TRUE(holds("expect contains: nt: 4\n", "client: 42\n"));
    EXPECT_FALSE(holds("expect contains: ab\n", "a\nb\n"));
}

TEST(matches_is_a_regular_expression)
{
    EXPECT_TRUE(holds("expect matches: ^client: [0-9]+$\n", "client: 42\r\n"));
    EXPECT_FALSE(holds("expect matches: ^client: [0-9]+$\n", "client: 42x\n"));
    EXPECT_FALSE(holds("expect matches: ^a\n", "ba\n"));
}

TEST(expected_lines_come_in_order_with_others_between)
{
    EXPECT_TRUE(holds("expect: a\nexpect: b\n", "x\na\nx\nb\nx\n"));
    EXPECT_FALSE(holds("expect: a\nexpect: b\n", "b\na\n"));
    EXPECT_FALSE(holds("expect: a\nexpect: a\n", "a\n"));
}

TEST(a_line_counts_for_one_expectation)
{
    EXPECT_FALSE(holds("expect contains: a\nexpect contains: b\n", "ab\n"));
    EXPECT_TRUE(holds("expect contains: a\nexpect contains: b\n", "ab\nb\n"));
}

TEST(the_last_line_needs_no_newline)
{
    EXPECT_TRUE(holds("expect: a\nexpect matches: ^b$\n", "a\nb"));
}

TEST(anywhere_is_before_behind_or_in_the_same_line)
{
    EXPECT_TRUE(holds("expect: a\nanywhere: b\nanywhere contains: a\n", "b\na\n"));
    EXPECT_TRUE(holds("anywhere: b\nexpect: a\n", "a\nb\n"));
    EXPECT_FALSE(holds("expect: a\nanywhere: b\n", "a\n"));
}

TEST(never_fails_wherever_it_comes)
{
    EXPECT_FALSE(holds("expect: a\nnever contains: b\n", "a\nabc\n"));
    EXPECT_FALSE(holds("never matches: ^b\n", "b"));
    EXPECT_TRUE(holds("never: b\n", "a\nbb\n"));
}

TEST(exact_fails_for_a_line_that_is_neither_expected_nor_ignored)
{
    const char *rules = "exact: yes\nexpect: a\nanywhere: b\nignore contains: MON|\n";
    EXPECT_TRUE(holds(rules, "MON|x\nb\na\n"));
    EXPECT_FALSE(holds(rules, "b\na\nc\n"));
    EXPECT_FALSE(holds(rules, "b\na\na\n"));
    EXPECT_FALSE(holds(rules, "b\na\n\n"));
}

TEST(nuls_are_bytes_as_any_other)
{
    static const char output[] = "x\0client: 42\ny\0z\n";
    start("expect contains: client: 42\nexpect matches: z$\n");
    matcher_output(&matcher, output, sizeof(output) - 1);
    EXPECT_TRUE(matcher_holds(&matcher));
    stop();
}

TEST(a_prompt_is_answered_before_its_line_ends)
{
    start("expect contains: name?\ninput: quoll\\r\nexpect: hello\n");
    print("what is your nam", 4);
    EXPECT_STR("", typed);
    print("e? ", 1);
    EXPECT_STR("quoll\r", typed);
    EXPECT_TRUE(matcher_typed_all(&matcher));
    print("quoll\r\nhello\r\n", 3);
    EXPECT_TRUE(matcher_holds(&matcher));
    stop();
}

TEST(what_follows_a_prompt_in_its_line_counts_as_a_line)
{
    const char *rules = "exact: yes\nexpect contains: >\ninput: a\nexpect contains: a\n"
                        "input: b\nexpect contains: b\n";
    EXPECT_TRUE(holds(rules, "> a b\n"));
    EXPECT_FALSE(holds(rules, "a b >\n"));
    EXPECT_FALSE(holds("expect contains: >\nexpect contains: a\n", "> a\n"));
}

TEST(input_above_all_else_is_typed_at_once_and_the_rest_in_its_turn)
{
    start("input: a\ninput: b\nexpect: x\ninput: c\nexpect: y\n");
    EXPECT_STR("ab", typed);
    EXPECT_FALSE(matcher_typed_all(&matcher));
    print("y\n", 1);
    EXPECT_STR("ab", typed);
    print("x\n", 1);
    EXPECT_STR("abc", typed);
    EXPECT_TRUE(matcher_typed_all(&matcher));
    EXPECT_FALSE(matcher_holds(&matcher));
    stop();
}

/* A gibibyte would come through here likewise: nothing but the first mebibyte is kept. */
TEST(a_line_without_an_end_takes_no_more_than_its_bound)
{
    static char megabytes[4 << 20];
    memset(megabytes, 'x', sizeof(megabytes));
    start("expect: end\nexpect: never\n");
    matcher_output(&matcher, megabytes, sizeof(megabytes));
    EXPECT_EQ(LINE_BYTES_MAX, matcher.output.length);
    EXPECT_TRUE(matcher.output.cut);
    print("\nend\n", 5);
    EXPECT_EQ(1, matcher.missing);
    stop();
}

TEST(a_part_is_found_where_a_long_line_was_cut_into_chunks)
{
    static char half[300000];
    memset(half, 'x', sizeof(half));
    start("expect contains: needle\n");
    matcher_output(&matcher, half, sizeof(half));
    print("needl", 5);
    EXPECT_FALSE(matcher_holds(&matcher));
    print("e", 1);
    EXPECT_TRUE(matcher_holds(&matcher));
    stop();
}

/* --- Judgements --- */

static void expect_judgement(const char *rules, const char *output, const char *said,
                             struct run_end end, const char *part)
{
    struct diagnostics failures = {0};
    start(rules);
    print(output, 4096);
    matcher_report(&matcher, said, strlen(said));
    matcher_finish(&matcher);
    end.report = said;
    end.report_length = strlen(said);
    enum verdict verdict = judge(&matcher, &end, &failures);
    if (!part) {
        EXPECT_EQ(VERDICT_PASSED, verdict);
    } else {
        EXPECT_NE(VERDICT_PASSED, verdict);
        bool found = false;
        for (const struct diagnostic *d = failures.first; d; d = d->next) {
            found |= strstr(d->text, part) != NULL;
        }
        if (!found) {
            EXPECT_STR(part, failures.first->text);
        }
    }
    diagnostics_free(&failures);
    stop();
}

TEST(a_failure_names_the_rule_and_where_it_was_looked_for)
{
    struct run_end end = {.status = EXIT_OK};
    const char *rules = "expect: a\nexpect: b\nexpect: c\nexpect: d\n";
    expect_judgement(rules, "d\nx\na\n", "", end,
                     PATH ":3:1: error: this did not come\n    3 | expect: b\n      | ^\n"
                          "      It was to come behind line 3: a");
    expect_judgement(rules, "d\nx\na\n", "", end, "2 more that were to come behind it had no turn");
    expect_judgement(rules, "b\na\n", "", end, "It came too early, as line 1.");
    expect_judgement("never contains: b\n", "a\nb1\nb2\n", "", end,
                     PATH ":2:1: error: this came, and must not");
    expect_judgement("never contains: b\n", "a\nb1\nb2\n", "", end, "It was line 2: b1");
    expect_judgement("never contains: b\n", "a\nb1\nb2\n", "", end, "It came 2 times.");
    expect_judgement("anywhere: b\n", "a\n", "", end, PATH ":2:1: error: this did not come");
    expect_judgement("exact: yes\nexpect: a\n", "a\nb\nc\n", "", end, "It was line 2: b");
    expect_judgement("exact: yes\nexpect: a\n", "a\nb\nc\n", "", end, "There are 2 such lines.");
}

TEST(what_quoll_says_can_be_asked_for_and_ruled_out)
{
    struct run_end end = {.status = EXIT_OK};
    const char *said = "kernel: 'a' faulted\nquoll: halted\n";
    expect_judgement("report contains: faulted\n", "", said, end, NULL);
    expect_judgement("report: faulted\n", "faulted\n", said, end,
                     PATH ":2:1: error: quoll did not say this");
    expect_judgement("never contains: faulted\n", "", said, end,
                     "Quoll said it, in line 1: kernel: 'a' faulted");
}

TEST(each_way_of_ending_is_told_from_the_others)
{
    static const struct {
        const char *word;
        int status;
        const char *said;
    } endings[] = {
        {"idle", EXIT_OK, "quoll: idle: every thread rests, and nothing can come\n"},
        {"halted", EXIT_OK, "x\nquoll: halted\n"},
        {"stuck", EXIT_STUCK, "quoll: stuck: x\n"},
        {"timeout", EXIT_TIMEOUT, "quoll: time-out: x\n"},
        {"exit 1", EXIT_INPUT, ""},
        {"exit 5", EXIT_HOST, ""},
        {"exit 137", 137, ""},
    };
    size_t count = sizeof(endings) / sizeof(endings[0]);
    char rules[40];
    for (size_t wanted = 0; wanted < count; wanted++) {
        snprintf(rules, sizeof(rules), "ends: %s\n", endings[wanted].word);
        for (size_t got = 0; got < count; got++) {
            struct run_end end = {.status = endings[got].status};
            expect_judgement(rules, "", endings[got].said, end, got == wanted ? NULL : "error: ");
        }
    }
}

TEST(without_a_word_of_it_a_system_halts_or_rests)
{
    struct run_end end = {.status = EXIT_OK};
    expect_judgement("expect: a\n", "a\n", "quoll: halted\n", end, NULL);
    expect_judgement("expect: a\n", "a\n", "quoll: idle: x\n", end, NULL);
    end.status = EXIT_STUCK;
    expect_judgement("expect: a\n", "a\n", "", end, "error: it is stuck (exit status 3)");
    end.status = EXIT_TIMEOUT;
    expect_judgement("expect: a\n", "a\n", "", end, "write `ends: matched`");
    expect_judgement("expect: b\n", "a\n", "", end, "write `timeout:` with more");
    end.status = EXIT_INPUT;
    expect_judgement("expect: a\n", "a\n", "", end, "quoll could not start it (exit status 1)");
    end.status = 139;
    expect_judgement("expect: a\n", "a\n", "", end, "ended by a signal (exit status 139)");
}

TEST(one_that_is_ended_when_all_has_come_may_end_otherwise_only_if_all_has_come)
{
    struct run_end ended = {.status = 143, .was_matched = true};
    expect_judgement("ends: matched\nexpect: a\n", "a\n", "", ended, NULL);
    struct run_end halted = {.status = EXIT_OK};
    expect_judgement("ends: matched\nexpect: a\n", "a\n", "quoll: halted\n", halted, NULL);
    struct run_end late = {.status = EXIT_TIMEOUT};
    expect_judgement("ends: matched\nexpect: a\n", "", "", late,
                     "it was to run until all had come, but it still ran at the time-out");
}

TEST(a_quoll_that_had_to_be_killed_is_a_failure)
{
    struct run_end end = {.status = 137, .was_killed = true, .timeout_ns = 5000000000};
    expect_judgement("ends: exit 137\n", "", "", end,
                     "quoll did not end at its time-out of 5 s, and was killed");
}
