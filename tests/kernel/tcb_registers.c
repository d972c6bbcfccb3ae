/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: reading, writing and copying registers. */
#include "tests/kernel/fixture_ipc.h"

#define ROOT seL4_CapInitThreadTCB

static void number_registers(struct tcb *tcb)
{
    for (unsigned i = 0; i < X86_REGISTERS; i++) {
        tcb->registers.r[i] = 100 + i;
    }
}

TEST(read_registers_answers_as_many_as_asked_for)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    number_registers(thread.tcb);

    struct result result = CALL(f, thread.cap, TCBReadRegisters, ARGS(0, 20));

    EXPECT_EQ(seL4_NoError, result.error);
    EXPECT_EQ(20, result.length);
    EXPECT_EQ(100, result.words[0]);
    EXPECT_EQ(107, result.words[7]);
    EXPECT_EQ(119, fixture_buffer(f, fixture_current(f))->msg[19]);
    EXPECT_EQ(3, CALL(f, thread.cap, TCBReadRegisters, ARGS(0, 3)).length);
    fixture_free(f);
}

TEST(read_registers_suspends_when_asked_to)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    fixture_start(f, thread);

    CALL(f, thread.cap, TCBReadRegisters, ARGS(0, 20));
    EXPECT_EQ(THREAD_RESTART, thread.tcb->state);
    CALL(f, thread.cap, TCBReadRegisters, ARGS(1, 20));

    EXPECT_EQ(THREAD_INACTIVE, thread.tcb->state);
    EXPECT_FALSE(thread.tcb->in_ready_queue);
    fixture_free(f);
}

TEST(read_registers_needs_two_words_a_count_of_1_to_20_and_another_thread)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBReadRegisters, ARGS(0)).error);
    for (uint64_t count = 0; count <= 21; count += 21) {
        struct result refused = CALL(f, thread.cap, TCBReadRegisters, ARGS(0, count));
        EXPECT_EQ(seL4_RangeError, refused.error);
        EXPECT_EQ(1, refused.words[0]);
        EXPECT_EQ(20, refused.words[1]);
    }
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT, TCBReadRegisters, ARGS(0, 20)).error);
    fixture_free(f);
}

TEST(write_registers_writes_as_many_as_given_and_leaves_the_rest)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    number_registers(thread.tcb);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBWriteRegisters, ARGS(0, 4, 0x401000, 0x7000, 0, 5)).error);

    EXPECT_EQ(0x401000, thread.tcb->registers.r[X86_RIP]);
    EXPECT_EQ(0x401000, thread.tcb->next_rip);
    EXPECT_EQ(0x7000, thread.tcb->registers.r[X86_RSP]);
    EXPECT_EQ(0x202, thread.tcb->registers.r[X86_RFLAGS]);
    EXPECT_EQ(5, thread.tcb->registers.r[X86_RAX]);
    EXPECT_EQ(100 + X86_RBX, thread.tcb->registers.r[X86_RBX]);
    EXPECT_EQ(THREAD_INACTIVE, thread.tcb->state);
    fixture_free(f);
}

TEST(write_registers_makes_values_harmless)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBWriteRegisters,
                                 ARGS(0, 20, 0x800000000000, 1, 0xffff, 3, 4, 5, 6, 7, 8, 9, 10, 11,
                                      12, 13, 14, 15, 16, 17, 0x800000000000, 0xffff7fffffffffff))
                                .error);

    EXPECT_EQ(0, thread.tcb->registers.r[X86_RIP]);
    EXPECT_EQ(0xed7, thread.tcb->registers.r[X86_RFLAGS]);
    EXPECT_EQ(17, thread.tcb->registers.r[X86_R15]);
    EXPECT_EQ(0, thread.tcb->registers.r[X86_FS_BASE]);
    EXPECT_EQ(0, thread.tcb->registers.r[X86_GS_BASE]);
    fixture_free(f);
}

TEST(write_registers_resumes_when_asked_to)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    struct fixture_thread thread = fixture_thread(f, 150, FIXTURE_ACTIVE);

    CALL(f, thread.cap, TCBWriteRegisters, ARGS(1, 1, 0x401000));

    EXPECT_RUNS(f, thread);
    EXPECT_EQ(0x401000, *fixture_register(f, X86_RIP));
    fixture_free(f);
}

TEST(write_registers_with_a_count_above_20_writes_20)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBWriteRegisters,
                                 ARGS(0, 21, 1, 2, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                                      16, 17, 18, 19, 20))
                                .error);

    EXPECT_EQ(19, thread.tcb->registers.r[X86_GS_BASE]);
    fixture_free(f);
}

TEST(write_registers_needs_the_words_it_counts_and_another_thread)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBWriteRegisters, ARGS(0)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBWriteRegisters, ARGS(0, 2, 0x401000)).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT, TCBWriteRegisters, ARGS(0, 1, 0x401000)).error);
    EXPECT_EQ(0, thread.tcb->registers.r[X86_RIP]);
    fixture_free(f);
}

/* Flags of CopyRegisters. */
enum { SUSPEND_SOURCE = 1, RESUME_TARGET = 2, FRAME = 4, INTEGER = 8 };

