/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* System call sites that are rewritten, and that nobody can tell. */
#include "tests/platform/fixture.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

static const struct fixture_options rewritten = {.rewrite = true};

/* mov %rsp,%rbx; syscall; mov %rbx,%rsp; jmp back */
#define C_SITE 0x48, 0x89, 0xe3, 0x0f, 0x05, 0x48, 0x89, 0xdc
/* the same with r14 */
#define RUST_SITE 0x49, 0x89, 0xe6, 0x0f, 0x05, 0x4c, 0x89, 0xf4
#define JUMP_BACK 0xeb, 0xf6

static struct platform_stats stats(const struct fixture *f)
{
    struct platform_stats answer;
    platform_stats(f->platform, &answer);
    return answer;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Run up to the next system call, which has to be the one at `rip`, and answer it. */
static void one_call(struct fixture *f, uint64_t rip)
{
    EXPECT_EQ(RUN_SYSCALL, fixture_run(f));
    EXPECT_EQ(rip, f->registers.r[X86_RIP]);
    f->registers.r[X86_RIP] += 2;
}

static void open_with(struct fixture *f, const uint8_t *code, size_t bytes)
{
    fixture_open(f, rewritten);
    fixture_code(f, code, bytes);
    f->registers.r[X86_RSP] = 0x7000;
    one_call(f, CODE + 3);
    EXPECT_EQ(1, stats(f).traps);
}
#define OPEN_WITH(f, ...)                                                                          \
    open_with(f, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void expect_all_registers_survive(enum x86_register keeper)
{
    struct fixture f;
    const uint8_t c[] = {C_SITE, JUMP_BACK};
    const uint8_t rust[] = {RUST_SITE, JUMP_BACK};
    open_with(&f, keeper == X86_RBX ? c : rust, sizeof(c));
    for (int i = X86_RSP; i < X86_REGISTERS; i++) {
        f.registers.r[i] = 0x0101010101010101u * (uint64_t)i;
    }
    f.registers.r[X86_RSP] = 0x010101010101; /* canonical, as some hosts want it */
    f.registers.r[X86_RFLAGS] = 0xad7;       /* what a guest may have set, without the direction */
    f.registers.r[X86_FS_BASE] = 0x7654321;
    f.registers.r[X86_GS_BASE] = 0x1234567;
    f.registers.r[keeper] = 0x7000; /* goes to rsp */
    struct x86_registers expected = f.registers;
    expected.r[X86_RIP] = CODE + 3;
    expected.r[X86_RSP] = 0x7000;
    expected.r[X86_RCX] = CODE + 5;
    expected.r[X86_RFLAGS] = expected.r[X86_R11] = 0xad7 | 0x202;

    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(1, stats(&f).rewritten);
    for (int i = 0; i < X86_REGISTERS; i++) {
        if (expected.r[i] != f.registers.r[i]) {
            print_message("register %d\n", i);
        }
        EXPECT_EQ(expected.r[i], f.registers.r[i]);
    }
    fixture_close(&f);
}

TEST(a_rewritten_call_of_c_arrives_with_all_registers)
{
    expect_all_registers_survive(X86_RBX);
}

TEST(a_rewritten_call_of_rust_arrives_with_all_registers)
{
    expect_all_registers_survive(X86_R14);
}

TEST(ram_is_not_changed_by_rewriting)
{
    const uint8_t code[] = {C_SITE, JUMP_BACK};
    struct fixture f;
    open_with(&f, code, sizeof(code));
    one_call(&f, CODE + 3);
    EXPECT_EQ(1, stats(&f).rewritten);
    EXPECT_MEM(code, f.ram + CODE_FRAME, sizeof(code));
    fixture_close(&f);
}

TEST(other_sites_trap_for_ever)
{
    struct fixture f;
    /* r12 keeps rsp: nobody's usual code */
    OPEN_WITH(&f, 0x49, 0x89, 0xe4, 0x0f, 0x05, 0x4c, 0x89, 0xe4, JUMP_BACK);
    f.registers.r[X86_R12] = 0x7000;
    for (int i = 0; i < 10; i++) {
        one_call(&f, CODE + 3);
    }
    EXPECT_EQ(11, stats(&f).traps);
    EXPECT_EQ(0, stats(&f).rewritten);
    fixture_close(&f);
}

TEST(nothing_is_rewritten_unless_asked_for)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.rewrite = false});
    CODE_IS(&f, C_SITE, JUMP_BACK);
    for (int i = 0; i < 10; i++) {
        one_call(&f, CODE + 3);
    }
    EXPECT_EQ(10, stats(&f).traps);
    fixture_close(&f);
}

