/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What a test file includes: TEST and EXPECT_*, a thin layer on cmocka.
 *
 * A test's name is a sentence about behaviour. Each file of tests becomes one program, whose list
 * of tests is generated from the lines that start with `TEST(`: no test can be left out by mistake.
 */
#pragma once

/* cmocka.h wants these four first, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* TEST(a_sentence_about_behaviour) { ... } */
#define TEST(name) void name(void **cmocka_state __attribute__((unused)))

/* Expected value first, as in a sentence: EXPECT_EQ(seL4_DeleteFirst, cnode_copy(...)). */
#define EXPECT_EQ(expected, actual) assert_int_equal((uintmax_t)(expected), (uintmax_t)(actual))
#define EXPECT_NE(unexpected, actual)                                                              \
    assert_int_not_equal((uintmax_t)(unexpected), (uintmax_t)(actual))
#define EXPECT_TRUE(condition)             assert_true(condition)
#define EXPECT_FALSE(condition)            assert_false(condition)
#define EXPECT_STR(expected, actual)       assert_string_equal(expected, actual)
#define EXPECT_MEM(expected, actual, size) assert_memory_equal(expected, actual, size)
