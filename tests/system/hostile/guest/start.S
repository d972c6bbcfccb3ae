/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Where guests start, with their arguments in registers, and how attackers jump. */

    .section .text.start, "ax"
    .globl _start
_start:
    xor     %ebp, %ebp
    call    guest_main
    ud2                                     /* an attempt is over */

    .text

/* void jump(const struct jump *): loads all registers and goes to rcx. Never returns. */
    .globl jump
jump:
    mov     %rdi, %r11
    mov     0(%r11), %rax
    mov     8(%r11), %rbx
    mov     16(%r11), %rcx
    mov     24(%r11), %rdx
    mov     32(%r11), %rsi
    mov     48(%r11), %rbp
    mov     56(%r11), %rsp
    mov     64(%r11), %r8
    mov     72(%r11), %r9
    mov     80(%r11), %r10
    mov     88(%r11), %r12
    mov     96(%r11), %r13
    mov     104(%r11), %r14
    mov     112(%r11), %r15
    mov     40(%r11), %rdi
    jmp     *%rcx

/* Pieces of code to jump to. */
    .globl bare_syscall
bare_syscall:
    syscall
    ud2

    .globl usual_syscall
usual_syscall:
    mov     %rsp, %rbx
    syscall
    mov     %rbx, %rsp
    ud2

    .globl usual_syscall_end
usual_syscall_end:

    .globl illegal
illegal:
    ud2

    .globl breakpoint
breakpoint:
    int3
    ud2

    .globl spin
spin:
    jmp     spin

    .section .note.GNU-stack, "", @progbits
