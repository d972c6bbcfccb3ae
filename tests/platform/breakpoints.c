/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Breakpoints and watchpoints: in the CPU where the host has them, and seen in steps. */
#include "tests/platform/fixture.h"

#include <errno.h>
#include <string.h>

#include "platform/isolated/host.h"

#define FLAGS 0x202u

static int forbidden(const struct perf_event_attr *attributes, pid_t thread)
{
    (void)attributes, (void)thread;
    errno = EACCES;
    return -1;
}

static struct x86_breakpoint breakpoints[X86_BREAKPOINTS];

static void open_with_data(struct fixture *f)
{
    memset(breakpoints, 0, sizeof(breakpoints));
    fixture_open(f, (struct fixture_options){.rewrite = true});
    platform_map(f->platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    f->thread.breakpoints = breakpoints;
    f->registers.r[X86_RDI] = DATA;
    f->registers.r[X86_RSI] = DATA;
    f->registers.r[X86_RSP] = DATA + 0x800;
}

/* Opens *f the next way, until there is none left. */
static bool open_way(struct fixture *f, int way)
{
    host = host_linux;
    if (way == 1) {
        host.perf_event_open = forbidden;
    }
    if (way < 2) {
        open_with_data(f);
    }
    return way < 2;
}

/* All that follows holds however the host does it. */
#define EACH_WAY(f, way)                                                                           \
    struct fixture fixture, *f = &fixture;                                                         \
    for (int way = 0; open_way(f, way); fixture_close(f), way++)

static void set(unsigned i, uint64_t address, enum x86_break_on on, uint8_t bytes)
{
    breakpoints[i] =
        (struct x86_breakpoint){.address = address, .on = on, .bytes = bytes, .enabled = true};
}

/* It was stopped by a debug exception that tells `debug_`, with rip at CODE + offset. */
#define EXPECT_DEBUG(f, debug_, offset)                                                            \
    do {                                                                                           \
        EXPECT_FAULT(f, X86_DEBUG, 0, 0);                                                          \
        EXPECT_EQ(debug_, (f)->thread.fault.debug);                                                \
        EXPECT_EQ(CODE + (offset), (f)->registers.r[X86_RIP]);                                     \
    } while (0)

#define EXPECT_SYSCALL_AT(f, offset)                                                               \
    do {                                                                                           \
        EXPECT_EQ(RUN_SYSCALL, fixture_run(f));                                                    \
        EXPECT_EQ(CODE + (offset), (f)->registers.r[X86_RIP]);                                     \
    } while (0)

TEST(an_instruction_breakpoint_stops_before_its_instruction_until_the_resume_flag_is_set)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0x90, 0xff, 0xc0, 0xff, 0xc0, 0x0f, 0x05); /* nop; inc %eax; inc %eax; syscall */
        f->registers.r[X86_RAX] = 5;
        set(2, CODE + 1, X86_BREAK_ON_EXECUTE, 1);

        EXPECT_DEBUG(f, X86_DEBUG_HIT(2), 1);
        EXPECT_EQ(5, f->registers.r[X86_RAX]);
        EXPECT_EQ(0, f->registers.r[X86_RFLAGS] & X86_FLAG_RESUME);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(2), 1);
        EXPECT_EQ(5, f->registers.r[X86_RAX]);

        f->registers.r[X86_RFLAGS] |= X86_FLAG_RESUME;
        EXPECT_SYSCALL_AT(f, 5);
        EXPECT_EQ(7, f->registers.r[X86_RAX]);
    }
}

TEST(the_resume_flag_is_good_for_one_instruction)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0x90, 0x90, 0x0f, 0x05); /* nop; nop; syscall */
        set(0, CODE, X86_BREAK_ON_EXECUTE, 1);
        set(1, CODE + 1, X86_BREAK_ON_EXECUTE, 1);
        f->registers.r[X86_RFLAGS] = FLAGS | X86_FLAG_RESUME;
        EXPECT_DEBUG(f, X86_DEBUG_HIT(1), 1);
    }
}

TEST(a_watchpoint_for_writes_stops_behind_the_write_and_not_at_a_read)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0x8a, 0x07, 0xc6, 0x07, 0x2a, 0x90, 0x0f,
                0x05); /* mov (%rdi),%al; movb $42,(%rdi) */
        set(0, DATA, X86_BREAK_ON_WRITE, 1);

        EXPECT_DEBUG(f, X86_DEBUG_HIT(0), 5);
        EXPECT_EQ(42, f->ram[DATA_FRAME]);
        EXPECT_SYSCALL_AT(f, 6);
    }
}

