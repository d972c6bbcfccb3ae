/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The machine's memory: what is cleared, and what was never used. */
#include "machine/memory.h"

#include <unistd.h>

#include "tests/test.h"

#define PAGE  UINT64_C(0x1000)
#define PAGES 1024

static struct memory open_memory(void)
{
    struct memory memory;
    struct machine_error error;
    assert_int_equal(0, memory_open(&memory, PAGES * PAGE, &error));
    return memory;
}

static void expect_used(const struct memory *memory, uint64_t pages)
{
    EXPECT_EQ(pages * PAGE, memory_used(memory, 0, PAGES * PAGE));
}

TEST(memory_that_nobody_wrote_is_not_used)
{
    struct memory memory = open_memory();
    expect_used(&memory, 0);
    memory_close(&memory);
}

TEST(memory_is_used_up_to_the_last_page_that_was_written)
{
    static const uint64_t last[] = {0, 1, 255, 256, 511, 767, 768, 1023};
    struct memory memory = open_memory();
    for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
        memory.objects[last[i] * PAGE + 8] = 1;
        expect_used(&memory, last[i] + 1);
    }
    memory_close(&memory);
}

TEST(only_the_range_that_is_asked_about_counts)
{
    struct memory memory = open_memory();
    memory.objects[9 * PAGE] = 1;
    memory.objects[20 * PAGE - 1] = 1;
    memory.objects[30 * PAGE] = 1;
    EXPECT_EQ(10 * PAGE, memory_used(&memory, 10 * PAGE, 20 * PAGE));
    EXPECT_EQ(0, memory_used(&memory, 10 * PAGE, 9 * PAGE));
    EXPECT_EQ(0, memory_used(&memory, 20 * PAGE, 10 * PAGE));
    EXPECT_EQ(PAGE, memory_used(&memory, 30 * PAGE, PAGE));
    memory_close(&memory);
}

TEST(guests_memory_is_another_thing)
{
    struct memory memory = open_memory();
    memory.ram[700 * PAGE] = 1;
    expect_used(&memory, 0);
    memory_close(&memory);
}

TEST(cleared_memory_reads_as_zeros_and_long_ranges_are_not_used)
{
    struct memory memory = open_memory();
    for (uint64_t page = 0; page < PAGES; page++) {
        memory.objects[page * PAGE] = memory.ram[page * PAGE] = 1;
    }
    memory_clear(&memory, 512 * PAGE, 512 * PAGE);
    expect_used(&memory, 512);
    memory_clear(&memory, 511 * PAGE + 64, 128);
    EXPECT_EQ(1, memory.objects[511 * PAGE]);
    memory_clear(&memory, 511 * PAGE, PAGE);
    for (uint64_t page = 511; page < PAGES; page++) {
        EXPECT_EQ(0, memory.objects[page * PAGE]);
        EXPECT_EQ(0, memory.ram[page * PAGE]);
    }
    memory_close(&memory);
}

TEST(all_of_it_may_be_used_where_linux_does_not_tell)
{
    struct memory memory = open_memory();
    close(memory.pages_fd);
    memory.pages_fd = -1;
    expect_used(&memory, PAGES);
    memory_close(&memory);
}
