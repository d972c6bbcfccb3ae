/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* One thread in one cell: how it gets in and out. */
#include "tests/platform/fixture.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "platform/isolated/host.h"

#define HWCAP2_FSGSBASE (1u << 1)

static const struct fixture_options trapped = {.rewrite = false};

/* Values that a register can hold and that nobody would put there by chance. */
static void fill(struct x86_registers *registers)
{
    for (int i = X86_RSP; i < X86_REGISTERS; i++) {
        registers->r[i] = 0x1111111111111111u * (uint64_t)i;
    }
    registers->r[X86_RSP] = 0x111111111111;
    registers->r[X86_RFLAGS] = 0x202;
    registers->r[X86_FS_BASE] = 0x123456789000;
    registers->r[X86_GS_BASE] = 0x223456789000;
}

static void expect_registers(const struct x86_registers *expected, const struct fixture *f)
{
    for (int i = 0; i < X86_REGISTERS; i++) {
        if (expected->r[i] != f->registers.r[i]) {
            print_message("register %d\n", i);
        }
        EXPECT_EQ(expected->r[i], f->registers.r[i]);
    }
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

TEST(a_system_call_arrives_with_all_registers)
{
    struct fixture f;
    fixture_open(&f, trapped);
    fill(&f.registers);
    CODE_IS(&f, 0x90, 0x0f, 0x05); /* nop; syscall */
    struct x86_registers expected = f.registers;
    expected.r[X86_RIP] = CODE + 1;
    expected.r[X86_RCX] = CODE + 3;
    expected.r[X86_R11] = 0x202;

    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    expect_registers(&expected, &f);
    fixture_close(&f);
}

TEST(a_thread_goes_on_with_all_registers)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05, 0x0f, 0x0b); /* syscall; ud2 */
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));

    fill(&f.registers);
    f.registers.r[X86_RIP] = CODE + 2;
    f.registers.r[X86_RFLAGS] = 0x246 | 0x400 | 0x800; /* parity, zero, direction, overflow */
    struct x86_registers expected = f.registers;
    expected.r[X86_RFLAGS] |= 0x10000; /* the CPU sets RF in what it saves for a fault */
    EXPECT_FAULT(&f, X86_INVALID_OPCODE, 0, 0);
    expect_registers(&expected, &f);
    fixture_close(&f);
}

TEST(no_value_of_rax_makes_a_system_call_one_of_linux)
{
    static const uint64_t values[] = {
        0, 1, 9, 15, 39, 60, 202, 231, 0x40000000u + 39, UINT64_MAX, 0xdeadbeefcafebabe,
    };
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        f.registers.r[X86_RIP] = CODE;
        f.registers.r[X86_RAX] = values[i];
        f.registers.r[X86_RDX] = ~values[i];
        EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
        EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
        EXPECT_EQ(values[i], f.registers.r[X86_RAX]);
        EXPECT_EQ(~values[i], f.registers.r[X86_RDX]);
    }
    fixture_close(&f);
}

TEST(a_page_fault_tells_address_and_access)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x48, 0x8b, 0x07, /* mov (%rdi),%rax */
            0x48, 0x89, 0x07);    /* mov %rax,(%rdi) */
    f.registers.r[X86_RDI] = 0x12345678;
    EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER, 0x12345678);
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);

    f.registers.r[X86_RIP] = CODE + 3;
    EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER | X86_FAULT_WRITE, 0x12345678);

    f.registers.r[X86_RDI] = CODE;
    EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER | X86_FAULT_WRITE | X86_FAULT_PRESENT, CODE);

    f.registers.r[X86_RDI] = 0;
    EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER | X86_FAULT_WRITE, 0);
    fixture_close(&f);
}

TEST(a_fault_on_kernel_addresses_is_a_page_fault)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x48, 0x8b, 0x07); /* mov (%rdi),%rax */
    f.registers.r[X86_RDI] = 0xffffffff80001000;
    EXPECT_EQ(RUN_FAULT, fixture_run(&f));
    EXPECT_EQ(X86_PAGE_FAULT, f.thread.fault.vector);
    EXPECT_EQ(0xffffffff80001000, f.thread.fault.address);
    EXPECT_EQ(X86_FAULT_USER, f.thread.fault.error & X86_FAULT_USER);
    fixture_close(&f);
}

