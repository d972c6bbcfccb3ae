/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Guests that try to get out, to get at others, or to keep the CPU. */
#include "tests/platform/fixture.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "platform/isolated/host.h"
#include "platform/isolated/watch.h"
#include "platform/stub/layout.h"

static const struct fixture_options trapped = {.rewrite = false};

#define SLOT_0 STUB_SLOTS

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Every frame but those of the code and of the data that a test maps holds this. */
#define CANARY       0x7e
#define CANARY_FRAME 0x20000ull

static void open_attack(struct fixture *f)
{
    fixture_open(f, trapped);
    memset(f->ram + CANARY_FRAME, CANARY, RAM_BYTES - CANARY_FRAME);
}

static void close_attack(struct fixture *f)
{
    for (uint64_t i = CANARY_FRAME; i < RAM_BYTES; i++) {
        if (f->ram[i] != CANARY) {
            fail_msg("the frame at %#lx was changed", i);
        }
    }
    fixture_close(f);
}

/* Let the guest read `bytes` of its own address space, eight at a time. */
static void guest_reads(struct fixture *f, uint64_t address, void *to, size_t bytes)
{
    CODE_IS(f, 0x48, 0x8b, 0x07, 0x0f, 0x05); /* mov (%rdi),%rax; syscall */
    for (size_t i = 0; i < bytes; i += 8) {
        f->registers.r[X86_RIP] = CODE;
        f->registers.r[X86_RDI] = address + i;
        EXPECT_EQ(RUN_SYSCALL, fixture_run(f));
        memcpy((uint8_t *)to + i, &f->registers.r[X86_RAX], 8);
    }
}

#define TEXT_BYTES 0x1000

/* Address of the nth place in the stub's text with these bytes; 0 if there are fewer. */
static uint64_t find(const uint8_t *text, const char *bytes, size_t length, unsigned nth)
{
    for (size_t i = 0; i + length <= TEXT_BYTES; i++) {
        if (memcmp(text + i, bytes, length) == 0 && nth-- == 0) {
            return STUB_BASE + i;
        }
    }
    return 0;
}

static void jump_to(struct fixture *f, uint64_t address)
{
    CODE_IS(f, 0xff, 0xe3); /* jmp *%rbx */
    f->registers.r[X86_RBX] = address;
}