TEST(a_watchpoint_for_accesses_stops_at_reads_and_writes)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0x8a, 0x07, 0xc6, 0x07, 0x2a, 0x0f, 0x05); /* mov (%rdi),%al; movb $42,(%rdi) */
        set(3, DATA, X86_BREAK_ON_ACCESS, 1);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(3), 2);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(3), 5);
        EXPECT_SYSCALL_AT(f, 5);
    }
}

TEST(a_watchpoint_covers_its_bytes_and_no_more)
{
    EACH_WAY(f, way)
    {
        static const uint8_t sizes[] = {1, 2, 4, 8};
        CODE_IS(f, 0xc6, 0x07, 0x01, 0x0f, 0x05); /* movb $1,(%rdi); syscall */
        for (size_t i = 0; i < sizeof(sizes); i++) {
            for (uint64_t offset = 7; offset <= 8u + sizes[i]; offset++) {
                set(0, DATA + 8, X86_BREAK_ON_WRITE, sizes[i]);
                f->registers.r[X86_RDI] = DATA + offset;
                f->registers.r[X86_RIP] = CODE;
                if (offset >= 8 && offset < 8u + sizes[i]) {
                    EXPECT_DEBUG(f, X86_DEBUG_HIT(0), 3);
                } else {
                    EXPECT_SYSCALL_AT(f, 3);
                }
            }
        }
    }
}

TEST(a_wide_access_hits_the_watchpoints_that_it_touches)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0x48, 0x89, 0x07, 0x0f, 0x05); /* mov %rax,(%rdi); syscall */
        f->registers.r[X86_RDI] = DATA + 4;
        set(0, DATA + 4, X86_BREAK_ON_WRITE, 2);
        set(1, DATA + 12, X86_BREAK_ON_WRITE, 1);
        set(2, DATA + 8, X86_BREAK_ON_ACCESS, 4);
        EXPECT_FAULT(f, X86_DEBUG, 0, 0);
        uint64_t touched = X86_DEBUG_HIT(0) | X86_DEBUG_HIT(2);
        if (way == 0) {
            /* The CPU's own, which in QEMU is content with one. */
            EXPECT_NE(0, f->thread.fault.debug);
            EXPECT_EQ(0, f->thread.fault.debug & ~touched);
        } else {
            EXPECT_EQ(touched, f->thread.fault.debug);
        }
        EXPECT_EQ(CODE + 3, f->registers.r[X86_RIP]);
    }
}

TEST(stack_and_string_instructions_are_watched_where_they_reach)
{
    EACH_WAY(f, way)
    {
        static const struct {
            uint8_t code[8];
            uint8_t length; /* of the instruction; `syscall` follows */
            int64_t touched;
            enum x86_break_on on;
        } cases[] = {
            {{0x50, 0x0f, 0x05}, 1, 0x800 - 8, X86_BREAK_ON_WRITE},               /* push %rax */
            {{0x58, 0x0f, 0x05}, 1, 0x800, X86_BREAK_ON_ACCESS},                  /* pop %rax */
            {{0xe8, 0, 0, 0, 0, 0x0f, 0x05}, 5, 0x800 - 8, X86_BREAK_ON_WRITE},   /* call */
            {{0xff, 0x37, 0x0f, 0x05}, 2, 0, X86_BREAK_ON_ACCESS},                /* push (%rdi) */
            {{0x8f, 0x44, 0x24, 0x10, 0x0f, 0x05}, 4, 0x818, X86_BREAK_ON_WRITE}, /* pop 16(%rsp) */
            {{0xaa, 0x0f, 0x05}, 1, 0, X86_BREAK_ON_WRITE},                       /* stosb */
            {{0x48, 0x0f, 0xab, 0x07, 0x0f, 0x05},
             4,
             0x48,
             X86_BREAK_ON_WRITE},                                           /* bts %rax,(%rdi) */
            {{0xd7, 0x0f, 0x05}, 1, 0x40, X86_BREAK_ON_ACCESS},             /* xlat */
            {{0x64, 0x88, 0x0f, 0x0f, 0x05}, 3, 0x100, X86_BREAK_ON_WRITE}, /* mov %cl,%fs:(%rdi) */
            {{0x67, 0x88, 0x4f, 0x10, 0x0f, 0x05},
             4,
             0x10,
             X86_BREAK_ON_WRITE}, /* mov %cl,16(%edi) */
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            fixture_code(f, cases[i].code, sizeof(cases[i].code));
            memset(f->ram + DATA_FRAME, 0, 0x1000);
            f->registers.r[X86_RAX] = cases[i].code[0] == 0xd7 ? 0x40 : 0x48 * 8;
            f->registers.r[X86_RBX] = DATA;
            f->registers.r[X86_RDI] = DATA;
            f->registers.r[X86_RSP] = DATA + 0x800;
            f->registers.r[X86_FS_BASE] = 0x100;
            set(1, DATA + (uint64_t)cases[i].touched, cases[i].on, 1);
            EXPECT_DEBUG(f, X86_DEBUG_HIT(1), cases[i].length);
            EXPECT_SYSCALL_AT(f, cases[i].length);
        }
    }
}

