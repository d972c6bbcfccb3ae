/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Test files of quoll test: what their lines mean, and what is said of mistakes. */
#include "cli/test/case.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

/* The file is read as /dev/null's neighbour, so that `system: null` is there. */
#define PATH "/dev/demo.test"
#define HEAD "system: null\n"

static struct test_case parse(const char *text)
{
    struct test_case test;
    case_parse(&test, PATH, strdup(text), strlen(text));
    return test;
}

static void expect_error(const char *text, const char *error, const char *advice)
{
    struct test_case test = parse(text);
    EXPECT_NE(0, test.found.errors);
    EXPECT_TRUE(test.found.first != NULL);
    if (strncmp(test.found.first->text, error, strlen(error)) != 0) {
        EXPECT_STR(error, test.found.first->text);
    }
    if (!strstr(test.found.first->text, advice)) {
        EXPECT_STR(advice, test.found.first->text);
    }
    case_close(&test);
}

static void expect_none(const struct test_case *test)
{
    if (test->found.first) {
        EXPECT_STR("", test->found.first->text);
    }
    EXPECT_EQ(0, test->found.errors);
}

TEST(a_file_says_what_is_run_and_how)
{
    struct test_case test = parse("# a comment\n\n  system: null\r\nkernel: sel4test\n"
                                  "args: --memory  64M\nsearch-path: sub\ntime: virtual\n"
                                  "timeout: 1.5s\nends: exit 7\n");
    expect_none(&test);
    EXPECT_STR("/dev/null", test.system);
    EXPECT_FALSE(test.boots);
    const char *arguments[] = {"--kernel", "sel4test",      "--memory",
                               "64M",      "--search-path", "/dev/sub"};
    EXPECT_EQ(6, test.argument_count);
    for (size_t i = 0; i < 6; i++) {
        EXPECT_STR(arguments[i], test.arguments[i]);
    }
    EXPECT_STR("virtual", test.time);
    EXPECT_EQ(1500000000, test.timeout_ns);
    EXPECT_EQ(ENDS_EXIT, test.ends);
    EXPECT_EQ(7, test.exit_status);
    case_close(&test);
}

TEST(rules_keep_their_order_kind_and_place)
{
    struct test_case test = parse(HEAD "expect: a: b \nexpect contains: c\ninput: d\\r\n"
                                       "anywhere matches: ^e+$\nnever: f\nreport: g\n");
    static const struct {
        enum rule_kind kind;
        enum pattern_kind pattern;
        const char *text;
    } rules[] = {
        {RULE_EXPECT, PATTERN_LINE, "a: b"},   {RULE_EXPECT, PATTERN_CONTAINS, "c"},
        {RULE_INPUT, PATTERN_CONTAINS, "d\r"}, {RULE_ANYWHERE, PATTERN_MATCHES, "^e+$"},
        {RULE_NEVER, PATTERN_LINE, "f"},       {RULE_REPORT, PATTERN_LINE, "g"},
    };
    expect_none(&test);
    EXPECT_EQ(6, test.rule_count);
    for (uint32_t i = 0; i < 6; i++) {
        EXPECT_EQ(rules[i].kind, test.rules[i].kind);
        EXPECT_EQ(rules[i].pattern, test.rules[i].pattern.kind);
        EXPECT_STR(rules[i].text, test.rules[i].pattern.text);
        EXPECT_EQ(i + 2, test.rules[i].at.line);
    }
    case_close(&test);
}

TEST(quotes_keep_blanks_and_have_escapes)
{
    struct test_case test =
        parse(HEAD "expect contains: \"  \\\"a\\x42\\t\"\nexpect: back\\slash\n");
    expect_none(&test);
    EXPECT_STR("  \"aB\t", test.rules[0].pattern.text);
    EXPECT_STR("back\\slash", test.rules[1].pattern.text);
    case_close(&test);
}

