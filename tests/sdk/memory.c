/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The four functions that root tasks are linked with. */

#include "tests/test.h"

#define memcpy  roottask_memcpy
#define memmove roottask_memmove
#define memset  roottask_memset
#define memcmp  roottask_memcmp
#include "sdk/roottask/memory.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

TEST(memcpy_copies_exactly_n_bytes)
{
    char target[] = "........";
    EXPECT_TRUE(roottask_memcpy(target + 1, "abcdef", 5) == target + 1);
    EXPECT_STR(".abcde..", target);
}

TEST(memmove_survives_overlap_in_both_directions)
{
    char up[] = "abcdef..";
    roottask_memmove(up + 2, up, 6);
    EXPECT_STR("ababcdef", up);

    char down[] = "..abcdef";
    roottask_memmove(down, down + 2, 6);
    EXPECT_STR("abcdefef", down);
}

TEST(memmove_leaves_the_direction_flag_clear)
{
    char text[] = "abcdef..";
    roottask_memmove(text + 2, text, 6);
    EXPECT_EQ(0, __builtin_ia32_readeflags_u64() & 0x400);
}

TEST(memset_uses_the_lowest_byte_of_its_argument)
{
    char target[] = "........";
    roottask_memset(target + 2, 0x100 + 'x', 3);
    EXPECT_STR("..xxx...", target);
}

TEST(memcmp_compares_bytes_without_sign)
{
    EXPECT_TRUE(roottask_memcmp("a\xff", "a\x01", 2) > 0);
    EXPECT_TRUE(roottask_memcmp("ab", "ac", 2) < 0);
    EXPECT_EQ(0, roottask_memcmp("ab", "ac", 1));
}