TEST(a_fetch_from_nowhere_is_a_page_fault_without_the_instruction_bit)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0xff, 0xe7); /* jmp *%rdi */
    f.registers.r[X86_RDI] = 0x87654321;
    EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER, 0x87654321);
    EXPECT_EQ(0x87654321, f.registers.r[X86_RIP]);
    fixture_close(&f);
}

TEST(exceptions_keep_their_vector_and_error_code)
{
    static const struct {
        uint8_t code[4];
        uint8_t vector;
        uint64_t error;
        uint64_t after; /* where rip stands */
    } cases[] = {
        {{0x0f, 0x0b}, X86_INVALID_OPCODE, 0, 0},           /* ud2 */
        {{0xcc}, X86_BREAKPOINT, 0, 1},                     /* int3 */
        {{0xf7, 0xf1}, X86_DIVIDE_ERROR, 0, 0},             /* div %ecx */
        {{0xf4}, X86_GENERAL_PROTECTION, 0, 0},             /* hlt */
        {{0xe4, 0x60}, X86_GENERAL_PROTECTION, 0, 0},       /* in $0x60,%al */
        {{0xee}, X86_GENERAL_PROTECTION, 0, 0},             /* out %al,%dx */
        {{0xfa}, X86_GENERAL_PROTECTION, 0, 0},             /* cli */
        {{0xcd, 0x80}, X86_GENERAL_PROTECTION, 0x402, 0},   /* int $0x80 */
        {{0xcd, 0x04}, X86_GENERAL_PROTECTION, 0x22, 0},    /* int $4 */
        {{0xcd, 0x2e}, X86_GENERAL_PROTECTION, 0x172, 0},   /* int $0x2e */
        {{0x48, 0x8b, 0x07}, X86_GENERAL_PROTECTION, 0, 0}, /* mov (%rdi),%rax, not canonical */
        {{0x0f, 0x00, 0xd8}, X86_GENERAL_PROTECTION, 0, 0}, /* ltr %ax */
        {{0x0f, 0x20, 0xc8}, X86_INVALID_OPCODE, 0, 0},     /* mov %cr1,%rax */
        {{0xf0, 0x89, 0x07}, X86_INVALID_OPCODE, 0, 0},     /* lock mov %eax,(%rdi) */
    };
    struct fixture f;
    fixture_open(&f, trapped);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_code(&f, cases[i].code, sizeof(cases[i].code));
        f.registers.r[X86_RCX] = 0;
        f.registers.r[X86_RDI] = 0x1234567890abcdef;
        EXPECT_FAULT(&f, cases[i].vector, cases[i].error, 0);
        EXPECT_EQ(CODE + cases[i].after, f.registers.r[X86_RIP]);
    }
    fixture_close(&f);
}

/* The flag AC turns them on under Linux, and does nothing under seL4. */
TEST(alignment_is_not_checked_whatever_the_flags_say)
{
    struct fixture f;
    fixture_open(&f, trapped);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    memset(f.ram + DATA_FRAME, 0x5a, 16);
    /* push $0x40202; popfq; mov 1(%rdi),%rax; mov 3(%rdi),%rbx; syscall */
    CODE_IS(&f, 0x68, 0x02, 0x02, 0x04, 0x00, 0x9d, 0x48, 0x8b, 0x47, 0x01, 0x48, 0x8b, 0x5f, 0x03,
            0x0f, 0x05);
    f.registers.r[X86_RSP] = DATA + 0x100;
    f.registers.r[X86_RDI] = DATA;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(CODE + 14, f.registers.r[X86_RIP]);
    EXPECT_EQ(0x5a5a5a5a5a5a5a5a, f.registers.r[X86_RAX]);
    EXPECT_EQ(0x5a5a5a5a5a5a5a5a, f.registers.r[X86_RBX]);
    EXPECT_EQ(0x40202, f.registers.r[X86_RFLAGS]);
    fixture_close(&f);
}