TEST(copy_registers_copies_the_groups_it_is_asked_to)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread source = fixture_thread(f, 10, FIXTURE_ACTIVE);
    struct fixture_thread target = fixture_thread(f, 10, FIXTURE_ACTIVE);
    number_registers(source.tcb);

    EXPECT_EQ(seL4_NoError,
              CALL(f, target.cap, TCBCopyRegisters, ARGS(FRAME), CAPS(source.cap)).error);
    EXPECT_EQ(100, target.tcb->registers.r[X86_RIP]);
    EXPECT_EQ(100, target.tcb->next_rip);
    EXPECT_EQ(100 + X86_R15, target.tcb->registers.r[X86_R15]);
    EXPECT_EQ(0, target.tcb->registers.r[X86_FS_BASE]);

    CALL(f, target.cap, TCBCopyRegisters, ARGS(INTEGER), CAPS(source.cap));
    EXPECT_EQ(100 + X86_FS_BASE, target.tcb->registers.r[X86_FS_BASE]);
    EXPECT_EQ(100 + X86_GS_BASE, target.tcb->registers.r[X86_GS_BASE]);
    fixture_free(f);
}

TEST(copy_registers_suspends_the_source_and_resumes_the_target)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread source = fixture_thread(f, 10, FIXTURE_ACTIVE);
    struct fixture_thread target = fixture_thread(f, 10, FIXTURE_ACTIVE);
    fixture_start(f, source);

    CALL(f, target.cap, TCBCopyRegisters, ARGS(SUSPEND_SOURCE | RESUME_TARGET), CAPS(source.cap));

    EXPECT_EQ(THREAD_INACTIVE, source.tcb->state);
    EXPECT_EQ(THREAD_RESTART, target.tcb->state);
    EXPECT_TRUE(target.tcb->in_ready_queue);
    fixture_free(f);
}

TEST(copy_registers_needs_a_word_and_a_source_that_is_a_thread)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread target = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, target.cap, TCBCopyRegisters, .length = 0, CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, target.cap, TCBCopyRegisters, ARGS(FRAME)).error);
    struct result refused =
        CALL(f, target.cap, TCBCopyRegisters, ARGS(FRAME), CAPS(seL4_CapInitThreadCNode));
    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(1, refused.words[0]);
    fixture_free(f);
}

/* As sysret does, and seL4 16.0.0 before it: system calls are for those who keep rsp elsewhere. */
TEST(a_system_call_returns_without_the_stack_pointer)
{
    struct fixture *f = fixture_new("sel4test");
    *fixture_register(f, X86_RIP) = 0x400000;
    *fixture_register(f, X86_RSP) = 0x7000;
    *fixture_register(f, X86_RBX) = 0x7000;

    fixture_syscall(f, SYS_Yield);

    EXPECT_EQ(0, *fixture_register(f, X86_RSP));
    EXPECT_EQ(0x7000, *fixture_register(f, X86_RBX));
    EXPECT_EQ(0x400002, *fixture_register(f, X86_RCX));
    EXPECT_EQ(*fixture_register(f, X86_RFLAGS), *fixture_register(f, X86_R11));
    fixture_free(f);
}

TEST(an_interrupted_thread_keeps_its_stack_pointer)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_syscall(f, SYS_Yield);
    *fixture_register(f, X86_RSP) = 0x7000;

    fixture_interrupt(f);

    EXPECT_EQ(0x7000, *fixture_register(f, X86_RSP));
    fixture_free(f);
}

TEST(written_registers_hold_after_a_system_call_too)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    thread.tcb->in_syscall = true;

    CALL(f, thread.cap, TCBWriteRegisters, ARGS(0, 2, 0x400000, 0x7000));

    EXPECT_EQ(0x7000, thread.tcb->registers.r[X86_RSP]);
    EXPECT_FALSE(thread.tcb->in_syscall);
    fixture_free(f);
}

TEST(a_debugger_sets_registers_and_where_a_thread_goes_on)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    paddr tcb = (paddr)((uint8_t *)thread.tcb - f->k->objects);
    thread.tcb->registers.r[X86_RIP] = 0x400000;
    thread.tcb->next_rip = 0x400002;
    thread.tcb->in_syscall = true;

    kernel_set_register(f->k, tcb, X86_RSP, 0x7000);
    EXPECT_EQ(0x7000, thread.tcb->registers.r[X86_RSP]);
    EXPECT_EQ(0x400002, thread.tcb->next_rip);
    EXPECT_TRUE(thread.tcb->in_syscall);

    kernel_set_register(f->k, tcb, X86_RIP, 0x400100);
    EXPECT_EQ(0x400100, thread.tcb->registers.r[X86_RIP]);
    EXPECT_EQ(0x400100, thread.tcb->next_rip);
    EXPECT_FALSE(thread.tcb->in_syscall);

    kernel_set_register(f->k, tcb, X86_RFLAGS, ~UINT64_C(0));
    EXPECT_EQ(0xed7, thread.tcb->registers.r[X86_RFLAGS]);
    fixture_free(f);
}
