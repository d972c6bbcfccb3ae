/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the guests' programs share. */
#pragma once

#include <stdint.h>

#include <sel4/sel4.h>

#include "tests/system/hostile/attacks.h"
#include "tests/system/hostile/layout.h"

/* One attempt of one thread of an attacker. Returning, or a fault, ends it; then comes the next. */
struct attempt {
    uint64_t number;
    uint64_t thread;
    uint64_t prey; /* physical address of a frame that is not the attacker's */
};

#define A(name, threads, attempts, help) void attack_##name(struct attempt attempt);
ATTACKS(A)
#undef A

void client(void);
void server(void);
void hostage(void);

/* Registers to jump with, in the order of start.S. */
struct jump {
    uint64_t rax, rbx, to, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r12, r13, r14, r15;
};

_Noreturn void jump(const struct jump *registers);

/* Places in start.S: `syscall` and a fault, the same with the usual instructions around it, … */
extern const char bare_syscall[], usual_syscall[], usual_syscall_end[], illegal[], breakpoint[],
    spin[];

#define ADDRESS(place) ((uint64_t)(place))

/* For rdx, by hand: a call that does nothing to anybody. */
#define YIELD ((uint64_t)seL4_SysYield)

/* Deterministic chance: the next word after `state`. */
static inline uint64_t chance(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15;
    uint64_t word = *state;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    return word ^ (word >> 31);
}
