/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Cells and their threads: several of them, made late, lost and gone. */
#include "tests/platform/fixture.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct fixture_options trapped = {.rewrite = false};

static struct platform_stats stats(const struct fixture *f)
{
    struct platform_stats answer;
    platform_stats(f->platform, &answer);
    return answer;
}

TEST(nothing_is_made_before_a_thread_runs)
{
    struct fixture f;
    fixture_open(&f, trapped);
    for (uint64_t i = 1; i <= 1000; i++) {
        platform_map(f.platform, 0x100000 * i, CODE, CODE_FRAME, 0x1000, false);
    }
    EXPECT_EQ(0, fixture_children());
    EXPECT_EQ(0, stats(&f).cells_made);
    CODE_IS(&f, 0x0f, 0x0b);
    EXPECT_FAULT(&f, X86_INVALID_OPCODE, 0, 0);
    EXPECT_EQ(1, fixture_children());
    EXPECT_EQ(1, stats(&f).cells_live);
    EXPECT_EQ(1, stats(&f).threads_live);
    fixture_close(&f);
    EXPECT_EQ(0, fixture_children());
}

TEST(two_vspaces_are_two_processes_and_may_share_a_frame)
{
    struct fixture f;
    fixture_open(&f, trapped);
    /* mov %rsi,(%rdi); syscall; mov (%rdi),%rax; syscall */
    CODE_IS(&f, 0x48, 0x89, 0x37, 0x0f, 0x05, 0x48, 0x8b, 0x07, 0x0f, 0x05);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    f.registers.r[X86_RDI] = DATA + 8;
    f.registers.r[X86_RSI] = 0xfeedface;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_MEM("\xce\xfa\xed\xfe", f.ram + DATA_FRAME + 8, 4);

    platform_map(f.platform, VSPACE_B, CODE, CODE_FRAME, 0x1000, false);
    platform_map(f.platform, VSPACE_B, 0x7fffffffe000, DATA_FRAME, 0x1000, false);
    f.thread.tcb = TCB_B;
    f.thread.vspace = VSPACE_B;
    f.registers.r[X86_RIP] = CODE + 5;
    f.registers.r[X86_RDI] = 0x7fffffffe008;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(0xfeedface, f.registers.r[X86_RAX]);
    EXPECT_EQ(2, fixture_children());
    EXPECT_EQ(2, stats(&f).cells_live);
    fixture_close(&f);
    EXPECT_EQ(0, fixture_children());
}

TEST(two_threads_of_a_vspace_keep_their_fpu_state_apart)
{
    struct fixture f;
    fixture_open(&f, trapped);
    /* movq %rax,%xmm3; syscall; movq %xmm3,%rbx; syscall */
    CODE_IS(&f, 0x66, 0x48, 0x0f, 0x6e, 0xd8, 0x0f, 0x05, 0x66, 0x48, 0x0f, 0x7e, 0xdb, 0x0f, 0x05);
    f.registers.r[X86_RAX] = 1234;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    f.thread.tcb = TCB_B;
    f.registers.r[X86_RIP] = CODE;
    f.registers.r[X86_RAX] = 5678;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(2, stats(&f).threads_live);
    EXPECT_EQ(1, stats(&f).cells_live);

    f.thread.tcb = TCB_A;
    f.registers.r[X86_RIP] = CODE + 7;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(1234, f.registers.r[X86_RBX]);
    f.thread.tcb = TCB_B;
    f.registers.r[X86_RIP] = CODE + 7;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(5678, f.registers.r[X86_RBX]);

    /* A TCB that takes the place of another starts with a clean FPU. */
    platform_release_thread(f.platform, TCB_B);
    f.thread.tcb = TCB_B + 0x800;
    f.registers.r[X86_RIP] = CODE + 7;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(0, f.registers.r[X86_RBX]);
    EXPECT_EQ(2, stats(&f).threads_live);
    fixture_close(&f);
}

