/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads that run beside the core, on a CPU of their own. */
#include "tests/platform/fixture.h"

#include <sched.h>
#include <string.h>
#include <time.h>

#include "platform/isolated/host.h"
#include "platform/stub/layout.h"

static const struct fixture_options trapped = {.rewrite = false};
static const struct fixture_options rewritten = {.rewrite = true};

/* More than it takes to be moved. */
#define STREAK 300

#define MS UINT64_C(1000000)

#define TCB_C (TCB_B + 0x1000)

static struct platform_stats stats(const struct fixture *f)
{
    struct platform_stats answer;
    platform_stats(f->platform, &answer);
    return answer;
}

static bool has_second_cpu(void)
{
    cpu_set_t cpus;
    return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 1;
}

/*
 *  0: mov (%rdi),%rax     5: mov %rax,(%rdi)    10: jmp .
 *  3: syscall             8: syscall
 */
#define LOAD_AT  CODE
#define STORE_AT (CODE + 5)
#define SPIN_AT  (CODE + 10)

static void open_with_accesses(struct fixture *f, struct fixture_options options)
{
    fixture_open(f, options);
    CODE_IS(f, 0x48, 0x8b, 0x07, 0x0f, 0x05, 0x48, 0x89, 0x07, 0x0f, 0x05, 0xeb, 0xfe);
    platform_map(f->platform, VSPACE_A, DATA, DATA_FRAME, 0x4000, true);
}

static enum run_result run_at(struct fixture *f, uint64_t rip, uint64_t address)
{
    f->registers.r[X86_RIP] = rip;
    f->registers.r[X86_RDI] = address;
    return fixture_run(f);
}

/* Enter the kernel again and again. */
static void have_streak(struct fixture *f)
{
    for (unsigned i = 0; i < STREAK; i++) {
        EXPECT_EQ(RUN_SYSCALL, run_at(f, LOAD_AT, DATA));
    }
}

TEST(a_thread_that_enters_the_kernel_again_and_again_is_moved_and_works_as_before)
{
    struct fixture f;
    if (!has_second_cpu()) {
        skip();
    }
    fixture_open(&f, rewritten);
    /* lea 1(%rdx),%rdx; mov %rsp,%rbx; syscall; mov %rbx,%rsp; jmp back */
    CODE_IS(&f, 0x48, 0x8d, 0x52, 0x01, 0x48, 0x89, 0xe3, 0x0f, 0x05, 0x48, 0x89, 0xdc, 0xeb, 0xf2);
    for (uint64_t i = 1; i <= STREAK; i++) {
        EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
        EXPECT_EQ(i, f.registers.r[X86_RDX]);
        EXPECT_EQ(CODE + 7, f.registers.r[X86_RIP]);
        f.registers.r[X86_RIP] += 2;
    }
    EXPECT_TRUE(stats(&f).beside > 0);
    EXPECT_TRUE(stats(&f).beside < STREAK);
    fixture_close(&f);
}

TEST(with_one_cpu_nobody_is_moved)
{
    struct fixture f;
    cpu_set_t before, one;
    EXPECT_EQ(0, sched_getaffinity(0, sizeof(before), &before));
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    EXPECT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
    open_with_accesses(&f, trapped);
    have_streak(&f);
    EXPECT_EQ(0, stats(&f).beside);
    fixture_close(&f);
    EXPECT_EQ(0, sched_setaffinity(0, sizeof(before), &before));
}

static int refuse_other_cpus(pid_t thread, int cpu)
{
    return thread == 0 ? host_linux.pin(thread, cpu) : -1;
}

TEST(where_linux_refuses_to_move_a_thread_it_runs_where_it_is)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    host.pin = refuse_other_cpus;
    have_streak(&f);
    host.pin = host_linux.pin;
    EXPECT_EQ(0, stats(&f).beside);
    fixture_close(&f);
}

TEST(beside_the_core_too_nothing_reaches_what_was_unmapped)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    have_streak(&f);
    for (unsigned i = 0; i < STREAK; i++) {
        uint64_t page = DATA + i % 4 * 0x1000;
        EXPECT_EQ(RUN_SYSCALL, run_at(&f, STORE_AT, page));
        platform_unmap(f.platform, VSPACE_A, page, 0x1000);
        EXPECT_EQ(RUN_FAULT, run_at(&f, LOAD_AT, page));
        platform_map(f.platform, VSPACE_A, page, DATA_FRAME + i % 4 * 0x1000, 0x1000, true);
    }
    fixture_close(&f);
}