TEST(what_lies_below_the_stack_pointer_stays)
{
    struct fixture f;
    fixture_open(&f, rewritten);
    CODE_IS(&f, C_SITE, JUMP_BACK);
    memset(f.ram + DATA_FRAME, 0xa5, 0x1000);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    f.registers.r[X86_RSP] = DATA + 0x800;
    for (int i = 0; i < 3; i++) {
        one_call(&f, CODE + 3);
    }
    EXPECT_EQ(2, stats(&f).rewritten);
    for (int i = 0; i < 0x1000; i++) {
        EXPECT_EQ(0xa5, f.ram[DATA_FRAME + i]);
    }
    fixture_close(&f);
}

TEST(the_fpu_state_stays_over_a_rewritten_call)
{
    struct fixture f;
    /* site; movq %xmm5,%rax; movq %rcx',%xmm5 ... : site; movq %rdx,%xmm5; site; movq %xmm5,%rax */
    fixture_open(&f, rewritten);
    CODE_IS(&f, C_SITE, 0x66, 0x48, 0x0f, 0x6e, 0xea, /* 8: movq %rdx,%xmm5 */
            C_SITE, 0x66, 0x48, 0x0f, 0x7e, 0xe8,     /* 21: movq %xmm5,%rax */
            0xeb, 0xe4);                              /* back to 0 */
    for (uint64_t i = 0; i < 5; i++) {
        one_call(&f, CODE + 3);
        f.registers.r[X86_RDX] = 1000 + i;
        one_call(&f, CODE + 13 + 3);
        EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
        EXPECT_EQ(1000 + i, f.registers.r[X86_RAX]);
        f.registers.r[X86_RIP] = CODE;
    }
    EXPECT_TRUE(stats(&f).rewritten >= 8);
    fixture_close(&f);
}

TEST(a_frame_that_becomes_writable_elsewhere_is_put_back_and_left_alone)
{
    struct fixture f;
    OPEN_WITH(&f, C_SITE, JUMP_BACK);
    one_call(&f, CODE + 3);
    EXPECT_EQ(1, stats(&f).rewritten);

    platform_map(f.platform, VSPACE_B, DATA, CODE_FRAME, 0x1000, true);
    one_call(&f, CODE + 3);
    one_call(&f, CODE + 3);
    EXPECT_EQ(1, stats(&f).rewritten);
    EXPECT_EQ(3, stats(&f).traps);

    /* What is written now is what A executes. */
    f.ram[CODE_FRAME + 8] = 0xf4; /* hlt */
    EXPECT_FAULT(&f, X86_GENERAL_PROTECTION, 0, 0);

    platform_unmap(f.platform, VSPACE_B, DATA, 0x1000);
    f.registers.r[X86_RIP] = CODE;
    one_call(&f, CODE + 3);
    f.registers.r[X86_RIP] = CODE;
    one_call(&f, CODE + 3);
    EXPECT_EQ(1, stats(&f).rewritten);
    fixture_close(&f);
}

