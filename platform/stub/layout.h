/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What the kernel's process and the stub in a cell share: where the stub lives, and the pages of the
 * cell's control memory. Read by C on both sides and by the stub's assembly.
 *
 *   high range   0x7d5100000000  text of the stub                      cell: r-x
 *                     + 0x10000  orders: what the mapper is to do      cell: r--
 *                     + 0x11000  bell                                  cell: rw-
 *                    + 0x100000  one slot of 64 KiB for each thread:
 *                                  + 0x0000  resume   cell: r--
 *                                  + 0x1000  FPU state to load         cell: r--
 *                                  + 0x4000  save     cell: rw-
 *                                  + 0x5000  FPU state that was saved  cell: rw-
 *                                  + 0x8000  signal stack              cell: rw-
 *   low range           0x40000  thunks of rewritten system calls      cell: r-x
 *
 * Everything but the text is the cell's control memory, a memfd that the kernel's process maps
 * whole and writable. The word `cell` above stands for every thread of the cell, hostile or not.
 */
#pragma once

#define STUB_BASE       0x7d5100000000
#define STUB_TEXT_BYTES 0x10000
#define STUB_HIGH_BYTES 0x4000000

#define STUB_CONTROL   (STUB_BASE + STUB_TEXT_BYTES) /* offset 0 of the control memory */
#define STUB_ORDERS    STUB_CONTROL
#define STUB_BELL      (STUB_CONTROL + 0x1000)
#define STUB_SLOTS     (STUB_BASE + 0x100000)
#define STUB_SLOTS_MAX 1008

#define STUB_LOW_BASE    0x40000
#define STUB_LOW_BYTES   0x20000
#define STUB_LOW_CONTROL 0x20000 /* its offset in the control memory */

/* Copies of rewritten pages, at the end of the control memory; a cell maps them where the guest's
 * text is. */
#define CONTROL_COPIES     (STUB_HIGH_BYTES - STUB_TEXT_BYTES)
#define CONTROL_COPIES_MAX 512
#define CONTROL_COPY(n)    (CONTROL_COPIES + (n)*0x1000)

#define CONTROL_BYTES   CONTROL_COPY(CONTROL_COPIES_MAX)
#define CONTROL_BELL    (STUB_BELL - STUB_CONTROL)
#define CONTROL_SLOT(n) (STUB_SLOTS - STUB_CONTROL + (n)*SLOT_BYTES)

#define SLOT_BYTES     0x10000
#define SLOT_FPU_LOAD  0x1000
#define SLOT_SAVE      0x4000
#define SLOT_FPU_SAVED 0x5000
#define SLOT_STACK     0x8000
#define SLOT_STACK_TOP 0x10000
#define SLOT_FPU_BYTES 0x3000 /* room for either FPU state */

/* Descriptors of a cell. Guest threads can use none. */
#define CELL_FD_RAM        3
#define CELL_FD_CONTROL    4
#define CELL_FD_REPLY      5 /* write end: one byte, 0 or an errno, when orders are done */
#define CELL_FD_FIRST_FREE 6

/* The signal that takes the CPU from a guest. */
#define STUB_SIGNAL_PREEMPT 23 /* SIGURG */

/* How a stub that could not start ends. */
#define STUB_EXIT_SETUP   100 /* a system call of the set-up was refused */
#define STUB_EXIT_ORPHAN  101 /* the kernel's process has died meanwhile */
#define STUB_EXIT_TRAP    102 /* no system call user dispatch, or the wrong kind */
#define STUB_EXIT_SECCOMP 103 /* no seccomp filter */

/* What a thread does about its FPU before it goes on: struct stub_resume, fpu. */
#define STUB_FPU_KEEP 0
#define STUB_FPU_LOAD 1 /* the state at SLOT_FPU_LOAD replaces its own */
#define STUB_FPU_SAVE 2 /* not going on at all: put it at SLOT_FPU_SAVED and ring */

/* How a thread gets its FS and GS base: struct stub_resume, bases. */
#define STUB_BASES_WRITE 0 /* by instruction */
#define STUB_BASES_ASK   1 /* by asking Linux */
#define STUB_BASES_KEEP  2 /* they are as they should be */

