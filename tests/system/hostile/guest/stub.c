/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Attacks on the stub: its system calls, its code at odd places, its doorbell, its waiting. */
#include "tests/system/hostile/guest/guest.h"

#include <asm/unistd_64.h>

#include "platform/stub/layout.h"
#include "tests/system/hostile/guest/linux.h"

#define TEXT_BYTES  0x1000
#define SLOT(n)     (STUB_SLOTS + (n)*SLOT_BYTES)
#define BELL        ((volatile uint32_t *)STUB_BELL)
#define THUNK_BYTES 0x800

static const uint8_t *const text = (const uint8_t *)STUB_BASE;

/* Where in the stub these bytes stand for the nth time; 0 if they do not. */
static uint64_t find(const char *bytes, unsigned length, unsigned nth)
{
    for (unsigned i = 0; i + length <= TEXT_BYTES; i++) {
        unsigned same = 0;
        while (same < length && text[i + same] == (uint8_t)bytes[same]) {
            same++;
        }
        if (same == length && nth-- == 0) {
            return STUB_BASE + i;
        }
    }
    return 0;
}

static unsigned site_count(void)
{
    unsigned count = 0;
    while (find("\x0f\x05", 2, count) != 0) {
        count++;
    }
    return count;
}

static void ring(void)
{
    *BELL = 1;
}

/* Each of the stub's own system call instructions with each of Linux's calls. */
void attack_stub_syscalls(struct attempt attempt)
{
    unsigned sites = site_count();
    struct jump registers = linux_call(attempt.number / sites, attempt.prey);
    linux_call_succeeded(attempt.prey);
    registers.to = find("\x0f\x05", 2, (unsigned)(attempt.number % sites));
    jump(&registers);
}

/* Any byte of the stub's code or of its thunks, with the registers that its code uses. */
void attack_stub_jumps(struct attempt attempt)
{
    static const uint64_t slots[] = {SLOT(0), SLOT(1), GUEST_SCRATCH, STUB_ORDERS, STUB_BELL, 0};
    uint64_t state = attempt.number;
    uint64_t place = chance(&state);
    uint64_t slot = slots[chance(&state) % 6];
    jump(&(struct jump){
        .to = place % 4 == 0 ? STUB_LOW_BASE + (place >> 8) % THUNK_BYTES
                             : STUB_BASE + (place >> 8) % TEXT_BYTES,
        .rax = __NR_futex,
        .rbx = slot,
        .rdx = chance(&state),
        .rsi = GUEST_SCRATCH,
        .rdi = chance(&state) % 2 ? STUB_SIGNAL_PREEMPT : slot,
        .rbp = chance(&state) % 2 ? GUEST_SCRATCH : 0,
        .rsp = chance(&state) % 2 ? GUEST_SCRATCH + PAGE_BYTES : slot + SLOT_STACK_TOP,
        .r12 = chance(&state),
    });
}

/* Frames that say: all signals blocked, go on at `spin`. By every system call there is. */
void attack_forged_signal_frames(struct attempt attempt)
{
    struct forged_frame *frame = (struct forged_frame *)GUEST_SCRATCH;
    forge_frame(frame, ADDRESS(spin), GUEST_SCRATCH + PAGE_BYTES);
    uint64_t site = attempt.number % 4 == 0
                        ? ADDRESS(bare_syscall)
                        : find("\x0f\x05", 2, (unsigned)(attempt.number % site_count()));
    jump(&(struct jump){.to = site, .rax = __NR_rt_sigreturn, .rsp = (uint64_t)frame});
}

/* Block the signal that takes the CPU away, ignore it, take its stack away; then keep the CPU. */
void attack_blocked_signals(struct attempt attempt)
{
    uint64_t *page = (uint64_t *)GUEST_SCRATCH;
    page[0] = ~0ul;
    page[1] = 1; /* SIG_IGN, as a struct sigaction starts with it */
    page[8] = 0;
    page[9] = 2; /* SS_DISABLE, in a stack_t */
    struct jump calls[] = {
        {.rax = __NR_rt_sigprocmask, .rdi = 2, .rsi = GUEST_SCRATCH, .r10 = 8},
        {.rax = __NR_rt_sigaction, .rdi = STUB_SIGNAL_PREEMPT, .rsi = GUEST_SCRATCH + 8, .r10 = 8},
        {.rax = __NR_sigaltstack, .rdi = GUEST_SCRATCH + 64},
    };
    unsigned sites = site_count();
    if (attempt.number < 3 * (sites + 1)) {
        struct jump registers = calls[attempt.number % 3];
        uint64_t site = find("\x0f\x05", 2, (unsigned)(attempt.number / 3));
        registers.to = site != 0 ? site : ADDRESS(bare_syscall);
        registers.rdx = 7;
        registers.rsp = GUEST_SCRATCH + PAGE_BYTES;
        jump(&registers);
    }
    for (;;) {
    }
}

/* Ring for all it is worth: its own bell with all kinds of values, with forged saves, and whatever
 * may be another one's. */
void attack_doorbells(struct attempt attempt)
{
    struct stub_save *save = (struct stub_save *)(SLOT(0) + SLOT_SAVE);
    uint64_t state = attempt.number;
    for (unsigned round = 0; round < 100000; round++) {
        uint64_t word = chance(&state);
        save->registers.r[word % X86_REGISTERS] = word | 1ul << 40;
        save->signal = word >> 32 & 0x1f;
        save->thread_id = (uint32_t)word;
        *BELL = (uint32_t)(word % 4 == 0 ? word : word % 4);
        __asm__ volatile("xchg %0, %1" : "+r"(word), "+m"(*(volatile uint64_t *)BELL));
    }
    /* The cells of others have theirs at the same address; only futexes go by the page. */
    jump(&(struct jump){.to = find("\x0f\x05", 2, 0),
                        .rax = __NR_futex,
                        .rdi = STUB_BELL,
                        .rsi = 1,
                        .rdx = 1,
                        .rsp = GUEST_SCRATCH + PAGE_BYTES});
}