TEST(a_nul_can_be_typed)
{
    struct test_case test = parse(HEAD "expect: a\ninput: a\\0b\n");
    expect_none(&test);
    EXPECT_EQ(3, test.rules[1].pattern.length);
    EXPECT_MEM("a\0b", test.rules[1].pattern.text, 3);
    case_close(&test);
}

TEST(every_ending_and_unit_of_time_has_its_word)
{
    static const struct {
        const char *line;
        enum ends ends;
    } endings[] = {{"ends: idle", ENDS_IDLE},   {"ends: halted", ENDS_HALTED},
                   {"ends: stuck", ENDS_STUCK}, {"ends: timeout", ENDS_TIMEOUT},
                   {"ends: exit 0", ENDS_EXIT}, {"expect: x\nends: matched", ENDS_MATCHED}};
    static const struct {
        const char *line;
        uint64_t ns;
    } times[] = {{"timeout: 5s", 5000000000},
                 {"timeout: 5", 5000000000},
                 {"timeout: 20 ms", 20000000},
                 {"timeout: 2m", 120000000000}};
    char text[100];
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        snprintf(text, sizeof(text), HEAD "%s", endings[i].line);
        struct test_case test = parse(text);
        expect_none(&test);
        EXPECT_EQ(endings[i].ends, test.ends);
        case_close(&test);
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        snprintf(text, sizeof(text), HEAD "expect: x\n%s", times[i].line);
        struct test_case test = parse(text);
        expect_none(&test);
        EXPECT_EQ(times[i].ns, test.timeout_ns);
        case_close(&test);
    }
}

TEST(a_mistake_has_line_and_column_and_a_caret)
{
    expect_error(HEAD "expect: x\n  sytem: y\n",
                 PATH ":3:3: error: there is no key 'sytem'\n"
                      "    3 |   sytem: y\n"
                      "      |   ^\n",
                 "Did you mean 'system'?");
}