TEST(a_guest_that_only_misaligns_is_preempted)
{
    struct fixture f;
    fixture_open(&f, trapped);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    CODE_IS(&f, 0x48, 0x8b, 0x47, 0x01, 0xeb, 0xfa); /* 1: mov 1(%rdi),%rax; jmp 1b */
    f.registers.r[X86_RFLAGS] = 0x40202;
    f.registers.r[X86_RDI] = DATA;
    EXPECT_EQ(RUN_KICKED, platform_run(f.platform, &f.thread, now_ns() + 1000000, &f.error));
    fixture_close(&f);
}

TEST(sysenter_is_a_general_protection_fault)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x34);
    EXPECT_EQ(RUN_FAULT, fixture_run(&f));
    /* AMD's do not have the instruction in 64-bit mode. */
    EXPECT_TRUE(f.thread.fault.vector == X86_GENERAL_PROTECTION ||
                f.thread.fault.vector == X86_INVALID_OPCODE);
    fixture_close(&f);
}

TEST(the_vsyscall_page_is_not_there)
{
    static const uint64_t entries[] = {0xffffffffff600000, 0xffffffffff600400, 0xffffffffff600800};
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0xff, 0xd7); /* call *%rdi */
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        f.registers.r[X86_RIP] = CODE;
        f.registers.r[X86_RDI] = entries[i];
        f.registers.r[X86_RSP] = DATA + 0x100;
        EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER, entries[i]);
        EXPECT_EQ(entries[i], f.registers.r[X86_RIP]);
        EXPECT_EQ(DATA + 0xf8, f.registers.r[X86_RSP]);
    }
    fixture_close(&f);
}

TEST(a_jump_into_the_stub_is_a_page_fault_there)
{
    const struct platform_range *ranges;
    struct fixture f;
    fixture_open(&f, trapped);
    size_t count = platform_reserved(f.platform, &ranges);
    EXPECT_TRUE(count >= 3);
    CODE_IS(&f, 0xff, 0xe7); /* jmp *%rdi */
    f.registers.r[X86_RDI] = ranges[2].last - 7;
    EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER, ranges[2].last - 7);
    fixture_close(&f);
}

TEST(a_rip_that_is_not_canonical_is_a_general_protection_fault)
{
    struct fixture f;
    fixture_open(&f, trapped);
    f.registers.r[X86_RIP] = 0x800000000000;
    EXPECT_FAULT(&f, X86_GENERAL_PROTECTION, 0, 0);
    EXPECT_EQ(0x800000000000, f.registers.r[X86_RIP]);
    fixture_close(&f);
}

TEST(flags_that_would_break_the_stub_do_not)
{
    struct fixture f;
    fixture_open(&f, trapped);
    /* push $0x4202 (NT); popfq; syscall; ud2 */
    CODE_IS(&f, 0x68, 0x02, 0x42, 0x00, 0x00, 0x9d, 0x0f, 0x05, 0x0f, 0x0b);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    f.registers.r[X86_RSP] = DATA + 0x100;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    f.registers.r[X86_RIP] += 2;
    EXPECT_FAULT(&f, X86_INVALID_OPCODE, 0, 0);
    fixture_close(&f);
}

TEST(the_deadline_stops_a_guest_that_spins)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x48, 0xff, 0xc0, 0xeb, 0xfb); /* 1: inc %rax; jmp 1b */
    uint64_t start = now_ns();
    f.registers.r[X86_RAX] = 0;
    EXPECT_EQ(RUN_KICKED, platform_run(f.platform, &f.thread, start + 5000000, &f.error));
    EXPECT_TRUE(now_ns() - start >= 5000000);
    uint64_t first = f.registers.r[X86_RAX];
    EXPECT_TRUE(first > 1000);

    /* It goes on where it was. */
    EXPECT_EQ(RUN_KICKED, platform_run(f.platform, &f.thread, now_ns() + 5000000, &f.error));
    EXPECT_TRUE(f.registers.r[X86_RAX] > first);
    fixture_close(&f);
}