static const long numbers[] = {
    SYS_mmap,        SYS_munmap,         SYS_mprotect,     SYS_open,         SYS_openat,
    SYS_read,        SYS_write,          SYS_clone,        SYS_fork,         SYS_execve,
    SYS_execveat,    SYS_exit,           SYS_exit_group,   SYS_kill,         SYS_tgkill,
    SYS_ptrace,      SYS_prctl,          SYS_arch_prctl,   SYS_rt_sigreturn, SYS_rt_sigaction,
    SYS_sigaltstack, SYS_rt_sigprocmask, SYS_seccomp,      SYS_memfd_create, SYS_process_vm_readv,
    SYS_ioctl,       SYS_sched_yield,    SYS_gettimeofday, SYS_futex,        SYS_nanosleep,
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

/* Registers that make many of them do something worth while. */
static void ask_linux(struct fixture *f, long number)
{
    f->registers.r[X86_RAX] = (uint64_t)number;
    f->registers.r[X86_RDI] = 0x600000;
    f->registers.r[X86_RSI] = 0x1000;
    f->registers.r[X86_RDX] = PROT_READ | PROT_WRITE;
    f->registers.r[X86_R10] = MAP_SHARED | MAP_FIXED;
    f->registers.r[X86_R8] = CELL_FD_RAM;
    f->registers.r[X86_R9] = DATA_FRAME;
}

static void expect_nothing_came_of_it(struct fixture *f)
{
    EXPECT_EQ(1, fixture_children());
    CODE_IS(f, 0x48, 0x8b, 0x07); /* mov (%rdi),%rax */
    f->registers.r[X86_RDI] = 0x600000;
    EXPECT_FAULT(f, X86_PAGE_FAULT, X86_FAULT_USER, 0x600000);
    /* It can still be preempted. */
    CODE_IS(f, 0xeb, 0xfe);
    EXPECT_EQ(RUN_KICKED, platform_run(f->platform, &f->thread, now_ns() + 1000000, &f->error));
}

TEST(system_calls_of_linux_are_calls_to_the_kernel)
{
    static const uint8_t ways[][2] = {{0x0f, 0x05}, {0xcd, 0x80}}; /* syscall, int $0x80 */
    struct fixture f;
    open_attack(&f);
    for (size_t way = 0; way < 2; way++) {
        for (size_t i = 0; i < NUMBERS; i++) {
            fixture_code(&f, ways[way], sizeof(ways[way]));
            ask_linux(&f, numbers[i]);
            EXPECT_EQ(way == 0 ? RUN_SYSCALL : RUN_FAULT, fixture_run(&f));
            EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
            EXPECT_EQ(numbers[i], f.registers.r[X86_RAX]);
        }
    }
    expect_nothing_came_of_it(&f);
    close_attack(&f);
}

TEST(jumping_to_the_stubs_own_system_calls_gives_a_fault_and_nothing_else)
{
    struct fixture f;
    open_attack(&f);
    uint8_t text[TEXT_BYTES];
    guest_reads(&f, STUB_BASE, text, sizeof(text));
    uint64_t site;
    unsigned sites = 0;
    for (; (site = find(text, "\x0f\x05", 2, sites)) != 0; sites++) {
        for (size_t i = 0; i < NUMBERS; i++) {
            jump_to(&f, site);
            ask_linux(&f, numbers[i]);
            EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER, site);
            EXPECT_EQ(site, f.registers.r[X86_RIP]);
            EXPECT_EQ(numbers[i], f.registers.r[X86_RAX]);
        }
    }
    EXPECT_TRUE(sites > 10);
    expect_nothing_came_of_it(&f);
    close_attack(&f);
}

TEST(only_the_two_futexes_of_the_stub_can_be_used)
{
    struct fixture f;
    open_attack(&f);
    uint8_t text[TEXT_BYTES];
    guest_reads(&f, STUB_BASE, text, sizeof(text));
    uint64_t site = find(text, "\x0f\x05", 2, 0);
    const struct {
        uint64_t word, operation;
    } cases[] = {
        {STUB_BELL + 4, FUTEX_WAKE},
        {STUB_ORDERS, FUTEX_WAKE},
        {STUB_ORDERS, FUTEX_WAIT},
        {STUB_BELL, FUTEX_WAIT},
        {SLOT_0 + RESUME_WAKE, FUTEX_WAKE},
        {SLOT_0 + RESUME_WAKE, FUTEX_WAIT_BITSET},
        {SLOT_0 + RESUME_WAKE, FUTEX_WAIT | 0x100000000},
        {SLOT_0 + SLOT_BYTES + RESUME_WAKE, FUTEX_WAIT},
        {STUB_BELL, FUTEX_REQUEUE},
        {STUB_BELL, FUTEX_WAKE_OP},
        {CODE, FUTEX_WAIT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        jump_to(&f, site);
        f.registers.r[X86_RAX] = SYS_futex;
        f.registers.r[X86_RDI] = cases[i].word;
        f.registers.r[X86_RSI] = cases[i].operation;
        f.registers.r[X86_RDX] = 0x7fffffff;
        EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER, site);
    }
    close_attack(&f);
}

