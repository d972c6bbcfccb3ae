/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The mapper: makes the Linux system calls that the kernel orders, and answers through the pipe with
 * one byte. Guest threads share its memory, so it has none: everything is in registers, orders come
 * from a page that the cell can only read, and the answer is one of the bytes in this text.
 *
 *   r12d  the last sequence number seen
 *   r13   the order in work
 *   r14d  orders left
 *   r15   stub_orders
 *   rbp   the system call that was ordered
 *   rbx   of clone: the new thread's slot
 */
#include <asm/unistd_64.h>

#include "platform/stub/layout.h"

    .text
    .globl stub_mapper
stub_mapper:
    lea     stub_orders(%rip), %r15
    xor     %r12d, %r12d

    /* All below the text, and all above the bell. */
    mov     $__NR_munmap, %eax
    xor     %edi, %edi
    movabs  $STUB_BASE, %rsi
    syscall
    mov     $__NR_munmap, %eax
    lea     stub_bell+0x1000(%rip), %rdi
    movabs  $0x7ffffffff000, %rsi
    sub     %rdi, %rsi
    syscall
    mov     $__NR_munmap, %eax
    lea     text_end+0xfff(%rip), %rdi
    and     $-0x1000, %rdi
    mov     %r15, %rsi
    sub     %rdi, %rsi
    jz      1f
    syscall
1:  xor     %eax, %eax

/* eax: 0 or -errno of what was asked last. */
answer:
    neg     %eax
    lea     bytes(%rip), %rsi
    add     %rax, %rsi
    mov     $CELL_FD_REPLY, %edi
    mov     $1, %edx
    mov     $__NR_write, %eax
    syscall

wait:
    xor     %ecx, %ecx
look:
    mov     ORDERS_SEQUENCE(%r15), %eax
    cmp     %r12d, %eax
    jne     work
    cmpl    $0, ORDERS_WAKE(%r15)
    jne     wake
    pause
    add     $1, %ecx
    cmp     ORDERS_LOOPS(%r15), %ecx
    jb      look
    cmpl    $0, ORDERS_WAKE(%r15)           /* is written before the kernel ends the loop */
    jne     wake
sleep:
    mov     %r15, %rdi                      /* futex(sequence, WAIT, seen, no timeout) */
    xor     %esi, %esi
    mov     %r12d, %edx
    xor     %r10d, %r10d
    mov     $__NR_futex, %eax
    syscall
    jmp     wait

wake:                                       /* futex(wake word of the current thread, WAKE, 1) */
    mov     ORDERS_CURRENT(%r15), %rdi
    add     $RESUME_WAKE, %rdi
    mov     $1, %esi
    mov     $1, %edx
    mov     $__NR_futex, %eax
    syscall
    jmp     sleep

work:
    mov     %eax, %r12d
    lea     ORDERS_FIRST(%r15), %r13
    mov     ORDERS_COUNT(%r15), %r14d
next:
    sub     $1, %r14d
    jc      done
    mov     (%r13), %rbp
    mov     ORDER_SLOT(%r13), %rbx
    mov     %rbp, %rax
    mov     ORDER_ARGS+0(%r13), %rdi
    mov     ORDER_ARGS+8(%r13), %rsi
    mov     ORDER_ARGS+16(%r13), %rdx
    mov     ORDER_ARGS+24(%r13), %r10
    mov     ORDER_ARGS+32(%r13), %r8
    mov     ORDER_ARGS+40(%r13), %r9
    syscall
    cmp     $-4095, %rax
    jae     answer
    cmp     $__NR_clone, %rbp
    jne     1f
    test    %eax, %eax
    jz      stub_thread
1:  add     $ORDER_BYTES, %r13
    jmp     next
done:
    xor     %eax, %eax
    jmp     answer

/*
 * A new thread. It makes itself harmless before it runs its first guest instruction; the kernel's
 * process wrote the filter and the rest where no guest can change them. By now the orders may be
 * others: what it needs of its own is in rbp and rbx.
 */
stub_thread:
    mov     $__NR_sigaltstack, %eax
    lea     RESUME_STACK(%rbx), %rdi
    xor     %esi, %esi
    syscall
    mov     $STUB_EXIT_SETUP, %edi
    test    %eax, %eax
    jnz     refused

    mov     $__NR_prctl, %eax
    mov     $15, %edi                       /* PR_SET_NAME */
    lea     RESUME_NAME(%rbx), %rsi
    syscall

    cmpq    $0, RESUME_TRAP_TSC(%rbx)
    je      1f
    mov     $__NR_prctl, %eax
    mov     $26, %edi                       /* PR_SET_TSC */
    mov     $2, %esi                        /* PR_TSC_SIGSEGV */
    syscall                                 /* where it has no effect, platform_open() has seen it */

1:  cmpq    $0, RESUME_DISPATCH(%rbx)
    je      1f
    mov     $__NR_prctl, %eax
    mov     $59, %edi                       /* PR_SET_SYSCALL_USER_DISPATCH */
    mov     $1, %esi                        /* PR_SYS_DISPATCH_ON, but for the stub's text */
    movabs  $STUB_BASE, %rdx
    mov     $STUB_TEXT_BYTES, %r10d
    xor     %r8d, %r8d
    syscall
    mov     $STUB_EXIT_TRAP, %edi
    test    %eax, %eax
    jnz     refused

1:  mov     $__NR_seccomp, %eax
    mov     $1, %edi                        /* SECCOMP_SET_MODE_FILTER */
    xor     %esi, %esi
    lea     RESUME_FILTER(%rbx), %rdx
    syscall
    mov     $STUB_EXIT_SECCOMP, %edi
    test    %eax, %eax
    jnz     refused

    /* Not before the filter holds: a signal is handled on a stack that guests can write to. */
    mov     $__NR_rt_sigprocmask, %eax
    mov     $2, %edi                        /* SIG_SETMASK */
    lea     RESUME_SIGNALS(%rbx), %rsi
    xor     %edx, %edx
    mov     $8, %r10d
    syscall
    mov     $STUB_EXIT_SETUP, %edi
    test    %eax, %eax
    jnz     refused

    xor     %ebp, %ebp
    xor     %r12d, %r12d
    jmp     stub_wait

refused:
    mov     $__NR_exit_group, %eax
    syscall
    ud2

/* One byte for each errno. */
bytes:
    .set    value, 0
    .rept   256
    .byte   value
    .set    value, value + 1
    .endr

    .section .rodata.zz, "a"
text_end:
    .section .note.GNU-stack, "", @progbits