TEST(a_deadline_that_has_passed_lets_the_guest_get_on)
{
    struct fixture f;
    fixture_open(&f, trapped);
    /* mov $1000,%ecx; 1: loop 1b; ud2 */
    CODE_IS(&f, 0xb9, 0xe8, 0x03, 0x00, 0x00, 0xe2, 0xfe, 0x0f, 0x0b);
    enum run_result result;
    unsigned runs = 0;
    do {
        result = platform_run(f.platform, &f.thread, 1, &f.error);
    } while (result == RUN_KICKED && ++runs < 100000);
    EXPECT_EQ(RUN_FAULT, result);
    fixture_close(&f);
}

static void *kick_later(void *argument)
{
    usleep(3000);
    platform_kick(argument);
    return NULL;
}

TEST(a_kick_from_another_host_thread_stops_a_guest_that_spins)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0xeb, 0xfe); /* 1: jmp 1b */
    pthread_t kicker;
    EXPECT_EQ(0, pthread_create(&kicker, NULL, kick_later, f.platform));
    EXPECT_EQ(RUN_KICKED, platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error));
    pthread_join(kicker, NULL);
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    fixture_close(&f);
}

TEST(a_kick_between_runs_stops_the_next_one)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x0b);
    platform_kick(f.platform);
    EXPECT_EQ(RUN_KICKED, platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error));
    EXPECT_EQ(RUN_FAULT, platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error));
    fixture_close(&f);
}

static void *kick_at_once(void *argument)
{
    platform_kick(argument);
    return NULL;
}

TEST(no_kick_gets_lost_behind_a_system_call)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05, 0xeb, 0xfc);
    for (int i = 0; i < 300; i++) {
        pthread_t kicker;
        EXPECT_EQ(0, pthread_create(&kicker, NULL, kick_at_once, f.platform));
        unsigned calls = 0;
        while (platform_run(f.platform, &f.thread, RUN_FOREVER, &f.error) != RUN_KICKED) {
            f.registers.r[X86_RIP] += 2;
            EXPECT_TRUE(++calls < 1000000);
        }
        pthread_join(kicker, NULL);
    }
    fixture_close(&f);
}

TEST(idling_ends_with_the_deadline_or_a_kick)
{
    struct fixture f;
    fixture_open(&f, trapped);
    uint64_t start = now_ns();
    while (now_ns() < start + 2000000) {
        platform_idle(f.platform, start + 2000000);
    }
    EXPECT_TRUE(now_ns() - start < 1000000000);

    pthread_t kicker;
    EXPECT_EQ(0, pthread_create(&kicker, NULL, kick_later, f.platform));
    platform_idle(f.platform, RUN_FOREVER);
    pthread_join(kicker, NULL);
    fixture_close(&f);
}

TEST(one_instruction_at_a_time_on_demand)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0xff, 0xc0, 0xff, 0xc0, 0x0f, 0x05, 0x90); /* inc %eax; inc %eax; syscall; nop */
    f.registers.r[X86_RAX] = 5;
    f.thread.single_step = true;
    EXPECT_FAULT(&f, X86_DEBUG, 0, 0);
    EXPECT_EQ(CODE + 2, f.registers.r[X86_RIP]);
    EXPECT_EQ(6, f.registers.r[X86_RAX]);
    EXPECT_EQ(0x202, f.registers.r[X86_RFLAGS] & 0x302);
    EXPECT_FAULT(&f, X86_DEBUG, 0, 0);
    EXPECT_EQ(7, f.registers.r[X86_RAX]);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(CODE + 4, f.registers.r[X86_RIP]);
    EXPECT_EQ(0, f.registers.r[X86_RFLAGS] & 0x100);
    fixture_close(&f);
}

TEST(signals_from_outside_are_no_faults)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05, 0x0f, 0x0b);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    for (int i = 0; i < 3; i++) {
        kill(fixture_only_child(), SIGINT);
        kill(fixture_only_child(), SIGURG);
    }
    f.registers.r[X86_RIP] += 2;
    EXPECT_FAULT(&f, X86_INVALID_OPCODE, 0, 0);
    fixture_close(&f);
}