/* For accesses that are emulated, and for debuggers. */
TEST(the_fpu_state_of_a_stopped_thread_can_be_read_and_changed)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){0});
    EXPECT_EQ(NULL, platform_fpu(f.platform, TCB_A));
    /* movq %rax,%xmm3; syscall; movq %xmm3,%rbx; syscall */
    CODE_IS(&f, 0x66, 0x48, 0x0f, 0x6e, 0xd8, 0x0f, 0x05, 0x66, 0x48, 0x0f, 0x7e, 0xdb, 0x0f, 0x05);
    f.registers.r[X86_RAX] = 0x1234;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));

    uint8_t *xmm3 = platform_fpu(f.platform, TCB_A) + 160 + 3 * 16;
    EXPECT_EQ(0x34, xmm3[0]);
    EXPECT_EQ(0x12, xmm3[1]);
    xmm3[0] = 0x56;

    f.registers.r[X86_RIP] += 2;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(0x1256, f.registers.r[X86_RBX]);
    fixture_close(&f);
}

TEST(a_thread_moves_to_another_vspace_with_its_fpu_state)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x66, 0x48, 0x0f, 0x6e, 0xd8, 0x0f, 0x05, 0x66, 0x48, 0x0f, 0x7e, 0xdb, 0x0f, 0x05);
    f.registers.r[X86_RAX] = 0x77777;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));

    platform_map(f.platform, VSPACE_B, CODE, CODE_FRAME, 0x1000, false);
    f.thread.vspace = VSPACE_B;
    f.registers.r[X86_RIP] = CODE + 7;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(0x77777, f.registers.r[X86_RBX]);

    f.thread.vspace = VSPACE_A;
    f.registers.r[X86_RIP] = CODE + 7;
    f.registers.r[X86_RBX] = 0;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(0x77777, f.registers.r[X86_RBX]);
    fixture_close(&f);
}

TEST(a_cell_that_is_killed_is_lost_and_the_next_run_makes_another)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    kill(fixture_only_child(), SIGKILL);
    EXPECT_EQ(RUN_LOST, fixture_run(&f));
    EXPECT_TRUE(strstr(f.error.text, "killed by signal 9") != NULL);
    EXPECT_EQ(1, stats(&f).cells_lost);
    EXPECT_EQ(0, stats(&f).cells_live);

    platform_map(f.platform, VSPACE_A, CODE, CODE_FRAME, 0x1000, false);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(1, fixture_children());
    fixture_close(&f);
}

TEST(a_cell_that_is_killed_while_it_runs_is_lost)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05, 0xeb, 0xfe); /* syscall; 1: jmp 1b */
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    int victim = fixture_only_child();
    int killer = fork();
    if (killer == 0) {
        usleep(20000);
        kill(victim, SIGKILL);
        _exit(0);
    }
    f.registers.r[X86_RIP] += 2;
    EXPECT_EQ(RUN_LOST, fixture_run(&f));
    waitpid(killer, NULL, 0);
    fixture_close(&f);
}

TEST(a_released_vspace_leaves_no_process)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    platform_release_vspace(f.platform, VSPACE_A);
    EXPECT_EQ(0, fixture_children());
    EXPECT_EQ(0, stats(&f).cells_live);
    EXPECT_EQ(0, stats(&f).threads_live);
    fixture_close(&f);
}

static unsigned open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

TEST(closing_leaves_no_descriptor)
{
    unsigned before = open_files();
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(before + 1 + 2, open_files()); /* RAM; the stub and the pipe of the cell */
    fixture_close(&f);
    EXPECT_EQ(before, open_files());
}