/* Text that its own program may write to, as a root task's. */
static void open_writable(struct fixture *f)
{
    const uint8_t code[] = {C_SITE, JUMP_BACK, 0xc6, 0x03,
                            0xf4,   0xeb,      0xf1}; /* 10: movb $0xf4,(%rbx) */
    fixture_open(f, rewritten);
    fixture_code(f, code, sizeof(code));
    platform_map(f->platform, VSPACE_A, CODE, CODE_FRAME, 0x1000, true);
    one_call(f, CODE + 3);
    one_call(f, CODE + 3);
    EXPECT_EQ(1, stats(f).rewritten);
}

TEST(text_that_its_program_may_write_is_rewritten_until_it_does)
{
    struct fixture f;
    open_writable(&f);
    f.registers.r[X86_RIP] = CODE + 10;
    f.registers.r[X86_RBX] = CODE + 8;
    one_call(&f, CODE + 3);
    EXPECT_FAULT(&f, X86_GENERAL_PROTECTION, 0, 0);

    EXPECT_EQ(CODE + 8, f.registers.r[X86_RIP]); /* the hlt that it wrote, behind the call */
    EXPECT_EQ(0xf4, f.ram[CODE_FRAME + 8]);
    for (int i = 0; i < 5; i++) {
        f.registers.r[X86_RIP] = CODE;
        one_call(&f, CODE + 3);
    }
    EXPECT_EQ(1, stats(&f).rewritten);
    fixture_close(&f);
}

TEST(what_was_put_back_is_rewritten_again_after_a_while)
{
    struct fixture f;
    open_writable(&f);
    platform_writes(f.platform, CODE_FRAME);
    for (int i = 0; i < 2500; i++) {
        f.registers.r[X86_RIP] = CODE;
        one_call(&f, CODE + 3);
    }
    EXPECT_TRUE(stats(&f).traps > 2000);
    EXPECT_TRUE(stats(&f).rewritten > 100);
    fixture_close(&f);
}

TEST(a_page_that_the_caller_comes_to_write_is_put_back)
{
    struct fixture f;
    open_writable(&f);
    platform_writes(f.platform, CODE_FRAME);
    f.ram[CODE_FRAME + 8] = 0xf4;

    EXPECT_FAULT(&f, X86_GENERAL_PROTECTION, 0, 0);
    fixture_close(&f);
}

static bool writes_code(void *context, paddr page)
{
    (void)context;
    return page == CODE_FRAME;
}

TEST(a_page_that_the_caller_writes_is_not_rewritten)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.rewrite = true, .writes = writes_code});
    CODE_IS(&f, C_SITE, JUMP_BACK);
    for (int i = 0; i < 5; i++) {
        one_call(&f, CODE + 3);
    }
    EXPECT_EQ(5, stats(&f).traps);
    fixture_close(&f);
}

TEST(a_frame_that_is_writable_elsewhere_in_its_own_cell_is_not_rewritten)
{
    struct fixture f;
    fixture_open(&f, rewritten);
    platform_map(f.platform, VSPACE_A, DATA, CODE_FRAME, 0x1000, true);
    CODE_IS(&f, C_SITE, JUMP_BACK);
    for (int i = 0; i < 5; i++) {
        one_call(&f, CODE + 3);
    }
    EXPECT_EQ(5, stats(&f).traps);
    fixture_close(&f);
}

TEST(a_frame_that_is_writable_somewhere_is_not_rewritten)
{
    struct fixture f;
    fixture_open(&f, rewritten);
    platform_map(f.platform, VSPACE_B, DATA, CODE_FRAME, 0x1000, true);
    CODE_IS(&f, C_SITE, JUMP_BACK);
    for (int i = 0; i < 5; i++) {
        one_call(&f, CODE + 3);
    }
    EXPECT_EQ(5, stats(&f).traps);
    fixture_close(&f);
}

