/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/diagnostic.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

/* The text of an error at that column of a one-line source. */
static char *quoted(const char *line, size_t length, uint32_t column)
{
    const struct source source = {"x", line, length};
    struct diagnostics found = {0};
    diagnostic_error(&found, "E");
    diagnostic_quote(&found, &source, (struct position){1, column});
    char *text = strdup(found.first->text);
    diagnostics_free(&found);
    return text;
}

static void expect_quote(const char *expected, const char *line, uint32_t column)
{
    char *text = quoted(line, strlen(line), column);
    EXPECT_STR(expected, text);
    free(text);
}

TEST(caret_stands_below_its_column)
{
    expect_quote("E\n    1 | abc\n      |  ^", "abc", 2);
}

TEST(caret_counts_characters_not_bytes)
{
    expect_quote("E\n    1 | \xc3\xa9\xe2\x82\xac"
                 "c\n      |   ^",
                 "\xc3\xa9\xe2\x82\xac"
                 "c",
                 3);
}

TEST(tab_is_one_blank_and_carriage_return_is_dropped)
{
    expect_quote("E\n    1 |  x\n      |  ^", "\tx\r\nnext", 2);
}

TEST(what_a_terminal_acts_upon_is_not_printed)
{
    expect_quote("E\n    1 | a?[31m??b\n      | ^",
                 "a\x1b[31m\x7f\xc2\x9b"
                 "b",
                 1);
}

TEST(bytes_that_are_no_utf8_are_question_marks)
{
    expect_quote("E\n    1 | ????a\n      | ^",
                 "\x80\xff\xc3\xe2"
                 "a",
                 1);
}

TEST(long_run_of_continuation_bytes_fits_the_excerpt)
{
    char line[4096];
    memset(line, 0x80, sizeof line);
    char *text = quoted(line, sizeof line, 1);
    EXPECT_TRUE(strlen(text) < 200);
    free(text);
}

TEST(long_line_is_shown_around_the_caret)
{
    char line[1001];
    memset(line, 'a', 1000);
    line[499] = 'B';
    line[1000] = '\0';
    char *text = quoted(line, 1000, 500);
    const char *caret = strchr(text, '^');
    const char *shown = strchr(text, 'B');
    EXPECT_TRUE(caret != NULL);
    EXPECT_TRUE(shown != NULL);
    const char *line_start = strchr(text, '\n') + 1;
    const char *caret_start = strchr(line_start, '\n') + 1;
    EXPECT_EQ(shown - line_start, caret - caret_start);
    EXPECT_TRUE(strlen(text) < 250);
    free(text);
}

TEST(place_that_is_not_in_the_source_adds_nothing)
{
    const struct source source = {"x", "one\ntwo", 7};
    struct diagnostics found = {0};
    diagnostic_error(&found, "E");
    diagnostic_quote(&found, &source, (struct position){3, 1});
    diagnostic_quote(&found, &source, (struct position){0, 0});
    diagnostic_quote(&found, &(struct source){0}, (struct position){1, 1});
    EXPECT_STR("E", found.first->text);
    diagnostics_free(&found);
}

TEST(advice_is_indented_line_by_line)
{
    struct diagnostics found = {0};
    diagnostic_error(&found, "E");
    diagnostic_advise(&found, "one %d\ntwo", 1);
    EXPECT_STR("E\n      one 1\n      two", found.first->text);
    diagnostics_free(&found);
}

TEST(errors_and_warnings_go_to_their_streams_in_order)
{
    struct diagnostics found = {0};
    diagnostic_warning(&found, "W1");
    diagnostic_error(&found, "E1");
    diagnostic_warning(&found, "W2");
    EXPECT_EQ(1, found.errors);

    char *errors = NULL;
    char *warnings = NULL;
    size_t size;
    FILE *first = open_memstream(&errors, &size);
    FILE *second = open_memstream(&warnings, &size);
    diagnostics_print(&found, first, second);
    fclose(first);
    fclose(second);
    EXPECT_STR("E1\n", errors);
    EXPECT_STR("W1\nW2\n", warnings);
    free(errors);
    free(warnings);
    diagnostics_free(&found);
    EXPECT_TRUE(found.first == NULL);
}