TEST(a_guest_cannot_block_signals)
{
    static const struct {
        uint64_t how, set, old;
    } cases[] = {
        {2, DATA, 0},                        /* SIG_SETMASK, to a mask of its own */
        {0, SLOT_0 + RESUME_SIGNALS, 0},     /* SIG_BLOCK */
        {2, SLOT_0 + RESUME_SIGNALS - 8, 0}, /* something else as the mask */
        {2, SLOT_0 + RESUME_SIGNALS, DATA},  /* and tell me the old one */
        {2, SLOT_0 + SLOT_BYTES + RESUME_SIGNALS, 0},
    };
    struct fixture f;
    open_attack(&f);
    uint8_t text[TEXT_BYTES];
    guest_reads(&f, STUB_BASE, text, sizeof(text));
    uint64_t site = find(text, "\x0f\x05", 2, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        jump_to(&f, site);
        f.registers.r[X86_RAX] = SYS_rt_sigprocmask;
        f.registers.r[X86_RDI] = cases[i].how;
        f.registers.r[X86_RSI] = cases[i].set;
        f.registers.r[X86_RDX] = cases[i].old;
        f.registers.r[X86_R10] = 8;
        EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER, site);
    }
    expect_nothing_came_of_it(&f);
    close_attack(&f);
}

TEST(what_the_kernel_writes_cannot_be_written_by_guests)
{
    static const uint64_t pages[] = {
        STUB_BASE, STUB_ORDERS, SLOT_0, SLOT_0 + SLOT_FPU_LOAD, SLOT_0 + SLOT_FPU_LOAD + 0x2000,
    };
    struct fixture f;
    open_attack(&f);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        CODE_IS(&f, 0x48, 0x89, 0x07); /* mov %rax,(%rdi) */
        f.registers.r[X86_RDI] = pages[i];
        EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER | X86_FAULT_WRITE, pages[i]);
        EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    }
    close_attack(&f);
}

TEST(a_guest_that_fills_all_it_can_write_hurts_only_itself)
{
    struct fixture f;
    open_attack(&f);
    /* cld; rep stosb; syscall, over the save page, the FPU state and most of the signal stack */
    for (int value = 0; value < 256; value += 51) {
        CODE_IS(&f, 0xfc, 0xf3, 0xaa, 0x0f, 0x05);
        f.registers.r[X86_RAX] = (uint64_t)value;
        f.registers.r[X86_RDI] = SLOT_0 + SLOT_SAVE;
        f.registers.r[X86_RCX] = SLOT_BYTES - SLOT_SAVE;
        EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
        EXPECT_EQ(CODE + 3, f.registers.r[X86_RIP]);
    }
    close_attack(&f);
}

/* Run the honest thread of VSpace B for so long; every call must come back right. */
static uint64_t honest_calls(struct fixture *f, uint64_t ns)
{
    struct x86_registers registers = {.r = {[X86_RFLAGS] = 0x202}};
    struct platform_thread honest = {
        .tcb = TCB_B, .vspace = VSPACE_B, .name = "honest", .registers = &registers};
    memcpy(f->ram + DATA_FRAME, "\x0f\x05", 2);
    platform_map(f->platform, VSPACE_B, CODE, DATA_FRAME, 0x1000, false);
    uint64_t end = now_ns() + ns;
    uint64_t calls = 0;
    for (; now_ns() < end; calls++) {
        registers.r[X86_RIP] = CODE;
        registers.r[X86_RBX] = calls;
        EXPECT_EQ(RUN_SYSCALL, platform_run(f->platform, &honest, RUN_FOREVER, &f->error));
        EXPECT_EQ(CODE, registers.r[X86_RIP]);
        EXPECT_EQ(calls, registers.r[X86_RBX]);
    }
    return calls;
}