TEST(two_vspaces_with_the_same_text_have_a_copy_each)
{
    struct fixture f;
    OPEN_WITH(&f, C_SITE, JUMP_BACK);
    struct x86_registers registers = f.registers;
    registers.r[X86_RIP] = CODE;
    platform_map(f.platform, VSPACE_B, CODE, CODE_FRAME, 0x1000, false);
    struct platform_thread b = {
        .tcb = TCB_B, .vspace = VSPACE_B, .name = "b", .registers = &registers};
    for (int i = 0; i < 4; i++) {
        EXPECT_EQ(RUN_SYSCALL, platform_run(f.platform, &b, RUN_FOREVER, &f.error));
        registers.r[X86_RIP] += 2;
        one_call(&f, CODE + 3);
    }
    EXPECT_EQ(2, stats(&f).traps);
    EXPECT_EQ(7, stats(&f).rewritten);
    platform_release_vspace(f.platform, VSPACE_B);
    one_call(&f, CODE + 3);
    fixture_close(&f);
}

TEST(a_call_that_is_restarted_at_its_own_instruction_comes_back)
{
    struct fixture f;
    OPEN_WITH(&f, C_SITE, JUMP_BACK);
    f.registers.r[X86_RIP] = CODE + 3;
    f.registers.r[X86_RSI] = 77;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(CODE + 3, f.registers.r[X86_RIP]);
    EXPECT_EQ(77, f.registers.r[X86_RSI]);
    EXPECT_EQ(CODE + 5, f.registers.r[X86_RCX]);
    f.registers.r[X86_RIP] += 2;
    one_call(&f, CODE + 3);
    fixture_close(&f);
}

TEST(a_thread_set_into_the_middle_of_a_site_executes_what_was_there)
{
    struct fixture f;
    OPEN_WITH(&f, C_SITE, JUMP_BACK);
    one_call(&f, CODE + 3);
    f.registers.r[X86_RIP] = CODE + 1; /* 89 e3: mov %esp,%ebx */
    f.registers.r[X86_RSP] = 0x123456789;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(0x23456789, f.registers.r[X86_RBX]);
    fixture_close(&f);
}

TEST(single_steps_see_the_original_instructions)
{
    struct fixture f;
    OPEN_WITH(&f, C_SITE, JUMP_BACK);
    one_call(&f, CODE + 3);
    f.registers.r[X86_RIP] = CODE;
    f.registers.r[X86_RSP] = 0x4242;
    f.thread.single_step = true;
    EXPECT_FAULT(&f, X86_DEBUG, 0, 0);
    EXPECT_EQ(CODE + 3, f.registers.r[X86_RIP]);
    EXPECT_EQ(0x4242, f.registers.r[X86_RBX]);
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(CODE + 3, f.registers.r[X86_RIP]);
    f.registers.r[X86_RIP] += 2;
    f.registers.r[X86_RBX] = 0x4343;
    EXPECT_FAULT(&f, X86_DEBUG, 0, 0);
    EXPECT_EQ(CODE + 8, f.registers.r[X86_RIP]);
    EXPECT_EQ(0x4343, f.registers.r[X86_RSP]);
    EXPECT_FAULT(&f, X86_DEBUG, 0, 0);
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    fixture_close(&f);
}

TEST(a_guest_that_single_steps_itself_sees_the_original_instructions)
{
    struct fixture f;
    OPEN_WITH(&f, C_SITE, JUMP_BACK, 0x9d, 0xeb, 0xf3); /* 10: popfq; jmp to the site */
    one_call(&f, CODE + 3);
    memcpy(f.ram + DATA_FRAME, "\x02\x03\0\0\0\0\0\0", 8); /* TF */
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    f.registers.r[X86_RIP] = CODE + 10;
    f.registers.r[X86_RSP] = DATA;
    EXPECT_FAULT(&f, X86_DEBUG, 0, 0);
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    EXPECT_EQ(0x100, f.registers.r[X86_RFLAGS] & 0x100);
    fixture_close(&f);
}

