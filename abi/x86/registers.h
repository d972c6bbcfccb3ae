/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The registers of a thread in the order of seL4_UserContext, and the lists of registers in
 * messages. Source: seL4 16.0.0, libsel4 sel4_arch/types.h and sel4_arch/constants.h (x86_64).
 */
#pragma once

#include <stdint.h>

enum x86_register {
    X86_RIP,
    X86_RSP,
    X86_RFLAGS,
    X86_RAX,
    X86_RBX,
    X86_RCX,
    X86_RDX,
    X86_RSI,
    X86_RDI,
    X86_RBP,
    X86_R8,
    X86_R9,
    X86_R10,
    X86_R11,
    X86_R12,
    X86_R13,
    X86_R14,
    X86_R15,
    X86_FS_BASE,
    X86_GS_BASE,
    X86_REGISTERS
};

struct x86_registers {
    uint64_t r[X86_REGISTERS];
};

/* A system call's registers. rax is arbitrary; rcx and r11 are clobbered by the instruction. */
#define SYSCALL_NUMBER      X86_RDX
#define SYSCALL_CAP         X86_RDI /* out: badge */
#define SYSCALL_INFO        X86_RSI
#define SYSCALL_MR0         X86_R10
#define SYSCALL_MR1         X86_R8
#define SYSCALL_MR2         X86_R9
#define SYSCALL_MR3         X86_R15
#define SYSCALL_REPLY       X86_R12 /* MCS */
#define SYSCALL_DESTINATION X86_R13 /* MCS: where NBSendRecv and NBSendWait send */

/* The message of an unknown system call: these, then the number. A reply writes back all but
 * the number. */
#define UNKNOWN_SYSCALL_REGISTERS(R)                                                               \
    R(X86_RAX)                                                                                     \
    R(X86_RBX)                                                                                     \
    R(X86_RCX)                                                                                     \
    R(X86_RDX)                                                                                     \
    R(X86_RSI)                                                                                     \
    R(X86_RDI)                                                                                     \
    R(X86_RBP)                                                                                     \
    R(X86_R8)                                                                                      \
    R(X86_R9)                                                                                      \
    R(X86_R10)                                                                                     \
    R(X86_R11)                                                                                     \
    R(X86_R12)                                                                                     \
    R(X86_R13)                                                                                     \
    R(X86_R14)                                                                                     \
    R(X86_R15)                                                                                     \
    R(X86_RIP)                                                                                     \
    R(X86_RSP)                                                                                     \
    R(X86_RFLAGS)
#define UNKNOWN_SYSCALL_LENGTH 19

/* The message of a user exception: these, then the vector, then the error code. */
#define USER_EXCEPTION_REGISTERS(R)                                                                \
    R(X86_RIP)                                                                                     \
    R(X86_RSP)                                                                                     \
    R(X86_RFLAGS)
#define USER_EXCEPTION_LENGTH 5

/* A reply to a timeout writes registers in the order of seL4_UserContext, all but the last. */
#define TIMEOUT_REPLY_LENGTH X86_GS_BASE

/* First address that no guest can map. */
#define X86_USER_TOP 0x00007ffffffff000ul