TEST(each_mistake_says_what_to_do)
{
    static const struct {
        const char *text, *error, *advice;
    } cases[] = {
        {HEAD "hello\n", PATH ":2:1: error: there is no ':'", "Lines are KEY: VALUE"},
        {HEAD "hello: x\n", PATH ":2:1: error: there is no key 'hello'", "`expect: LINE`"},
        {HEAD "expect contans: x\n", PATH ":2:8: error: there is no mark 'contans'",
         "Did you mean 'contains'?"},
        {HEAD "expect exactly: x\n", PATH ":2:8: error: there is no mark", "the whole line"},
        {HEAD "time virtual: x\n", PATH ":2:6: error: 'time' takes no mark", "`time: VALUE`"},
        {HEAD "expect:\n", PATH ":2:1: error: 'expect' has no value", "write \"\""},
        {HEAD "timeout:\n", PATH ":2:1: error: 'timeout' has no value", "behind the ':'"},
        {HEAD "expect contains: \"\"\n", PATH ":2:18: error: there is nothing in the quotes",
         "Say"},
        {HEAD "expect: \"x\n", PATH ":2:9: error: the quote has no end", "Put a \""},
        {HEAD "expect: \"\n", PATH ":2:9: error: the quote has no end", "Put a \""},
        {HEAD "input: ab\\q\n", PATH ":2:10: error: there is no such escape", "\\xNN"},
        {HEAD "input: \\x4\n", PATH ":2:8: error: there is no such escape", "\\xNN"},
        {HEAD "expect matches: a(\n",
         PATH ":2:17: error: this regular expression is wrong: ", "'contains'"},
        {HEAD "timeout: fast\n", PATH ":2:10: error: 'fast' is no time", "`timeout: 5s`"},
        {HEAD "timeout: -1s\n", PATH ":2:10: error: '-1s' is no time", "`timeout: 5s`"},
        {HEAD "timeout: nan\n", PATH ":2:10: error: 'nan' is no time", "`timeout: 5s`"},
        {HEAD "timeout: 5h\n", PATH ":2:10: error: '5h' is no time", "ms, s or m"},
        {HEAD "time: flies\n", PATH ":2:7: error: there is no time 'flies'", "real or virtual"},
        {HEAD "ends: hatled\n", PATH ":2:7: error: no system ends as 'hatled'", "'halted'"},
        {HEAD "ends: exit 256\n", PATH ":2:7: error: no system ends as", "exit N"},
        {HEAD "ends: exit\n", PATH ":2:7: error: no system ends as", "exit N"},
        {HEAD "exact: maybe\n", PATH ":2:8: error: 'exact' takes yes or no", "fails the test"},
        {HEAD "kernel: microkit-relase\n", PATH ":2:9: error: there is no kernel configuration",
         "'microkit-release'"},
        {HEAD "time: real\ntime: real\n", PATH ":3:1: error: 'time' is said twice", "line 2"},
        {HEAD "args: --memory 1G -t 5\n", PATH ":2:19: error: --timeout is not for a test",
         "`timeout: 5s`"},
        {HEAD "args: --serial=pty\n", PATH ":2:7: error: --serial is not for a test", "`input`"},
        {HEAD "boot: null\n", PATH ":2:1: error: there is more than one system", "once"},
        {"system: nowhere/x\n", PATH ":1:9: error: cannot read '/dev/nowhere/x': No such file",
         "relative to the test's file"},
        {"expect: x\n", PATH ": error: there is nothing to run", "/dev/demo.system"},
        {"", PATH ": error: there is nothing to run", "`system:`"},
        {HEAD, PATH ": error: it expects nothing, so it could not fail", "`ends: idle`"},
        {HEAD "input: x\n", PATH ": error: it expects nothing", "`expect: hello, world`"},
        {HEAD "ends: matched\nnever: x\n", PATH ":2:1: error: it is to end when all has come",
         "`anywhere:`"},
        {HEAD "expect: x\nignore: y\n", PATH ":3:1: error: 'ignore' has no effect", "`exact: yes`"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect_error(cases[i].text, cases[i].error, cases[i].advice);
    }
}

TEST(columns_count_characters_not_bytes)
{
    expect_error(HEAD "input: \xc3\xa4\\q\n", PATH ":2:9: error: there is no such escape", "");
}

TEST(a_nul_in_the_file_is_a_mistake)
{
    struct test_case test;
    char *text = malloc(4);
    memcpy(text, "a\n\0b", 4);
    case_parse(&test, PATH, text, 4);
    EXPECT_EQ(1, test.found.errors);
    EXPECT_TRUE(strstr(test.found.first->text, PATH ":2:1: error: there is a NUL byte") != NULL);
    case_close(&test);
}

TEST(what_a_test_needs_and_is_not_there_skips_it_and_its_system)
{
    struct test_case test = parse("needs: nowhere/x\nsystem: nowhere/y\nexpect: x\n");
    expect_none(&test);
    EXPECT_STR("it needs /dev/nowhere/x", test.skip);
    case_close(&test);
    test = parse("needs: null\n" HEAD "expect: x\n");
    expect_none(&test);
    EXPECT_TRUE(test.skip == NULL);
    case_close(&test);
}

TEST(a_mistake_counts_in_a_skipped_test_too)
{
    expect_error("skip: later\n" HEAD "expcet: x\n", PATH ":3:1: error: there is no key",
                 "'expect'?");
}

TEST(more_rules_than_can_be_looked_for_are_refused)
{
    size_t size = sizeof(HEAD) + 5000 * sizeof("never: x\n");
    char *text = malloc(size);
    strcpy(text, HEAD);
    for (size_t i = 0, at = strlen(text); i < 5000; i++, at += strlen("never: x\n")) {
        strcpy(text + at, "never: x\n");
    }
    struct test_case test;
    case_parse(&test, PATH, text, strlen(text));
    EXPECT_EQ(5000 - 4096, test.found.errors);
    EXPECT_TRUE(strstr(test.found.first->text, "more than 4096 rules") != NULL);
    case_close(&test);
}