TEST(a_page_that_is_unmapped_and_mapped_again_starts_afresh)
{
    struct fixture f;
    OPEN_WITH(&f, C_SITE, JUMP_BACK);
    one_call(&f, CODE + 3);
    platform_unmap(f.platform, VSPACE_A, CODE, 0x1000);
    f.ram[CODE_FRAME + 8] = 0xf4;
    platform_map(f.platform, VSPACE_A, CODE, CODE_FRAME, 0x1000, false);
    EXPECT_FAULT(&f, X86_GENERAL_PROTECTION, 0, 0);
    f.registers.r[X86_RIP] = CODE;
    one_call(&f, CODE + 3);
    f.registers.r[X86_RIP] = CODE;
    one_call(&f, CODE + 3);
    EXPECT_EQ(2, stats(&f).rewritten);
    EXPECT_EQ(2, stats(&f).traps);
    fixture_close(&f);
}

TEST(sites_across_pages_and_high_up_trap)
{
    static const uint64_t places[] = {0x80000000, 0x7000000000};
    struct fixture f;
    fixture_open(&f, rewritten);
    const uint8_t code[] = {C_SITE, JUMP_BACK};
    memcpy(f.ram + CODE_FRAME + 0xffa, code, sizeof(code));
    platform_map(f.platform, VSPACE_A, CODE, CODE_FRAME, 0x2000, false);
    f.registers.r[X86_RIP] = CODE + 0xffa;
    for (int i = 0; i < 3; i++) {
        one_call(&f, CODE + 0xffd);
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        platform_map(f.platform, VSPACE_A, places[i], CODE_FRAME, 0x2000, false);
        f.registers.r[X86_RIP] = places[i] + 0xffa;
        one_call(&f, places[i] + 0xffd);
        one_call(&f, places[i] + 0xffd);
    }
    EXPECT_EQ(0, stats(&f).rewritten);
    fixture_close(&f);
}

TEST(many_sites_on_many_pages)
{
    struct fixture f;
    fixture_open(&f, rewritten);
    enum { PAGES = 40, SITES = 100, STRIDE = 16 };
    const uint8_t code[] = {C_SITE};
    for (unsigned page = 0; page < PAGES; page++) {
        for (unsigned site = 0; site < SITES; site++) {
            uint8_t *at = f.ram + page * 0x1000 + site * STRIDE;
            memset(at, 0x90, STRIDE);
            memcpy(at, code, sizeof(code));
        }
        /* jump to the next page: jmp rel32 */
        uint8_t *at = f.ram + page * 0x1000 + SITES * STRIDE;
        int32_t distance = page + 1 < PAGES ? 0x1000 - SITES * STRIDE - 5
                                            : -(int32_t)(page * 0x1000 + SITES * STRIDE + 5);
        at[0] = 0xe9;
        memcpy(at + 1, &distance, 4);
    }
    platform_map(f.platform, VSPACE_A, CODE, 0, PAGES * 0x1000, false);
    f.registers.r[X86_RIP] = CODE;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned page = 0; page < PAGES; page++) {
            for (unsigned site = 0; site < SITES; site++) {
                one_call(&f, CODE + page * 0x1000 + site * STRIDE + 3);
            }
        }
    }
    EXPECT_EQ(PAGES * SITES, stats(&f).traps);
    EXPECT_EQ(PAGES * SITES, stats(&f).rewritten);
    fixture_close(&f);
}