TEST(with_the_fpu_off_using_it_is_a_fault_and_other_code_runs)
{
    static const uint8_t uses[][8] = {
        {0x66, 0x48, 0x0f, 0x6e, 0xd8}, /* movq %rax,%xmm3 */
        {0xd9, 0xe8},                   /* fld1 */
        {0x0f, 0x77},                   /* emms */
        {0xc5, 0xf8, 0x77},             /* vzeroupper */
        {0x0f, 0xae, 0x5c, 0x24, 0xf8}, /* stmxcsr -8(%rsp) */
        {0x48, 0x0f, 0xae, 0x04, 0x24}, /* fxsave64 (%rsp) */
    };
    struct fixture f;
    fixture_open(&f, trapped);
    f.thread.fpu_off = true;
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        uint8_t code[16] = {0xff, 0xc0, 0xff, 0xc0}; /* inc %eax, twice */
        memcpy(code + 4, uses[i], sizeof(uses[i]));
        fixture_code(&f, code, sizeof(code));
        f.registers.r[X86_RAX] = 0;
        EXPECT_FAULT(&f, X86_DEVICE_NOT_AVAILABLE, 0, 0);
        EXPECT_EQ(CODE + 4, f.registers.r[X86_RIP]);
        EXPECT_EQ(2, f.registers.r[X86_RAX]);
    }
    /* mov $20,%ecx; 1: loop 1b; syscall */
    CODE_IS(&f, 0xb9, 20, 0, 0, 0, 0xe2, 0xfe, 0x0f, 0x05);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    CODE_IS(&f, 0xeb, 0xfe);
    EXPECT_EQ(RUN_KICKED, platform_run(f.platform, &f.thread, now_ns() + 1000000, &f.error));
    fixture_close(&f);
}

static int missing(void)
{
    return -1;
}

/* Some hypervisors cannot interrupt a program whose rsp is no canonical address: Linux then ends
 * any program with such an rsp that enters it. */
static bool host_takes_any_rsp(void)
{
    pid_t child = fork();
    if (child == 0) {
        __asm__ volatile("movabs $0x1111111111111111, %%rsp; syscall; mov %1, %%eax; syscall"
                         :
                         : "a"(SYS_getpid), "i"(SYS_exit_group), "D"(0));
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status == 0;
}

TEST(rsp_may_be_anything)
{
    if (!host_takes_any_rsp()) {
        print_message("Linux on this host ends programs whose rsp is no canonical address\n");
        skip();
    }
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x90, 0x0f, 0x05); /* nop; syscall */
    f.registers.r[X86_RSP] = 0x1111111111111111;

    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(0x1111111111111111, f.registers.r[X86_RSP]);
    fixture_close(&f);
}

TEST(bases_may_lie_in_the_upper_half)
{
    if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)) {
        print_message("Linux does not know FSGSBASE here, and sets no such base\n");
        skip();
    }
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05);
    f.registers.r[X86_FS_BASE] = f.registers.r[X86_GS_BASE] = 0xffff800000001000;

    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(0xffff800000001000, f.registers.r[X86_FS_BASE]);
    EXPECT_EQ(0xffff800000001000, f.registers.r[X86_GS_BASE]);
    fixture_close(&f);
}

TEST(fs_and_gs_bases_are_the_threads_own)
{
    struct fixture f;
    fixture_open(&f, trapped);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    memcpy(f.ram + DATA_FRAME, (const uint64_t[]){11, 22}, 16);
    /* 1: mov %fs:0,%rax; mov %gs:0,%rdx; syscall; jmp 1b */
    CODE_IS(&f, 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x65, 0x48, 0x8b, 0x14, 0x25, 0, 0, 0, 0,
            0x0f, 0x05, 0xeb, 0xec);
    for (unsigned turn = 0; turn < 3; turn++) {
        unsigned fs = turn & 1;
        f.registers.r[X86_RIP] = CODE;
        f.registers.r[X86_FS_BASE] = DATA + 8 * fs;
        f.registers.r[X86_GS_BASE] = DATA + 8 * !fs;

        EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
        EXPECT_EQ(fs ? 22 : 11, f.registers.r[X86_RAX]);
        EXPECT_EQ(fs ? 11 : 22, f.registers.r[X86_RDX]);
        EXPECT_EQ(DATA + 8 * fs, f.registers.r[X86_FS_BASE]);
        EXPECT_EQ(DATA + 8 * !fs, f.registers.r[X86_GS_BASE]);
    }
    fixture_close(&f);
}

