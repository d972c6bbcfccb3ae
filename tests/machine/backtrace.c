/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Faults explained, without a program: what happened, and whether the stack overflowed. Functions
 * and lines are in tests/system/examples.sh. */
#include "machine/backtrace.h"

#include "abi/message.h"
#include "abi/x86/exceptions.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <string.h>

#define CODE  0x400000u
#define STACK 0x7fff0000u /* one page */

static char lines[8][512];
static unsigned line_count;

static void keep(void *context, const char *text)
{
    (void)context;
    if (line_count < 8) {
        strncpy(lines[line_count], text, sizeof(lines[0]) - 1);
    }
    line_count++;
}

static struct x86_registers registers_at(uint64_t rip, uint64_t rsp)
{
    struct x86_registers registers = {.r = {0}};
    registers.r[X86_RIP] = rip;
    registers.r[X86_RSP] = rsp;
    return registers;
}

static void explain(struct kernel_fault fault, struct x86_registers registers)
{
    struct memory memory;
    struct machine_error error;
    doubles_reset();
    doubles_add_page(CODE, 0x200000, false);
    doubles_add_page(STACK, 0x201000, true);
    EXPECT_EQ(0, memory_open(&memory, 16 << 20, &error));
    struct backtrace *backtrace = backtrace_open(NULL, &memory);
    memset(lines, 0, sizeof(lines));
    line_count = 0;
    fault.name = "guest";
    fault.registers = &registers;
    backtrace_fault(backtrace, &fault, keep, NULL);
    backtrace_close(backtrace);
    memory_close(&memory);
}

static struct kernel_fault page_fault(uint64_t address, uint64_t error)
{
    return (struct kernel_fault){
        .label = FAULT_VM_MCS, .vector = X86_PAGE_FAULT, .address = address, .error = error};
}

TEST(a_write_to_nowhere_is_told_with_its_address_and_place)
{
    explain(page_fault(0x10, X86_FAULT_WRITE), registers_at(CODE, STACK + 0x800));
    EXPECT_EQ(2, line_count);
    EXPECT_STR("fault: 'guest' wrote to 0x10, where nothing is mapped", lines[0]);
    EXPECT_STR("       at 0x400000", lines[1]);
}

TEST(a_write_to_a_read_only_page_is_told_as_such)
{
    explain(page_fault(CODE + 8, X86_FAULT_WRITE), registers_at(CODE, STACK + 0x800));
    EXPECT_STR("fault: 'guest' wrote to 0x400008, which it may only read", lines[0]);
}

TEST(a_jump_to_nowhere_is_told_as_such)
{
    explain(page_fault(0x666000, 0), registers_at(0x666000, STACK + 0x800));
    EXPECT_STR("fault: 'guest' jumped to 0x666000, where nothing is mapped", lines[0]);
}

TEST(an_access_just_below_the_stack_is_an_overflow)
{
    explain(page_fault(STACK - 8, X86_FAULT_WRITE), registers_at(CODE, STACK - 8));
    EXPECT_STR("       its stack overflowed: rsp is 0x7ffefff8, and the stack ends at 0x7fff0000",
               lines[1]);
}

TEST(a_large_frame_that_steps_over_pages_is_an_overflow)
{
    explain(page_fault(STACK - 0x3000, X86_FAULT_WRITE), registers_at(CODE, STACK - 0x3000));
    EXPECT_TRUE(strstr(lines[1], "overflowed") != NULL);
}

TEST(a_bad_access_with_a_sound_stack_is_no_overflow)
{
    explain(page_fault(0x5000, X86_FAULT_WRITE), registers_at(CODE, STACK + 0x10));
    EXPECT_EQ(2, line_count);
    explain(page_fault(STACK + 0x1000, 0), registers_at(CODE, STACK + 0xff0));
    EXPECT_EQ(2, line_count); /* above the stack: read too far, not grown too far */
}

TEST(exceptions_cap_faults_and_system_calls_are_told_in_words)
{
    struct x86_registers registers = registers_at(CODE, STACK + 0x800);
    explain((struct kernel_fault){.label = FAULT_USER_EXCEPTION, .vector = X86_DIVIDE_ERROR},
            registers);
    EXPECT_STR("fault: 'guest' divided by zero (vector 0, error 0x0)", lines[0]);
    explain((struct kernel_fault){.label = FAULT_CAP, .address = 0x77}, registers);
    EXPECT_STR("fault: 'guest' used the cptr 0x77, where no cap can be looked up", lines[0]);
    explain((struct kernel_fault){.label = FAULT_UNKNOWN_SYSCALL, .address = 99}, registers);
    EXPECT_STR("fault: 'guest' made system call 99, which does not exist", lines[0]);
}

TEST(a_lost_address_space_is_told_as_such)
{
    struct kernel_fault fault = page_fault(CODE, 0);
    fault.address_space_lost = true;
    explain(fault, registers_at(CODE, STACK + 0x800));
    EXPECT_TRUE(strstr(lines[0], "lost its address space") != NULL);
}
