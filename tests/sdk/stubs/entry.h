/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Running seL4 userland code as an ordinary Linux program: in its assembly, each `syscall` is
 * replaced by a call of kernel_entry, and the test says what the kernel does.
 */
#pragma once

#include <sel4/types.h>

/* The registers of a system call, in the order in which entry.S pushes them. */
struct registers {
    seL4_Word rdi, rsi, r10, r8, r9, r15, r12, r13, rdx;
};

/* Called for each system call. What it leaves in *registers is what the program sees. */
void kernel_enter(struct registers *registers);
