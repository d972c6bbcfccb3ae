/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How machines end: rest or stuck, and what the shell is told. */
#include "machine/ending.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <string.h>

static struct ending rest_of(const struct kernel_thread *threads, unsigned count)
{
    struct ending ending = {.kind = ENDING_NONE};
    doubles_reset();
    memcpy(doubles.threads, threads, count * sizeof(*threads));
    doubles.thread_count = count;
    ending_of_rest(NULL, &ending);
    return ending;
}

static void expect_text(const struct ending *ending, const char *part)
{
    if (!strstr(ending->text, part)) {
        EXPECT_STR(part, ending->text);
    }
}

TEST(threads_that_all_receive_are_idle)
{
    struct kernel_thread threads[] = {
        {.tcb = 0x1000, .name = "client", .wait = WAIT_RECEIVE, .object = 0x9000},
        {.tcb = 0x2000, .name = "initialiser", .wait = WAIT_STOPPED},
    };
    struct ending ending = rest_of(threads, 2);
    EXPECT_EQ(ENDING_IDLE, ending.kind);
    EXPECT_EQ(EXIT_OK, ending_exit_status(&ending));
}

/* Microkit's monitor does not answer faults: the PD stays where it is, and that is how it rests. */
TEST(a_fault_that_a_handler_holds_is_rest_and_named)
{
    struct kernel_thread threads[] = {
        {.tcb = 0x1000, .name = "monitor", .wait = WAIT_RECEIVE, .object = 0x9000},
        {.tcb = 0x2000, .name = "crasher", .wait = WAIT_FAULT, .object = 0x8000},
    };
    struct ending ending = rest_of(threads, 2);
    EXPECT_EQ(ENDING_IDLE, ending.kind);
    expect_text(&ending, "faulted: 'crasher'");
}

TEST(a_fault_without_a_handler_is_stuck)
{
    struct kernel_thread threads[] = {{.tcb = 0x2000, .name = "rootserver", .wait = WAIT_FAULT}};
    struct ending ending = rest_of(threads, 1);
    EXPECT_EQ(ENDING_STUCK, ending.kind);
    EXPECT_EQ(EXIT_STUCK, ending_exit_status(&ending));
    expect_text(&ending, "'rootserver' has faulted, and has no fault handler");
}

TEST(a_caller_whose_callee_waits_is_stuck_and_both_are_named)
{
    struct kernel_thread threads[] = {
        {.tcb = 0x1000, .name = "client", .wait = WAIT_REPLY, .partner = 0x2000},
        {.tcb = 0x2000, .name = "server", .wait = WAIT_RECEIVE, .object = 0x9000},
    };
    struct ending ending = rest_of(threads, 2);
    EXPECT_EQ(ENDING_STUCK, ending.kind);
    expect_text(&ending, "'client' waits for the reply of 'server', which waits for a message");
}

TEST(a_sender_that_nobody_hears_is_stuck)
{
    struct kernel_thread threads[] = {
        {.tcb = 0x1000, .name = "client", .wait = WAIT_SEND, .object = 0x9000, .priority = 7},
        {.tcb = 0x2000, .name = "server", .wait = WAIT_RECEIVE, .object = 0xa000},
    };
    struct ending ending = rest_of(threads, 2);
    EXPECT_EQ(ENDING_STUCK, ending.kind);
    expect_text(&ending, "'client' waits in Send or Call on the endpoint at 0x9000");
    expect_text(&ending, "priority 7");
    EXPECT_TRUE(strstr(ending.text, "'server'") == NULL);
}

static struct ending timeout_of(const struct kernel_thread *threads, unsigned count)
{
    struct ending ending = {.kind = ENDING_NONE};
    doubles_reset();
    memcpy(doubles.threads, threads, count * sizeof(*threads));
    doubles.thread_count = count;
    ending_of_timeout(NULL, 1500000000, &ending);
    return ending;
}

TEST(a_time_out_names_who_is_ready_and_who_waits_for_whom)
{
    struct kernel_thread threads[] = {
        {.tcb = 0x1000, .name = "client", .wait = WAIT_REPLY, .partner = 0x2000},
        {.tcb = 0x2000, .name = "server", .wait = WAIT_NONE, .has_time = true, .priority = 9},
        {.tcb = 0x3000, .name = "logger", .wait = WAIT_RECEIVE, .object = 0x9000},
        {.tcb = 0x4000, .name = "initialiser", .wait = WAIT_STOPPED},
    };
    struct ending ending = timeout_of(threads, 4);
    EXPECT_EQ(ENDING_TIMEOUT, ending.kind);
    EXPECT_STR(
        "time-out: it still ran after 1.5 s\n"
        "      'client' waits for the reply of 'server', which is ready (priority 0, at 0x0)\n"
        "      'server' is ready (priority 9, at 0x0)\n"
        "      1 other waits for a message",
        ending.text);
}

TEST(a_time_out_while_all_wait_says_so)
{
    struct kernel_thread threads[] = {
        {.tcb = 0x3000, .name = "driver", .wait = WAIT_RECEIVE, .object = 0x9000},
    };
    struct ending ending = timeout_of(threads, 1);
    EXPECT_EQ(ENDING_TIMEOUT, ending.kind);
    expect_text(&ending, "every thread waits for a message: from a timer or another device");
}

TEST(a_time_out_tells_a_fault_that_is_left_from_one_without_a_handler)
{
    struct kernel_thread threads[] = {
        {.tcb = 0x1000, .name = "crasher", .wait = WAIT_FAULT, .object = 0x8000},
        {.tcb = 0x2000, .name = "rootserver", .wait = WAIT_FAULT},
    };
    struct ending ending = timeout_of(threads, 2);
    expect_text(&ending, "'crasher' has faulted, and the fault is with its handler");
    expect_text(&ending, "'rootserver' has faulted, and has no fault handler");
}

TEST(each_ending_has_its_exit_status)
{
    static const struct {
        struct ending ending;
        int status;
    } cases[] = {
        {{.kind = ENDING_HALTED}, 0},
        {{.kind = ENDING_IDLE}, 0},
        {{.kind = ENDING_LEFT}, 0},
        {{.kind = ENDING_STUCK}, 3},
        {{.kind = ENDING_TIMEOUT}, 4},
        {{.kind = ENDING_HOST}, 5},
        {{.kind = ENDING_SIGNAL, .signal = 2}, 130},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        EXPECT_EQ(cases[i].status, ending_exit_status(&cases[i].ending));
    }
}