/* It writes what a stub would write, rings, and does not stop. */
TEST(a_forged_stop_is_taken_for_registers_and_no_more)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0xfc, 0xf3, 0x48, 0xab, /* cld; rep stosq */
            0xc7, 0x03, 0x01, 0, 0, 0,  /* movl $1,(%rbx) */
            0xeb, 0xfe);                /* 1: jmp 1b */
    f.registers.r[X86_RAX] = UINT64_MAX;
    f.registers.r[X86_RDI] = SLOT_0 + SLOT_SAVE;
    f.registers.r[X86_RCX] = sizeof(struct stub_save) / 8;
    f.registers.r[X86_RBX] = STUB_BELL;
    unsigned kicks = 0;
    enum run_result result;
    do {
        result = platform_run(f.platform, &f.thread, now_ns() + 1000000, &f.error);
    } while (result == RUN_KICKED && ++kicks < 1000);
    EXPECT_TRUE(kicks < 1000 ? result == RUN_LOST || result == RUN_FAULT : kicks == 1000);
    EXPECT_TRUE(honest_calls(&f, 10000000) > 0);
    close_attack(&f);
}

static void expect_lost_beside_honest_calls(struct fixture *f)
{
    struct platform_stats stats;
    uint64_t start = now_ns();
    do {
        honest_calls(f, 1000000);
        platform_stats(f->platform, &stats);
    } while (stats.cells_lost == 0 && now_ns() < start + 10000000000);
    EXPECT_EQ(1, stats.cells_lost);
}

/* A guest of VSpace A and the honest thread take turns, a millisecond each. Returns the honest calls in
 * 200 ms. */
static uint64_t calls_beside(const uint8_t *code, size_t bytes)
{
    struct fixture f;
    open_attack(&f);
    fixture_code(&f, code, bytes);
    f.registers.r[X86_RBX] = STUB_BELL;
    bool alive = true;
    uint64_t calls = 0;
    for (uint64_t end = now_ns() + 200000000; now_ns() < end;) {
        if (alive) {
            alive = platform_run(f.platform, &f.thread, now_ns() + 1000000, &f.error) != RUN_LOST;
        }
        calls += honest_calls(&f, 1000000);
    }
    close_attack(&f);
    return calls;
}

TEST(a_guest_that_rings_and_goes_on_takes_no_more_than_an_honest_busy_one)
{
    static const uint8_t busy[] = {0xeb, 0xfe};                           /* 1: jmp 1b */
    static const uint8_t attack[] = {0xc7, 0x03, 1, 0, 0, 0, 0xeb, 0xfe}; /* movl $1,(%rbx) first */
    /* The host has other things to do as well: the best of some rounds counts. */
    bool kept_pace = false;
    for (int round = 0; round < 5 && !kept_pace; round++) {
        uint64_t beside_busy = calls_beside(busy, sizeof(busy));
        uint64_t beside_attack = calls_beside(attack, sizeof(attack));
        print_message("# %lu calls beside an honest guest, %lu beside the attacker\n", beside_busy,
                      beside_attack);
        kept_pace = beside_attack * 10 >= beside_busy * 9;
    }
    EXPECT_TRUE(kept_pace);
}

TEST(a_guest_that_rings_and_goes_on_is_killed)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0xc7, 0x03, 0x01, 0, 0, 0, 0xeb, 0xfe); /* movl $1,(%rbx); 1: jmp 1b */
    f.registers.r[X86_RBX] = STUB_BELL;
    platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error);
    expect_lost_beside_honest_calls(&f);
    EXPECT_EQ(RUN_LOST, fixture_run(&f));
    EXPECT_TRUE(strstr(f.error.text, "when it was not its turn") != NULL);
    close_attack(&f);
}

TEST(a_guest_that_rings_and_goes_on_is_killed_while_the_machine_is_idle)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0xc7, 0x03, 0x01, 0, 0, 0, 0xeb, 0xfe);
    f.registers.r[X86_RBX] = STUB_BELL;
    platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error);
    struct platform_stats stats = {0};
    for (int i = 0; i < 100 && stats.cells_lost == 0; i++) {
        platform_idle(f.platform, now_ns() + 1000000000);
        platform_stats(f.platform, &stats);
    }
    EXPECT_EQ(1, stats.cells_lost);
    close_attack(&f);
}

