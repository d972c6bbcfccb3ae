/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Bytes of guests in texts for people and machines, and what is kept of them. */
#include "cli/test/escape.h"
#include "cli/test/excerpt.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

static void expect_printed(const char *expected, const char *bytes, size_t length,
                           void (*print)(FILE *stream, const char *bytes, size_t length))
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    print(stream, bytes, length);
    fclose(stream);
    EXPECT_STR(expected, text);
    free(text);
}

#define EXPECT_PRINTED(expected, bytes, print)                                                     \
    expect_printed(expected, bytes, sizeof(bytes) - 1, print)

TEST(controls_and_what_is_no_utf8_become_hexadecimal)
{
    EXPECT_PRINTED("a\tb\nc\n", "a\tb\r\nc\n", print_safely);
    EXPECT_PRINTED("\\x1b[2J\\x00\\x7f\\x0dx", "\x1b[2J\0\x7f\rx", print_safely);
    EXPECT_PRINTED("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xbe",
                   "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xbe", print_safely);
    EXPECT_PRINTED("\\xc3", "\xc3", print_safely);
    EXPECT_PRINTED("\\xc3x", "\xc3x", print_safely);
    EXPECT_PRINTED("\\xff\\xfe", "\xff\xfe", print_safely);
}

TEST(what_xml_cannot_hold_is_no_text)
{
    EXPECT_PRINTED("\\xc0\\xaf", "\xc0\xaf", print_safely);                   /* overlong */
    EXPECT_PRINTED("\\xe0\\x80\\x80", "\xe0\x80\x80", print_safely);          /* likewise */
    EXPECT_PRINTED("\\xed\\xa0\\x80", "\xed\xa0\x80", print_safely);          /* a surrogate */
    EXPECT_PRINTED("\\xef\\xbf\\xbf", "\xef\xbf\xbf", print_safely);          /* U+FFFF */
    EXPECT_PRINTED("\\xc2\\x9b", "\xc2\x9b", print_safely);                   /* a terminal's CSI */
    EXPECT_PRINTED("\\xf4\\x90\\x80\\x80", "\xf4\x90\x80\x80", print_safely); /* too high */
}

TEST(xml_and_json_have_their_own_escapes)
{
    EXPECT_PRINTED("&lt;a b=&quot;c&quot;&gt; &amp;amp; ]]&gt;\\x01", "<a b=\"c\"> &amp; ]]>\x01",
                   print_xml);
    EXPECT_PRINTED("\"say \\\"hi\\\" \\\\ \\n\\t\\\\x1b\"", "say \"hi\" \\ \n\t\x1b", print_json);
}

TEST(escapes_stand_for_bytes)
{
    char bytes[32];
    size_t count;
    const char text[] = "\\r\\n\\t\\e\\0\\\\\\\"\\x7fz";
    EXPECT_TRUE(unescape(text, sizeof(text) - 1, bytes, &count) == NULL);
    EXPECT_EQ(9, count);
    EXPECT_MEM("\r\n\t\x1b\0\\\"\x7fz", bytes, 9);
    const char *wrong[] = {"ab\\", "ab\\q", "ab\\x4", "ab\\x4g"};
    for (size_t i = 0; i < 4; i++) {
        EXPECT_TRUE(unescape(wrong[i], strlen(wrong[i]), bytes, &count) == wrong[i] + 2);
    }
}

TEST(a_short_output_is_kept_as_it_is)
{
    struct excerpt excerpt = {0};
    size_t length;
    EXPECT_TRUE(excerpt_text(&excerpt, &length) == NULL);
    excerpt_add(&excerpt, "hello, ", 7);
    excerpt_add(&excerpt, "world\n", 6);
    char *text = excerpt_text(&excerpt, &length);
    EXPECT_EQ(13, length);
    EXPECT_STR("hello, world\n", text);
    free(text);
    excerpt_free(&excerpt);
}

TEST(of_a_flood_the_beginning_and_the_end_are_kept)
{
    struct excerpt excerpt = {0};
    char line[8];
    size_t length;
    for (unsigned i = 0; i < 100000; i++) {
        snprintf(line, sizeof(line), "%06u\n", i);
        excerpt_add(&excerpt, line, 7);
    }
    char *text = excerpt_text(&excerpt, &length);
    EXPECT_TRUE(strncmp(text, "000000\n000001\n", 14) == 0);
    EXPECT_TRUE(strstr(text, "[... 675424 bytes are left out here ...]\n") != NULL);
    EXPECT_STR("099998\n099999\n", text + length - 14);
    EXPECT_TRUE(length < EXCERPT_HEAD_BYTES + EXCERPT_TAIL_BYTES + 64);
    free(text);
    excerpt_free(&excerpt);
}
