/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Attacks by the CPU's state, the kernel's own calls, numbers; and what they are compared with. */
#include "tests/system/hostile/guest/guest.h"

#include "platform/stub/layout.h"

static void compute(void)
{
    for (;;) {
        __asm__ volatile("pause");
    }
}

void attack_honest(struct attempt attempt)
{
    (void)attempt;
    compute();
}

void attack_honest_pair(struct attempt attempt)
{
    (void)attempt;
    compute();
}

void attack_honest_crowd(struct attempt attempt)
{
    (void)attempt;
    compute();
}

/* Some compute, some enter the kernel, some fault. */
void attack_flood(struct attempt attempt)
{
    for (uint64_t i = 0; i < 1000; i++) {
        if (attempt.thread % 3 == 0) {
            seL4_Yield();
        } else if (attempt.thread % 3 == 1) {
            seL4_Signal(CAP_OWN);
        }
    }
    if (attempt.thread % 4 == 3 && attempt.number > 0) {
        compute();
    }
}

/* Where FS and GS point, and where rip does. */
void attack_bad_bases(struct attempt attempt)
{
    static const uint64_t places[] = {
        0x800000000000,     0xffff7fffffffffff, 0xffff800000000000, -1ul,
        0xffffffff81000000, STUB_BASE,          0x7fffffffffff,     STUB_SLOTS,
    };
    uint64_t place = places[attempt.number / 4 % 8];
    switch (attempt.number % 4) {
    case 0:
        __asm__ volatile("wrfsbase %0" : : "r"(place));
        seL4_Yield();
        break;
    case 1:
        __asm__ volatile("wrgsbase %0" : : "r"(place));
        seL4_Yield();
        break;
    case 2:
        ((void (*)(void))place)();
        break;
    default: /* swapgs is the kernel's; a null selector clears the base */
        __asm__ volatile("mov %0, %%fs\n\tmov %0, %%gs" : : "r"((uint32_t)(attempt.number & 3)));
        seL4_Yield();
    }
}

/* All sets of the flags that a program may set, into the kernel by three ways. */
void attack_flags(struct attempt attempt)
{
    uint64_t flags = (attempt.number & 1 ? 0x100 : 0)       /* TF */
                     | (attempt.number & 2 ? 0x4000 : 0)    /* NT */
                     | (attempt.number & 4 ? 0x40000 : 0)   /* AC */
                     | (attempt.number & 8 ? 0x400 : 0)     /* DF */
                     | (attempt.number & 16 ? 0x3000 : 0)   /* IOPL */
                     | (attempt.number & 32 ? 0x210000 : 0) /* ID, RF */
                     | 0x202;
    static const char *const ways[] = {usual_syscall, bare_syscall, illegal};
    uint64_t way = ADDRESS(ways[attempt.number / 64 % 3]);
    uint64_t stack = GUEST_SCRATCH + PAGE_BYTES - (attempt.number & 7);
    __asm__ volatile("push %0\n\t"
                     "popfq\n\t"
                     "mov %2, %%rsp\n\t"
                     "jmp *%1"
                     :
                     : "r"(flags), "r"(way), "r"(stack), "d"(YIELD)
                     : "memory");
    __builtin_unreachable();
}

void attack_stack_in_stub(struct attempt attempt)
{
    static const uint64_t stacks[] = {
        0,
        8,
        STUB_SLOTS + SLOT_STACK + 64,
        STUB_SLOTS + SLOT_STACK_TOP,
        STUB_SLOTS + 0x100,
        STUB_BELL + 8,
        STUB_BASE + 0x100,
        0x800000000000,
        -8ul,
    };
    static const char *const ways[] = {usual_syscall, bare_syscall, illegal, breakpoint};
    jump(&(struct jump){.to = ADDRESS(ways[attempt.number / 9 % 4]),
                        .rsp = stacks[attempt.number % 9],
                        .rdx = YIELD});
}

/* States that XRSTOR refuses, or takes although they are odd. */
void attack_vector_state(struct attempt attempt)
{
    volatile uint64_t *area = (uint64_t *)GUEST_SCRATCH;
    uint64_t state = attempt.number;
    for (unsigned i = 0; i < 512; i++) {
        area[i] = chance(&state);
    }
    area[3] = attempt.number % 4 == 0 ? ~0ul : 0x1f80; /* MXCSR */
    area[64] = attempt.number % 4 == 1 ? ~0ul : attempt.number & 7;
    area[65] = attempt.number % 4 == 2 ? 1ul << 63 | 3 : 0; /* XCOMP_BV */
    for (unsigned i = 66; i < 72; i++) {
        area[i] = attempt.number % 4 == 3 ? ~0ul : 0;
    }
    __asm__ volatile("xrstor64 %0" : : "m"(*area), "a"(-1), "d"(-1) : "memory");
    uint32_t mxcsr = 0x0000; /* no exception masked */
    __asm__ volatile("ldmxcsr %0\n\tpxor %%xmm1, %%xmm1\n\tdivss %%xmm1, %%xmm2" : : "m"(mxcsr));
    seL4_Yield();
}

/* seL4's own calls with anything in the registers. Left out are those by which anybody may end a
 * machine with a debug kernel, and those that wait. */
void attack_kernel_calls(struct attempt attempt)
{
    static const int64_t numbers[] = {seL4_SysCall, seL4_SysSend, seL4_SysNBSend, seL4_SysYield,
                                      seL4_SysSetTLSBase};
    uint64_t state = attempt.number;
    for (unsigned i = 0; i < 16; i++) {
        uint64_t slot = chance(&state);
        uint64_t number = i == 15 ? chance(&state) >> 1 : (uint64_t)numbers[chance(&state) % 5];
        register uint64_t r10 __asm__("r10") = chance(&state);
        register uint64_t r8 __asm__("r8") = chance(&state);
        register uint64_t r9 __asm__("r9") = chance(&state);
        register uint64_t r12 __asm__("r12") = chance(&state);
        register uint64_t r13 __asm__("r13") = chance(&state);
        __asm__ volatile("mov %%rsp, %%rbx\n\tsyscall\n\tmov %%rbx, %%rsp"
                         : "+r"(r10), "+r"(r8), "+r"(r9)
                         : "d"(number), "D"(slot % 2 ? slot % 24 : slot), "S"(chance(&state)),
                           "r"(r12), "r"(r13)
                         : "rax", "rbx", "rcx", "r11", "r15", "memory");
    }
}