/* The mapper watches for a while after it has answered, but the next thing happens later. */
TEST(a_mapper_that_has_gone_to_sleep_meanwhile_wakes_nobody_too_late)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    have_streak(&f);
    for (long ns = 20000; ns < 2000000; ns += 50000) {
        platform_unmap(f.platform, VSPACE_A, DATA, 0x1000);
        nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
        EXPECT_EQ(RUN_FAULT, run_at(&f, LOAD_AT, DATA));
        platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
        nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
        EXPECT_EQ(RUN_SYSCALL, run_at(&f, LOAD_AT, DATA));
    }
    fixture_close(&f);
}

TEST(threads_beside_the_core_can_be_preempted)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    for (unsigned i = 0; i < 10; i++) {
        have_streak(&f);
        f.registers.r[X86_RIP] = SPIN_AT;
        EXPECT_EQ(RUN_KICKED,
                  platform_run(f.platform, &f.thread, host_now_ns() + 2 * MS, &f.error));
        EXPECT_EQ(SPIN_AT, f.registers.r[X86_RIP]);
    }
    fixture_close(&f);
}

/* A new host thread is made by the mapper, which is where the first one is. */
TEST(a_cell_that_runs_beside_the_core_gets_more_threads)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    have_streak(&f);
    for (unsigned i = 1; i < 20; i++) {
        f.thread.tcb = TCB_A + 0x1000 * i;
        EXPECT_EQ(RUN_SYSCALL, run_at(&f, STORE_AT, DATA));
        f.thread.tcb = TCB_A;
        EXPECT_EQ(RUN_SYSCALL, run_at(&f, LOAD_AT, DATA));
    }
    have_streak(&f);
    fixture_close(&f);
}

TEST(two_cells_take_turns_beside_the_core)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    platform_map(f.platform, VSPACE_B, CODE, CODE_FRAME, 0x1000, false);
    platform_map(f.platform, VSPACE_B, DATA, DATA_FRAME, 0x4000, true);
    for (unsigned i = 0; i < 8; i++) {
        f.thread.vspace = i % 2 == 0 ? VSPACE_A : VSPACE_B;
        f.thread.tcb = i % 2 == 0 ? TCB_A : TCB_B;
        have_streak(&f);
        /* Orders to the one that does not run. */
        platform_unmap(f.platform, i % 2 == 0 ? VSPACE_B : VSPACE_A, DATA + 0x1000, 0x1000);
        platform_map(f.platform, i % 2 == 0 ? VSPACE_B : VSPACE_A, DATA + 0x1000, DATA_FRAME,
                     0x1000, true);
        EXPECT_EQ(RUN_SYSCALL, run_at(&f, STORE_AT, DATA + 0x1000));
    }
    fixture_close(&f);
}

/* It rings as the stub does and goes on computing, so it never wakes the mapper that waits for its place. */
TEST(a_guest_beside_the_core_that_does_not_hand_over_keeps_no_mapping)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    have_streak(&f);
    /* movabs $bell,%rbx; movl $1,(%rbx); 1: mov (%rdi),%rax; jmp 1b */
    uint8_t code[] = {0x48, 0xbb, 0, 0, 0, 0,    0,    0,    0,    0,   0xc7,
                      0x03, 1,    0, 0, 0, 0x48, 0x8b, 0x07, 0xeb, 0xfb};
    uint64_t bell = STUB_BELL;
    memcpy(&code[2], &bell, sizeof(bell));
    memcpy(f.ram + CODE_FRAME + 0x100, code, sizeof(code));
    run_at(&f, CODE + 0x100, DATA);
    platform_unmap(f.platform, VSPACE_A, DATA, 0x4000);
    /* It has faulted, or was killed for the CPU that it took, but does not run on. */
    enum run_result result;
    do {
        result = run_at(&f, LOAD_AT, DATA);
    } while (result == RUN_SYSCALL || result == RUN_KICKED);
    EXPECT_TRUE(result == RUN_FAULT || result == RUN_LOST);
    fixture_close(&f);
}

TEST(a_guest_that_denies_that_a_thread_of_its_cell_sleeps_does_not_keep_it_asleep)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    for (unsigned i = 0; i < 4; i++) {
        f.thread.tcb = TCB_A;
        have_streak(&f);
        f.thread.tcb = TCB_B;
        f.registers.r[X86_RAX] = 0;
        EXPECT_EQ(RUN_SYSCALL, run_at(&f, STORE_AT, STUB_SLOTS + SLOT_SAVE + SAVE_ASLEEP));
    }
    fixture_close(&f);
}

