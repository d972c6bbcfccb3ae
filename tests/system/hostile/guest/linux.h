/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What attackers ask of Linux. */
#pragma once

#include "tests/system/hostile/guest/guest.h"

/* A call that would do harm, the nth of a list that starts again at its end; `to` is open. */
struct jump linux_call(uint64_t nth, uint64_t prey);

/* Should a call have mapped what is not the attacker's at GUEST_HOLE: fill that. One attempt in
 * four looks, as looking is a fault. */
void linux_call_succeeded(uint64_t prey);

/* What rt_sigreturn takes from the stack: struct rt_sigframe behind its return address. */
struct forged_frame {
    uint64_t flags, link, stack[3];
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
    uint64_t eflags;
    uint16_t cs, gs, fs, ss;
    uint64_t error, vector, old_mask, cr2, fpu, reserved[8];
    uint64_t mask; /* of blocked signals */
};

void forge_frame(struct forged_frame *frame, uint64_t rip, uint64_t rsp);
