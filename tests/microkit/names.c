/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/names.h"
#include "microkit/spelling.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

TEST(name_is_found_until_the_end_of_many)
{
    struct arena *arena = arena_new();
    struct names names = {0};
    static char text[2000][16];
    for (size_t i = 0; i < 2000; i++) {
        snprintf(text[i], sizeof text[i], "name%zu", i);
        EXPECT_EQ(NAMES_ADDED, names_add(&names, arena, text[i], text[i]));
    }
    for (size_t i = 0; i < 2000; i++) {
        EXPECT_TRUE(names_find(&names, text[i]) == text[i]);
    }
    EXPECT_EQ(2000, names.count);
    EXPECT_TRUE(names_find(&names, "name2000") == NULL);
    arena_free(arena);
}

TEST(name_that_is_taken_stays_with_the_first)
{
    struct arena *arena = arena_new();
    struct names names = {0};
    int first;
    int second;
    EXPECT_EQ(NAMES_ADDED, names_add(&names, arena, "a", &first));
    EXPECT_EQ(NAMES_TAKEN, names_add(&names, arena, "a", &second));
    EXPECT_TRUE(names_find(&names, "a") == &first);
    EXPECT_EQ(1, names.count);
    arena_free(arena);
}

TEST(empty_table_has_no_name)
{
    struct names names = {0};
    EXPECT_TRUE(names_find(&names, "a") == NULL);
    EXPECT_TRUE(names_nearest(&names, "a") == NULL);
}

static const char *nearest(const char *wrong, const char *one, const char *other)
{
    struct spelling spelling = spelling_of(wrong);
    spelling_try(&spelling, one);
    spelling_try(&spelling, other);
    return spelling.nearest;
}

TEST(nearest_word_is_the_one_with_fewer_wrong_letters)
{
    EXPECT_STR("priority", nearest("prority", "period", "priority"));
    EXPECT_STR("client", nearest("cleint", "client", "server"));
}

TEST(word_with_more_than_a_third_wrong_is_not_near)
{
    EXPECT_TRUE(nearest("id", "mr", "pp") == NULL);
    EXPECT_TRUE(nearest("", "a", "b") == NULL);
    EXPECT_TRUE(nearest("buffer", "client", "server") == NULL);
}

TEST(very_long_words_are_not_compared)
{
    char word[100];
    memset(word, 'a', 99);
    word[99] = '\0';
    EXPECT_TRUE(nearest(word, word, "a") == NULL);
}