/* Offsets for assembly; C checks them below. */
#define ORDERS_SEQUENCE  0
#define ORDERS_COUNT     4
#define ORDERS_CURRENT   8
#define ORDERS_ASLEEP    24
#define ORDERS_LOOPS     28
#define ORDERS_WAKE      32
#define ORDERS_HAND_OVER 36
#define ORDERS_FIRST     64
#define ORDER_ARGS       8
#define ORDER_SLOT       56
#define ORDER_BYTES      64

#define RESUME_REGISTERS 0
#define RESUME_FS_BASE   160
#define RESUME_GS_BASE   168
#define RESUME_WAKE      176
#define RESUME_FPU       180
#define RESUME_FPU_MASK  184
#define RESUME_STACK     192
#define RESUME_SIGNALS   216
#define RESUME_FILTER    224
#define RESUME_NAME      240
#define RESUME_DISPATCH  256
#define RESUME_BASES     264
#define RESUME_TRAP_TSC  272
#define RESUME_LOOPS     280

#define SAVE_RIP     0
#define SAVE_RSP     8
#define SAVE_RFLAGS  16
#define SAVE_RAX     24
#define SAVE_RBX     32
#define SAVE_RCX     40
#define SAVE_RDX     48
#define SAVE_RSI     56
#define SAVE_RDI     64
#define SAVE_RBP     72
#define SAVE_R8      80
#define SAVE_R9      88
#define SAVE_R10     96
#define SAVE_R11     104
#define SAVE_R12     112
#define SAVE_R13     120
#define SAVE_R14     128
#define SAVE_R15     136
#define SAVE_FS_BASE 144
#define SAVE_GS_BASE 152
#define SAVE_SIGNAL  160
#define SAVE_ASLEEP  220
#define SAVE_WOKE    224
#define SAVE_RANG    232

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "abi/x86/registers.h"

/* One Linux system call for the mapper to make. */
struct stub_order {
    uint64_t number;
    uint64_t args[6];
    uint64_t slot; /* of clone: address of the new thread's slot */
};

#define STUB_ORDERS_MAX 60

/* Written by the kernel's process only, while the mapper waits. */
struct stub_orders {
    uint32_t sequence; /* a new value: there are orders */
    uint32_t count;
    uint64_t current; /* address of the slot of the thread that runs now */
    uint64_t parent;  /* process id of the kernel */
    uint32_t asleep;  /* whether the kernel may sleep on the bell: ringing takes a system call */
    /* Where a thread runs beside the core (platform/isolated/beside.h), its cell's mapper does, too. One of
     * them sleeps. */
    uint32_t loops;     /* how often the mapper is to look for orders before it sleeps */
    uint32_t wake;      /* it is to wake the current thread, and to sleep */
    uint32_t hand_over; /* a thread that is going to sleep is to wake it */
    uint32_t spare[6];
    struct stub_order order[STUB_ORDERS_MAX];
};

/*
 * How a thread goes on, and what it needs to know of itself. The general registers stand in the order
 * in which the stub pops them, and end in what iretq takes.
 */
struct stub_resume {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t rip, cs, rflags, rsp, ss;
    uint64_t fs_base, gs_base;
    uint32_t wake; /* a new value: go on */
    uint32_t fpu;  /* STUB_FPU_ */
    uint64_t fpu_mask;
    uint64_t stack[3];  /* stack_t */
    uint64_t signals;   /* blocked ones */
    uint64_t filter[2]; /* struct sock_fprog */
    char name[16];
    uint64_t dispatch; /* whether to use system call user dispatch */
    uint64_t bases;    /* STUB_BASES_ */
    uint64_t trap_tsc; /* whether rdtsc is to raise an exception */
    uint32_t loops;    /* how often to look at the wake word before sleeping on it */
    uint32_t spare;
    struct {
        uint16_t code;
        uint8_t jt, jf;
        uint32_t k;
    } filter_code[64];
};

/*
 * A stopped thread. Any thread of the cell can write here, at any time: the kernel copies it once
 * and believes no more of it than it would of the registers themselves.
 */