TEST(a_repeated_string_instruction_stops_in_the_midst)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0xf3, 0xaa, 0x0f, 0x05); /* rep stosb; syscall */
        f->registers.r[X86_RCX] = 8;
        set(0, DATA + 3, X86_BREAK_ON_WRITE, 1);
        EXPECT_FAULT(f, X86_DEBUG, 0, 0);
        EXPECT_EQ(X86_DEBUG_HIT(0), f->thread.fault.debug);
        EXPECT_TRUE(f->registers.r[X86_RCX] <= 4);
        EXPECT_SYSCALL_AT(f, 2);
        EXPECT_EQ(DATA + 8, f->registers.r[X86_RDI]);
    }
}

TEST(an_instruction_that_only_names_the_memory_hits_nothing)
{
    EACH_WAY(f, way)
    {
        /* lea (%rdi),%rax; nopw (%rdi); prefetcht0 (%rdi); rep stosb with no rounds; syscall */
        CODE_IS(f, 0x48, 0x8d, 0x07, 0x66, 0x0f, 0x1f, 0x07, 0x0f, 0x18, 0x0f, 0xf3, 0xaa, 0x0f,
                0x05);
        f->registers.r[X86_RCX] = 0;
        set(0, DATA, X86_BREAK_ON_ACCESS, 8);
        EXPECT_SYSCALL_AT(f, 12);
    }
}

TEST(an_access_that_faults_hits_no_watchpoint_until_it_succeeds)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0xc6, 0x07, 0x01, 0x0f, 0x05); /* movb $1,(%rdi); syscall */
        platform_unmap(f->platform, VSPACE_A, DATA, 0x1000);
        set(0, DATA, X86_BREAK_ON_WRITE, 1);
        EXPECT_FAULT(f, X86_PAGE_FAULT, X86_FAULT_USER | X86_FAULT_WRITE, DATA);
        EXPECT_EQ(0, f->thread.fault.debug);
        platform_map(f->platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(0), 3);
    }
}

TEST(a_breakpoint_is_its_threads_own_and_goes_with_it)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0xc6, 0x07, 0x01, 0x0f, 0x05); /* movb $1,(%rdi); syscall */
        set(0, DATA, X86_BREAK_ON_WRITE, 1);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(0), 3);

        struct platform_thread first = f->thread;
        f->registers.r[X86_RIP] = CODE;
        f->thread.tcb = TCB_B;
        f->thread.breakpoints = NULL;
        EXPECT_SYSCALL_AT(f, 3);

        /* The first one's Linux thread becomes that of a third. */
        platform_release_thread(f->platform, TCB_A);
        f->registers.r[X86_RIP] = CODE;
        f->thread.tcb = TCB_A + 0x1000;
        EXPECT_SYSCALL_AT(f, 3);

        f->registers.r[X86_RIP] = CODE;
        f->thread = first;
        EXPECT_DEBUG(f, X86_DEBUG_HIT(0), 3);
        breakpoints[0].enabled = false;
        f->registers.r[X86_RIP] = CODE;
        EXPECT_SYSCALL_AT(f, 3);
    }
}

TEST(a_breakpoint_goes_along_to_another_vspace)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0x90, 0x90, 0x0f, 0x05);
        set(0, CODE + 1, X86_BREAK_ON_EXECUTE, 1);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(0), 1);
        f->thread.vspace = VSPACE_B;
        CODE_IS(f, 0x90, 0x90, 0x0f, 0x05);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(0), 1);
    }
}