void attack_never_waiting(struct attempt attempt)
{
    (void)attempt;
    ring();
    for (;;) {
    }
}

/* Loads all registers in the stub, rip among them: the place where that starts. */
void attack_stub_loop(struct attempt attempt)
{
    (void)attempt;
    /* mov RESUME_FS_BASE(%rbx),%rax; wrfsbase %rax */
    uint64_t leave = find("\x48\x8b\x83\xa0\x00\x00\x00\xf3\x48\x0f\xae\xd0", 12, 0);
    struct stub_resume *forged = (struct stub_resume *)GUEST_SCRATCH;
    *forged = (struct stub_resume){
        .rip = leave,
        .cs = 0x33,
        .ss = 0x2b,
        .rflags = 0x202,
        .rbx = GUEST_SCRATCH,
        .rsp = GUEST_SCRATCH + PAGE_BYTES,
    };
    jump(&(struct jump){.to = leave, .rbx = GUEST_SCRATCH, .rsp = GUEST_SCRATCH + PAGE_BYTES});
}

/* Wait as a stopped thread does, without having told the kernel. */
void attack_stub_sleep(struct attempt attempt)
{
    (void)attempt;
    /* cmp %r12d,RESUME_WAKE(%rbx) */
    uint64_t wait = find("\x44\x39\xa3\xb0\x00\x00\x00", 7, 0);
    uint64_t slot = SLOT(0);
    jump(&(struct jump){.to = wait,
                        .rbx = slot,
                        .r12 = ((volatile struct stub_resume *)slot)->wake,
                        .rsp = slot + SLOT_STACK_TOP});
}

static void fill(uint64_t address, uint64_t bytes, uint64_t word)
{
    __asm__ volatile("rep stosq"
                     : "+D"(address), "+c"(*(uint64_t[]){bytes / 8})
                     : "a"(word)
                     : "memory");
}

/* Fill all that a thread of this VSpace can write in a slot. */
static void fill_slot(uint64_t slot, uint64_t word)
{
    fill(slot + SLOT_SAVE, SLOT_BYTES - SLOT_SAVE, word);
}

/* Its own save page, FPU state and signal stack, and enter the kernel between. */
void attack_scribble(struct attempt attempt)
{
    uint64_t state = attempt.number;
    for (;;) {
        fill_slot(SLOT(0), chance(&state));
        fill(GUEST_SCRATCH, 2 * PAGE_BYTES, chance(&state));
        seL4_Yield();
        fill_slot(SLOT(0), 0x0101010101010101 * (chance(&state) & 0xff));
        __asm__ volatile("syscall" : : "d"(YIELD) : "rcx", "r11", "memory");
        BELL[1 + chance(&state) % 1023] = (uint32_t)state;
    }
}

/* What the kernel writes for the cell, and what is nobody's. */
void attack_protected_writes(struct attempt attempt)
{
    static const uint64_t places[] = {
        STUB_BASE,
        STUB_BASE + 0x800,
        STUB_ORDERS,
        STUB_ORDERS + ORDERS_CURRENT,
        SLOT(0),
        SLOT(0) + RESUME_WAKE,
        SLOT(0) + RESUME_FILTER,
        SLOT(0) + SLOT_FPU_LOAD,
        STUB_LOW_BASE,
        STUB_LOW_BASE + 0x1000,
        STUB_SLOTS + STUB_SLOTS_MAX * (uint64_t)SLOT_BYTES,
        GUEST_TEXT,
        GUEST_CANARIES,
        GUEST_PROGRESS,
        0,
        0xffffffff80000000,
        0xffff800000000000,
        0xffffffffff600000,
        0x7ffffffff000,
        0x800000000000,
    };
    volatile uint64_t *place = (uint64_t *)places[attempt.number % 20];
    *place = attempt.prey;
}

/* Thread 0 enters the kernel all the time; thread 1 does not wait and scribbles over it. */
static void call_for_ever(struct attempt attempt)
{
    for (uint64_t i = attempt.number;; i++) {
        seL4_Signal(CAP_OWN);
        seL4_Yield();
        __asm__ volatile("syscall" : : "d"(YIELD) : "rcx", "r11", "memory");
    }
}

static void scribble_for_ever(struct attempt attempt, unsigned slots)
{
    uint64_t state = attempt.number;
    ring();
    for (;;) {
        /* The first words alone most of the time: that is where the registers are. */
        for (unsigned slot = 0; slot < slots; slot++) {
            fill(SLOT(slot) + SLOT_SAVE, chance(&state) % 8 ? 0x100 : 0x4000, chance(&state));
            fill(SLOT(slot) + SLOT_STACK, 0x7000, chance(&state));
        }
        fill(GUEST_STACKS, PAGE_BYTES, chance(&state));
    }
}

void attack_second_thread(struct attempt attempt)
{
    if (attempt.thread == 0) {
        call_for_ever(attempt);
    }
    scribble_for_ever(attempt, 2);
}

void attack_second_thread_moves(struct attempt attempt)
{
    if (attempt.thread == 0) {
        call_for_ever(attempt);
    }
    scribble_for_ever(attempt, 1);
}

void attack_flood_of_rebels(struct attempt attempt)
{
    (void)attempt;
    for (;;) {
        ring();
    }
}
