/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: breakpoints and single steps. */
#include "tests/kernel/fixture_ipc.h"

#define ADDRESS 0x401000ul

static struct result set_breakpoint(struct fixture *f, cptr tcb, uint64_t number, uint64_t address,
                                    uint64_t type, uint64_t bytes, uint64_t access)
{
    return CALL(f, tcb, TCBSetBreakpoint, ARGS(number, address, type, bytes, access));
}

static struct result get_breakpoint(struct fixture *f, cptr tcb, uint64_t number)
{
    return CALL(f, tcb, TCBGetBreakpoint, ARGS(number));
}

#define EXPECT_BREAKPOINT(result_, address_, type_, bytes_, access_, enabled_)                     \
    do {                                                                                           \
        struct result breakpoint = (result_);                                                      \
        EXPECT_EQ(seL4_NoError, breakpoint.error);                                                 \
        EXPECT_EQ(5, breakpoint.length);                                                           \
        EXPECT_EQ(address_, breakpoint.words[0]);                                                  \
        EXPECT_EQ(type_, breakpoint.words[1]);                                                     \
        EXPECT_EQ(bytes_, breakpoint.words[2]);                                                    \
        EXPECT_EQ(access_, breakpoint.words[3]);                                                   \
        EXPECT_EQ(enabled_, breakpoint.words[4]);                                                  \
    } while (0)

TEST(a_breakpoint_that_is_set_is_told_and_reaches_the_cpu)
{
    struct fixture *f = fixture_new("microkit");
    fixture_root_steps_back(f);
    struct fixture_thread thread = fixture_thread(f, 150, FIXTURE_ACTIVE);
    cptr tcb = thread.cap;

    EXPECT_EQ(
        seL4_NoError,
        set_breakpoint(f, tcb, 0, ADDRESS, DEBUG_INSTRUCTION_BREAKPOINT, 0, BREAK_ON_READ).error);
    EXPECT_EQ(
        seL4_NoError,
        set_breakpoint(f, tcb, 3, ADDRESS + 4, DEBUG_DATA_BREAKPOINT, 4, BREAK_ON_WRITE).error);

    EXPECT_BREAKPOINT(get_breakpoint(f, tcb, 0), ADDRESS, DEBUG_INSTRUCTION_BREAKPOINT, 0,
                      BREAK_ON_READ, true);
    EXPECT_BREAKPOINT(get_breakpoint(f, tcb, 1), 0, DEBUG_INSTRUCTION_BREAKPOINT, 0, BREAK_ON_READ,
                      false);
    EXPECT_BREAKPOINT(get_breakpoint(f, tcb, 3), ADDRESS + 4, DEBUG_DATA_BREAKPOINT, 4,
                      BREAK_ON_WRITE, true);
    EXPECT_TRUE(f->next.breakpoints == NULL); /* those of the thread that runs: the root task */
    fixture_start(f, thread);
    EXPECT_RUNS(f, thread);
    const struct x86_breakpoint *set = f->next.breakpoints;
    EXPECT_TRUE(set[0].enabled);
    EXPECT_EQ(X86_BREAK_ON_EXECUTE, set[0].on);
    EXPECT_EQ(ADDRESS, set[0].address);
    EXPECT_FALSE(set[1].enabled);
    EXPECT_EQ(X86_BREAK_ON_WRITE, set[3].on);
    EXPECT_EQ(4, set[3].bytes);
    fixture_free(f);
}

TEST(a_breakpoint_for_reads_is_one_for_any_access)
{
    struct fixture *f = fixture_new("microkit");
    cptr tcb = fixture_thread(f, 10, FIXTURE_ACTIVE).cap;
    set_breakpoint(f, tcb, 1, ADDRESS, DEBUG_DATA_BREAKPOINT, 2, BREAK_ON_READ);
    EXPECT_BREAKPOINT(get_breakpoint(f, tcb, 1), ADDRESS, DEBUG_DATA_BREAKPOINT, 2,
                      BREAK_ON_READ_WRITE, true);
    fixture_free(f);
}

TEST(a_breakpoint_that_is_unset_is_gone)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    set_breakpoint(f, thread.cap, 2, ADDRESS, DEBUG_DATA_BREAKPOINT, 1, BREAK_ON_WRITE);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBUnsetBreakpoint, ARGS(2)).error);

    EXPECT_BREAKPOINT(get_breakpoint(f, thread.cap, 2), 0, DEBUG_INSTRUCTION_BREAKPOINT, 0,
                      BREAK_ON_READ, false);
    EXPECT_EQ(0, thread.tcb->breakpoints_used);
    fixture_free(f);
}

/* seL4 keeps one record for both, and single steps need no breakpoint. */
TEST(to_end_stepping_by_the_number_of_the_only_breakpoint_disables_that)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    set_breakpoint(f, thread.cap, 2, ADDRESS, DEBUG_DATA_BREAKPOINT, 1, BREAK_ON_WRITE);
    CALL(f, thread.cap, TCBConfigureSingleStepping, ARGS(2, 1));
    EXPECT_EQ(1u << 2, thread.tcb->breakpoints_used);

    CALL(f, thread.cap, TCBConfigureSingleStepping, ARGS(2, 0));

    EXPECT_EQ(0, thread.tcb->breakpoints_used);
    EXPECT_EQ(1, get_breakpoint(f, thread.cap, 2).words[4]);
    fixture_free(f);
}