TEST(the_middle_of_a_rewritten_system_call_can_have_a_breakpoint)
{
    EACH_WAY(f, way)
    {
        /* mov %rsp,%rbx; syscall; mov %rbx,%rsp */
        CODE_IS(f, 0x48, 0x89, 0xe3, 0x0f, 0x05, 0x48, 0x89, 0xdc);
        f->thread.breakpoints = NULL;
        for (int i = 0; i < 3; i++) {
            f->registers.r[X86_RIP] = CODE;
            EXPECT_SYSCALL_AT(f, 3);
        }
        f->thread.breakpoints = breakpoints;
        set(0, CODE + 3, X86_BREAK_ON_EXECUTE, 1);
        f->registers.r[X86_RIP] = CODE;
        EXPECT_DEBUG(f, X86_DEBUG_HIT(0), 3);
        f->registers.r[X86_RFLAGS] |= X86_FLAG_RESUME;
        EXPECT_SYSCALL_AT(f, 3);
    }
}

TEST(a_single_step_tells_of_watchpoints_as_well)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0xc6, 0x07, 0x01, 0x90, 0x0f, 0x05); /* movb $1,(%rdi); nop; syscall */
        f->thread.single_step = true;
        set(1, DATA, X86_BREAK_ON_WRITE, 1);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(1) | X86_DEBUG_STEP, 3);
        EXPECT_DEBUG(f, X86_DEBUG_STEP, 4);
    }
}

TEST(with_breakpoints_a_thread_can_still_be_preempted_and_kicked)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0x48, 0xff, 0xc0, 0xeb, 0xfb); /* 1: inc %rax; jmp 1b */
        set(0, DATA, X86_BREAK_ON_WRITE, 1);
        f->registers.r[X86_RAX] = 0;
        /* A busy host may take the CPU away before the first instruction. */
        for (int i = 0; i < 1000 && f->registers.r[X86_RAX] == 0; i++) {
            EXPECT_EQ(RUN_KICKED, platform_run(f->platform, &f->thread, 1, &f->error));
        }
        EXPECT_TRUE(f->registers.r[X86_RAX] > 0);
        platform_kick(f->platform);
        EXPECT_EQ(RUN_KICKED, platform_run(f->platform, &f->thread, RUN_FOREVER, &f->error));
    }
}

TEST(a_breakpoint_on_the_stub_is_never_hit)
{
    const struct platform_range *ranges;
    struct fixture f;
    open_with_data(&f);
    platform_reserved(f.platform, &ranges);
    CODE_IS(&f, 0x0f, 0x05);
    set(0, ranges[2].first, X86_BREAK_ON_EXECUTE, 1);
    set(1, ranges[2].first + 0x110000, X86_BREAK_ON_ACCESS, 8);
    EXPECT_SYSCALL_AT(&f, 0);
    fixture_close(&f);
}

TEST(a_trap_flag_that_the_guest_has_set_itself_stays_until_it_is_taken_away)
{
    struct fixture f;
    open_with_data(&f);
    /* push $0x302; popfq; nop; nop; syscall */
    CODE_IS(&f, 0x68, 0x02, 0x03, 0, 0, 0x9d, 0x90, 0x90, 0x0f, 0x05);
    f.thread.breakpoints = NULL;
    EXPECT_DEBUG(&f, X86_DEBUG_STEP, 7);
    EXPECT_TRUE(f.registers.r[X86_RFLAGS] & X86_FLAG_TRAP);
    EXPECT_DEBUG(&f, X86_DEBUG_STEP, 8);
    f.registers.r[X86_RFLAGS] &= ~X86_FLAG_TRAP;
    EXPECT_SYSCALL_AT(&f, 8);
    fixture_close(&f);
}

TEST(int1_is_a_debug_exception_for_no_reason)
{
    struct fixture f;
    open_with_data(&f);
    CODE_IS(&f, 0xf1, 0x0f, 0x05);
    EXPECT_DEBUG(&f, 0, 1);
    EXPECT_SYSCALL_AT(&f, 1);
    fixture_close(&f);
}

/* The kernel's single steps come with the flag set in the registers as well. */
TEST(a_step_of_the_threads_own_trap_flag_tells_of_watchpoints_as_well)
{
    EACH_WAY(f, way)
    {
        CODE_IS(f, 0xc6, 0x07, 0x01, 0x90, 0x0f, 0x05); /* movb $1,(%rdi); nop; syscall */
        f->thread.single_step = true;
        f->registers.r[X86_RFLAGS] = FLAGS | X86_FLAG_TRAP;
        set(1, DATA, X86_BREAK_ON_WRITE, 1);
        EXPECT_DEBUG(f, X86_DEBUG_HIT(1) | X86_DEBUG_STEP, 3);
        EXPECT_TRUE(f->registers.r[X86_RFLAGS] & X86_FLAG_TRAP);
        EXPECT_DEBUG(f, X86_DEBUG_STEP, 4);
    }
}