TEST(all_this_holds_where_linux_has_no_syscall_user_dispatch)
{
    void (*const again[])(void **) = {
        a_system_call_arrives_with_all_registers,
        a_thread_goes_on_with_all_registers,
        no_value_of_rax_makes_a_system_call_one_of_linux,
        exceptions_keep_their_vector_and_error_code,
        sysenter_is_a_general_protection_fault,
        the_vsyscall_page_is_not_there,
        a_jump_into_the_stub_is_a_page_fault_there,
        one_instruction_at_a_time_on_demand,
        signals_from_outside_are_no_faults,
    };
    host.user_dispatch = missing;
    for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
        again[i](NULL);
    }
    host = host_linux;
}

TEST(rdtsc_and_rdtscp_are_faults_where_they_are_to_be_trapped_and_the_host_can)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.trap_tsc = true});
    if (!platform_traps_tsc(f.platform)) {
        print_message("# this host cannot trap rdtsc\n");
        fixture_close(&f);
        return;
    }
    CODE_IS(&f, 0x0f, 0x31, 0x0f, 0x01, 0xf9, 0x0f, 0x05); /* rdtsc; rdtscp; syscall */
    EXPECT_FAULT(&f, X86_GENERAL_PROTECTION, 0, 0);
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    f.registers.r[X86_RIP] += 2;
    EXPECT_FAULT(&f, X86_GENERAL_PROTECTION, 0, 0);
    f.registers.r[X86_RIP] += 3;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    fixture_close(&f);
}

TEST(rdtsc_reads_the_hosts_where_it_is_not)
{
    struct fixture f;
    fixture_open(&f, trapped);
    EXPECT_FALSE(platform_traps_tsc(f.platform));
    CODE_IS(&f, 0x0f, 0x31, 0x0f, 0x05);
    f.registers.r[X86_RAX] = f.registers.r[X86_RDX] = 0;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_NE(0, f.registers.r[X86_RAX] | f.registers.r[X86_RDX]);
    fixture_close(&f);
}

/* As if an interrupt, or another virtual machine, had the core's CPU while the guest is to run: Linux counts
 * that as the core's own use. */
static int wake_after_2_ms_of_cpu(uint32_t *word)
{
    for (uint64_t until_ns = now_ns() + 2000000; now_ns() < until_ns;) {
    }
    return host_linux.futex_wake(word);
}

TEST(what_becomes_of_the_cores_cpu_while_a_guest_runs_is_not_the_guests_doing)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x0f, 0x05, 0x0f, 0x05);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));

    platform_stolen_ns(f.platform, host_now_ns());
    uint64_t start_ns = now_ns();
    host.futex_wake = wake_after_2_ms_of_cpu;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    host.futex_wake = host_linux.futex_wake;
    uint64_t took_ns = now_ns() - start_ns;
    uint64_t stolen_ns = platform_stolen_ns(f.platform, host_now_ns());

    EXPECT_TRUE(stolen_ns >= 1800000);
    EXPECT_TRUE(stolen_ns < took_ns);
    fixture_close(&f);
}

/* Another process wants the same CPU all the while: what it got is not the guest's. */
TEST(a_run_says_how_much_of_it_the_host_gave_to_others)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0xeb, 0xfe); /* jmp . */
    pid_t rival = fork();
    if (rival == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
        }
    }
    assert_true(rival > 0);

    uint64_t stolen_ns = 0;
    uint64_t start_ns = now_ns();
    platform_stolen_ns(f.platform, host_now_ns());
    for (int i = 0; i < 50 && stolen_ns == 0; i++) {
        EXPECT_EQ(RUN_KICKED, platform_run(f.platform, &f.thread, now_ns() + 20000000, &f.error));
        stolen_ns += platform_stolen_ns(f.platform, host_now_ns());
    }

    EXPECT_NE(0, stolen_ns);
    EXPECT_TRUE(stolen_ns < now_ns() - start_ns);
    kill(rival, SIGKILL);
    waitpid(rival, NULL, 0);
    fixture_close(&f);
}