/* A new thread and the mapper's next orders are on their way at the same time. */
TEST(many_cells_and_threads_start_in_quick_succession)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05);
    for (uint64_t vspace = 1; vspace <= 20; vspace++) {
        f.thread.vspace = VSPACE_A + vspace * 0x1000;
        for (uint64_t i = 1; i <= 5; i++) {
            f.thread.tcb = f.thread.vspace + i * 0x100;
            for (uint64_t page = 0; page < i; page++) {
                platform_map(f.platform, f.thread.vspace, CODE + page * 0x2000, CODE_FRAME, 0x1000,
                             false);
            }
            f.registers.r[X86_RIP] = CODE;
            EXPECT_EQ(RUN_SYSCALL, platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error));
            platform_unmap(f.platform, f.thread.vspace, CODE, 0x1000);
        }
    }
    EXPECT_EQ(20, stats(&f).cells_live);
    EXPECT_EQ(100, stats(&f).threads_live);
    fixture_close(&f);
    EXPECT_EQ(0, fixture_children());
}

TEST(the_cells_of_a_kernel_that_is_killed_die_with_it)
{
    int report[2];
    EXPECT_EQ(0, pipe(report));
    pid_t kernel = fork();
    if (kernel == 0) {
        struct fixture f;
        fixture_open(&f, trapped);
        CODE_IS(&f, 0x0f, 0x05);
        EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
        int cell = fixture_only_child();
        EXPECT_EQ((ssize_t)sizeof(cell), write(report[1], &cell, sizeof(cell)));
        pause();
    }
    int cell;
    EXPECT_EQ((ssize_t)sizeof(cell), read(report[0], &cell, sizeof(cell)));
    EXPECT_EQ(0, kill(cell, 0));
    kill(kernel, SIGKILL);
    waitpid(kernel, NULL, 0);
    /* Whoever inherits it reaps it in its own time; a zombie is dead enough. */
    char state = 'R';
    for (int i = 0; i < 1000 && state != 'Z' && state != 'X'; i++) {
        char name[64];
        snprintf(name, sizeof(name), "/proc/%d/stat", cell);
        FILE *file = fopen(name, "re");
        if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1) {
            state = 'X';
        }
        if (file != NULL) {
            fclose(file);
        }
        usleep(1000);
    }
    EXPECT_TRUE(state == 'Z' || state == 'X');
    close(report[0]);
    close(report[1]);
}

/* Map pages that cannot be joined, and have the cell take them. */
static void open_with_pages(struct fixture *f, unsigned count)
{
    fixture_open(f, trapped);
    CODE_IS(f, 0x0f, 0x05);
    for (uint64_t page = 0; page < count; page++) {
        platform_map(f->platform, VSPACE_A, DATA + page * 0x2000, DATA_FRAME, 0x1000, true);
    }
    EXPECT_EQ(RUN_SYSCALL, fixture_run(f));
}

static void unmap_pages(struct fixture *f, unsigned count)
{
    for (uint64_t page = 0; page < count; page++) {
        platform_unmap(f->platform, VSPACE_A, DATA + page * 0x2000, 0x1000);
    }
}

TEST(a_vspace_without_threads_that_is_unmapped_page_by_page_loses_its_process)
{
    struct fixture f;
    struct platform_stats before, after;
    open_with_pages(&f, 40);
    platform_stats(f.platform, &before);
    platform_release_thread(f.platform, TCB_A);
    unmap_pages(&f, 40);
    platform_stats(f.platform, &after);
    EXPECT_TRUE(after.unmaps - before.unmaps < 20);
    EXPECT_EQ(0, fixture_children());
    f.registers.r[X86_RIP] = CODE;
    EXPECT_EQ(RUN_FAULT, fixture_run(&f));
    EXPECT_EQ(CODE, f.thread.fault.address);
    fixture_close(&f);
}

TEST(one_that_is_unmapped_where_nothing_was_or_that_has_threads_keeps_it)
{
    struct fixture f;
    open_with_pages(&f, 40);
    unmap_pages(&f, 40);
    platform_release_thread(f.platform, TCB_A);
    f.registers.r[X86_RIP] = CODE;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    platform_release_thread(f.platform, TCB_A);
    unmap_pages(&f, 40);
    EXPECT_EQ(1, fixture_children());
    fixture_close(&f);
}