static uint64_t told_cpu_ns; /* instead of what Linux tells */

static int told_cpu(pid_t process, uint64_t *ns)
{
    (void)process;
    *ns = told_cpu_ns;
    return 0;
}

TEST(a_cell_that_used_somewhat_too_much_and_rests_lets_an_idle_machine_sleep)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05);
    host.cpu_ns = told_cpu;
    told_cpu_ns = 0;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    told_cpu_ns = WATCH_STOLEN_NS - 1;
    usleep(2 * WATCH_NS / 1000); /* it is time to look */
    unsigned wakes = 0;
    for (uint64_t end_ns = now_ns() + 500000000; now_ns() < end_ns; wakes++) {
        platform_idle(f.platform, end_ns);
    }
    host.cpu_ns = host_linux.cpu_ns;
    EXPECT_TRUE(wakes < 10);
    struct platform_stats stats = {0};
    platform_stats(f.platform, &stats);
    EXPECT_EQ(0, stats.cells_lost);
    fixture_close(&f);
}

/* Its sibling never stops, and fills the save page of the thread that the kernel reads. */
TEST(a_second_thread_that_scribbles_over_the_first_hurts_only_its_vspace)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0x0f, 0x05, 0xeb, 0xfc); /* 0: syscall; jmp 0 */
    f.ram[CODE_FRAME + 0x100] = 0xc7;    /* 100: movl $1,(%rbx) */
    memcpy(f.ram + CODE_FRAME + 0x101, "\x03\1\0\0\0", 5);
    /* 106: mov %rsi,%rdi; mov $22,%ecx; rep stosq; not %rax; jmp 106 */
    memcpy(f.ram + CODE_FRAME + 0x106, "\x48\x89\xf7\xb9\x16\0\0\0\xf3\x48\xab\x48\xf7\xd0\xeb\xf0",
           16);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f)); /* slot 0 */

    struct x86_registers registers = {
        .r = {[X86_RIP] = CODE + 0x100, [X86_RBX] = STUB_BELL, [X86_RSI] = SLOT_0 + SLOT_SAVE}};
    struct platform_thread second = {
        .tcb = TCB_A + 0x800, .vspace = VSPACE_A, .name = "second", .registers = &registers};
    platform_run(f.platform, &second, RUN_FOREVER, &f.error);

    for (int i = 0; i < 2000; i++) {
        f.registers.r[X86_RIP] = CODE;
        platform_run(f.platform, &f.thread, now_ns() + 1000000, &f.error);
        EXPECT_TRUE(f.thread.fault.vector < 32);
        if (i % 64 == 63) {
            EXPECT_TRUE(honest_calls(&f, 1000000) > 0);
        }
    }
    /* In its own VSpace's time it may do as it likes. Not in that of others. */
    expect_lost_beside_honest_calls(&f);
    close_attack(&f);
}

TEST(a_guest_that_never_stops_can_be_moved_to_another_vspace)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0xc7, 0x03, 0x01, 0, 0, 0, 0xeb, 0xfe); /* movl $1,(%rbx); 1: jmp 1b */
    f.registers.r[X86_RBX] = STUB_BELL;
    platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error);
    memcpy(f.ram + DATA_FRAME, "\x0f\x05", 2);
    platform_map(f.platform, VSPACE_B, CODE, DATA_FRAME, 0x1000, false);
    f.thread.vspace = VSPACE_B;
    f.registers.r[X86_RIP] = CODE;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    close_attack(&f);
}

