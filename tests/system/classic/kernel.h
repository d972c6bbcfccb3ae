/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The classic kernel's system calls and numbers, for root tasks that have nothing else. */
#pragma once

#include "abi/bootinfo.h"
#include "abi/errors.h"
#include "abi/invocations.h"
#include "abi/message.h"
#include "abi/objects.h"
#include "abi/syscalls.h"

typedef uint64_t word;

#define NUMBER(name, number) SYS_##name = (number),
enum { SYSCALLS_CLASSIC(NUMBER) SYSCALLS_OPTIONAL(NUMBER, SYSCALLS_CLASSIC_LAST) };

/* Those whose condition holds for sel4test's classic build. */
#define PICK_ALWAYS(name)    name,
#define PICK_CLASSIC(name)   name,
#define PICK_HUGE_PAGE(name) name,
#define PICK_MCS(name)
#define PICK_SMP_CLASSIC(name)
#define PICK_HARDWARE_DEBUG_API(name)
#define PICK_IOMMU(name)
#define PICK_VTX(name)
#define PICK_VTX_64BIT_GUESTS(name)
#define PICK(name, condition) PICK_##condition(name)
enum { INVOCATIONS(PICK) };
enum { OBJECT_TYPES(PICK) };

/* What goes in and comes out of a system call in registers. */
struct message {
    word badge; /* in: the cap */
    word info;
    word mr[MESSAGE_REGISTERS];
};

static inline void syscall(long number, struct message *m)
{
    register word mr0 __asm__("r10") = m->mr[0];
    register word mr1 __asm__("r8") = m->mr[1];
    register word mr2 __asm__("r9") = m->mr[2];
    register word mr3 __asm__("r15") = m->mr[3];
    __asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"
                     : "+D"(m->badge), "+S"(m->info), "+r"(mr0), "+r"(mr1), "+r"(mr2), "+r"(mr3)
                     : "d"(number)
                     : "rax", "rbx", "rcx", "r11", "r12", "r13", "r14", "memory");
    m->mr[0] = mr0;
    m->mr[1] = mr1;
    m->mr[2] = mr2;
    m->mr[3] = mr3;
}

static inline word info(word label, word caps, word length)
{
    return label << MESSAGE_LABEL_SHIFT | caps << MESSAGE_EXTRA_CAPS_SHIFT | length;
}

/* Four words to a cap, or from one. */
static inline struct message transfer(long number, word cap, word tag, word first)
{
    struct message m = {.badge = cap, .info = tag, .mr = {first}};
    syscall(number, &m);
    return m;
}

static inline word identify(word cap)
{
    return transfer(SYS_DebugCapIdentify, cap, 0, 0).badge;
}

static inline void put_char(char c)
{
    transfer(SYS_DebugPutChar, (word)c, 0, 0);
}

static inline void put(const char *text)
{
    while (*text) {
        put_char(*text++);
    }
}

static inline void put_number(word number)
{
    if (number >= 16) {
        put_number(number / 16);
    }
    put_char("0123456789abcdef"[number % 16]);
}

static inline void say(const char *what, word number)
{
    put(what);
    put(" ");
    put_number(number);
    put("\n");
}