/* A guest that starts another one from its own text, as seL4's test library does. */
TEST(text_that_a_guest_copies_to_the_same_address_elsewhere_works_there)
{
    struct fixture f;
    /* 16: rep movsb; jmp 0 */
    OPEN_WITH(&f, C_SITE, C_SITE, 0xf3, 0xa4, 0xeb, 0xec);
    one_call(&f, CODE + 8 + 3);
    f.registers.r[X86_RIP] = CODE;
    one_call(&f, CODE + 3);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    f.registers.r[X86_RIP] = CODE + 16;
    f.registers.r[X86_RSI] = CODE;
    f.registers.r[X86_RDI] = DATA;
    f.registers.r[X86_RCX] = 0x1000;
    one_call(&f, CODE + 3);
    EXPECT_EQ(0xe9, f.ram[DATA_FRAME]);
    platform_unmap(f.platform, VSPACE_A, DATA, 0x1000);

    struct x86_registers registers = {.r = {[X86_RIP] = CODE, [X86_RFLAGS] = 0x202}};
    registers.r[X86_RSP] = 0x7000;
    struct platform_thread b = {
        .tcb = TCB_B, .vspace = VSPACE_B, .name = "b", .registers = &registers};
    platform_map(f.platform, VSPACE_B, CODE, DATA_FRAME, 0x1000, true);
    for (unsigned i = 0; i < 6; i++) {
        uint64_t site = CODE + (i & 1) * 8;
        registers.r[X86_RIP] = site;
        registers.r[X86_RSI] = 100 + i;
        EXPECT_EQ(RUN_SYSCALL, platform_run(f.platform, &b, RUN_FOREVER, &f.error));
        EXPECT_EQ(site + 3, registers.r[X86_RIP]);
        EXPECT_EQ(0x7000, registers.r[X86_RBX]);
        EXPECT_EQ(100 + i, registers.r[X86_RSI]);
        /* A call that is made again. */
        EXPECT_EQ(RUN_SYSCALL, platform_run(f.platform, &b, RUN_FOREVER, &f.error));
        EXPECT_EQ(site + 3, registers.r[X86_RIP]);
    }
    EXPECT_MEM(f.ram + CODE_FRAME, f.ram + DATA_FRAME, 16);
    fixture_close(&f);
}

static void *kick_all_the_time(void *argument)
{
    struct fixture *f = argument;
    /* Off the CPU of the core and its cells, where there is another. */
    cpu_set_t all;
    memset(&all, 0xff, sizeof(all));
    sched_setaffinity(0, sizeof(all), &all);
    for (unsigned i = 0; i < 3000; i++) {
        platform_kick(f->platform);
        nanosleep(&(struct timespec){.tv_nsec = 1000 * (i % 37)}, NULL);
    }
    return NULL;
}

/* Preemption at any instruction of guest, thunk and stub: nothing is lost, nothing comes twice. */
TEST(preemption_never_shows_the_stub_and_loses_no_call)
{
    struct fixture f;
    /* site; inc %rax; mov $3000,%ecx; 1: loop 1b; jmp back */
    OPEN_WITH(&f, C_SITE, 0x48, 0xff, 0xc0, 0xb9, 0xb8, 0x0b, 0, 0, 0xe2, 0xfe, 0xeb, 0xec);
    f.registers.r[X86_RAX] = 0;
    uint64_t calls = 0;
    uint64_t kicks = 0;
    uint64_t end = now_ns() + 600000000;
    pthread_t kicker;
    EXPECT_EQ(0, pthread_create(&kicker, NULL, kick_all_the_time, &f));
    while (now_ns() < end || calls <= 1000) { /* a busy host needs more time for them */
        enum run_result result =
            platform_run(f.platform, &f.thread, now_ns() + calls % 7 * 1000, &f.error);
        EXPECT_TRUE(f.registers.r[X86_RIP] >= CODE);
        EXPECT_TRUE(f.registers.r[X86_RIP] < CODE + 20);
        if (result == RUN_SYSCALL) {
            calls++;
            EXPECT_EQ(calls, f.registers.r[X86_RAX]);
            f.registers.r[X86_RIP] += 2;
        } else {
            EXPECT_EQ(RUN_KICKED, result);
            kicks++;
        }
    }
    pthread_join(kicker, NULL);
    print_message("# %lu calls, %lu kicks\n", calls, kicks);
    EXPECT_TRUE(calls > 1000);
    EXPECT_TRUE(kicks > 0);
    fixture_close(&f);
}