struct stub_save {
    struct x86_registers registers;
    uint64_t signal; /* 0: came through a thunk, and the rest does not count */
    uint64_t code;
    uint64_t vector;
    uint64_t error;
    uint64_t address; /* of a page fault, or of a system call */
    uint64_t arch;    /* of a system call */
    uint64_t cs;
    uint32_t thread_id;
    uint32_t asleep; /* whether the thread may sleep on its wake word */
    /* On the TSC, where the cell may read it: when the thread last woke, and when it last rang. */
    uint64_t woke_ticks, rang_ticks;
};

#define STUB_ASSERT(what) _Static_assert(what, "layout.h: the two halves disagree")
STUB_ASSERT(sizeof(struct stub_order) == ORDER_BYTES);
STUB_ASSERT(offsetof(struct stub_order, args) == ORDER_ARGS);
STUB_ASSERT(offsetof(struct stub_order, slot) == ORDER_SLOT);
STUB_ASSERT(offsetof(struct stub_orders, sequence) == ORDERS_SEQUENCE);
STUB_ASSERT(offsetof(struct stub_orders, count) == ORDERS_COUNT);
STUB_ASSERT(offsetof(struct stub_orders, current) == ORDERS_CURRENT);
STUB_ASSERT(offsetof(struct stub_orders, asleep) == ORDERS_ASLEEP);
STUB_ASSERT(offsetof(struct stub_orders, loops) == ORDERS_LOOPS);
STUB_ASSERT(offsetof(struct stub_orders, wake) == ORDERS_WAKE);
STUB_ASSERT(offsetof(struct stub_orders, hand_over) == ORDERS_HAND_OVER);
STUB_ASSERT(offsetof(struct stub_orders, order) == ORDERS_FIRST);
STUB_ASSERT(sizeof(struct stub_orders) <= 0x1000);
STUB_ASSERT(offsetof(struct stub_resume, r15) == RESUME_REGISTERS);
STUB_ASSERT(offsetof(struct stub_resume, fs_base) == RESUME_FS_BASE);
STUB_ASSERT(offsetof(struct stub_resume, gs_base) == RESUME_GS_BASE);
STUB_ASSERT(offsetof(struct stub_resume, wake) == RESUME_WAKE);
STUB_ASSERT(offsetof(struct stub_resume, fpu) == RESUME_FPU);
STUB_ASSERT(offsetof(struct stub_resume, fpu_mask) == RESUME_FPU_MASK);
STUB_ASSERT(offsetof(struct stub_resume, stack) == RESUME_STACK);
STUB_ASSERT(offsetof(struct stub_resume, signals) == RESUME_SIGNALS);
STUB_ASSERT(offsetof(struct stub_resume, filter) == RESUME_FILTER);
STUB_ASSERT(offsetof(struct stub_resume, name) == RESUME_NAME);
STUB_ASSERT(offsetof(struct stub_resume, dispatch) == RESUME_DISPATCH);
STUB_ASSERT(offsetof(struct stub_resume, bases) == RESUME_BASES);
STUB_ASSERT(offsetof(struct stub_resume, trap_tsc) == RESUME_TRAP_TSC);
STUB_ASSERT(offsetof(struct stub_resume, loops) == RESUME_LOOPS);
STUB_ASSERT(sizeof(struct stub_resume) <= SLOT_FPU_LOAD);
STUB_ASSERT(offsetof(struct stub_save, signal) == SAVE_SIGNAL);
STUB_ASSERT(offsetof(struct stub_save, asleep) == SAVE_ASLEEP);
STUB_ASSERT(offsetof(struct stub_save, woke_ticks) == SAVE_WOKE);
STUB_ASSERT(offsetof(struct stub_save, rang_ticks) == SAVE_RANG);
STUB_ASSERT(SAVE_R15 == 8 * X86_R15);
STUB_ASSERT(SAVE_GS_BASE == 8 * X86_GS_BASE);
STUB_ASSERT(CONTROL_SLOT(STUB_SLOTS_MAX) <= CONTROL_COPIES);
STUB_ASSERT(STUB_LOW_CONTROL + STUB_LOW_BYTES <= CONTROL_SLOT(0));

#endif
