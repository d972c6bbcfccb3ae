/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* cpuid, where the caller answers it. */
#include "tests/platform/fixture.h"

#include <string.h>

static const struct fixture_options traps = {.trap_cpuid = true};

#define CPUID   0x0f, 0xa2
#define SYSCALL 0x0f, 0x05
#define C_SITE  0x48, 0x89, 0xe3, SYSCALL, 0x48, 0x89, 0xdc

#define OTHER       0x401000ull
#define OTHER_FRAME 0x1000ull

static void expect_cpuid(struct fixture *f, uint64_t rip)
{
    EXPECT_FAULT(f, X86_INVALID_OPCODE, 0, 0);
    EXPECT_EQ(rip, f->registers.r[X86_RIP]);
    f->registers.r[X86_RIP] += 2;
}

static void expect_syscall(struct fixture *f, uint64_t rip)
{
    EXPECT_EQ(RUN_SYSCALL, fixture_run(f));
    EXPECT_EQ(rip, f->registers.r[X86_RIP]);
    f->registers.r[X86_RIP] += 2;
}

TEST(cpuid_is_an_invalid_opcode_at_its_rip_as_often_as_it_is_executed)
{
    struct fixture f;
    fixture_open(&f, traps);
    EXPECT_TRUE(platform_traps_cpuid(f.platform));
    CODE_IS(&f, 0x90, CPUID, SYSCALL, 0xeb, 0xf9); /* nop; …; jmp to the nop */
    for (int i = 0; i < 3; i++) {
        expect_cpuid(&f, CODE + 1);
        expect_syscall(&f, CODE + 3);
    }
    fixture_close(&f);
}

TEST(cpuid_is_the_hosts_where_it_is_not_trapped)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.rewrite = true});
    EXPECT_FALSE(platform_traps_cpuid(f.platform));
    CODE_IS(&f, CPUID, SYSCALL);
    f.registers.r[X86_RBX] = 0;
    expect_syscall(&f, CODE + 2);
    EXPECT_NE(0, f.registers.r[X86_RBX]); /* of the vendor's name */
    fixture_close(&f);
}

TEST(both_of_two_in_a_page_trap_the_one_before_rip_as_well)
{
    struct fixture f;
    fixture_open(&f, traps);
    CODE_IS(&f, CPUID, 0xeb, 0x00, CPUID, SYSCALL);
    f.registers.r[X86_RIP] = CODE + 4;
    expect_cpuid(&f, CODE + 4);
    f.registers.r[X86_RIP] = CODE;
    expect_cpuid(&f, CODE);
    expect_cpuid(&f, CODE + 4);
    expect_syscall(&f, CODE + 6);
    fixture_close(&f);
}

TEST(one_behind_data_that_leads_astray_traps)
{
    struct fixture f;
    fixture_open(&f, traps);
    /* The data would be the beginning of mov $…,%rax. */
    CODE_IS(&f, 0xeb, 0x02, 0x48, 0xb8, CPUID, SYSCALL);
    f.registers.r[X86_RIP] = CODE + 4;
    expect_cpuid(&f, CODE + 4);
    fixture_close(&f);
}

TEST(the_same_bytes_within_an_instruction_stay)
{
    struct fixture f;
    fixture_open(&f, traps);
    CODE_IS(&f, 0xb8, 0x11, CPUID, 0x22, SYSCALL); /* mov $0x22a20f11,%eax */
    expect_syscall(&f, CODE + 5);
    EXPECT_EQ(0x22a20f11, f.registers.r[X86_RAX]);
    fixture_close(&f);
}

TEST(neither_ram_nor_data_that_is_never_executed_changes)
{
    const uint8_t code[] = {CPUID, 0x8b, 0x03, SYSCALL}; /* mov (%rbx),%eax */
    struct fixture f;
    fixture_open(&f, traps);
    fixture_code(&f, code, sizeof(code));
    memcpy(f.ram + DATA_FRAME, code, sizeof(code));
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, false);
    f.registers.r[X86_RBX] = DATA;
    expect_cpuid(&f, CODE);
    expect_syscall(&f, CODE + 4);
    EXPECT_EQ(0x038ba20f, f.registers.r[X86_RAX]);
    EXPECT_MEM(code, f.ram + CODE_FRAME, sizeof(code));
    EXPECT_MEM(code, f.ram + DATA_FRAME, sizeof(code));
    fixture_close(&f);
}

TEST(one_that_crosses_into_another_page_traps)
{
    struct fixture f;
    fixture_open(&f, traps);
    f.ram[CODE_FRAME + 0xfff] = 0x0f;
    memcpy(f.ram + OTHER_FRAME, (const uint8_t[]){0xa2, SYSCALL}, 3);
    platform_map(f.platform, VSPACE_A, CODE, CODE_FRAME, 0x2000, false);
    f.registers.r[X86_RIP] = CODE + 0xfff;
    expect_cpuid(&f, CODE + 0xfff);
    expect_syscall(&f, OTHER + 1);
    fixture_close(&f);
}

TEST(an_instruction_that_crosses_into_a_page_runs)
{
    struct fixture f;
    fixture_open(&f, traps);
    memset(f.ram + CODE_FRAME, 0x90, 0x1000);
    f.ram[CODE_FRAME + 0xffe] = 0xb8;
    memcpy(f.ram + CODE_FRAME + 0xfff, (const uint8_t[]){1, 2, 3, 4, SYSCALL}, 6);
    platform_map(f.platform, VSPACE_A, CODE, CODE_FRAME, 0x2000, false);
    f.registers.r[X86_RIP] = CODE + 0xffe;
    expect_syscall(&f, OTHER + 3);
    EXPECT_EQ(0x04030201, f.registers.r[X86_RAX]);
    fixture_close(&f);
}