TEST(a_flood_of_threads_is_bounded_and_works)
{
    struct fixture f;
    open_attack(&f);
    /* movq %rax,%xmm3; syscall; movq %xmm3,%rbx; syscall */
    CODE_IS(&f, 0x66, 0x48, 0x0f, 0x6e, 0xd8, 0x0f, 0x05, 0x66, 0x48, 0x0f, 0x7e, 0xdb, 0x0f, 0x05);
    for (unsigned round = 0; round < 2; round++) {
        for (uint64_t i = 1; i <= STUB_SLOTS_MAX + 50; i++) {
            f.thread.tcb = TCB_A + i * 0x800;
            f.registers.r[X86_RIP] = round == 0 ? CODE : CODE + 7;
            f.registers.r[X86_RAX] = i;
            EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
            EXPECT_TRUE(round == 0 || f.registers.r[X86_RBX] == i);
        }
    }
    struct platform_stats stats;
    platform_stats(f.platform, &stats);
    EXPECT_TRUE(stats.threads_live <= STUB_SLOTS_MAX);
    EXPECT_EQ(1, stats.cells_live);
    close_attack(&f);
}

TEST(an_unmapped_frame_is_out_of_reach_of_a_guest_that_never_stops)
{
    struct fixture f;
    open_attack(&f);
    /* movl $1,(%rbx); 1: incq (%rdi); jmp 1b */
    CODE_IS(&f, 0xc7, 0x03, 0x01, 0, 0, 0, 0x48, 0xff, 0x07, 0xeb, 0xfb);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME + 0x1000, 0x1000, true);
    f.registers.r[X86_RBX] = STUB_BELL;
    f.registers.r[X86_RDI] = DATA;
    platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error);
    platform_unmap(f.platform, VSPACE_A, DATA, 0x1000);
    memset(f.ram + DATA_FRAME + 0x1000, 0, 8);
    usleep(20000);
    EXPECT_MEM("\0\0\0\0\0\0\0\0", f.ram + DATA_FRAME + 0x1000, 8);
    close_attack(&f);
}

TEST(a_guest_that_sleeps_without_ringing_is_lost_and_not_waited_for)
{
    struct fixture f;
    open_attack(&f);
    uint8_t text[TEXT_BYTES];
    guest_reads(&f, STUB_BASE, text, sizeof(text));
    /* Where a thread waits for its wake word to differ from r12d: cmp %r12d,RESUME_WAKE(%rbx) */
    uint64_t wait = find(text, "\x44\x39\xa3\xb0\x00\x00\x00", 7, 0);
    EXPECT_TRUE(wait != 0);
    /* mov RESUME_WAKE(%rbx),%r12d; jmp *%rdi */
    CODE_IS(&f, 0x44, 0x8b, 0xa3, 0xb0, 0, 0, 0, 0xff, 0xe7);
    f.registers.r[X86_RDI] = wait;
    f.registers.r[X86_RBX] = SLOT_0;
    uint64_t start = now_ns();
    enum run_result result;
    do {
        result = platform_run(f.platform, &f.thread, now_ns() + 1000000, &f.error);
    } while (result == RUN_KICKED && now_ns() < start + 5000000000);
    EXPECT_EQ(RUN_LOST, result);
    close_attack(&f);
}

TEST(a_guest_that_loops_inside_the_stub_is_lost_when_its_time_is_up)
{
    struct fixture f;
    open_attack(&f);
    uint8_t text[TEXT_BYTES];
    guest_reads(&f, STUB_BASE, text, sizeof(text));
    /* Where all registers are loaded: mov RESUME_FS_BASE(%rbx),%rax; wrfsbase %rax */
    uint64_t leave = find(text, "\x48\x8b\x83\xa0\x00\x00\x00\xf3\x48\x0f\xae\xd0", 12, 0);
    EXPECT_TRUE(leave != 0);
    struct stub_resume forged = {
        .rip = leave, .rbx = DATA, .cs = 0x33, .ss = 0x2b, .rflags = 0x202, .rsp = DATA + 0x1000};
    memcpy(f.ram + DATA_FRAME, &forged, sizeof(forged));
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    CODE_IS(&f, 0xff, 0xe7); /* jmp *%rdi */
    f.registers.r[X86_RDI] = leave;
    f.registers.r[X86_RBX] = DATA;
    f.registers.r[X86_RSP] = DATA + 0x1000;
    uint64_t start = now_ns();
    enum run_result result;
    do {
        result = platform_run(f.platform, &f.thread, start + 1000000, &f.error);
    } while (result == RUN_KICKED && now_ns() < start + 10000000000);
    EXPECT_EQ(RUN_LOST, result);
    EXPECT_TRUE(strstr(f.error.text, "give up the CPU") != NULL);
    close_attack(&f);
}