/* One thread of a cell rings and goes on computing, while another enters the kernel without end. */
TEST(a_cell_does_not_compute_in_the_shadow_of_a_streak)
{
    struct fixture f;
    open_with_accesses(&f, trapped);
    uint8_t code[] = {0x48, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0xc7, 0x03, 1, 0, 0, 0, 0xeb, 0xfe};
    uint64_t bell = STUB_BELL; /* movabs $bell,%rbx; movl $1,(%rbx); jmp . */
    memcpy(&code[2], &bell, sizeof(bell));
    memcpy(f.ram + CODE_FRAME + 0x100, code, sizeof(code));
    f.thread.tcb = TCB_B;
    run_at(&f, CODE + 0x100, DATA);

    /* A cell is looked at while another one runs. */
    platform_map(f.platform, VSPACE_B, CODE, CODE_FRAME, 0x1000, false);
    platform_map(f.platform, VSPACE_B, DATA, DATA_FRAME, 0x4000, true);
    enum run_result result = RUN_SYSCALL;
    uint64_t start_ns = host_now_ns();
    uint64_t line_ns = host_line_ns(0, 0);
    for (unsigned round = 0; round < 100 && result != RUN_LOST; round++) {
        f.thread.tcb = TCB_A;
        f.thread.vspace = VSPACE_A;
        for (unsigned i = 0; i < STREAK && result != RUN_LOST; i++) {
            result = run_at(&f, LOAD_AT, DATA);
        }
        f.thread.tcb = TCB_C;
        f.thread.vspace = VSPACE_B;
        for (uint64_t end = host_now_ns() + 12 * MS; host_now_ns() < end;) {
            EXPECT_EQ(RUN_SYSCALL, run_at(&f, LOAD_AT, DATA));
        }
    }
    struct platform_stats after = stats(&f);
    line_ns = host_line_ns(0, 0) - line_ns;
    uint64_t took_ns = host_now_ns() - start_ns;
    fixture_close(&f);
    /* What a cell was granted is counted by the clock on the wall, and what it used in CPU time: where others
     * have most of the CPU it gets nowhere, and is not noticed. */
    if (after.cells_lost == 0 && line_ns > took_ns / 4) {
        skip();
    }
    EXPECT_EQ(1, after.cells_lost);
}

/* It computes, and says then that it has only just woken up. */
static uint64_t stolen_by_a_liar(struct fixture *f)
{
    platform_stolen_ns(f->platform, host_now_ns());
    f->registers.r[X86_RCX] = 10000000;
    EXPECT_EQ(RUN_SYSCALL, run_at(f, CODE + 0x100, STUB_SLOTS + SLOT_SAVE + SAVE_WOKE));
    return platform_stolen_ns(f->platform, host_now_ns());
}

TEST(of_the_time_to_wake_a_guest_only_a_little_is_left_out_on_its_word)
{
    struct fixture f;
    if (!has_second_cpu()) {
        skip();
    }
    open_with_accesses(&f, trapped);
    /* dec %rcx; jnz .-3; rdtsc; shl $32,%rdx; or %rdx,%rax; mov %rax,(%rdi); syscall */
    const uint8_t liar[] = {0x48, 0xff, 0xc9, 0x75, 0xfb, 0x0f, 0x31, 0x48, 0xc1, 0xe2,
                            0x20, 0x48, 0x09, 0xd0, 0x48, 0x89, 0x07, 0x0f, 0x05};
    memcpy(f.ram + CODE_FRAME + 0x100, liar, sizeof(liar));
    have_streak(&f);

    uint64_t start_ns = host_now_ns();
    uint64_t cpu_before_ns = 0;
    uint64_t cpu_ns = 0;
    EXPECT_EQ(0, host.cpu_ns(fixture_only_child(), &cpu_before_ns));
    uint64_t stolen_ns = stolen_by_a_liar(&f);
    EXPECT_TRUE(stolen_ns > (host_now_ns() - start_ns) / 2);
    for (int i = 0; i < 49; i++) {
        stolen_ns += stolen_by_a_liar(&f);
    }
    uint64_t took_ns = host_now_ns() - start_ns;
    EXPECT_EQ(0, host.cpu_ns(fixture_only_child(), &cpu_ns));
    EXPECT_TRUE(took_ns - stolen_ns + took_ns / 50 + 40 * MS > cpu_ns - cpu_before_ns);
    fixture_close(&f);
}

/* Its way to the core is as long as for any signal. */
TEST(what_a_fault_takes_that_is_no_guests_doing_is_nobodys)
{
    struct fixture f;
    if (!has_second_cpu()) {
        skip();
    }
    open_with_accesses(&f, trapped);
    have_streak(&f);
    uint64_t start_ns = host_now_ns();
    uint64_t excused_ns = 0;
    for (int i = 0; i < 50 && excused_ns == 0; i++) {
        EXPECT_EQ(RUN_FAULT, run_at(&f, LOAD_AT, DATA + 0x10000));
        platform_stolen_ns(f.platform, host_now_ns());
        platform_excuse_fault(f.platform);
        excused_ns = platform_stolen_ns(f.platform, host_now_ns());
    }
    EXPECT_NE(0, excused_ns);
    EXPECT_TRUE(excused_ns < host_now_ns() - start_ns);
    fixture_close(&f);
}