/* A page of nothing but a system call and, once it has been written to from another, cpuid. */
static void write_then_execute(struct fixture_options options)
{
    struct fixture f;
    fixture_open(&f, options);
    memcpy(f.ram + OTHER_FRAME, (const uint8_t[]){SYSCALL, 0x90}, 3);
    platform_map(f.platform, VSPACE_A, OTHER, OTHER_FRAME, 0x1000, true);
    CODE_IS(&f, 0x66, 0x89, 0x03, 0xff, 0xe3); /* mov %ax,(%rbx); jmp *%rbx */
    f.registers.r[X86_RBX] = OTHER;
    for (int i = 0; i < 20; i++) {
        f.registers.r[X86_RIP] = CODE;
        f.registers.r[X86_RAX] = 0xa20f;
        expect_cpuid(&f, OTHER);
        f.registers.r[X86_RIP] = CODE;
        f.registers.r[X86_RAX] = 0x050f;
        expect_syscall(&f, OTHER);
    }
    EXPECT_EQ(0x0f, f.ram[OTHER_FRAME]);
    EXPECT_EQ(0x05, f.ram[OTHER_FRAME + 1]);
    fixture_close(&f);
}

TEST(what_is_written_after_it_was_executed_is_executed_and_traps)
{
    write_then_execute(traps);
    write_then_execute((struct fixture_options){.trap_cpuid = true, .rewrite = true});
}

TEST(code_that_writes_to_its_own_page_goes_on)
{
    struct fixture f;
    fixture_open(&f, traps);
    /* movb $0x90,(%rbx) makes a nop of the hlt behind it. */
    memcpy(f.ram + CODE_FRAME, (const uint8_t[]){CPUID, 0xc6, 0x03, 0x90, 0xf4, SYSCALL}, 8);
    platform_map(f.platform, VSPACE_A, CODE, CODE_FRAME, 0x1000, true);
    f.registers.r[X86_RIP] = CODE;
    f.registers.r[X86_RBX] = CODE + 5;
    expect_cpuid(&f, CODE);
    expect_syscall(&f, CODE + 6);
    EXPECT_EQ(0x90, f.ram[CODE_FRAME + 5]);
    fixture_close(&f);
}

TEST(a_page_that_the_caller_writes_to_is_looked_at_again)
{
    struct fixture f;
    fixture_open(&f, traps);
    CODE_IS(&f, SYSCALL, SYSCALL);
    expect_syscall(&f, CODE);
    platform_writes(f.platform, CODE_FRAME);
    f.ram[CODE_FRAME + 3] = 0xa2;
    expect_cpuid(&f, CODE + 2);
    fixture_close(&f);
}

TEST(a_page_can_hold_a_rewritten_system_call_and_cpuid)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.trap_cpuid = true, .rewrite = true});
    CODE_IS(&f, C_SITE, CPUID, 0xeb, 0xf4); /* jmp back */
    for (int i = 0; i < 5; i++) {
        expect_syscall(&f, CODE + 3);
        expect_cpuid(&f, CODE + 8);
    }
    struct platform_stats stats;
    platform_stats(f.platform, &stats);
    EXPECT_EQ(4, stats.rewritten);
    fixture_close(&f);
}

TEST(a_page_without_cpuid_has_its_system_calls_rewritten)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.trap_cpuid = true, .rewrite = true});
    CODE_IS(&f, C_SITE, 0xeb, 0xf6);
    for (int i = 0; i < 5; i++) {
        expect_syscall(&f, CODE + 3);
    }
    struct platform_stats stats;
    platform_stats(f.platform, &stats);
    EXPECT_EQ(4, stats.rewritten);
    fixture_close(&f);
}

TEST(single_steps_come_up_to_it_and_no_further)
{
    struct fixture f;
    fixture_open(&f, traps);
    CODE_IS(&f, 0x90, CPUID);
    f.thread.single_step = true;
    EXPECT_EQ(RUN_FAULT, fixture_run(&f));
    EXPECT_EQ(X86_DEBUG, f.thread.fault.vector);
    expect_cpuid(&f, CODE + 1);
    fixture_close(&f);
}

TEST(memory_that_is_mapped_anew_is_looked_at_anew)
{
    struct fixture f;
    fixture_open(&f, traps);
    memcpy(f.ram + OTHER_FRAME, (const uint8_t[]){CPUID}, 2);
    CODE_IS(&f, SYSCALL);
    expect_syscall(&f, CODE);
    platform_unmap(f.platform, VSPACE_A, CODE, 0x1000);
    platform_map(f.platform, VSPACE_A, CODE, OTHER_FRAME, 0x1000, false);
    f.registers.r[X86_RIP] = CODE;
    expect_cpuid(&f, CODE);
    fixture_close(&f);
}

TEST(where_nothing_is_mapped_a_fetch_is_a_fault)
{
    struct fixture f;
    fixture_open(&f, traps);
    CODE_IS(&f, 0xff, 0xe3); /* jmp *%rbx */
    f.registers.r[X86_RBX] = DATA;
    EXPECT_FAULT(&f, X86_PAGE_FAULT, X86_FAULT_USER, DATA);
    fixture_close(&f);
}