TEST(a_guest_whose_stack_pointer_is_in_the_stub_gets_its_fault)
{
    static const uint64_t stacks[] = {
        0,
        8,
        SLOT_0 + SLOT_STACK + 64,
        SLOT_0 + SLOT_STACK_TOP,
        SLOT_0 + 0x100,
        STUB_BELL + 8,
        STUB_BASE + 0x100,
        0x800000000000,
        UINT64_MAX - 7,
    };
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0x0f, 0x0b);
    for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
        f.registers.r[X86_RIP] = CODE;
        f.registers.r[X86_RSP] = stacks[i];
        enum run_result result = fixture_run(&f);
        EXPECT_TRUE(result == RUN_FAULT || result == RUN_LOST);
        if (result == RUN_LOST) {
            CODE_IS(&f, 0x0f, 0x0b);
            continue;
        }
        EXPECT_EQ(X86_INVALID_OPCODE, f.thread.fault.vector);
        EXPECT_EQ(stacks[i], f.registers.r[X86_RSP]);
    }
    close_attack(&f);
}

TEST(the_process_of_a_guest_holds_three_descriptors)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0x0f, 0x05);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    for (int fd = 0; fd < 256; fd++) {
        char name[64];
        snprintf(name, sizeof(name), "/proc/%d/fd/%d", fixture_only_child(), fd);
        bool expected = fd == CELL_FD_RAM || fd == CELL_FD_CONTROL || fd == CELL_FD_REPLY;
        char target[128];
        EXPECT_EQ(expected, readlink(name, target, sizeof(target)) > 0);
    }
    close_attack(&f);
}

TEST(a_cell_leaves_no_core_file)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0x0f, 0x05);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    struct rlimit limit;
    EXPECT_EQ(0, prlimit(fixture_only_child(), RLIMIT_CORE, NULL, &limit));
    EXPECT_EQ(0, limit.rlim_max);
    close_attack(&f);
}

TEST(nothing_of_linux_is_mapped_in_a_cell)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0x0f, 0x05);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    char name[64];
    snprintf(name, sizeof(name), "/proc/%d/maps", fixture_only_child());
    FILE *maps = fopen(name, "re");
    EXPECT_TRUE(maps != NULL);
    char line[256];
    unsigned lines = 0;
    while (fgets(line, sizeof(line), maps) != NULL) {
        if (strstr(line, "[vsyscall]") != NULL) {
            continue;
        }
        EXPECT_TRUE(strstr(line, "quoll-") != NULL || strstr(line, "test-ram") != NULL);
        lines++;
    }
    fclose(maps);
    EXPECT_EQ(6, lines); /* text, orders, bell, two of the slot, the guest's code */
    close_attack(&f);
}

/* The other end of the promise: a cell that only waits its turn is left alone for ever. */
TEST(an_honest_guest_that_is_often_preempted_lives)
{
    struct fixture f;
    open_attack(&f);
    CODE_IS(&f, 0xeb, 0xfe);
    uint64_t end = now_ns() + 400000000;
    while (now_ns() < end) {
        EXPECT_EQ(RUN_KICKED, platform_run(f.platform, &f.thread, now_ns() + 50000, &f.error));
        honest_calls(&f, 20000);
    }
    struct platform_stats stats;
    platform_stats(f.platform, &stats);
    EXPECT_EQ(0, stats.cells_lost);
    close_attack(&f);
}