TEST(set_breakpoint_names_the_argument_that_is_wrong)
{
    struct fixture *f = fixture_new("microkit");
    cptr tcb = fixture_thread(f, 10, FIXTURE_ACTIVE).cap;
    static const struct {
        uint64_t address, type, bytes, access, wrong;
    } cases[] = {
        {0x7fffffffffff, DEBUG_DATA_BREAKPOINT, 1, BREAK_ON_READ, 1},
        {ADDRESS, DEBUG_SINGLE_STEP, 1, BREAK_ON_READ, 2},
        {ADDRESS, DEBUG_SOFTWARE_BREAK, 1, BREAK_ON_READ, 2},
        {ADDRESS, DEBUG_INSTRUCTION_BREAKPOINT, 1, BREAK_ON_READ, 3},
        {ADDRESS, DEBUG_INSTRUCTION_BREAKPOINT, 0, BREAK_ON_WRITE, 4},
        {ADDRESS, DEBUG_DATA_BREAKPOINT, 0, BREAK_ON_READ, 3},
        {ADDRESS, DEBUG_DATA_BREAKPOINT, 1, 3, 3},
        {ADDRESS, DEBUG_DATA_BREAKPOINT, 3, BREAK_ON_READ, 3},
        {ADDRESS, DEBUG_DATA_BREAKPOINT, 8, BREAK_ON_READ, 3},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result refused = set_breakpoint(f, tcb, 0, cases[i].address, cases[i].type,
                                               cases[i].bytes, cases[i].access);
        EXPECT_EQ(seL4_InvalidArgument, refused.error);
        EXPECT_EQ(cases[i].wrong, refused.words[0]);
    }
    fixture_free(f);
}

TEST(set_breakpoint_needs_an_aligned_address)
{
    struct fixture *f = fixture_new("microkit");
    cptr tcb = fixture_thread(f, 10, FIXTURE_ACTIVE).cap;
    EXPECT_EQ(
        seL4_AlignmentError,
        set_breakpoint(f, tcb, 9, ADDRESS + 2, DEBUG_DATA_BREAKPOINT, 4, BREAK_ON_READ).error);
    fixture_free(f);
}

static void expect_range_0_to_3(struct result refused)
{
    EXPECT_EQ(seL4_RangeError, refused.error);
    EXPECT_EQ(0, refused.words[0]);
    EXPECT_EQ(3, refused.words[1]);
}

TEST(breakpoints_have_numbers_0_to_3)
{
    struct fixture *f = fixture_new("microkit");
    cptr tcb = fixture_thread(f, 10, FIXTURE_ACTIVE).cap;
    expect_range_0_to_3(
        set_breakpoint(f, tcb, 4, ADDRESS, DEBUG_DATA_BREAKPOINT, 4, BREAK_ON_READ));
    expect_range_0_to_3(CALL(f, tcb, TCBGetBreakpoint, ARGS(4)));
    expect_range_0_to_3(CALL(f, tcb, TCBUnsetBreakpoint, ARGS(4)));
    fixture_free(f);
}

TEST(a_thread_begins_without_breakpoints)
{
    struct fixture *f = fixture_new("microkit");
    cptr tcb = fixture_thread(f, 10, FIXTURE_ACTIVE).cap;
    EXPECT_BREAKPOINT(get_breakpoint(f, tcb, 3), 0, DEBUG_INSTRUCTION_BREAKPOINT, 0, BREAK_ON_READ,
                      false);
    EXPECT_EQ(seL4_NoError, CALL(f, tcb, TCBUnsetBreakpoint, ARGS(3)).error);
    fixture_free(f);
}

TEST(single_stepping_is_turned_on_and_off)
{
    struct fixture *f = fixture_new("microkit");
    fixture_root_steps_back(f);
    struct fixture_thread thread = fixture_thread(f, 150, FIXTURE_ACTIVE);

    struct result result = CALL(f, thread.cap, TCBConfigureSingleStepping, ARGS(0, 1));
    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_EQ(1, result.length);
    EXPECT_EQ(0, result.words[0]);
    fixture_start(f, thread);
    EXPECT_RUNS(f, thread);
    EXPECT_TRUE(f->next.single_step);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBConfigureSingleStepping, ARGS(0, 0)).error);
    EXPECT_FALSE(f->next.single_step);
    fixture_free(f);
}

TEST(without_the_hardware_debug_api_there_are_no_such_invocations)
{
    struct fixture *f = fixture_new("sel4test");
    for (unsigned i = 0; i < f->k->label_count; i++) {
        EXPECT_NE(TCBSetBreakpoint, f->k->invocation_of_label[i]);
        EXPECT_NE(TCBConfigureSingleStepping, f->k->invocation_of_label[i]);
    }
    fixture_free(f);
}
