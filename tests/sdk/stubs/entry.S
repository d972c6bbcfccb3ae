/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What `syscall` has been replaced by: hands the registers to kernel_enter() and back. */

    .text
    .globl kernel_entry
    .type kernel_entry, @function
kernel_entry:
    pushq %rdx
    pushq %r13
    pushq %r12
    pushq %r15
    pushq %r9
    pushq %r8
    pushq %r10
    pushq %rsi
    pushq %rdi
    movq %rsp, %rdi
    /* The kernel keeps all registers but these; rax it leaves as it was. */
    pushq %rax
    pushq %rbp
    movq %rsp, %rbp
    andq $-16, %rsp
    call kernel_enter
    movq %rbp, %rsp
    popq %rbp
    popq %rax
    popq %rdi
    popq %rsi
    popq %r10
    popq %r8
    popq %r9
    popq %r15
    popq %r12
    popq %r13
    popq %rdx
    ret
    .size kernel_entry, . - kernel_entry

    .section .note.GNU-stack, "", @progbits
