/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * How a thread waits for the kernel, and how it goes on; and the way in from a rewritten system call.
 *
 *   rbx   the thread's slot
 *   rbp   FPU state to go on with; 0: it is in the CPU
 *   r12d  the wake word as it was when the bell rang
 *   rsp   the thread's signal stack
 */
#include <asm/unistd_64.h>

#include "platform/stub/layout.h"

/* Thunks jump here through a table of their own, so these two have fixed addresses. */
    .section .text.first, "ax"
    jmp     call_rbx
    .balign 16
    jmp     call_r14
    .balign 16

    .text

/*
 * A rewritten `mov %rsp,%rbx; syscall; mov %rbx,%rsp`, or the same with r14. rcx holds the address of
 * the `syscall`; r11 is free, as the instruction itself would clobber it. The guest's stack must
 * not be touched: there may be live data below rsp.
 */
call_rbx:
    mov     stub_orders+ORDERS_CURRENT(%rip), %r11
    mov     %rsp, SLOT_SAVE+SAVE_RBX(%r11)
    mov     %r14, SLOT_SAVE+SAVE_R14(%r11)
    jmp     1f
call_r14:
    mov     stub_orders+ORDERS_CURRENT(%rip), %r11
    mov     %rbx, SLOT_SAVE+SAVE_RBX(%r11)
    mov     %rsp, SLOT_SAVE+SAVE_R14(%r11)
1:  mov     %rcx, SLOT_SAVE+SAVE_RIP(%r11)
    mov     %rsp, SLOT_SAVE+SAVE_RSP(%r11)
    mov     %rax, SLOT_SAVE+SAVE_RAX(%r11)
    mov     %rdx, SLOT_SAVE+SAVE_RDX(%r11)
    mov     %rsi, SLOT_SAVE+SAVE_RSI(%r11)
    mov     %rdi, SLOT_SAVE+SAVE_RDI(%r11)
    mov     %rbp, SLOT_SAVE+SAVE_RBP(%r11)
    mov     %r8, SLOT_SAVE+SAVE_R8(%r11)
    mov     %r9, SLOT_SAVE+SAVE_R9(%r11)
    mov     %r10, SLOT_SAVE+SAVE_R10(%r11)
    mov     %r12, SLOT_SAVE+SAVE_R12(%r11)
    mov     %r13, SLOT_SAVE+SAVE_R13(%r11)
    mov     %r15, SLOT_SAVE+SAVE_R15(%r11)
    lea     2(%rcx), %rax
    mov     %rax, SLOT_SAVE+SAVE_RCX(%r11)
    lea     SLOT_STACK_TOP(%r11), %rsp
    mov     %r11, %rbx
    pushfq
    pop     %rax
    mov     %rax, SLOT_SAVE+SAVE_RFLAGS(%rbx)
    mov     %rax, SLOT_SAVE+SAVE_R11(%rbx)
    rdfsbase %rax
    mov     %rax, SLOT_SAVE+SAVE_FS_BASE(%rbx)
    rdgsbase %rax
    mov     %rax, SLOT_SAVE+SAVE_GS_BASE(%rbx)
    movq    $0, SLOT_SAVE+SAVE_SIGNAL(%rbx)
    xor     %ebp, %ebp
    jmp     ring

    .globl stub_park
stub_park:
    mov     %rdi, %rbx
    mov     %rsi, %rbp

/* Write down the time; a cell that must not read the TSC does not. */
    .macro stamp where
    cmpq    $0, RESUME_TRAP_TSC(%rbx)
    jne     1f
    rdtsc
    shl     $32, %rdx
    or      %rdx, %rax
    mov     %rax, SLOT_SAVE+\where(%rbx)
1:
    .endm

/* The wake word is read before the bell rings: an answer cannot be missed. */
ring:
    mov     RESUME_WAKE(%rbx), %r12d
    stamp   SAVE_RANG
    mov     $1, %eax
    xchg    %eax, stub_bell(%rip)           /* before the load, or both sides might sleep */
    cmpl    $0, stub_orders+ORDERS_ASLEEP(%rip)
    je      stub_wait
    lea     stub_bell(%rip), %rdi           /* futex(bell, WAKE, 1) */
    mov     $1, %esi
    mov     $1, %edx
    mov     $__NR_futex, %eax
    syscall

    .globl stub_wait
stub_wait:
    xor     %ecx, %ecx
watch:                                      /* the kernel may end it, by less loops */
    cmp     %r12d, RESUME_WAKE(%rbx)
    jne     woken
    pause
    add     $1, %ecx
    cmp     RESUME_LOOPS(%rbx), %ecx
    jb      watch

    mov     $1, %eax
    xchg    %eax, SLOT_SAVE+SAVE_ASLEEP(%rbx) /* before the loads, or nobody wakes it, or the mapper */
    cmpl    $0, stub_orders+ORDERS_HAND_OVER(%rip)
    je      sleep
    lea     stub_orders(%rip), %rdi         /* futex(sequence, WAKE, 1) */
    mov     $1, %esi
    mov     $1, %edx
    mov     $__NR_futex, %eax
    syscall
sleep:
    cmp     %r12d, RESUME_WAKE(%rbx)
    jne     awake
    lea     RESUME_WAKE(%rbx), %rdi         /* futex(wake, WAIT, seen, no timeout) */
    xor     %esi, %esi
    mov     %r12d, %edx
    xor     %r10d, %r10d
    mov     $__NR_futex, %eax
    syscall
    jmp     sleep

awake:
    stamp   SAVE_WOKE
woken:
    movl    $0, SLOT_SAVE+SAVE_ASLEEP(%rbx)
    mov     RESUME_FPU_MASK(%rbx), %eax
    mov     RESUME_FPU_MASK+4(%rbx), %edx
    mov     RESUME_FPU(%rbx), %ecx
    cmp     $STUB_FPU_LOAD, %ecx
    je      load
    test    %rbp, %rbp
    jz      1f
    xrstor64 (%rbp)
1:  cmp     $STUB_FPU_SAVE, %ecx
    jne     go
    xsave64 SLOT_FPU_SAVED(%rbx)
    xor     %ebp, %ebp
    jmp     ring
load:
    xrstor64 SLOT_FPU_LOAD(%rbx)

/* Loading all registers takes a stack pointer; the page that rsp points to meanwhile cannot be
 * written, and a signal goes to the signal stack. NT would make iretq fault. */
go:
    cmpl    $STUB_BASES_WRITE, RESUME_BASES(%rbx)
    jne     bases
    mov     RESUME_FS_BASE(%rbx), %rax
    wrfsbase %rax
    mov     RESUME_GS_BASE(%rbx), %rax
    wrgsbase %rax
registers:
    pushq   $2
    popfq
    lea     RESUME_REGISTERS(%rbx), %rsp
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %r11
    pop     %r10
    pop     %r9
    pop     %r8
    pop     %rbp
    pop     %rdi
    pop     %rsi
    pop     %rdx
    pop     %rcx
    pop     %rbx
    pop     %rax
    iretq

/* Linux does not know of the instructions. */
bases:
    cmpl    $STUB_BASES_KEEP, RESUME_BASES(%rbx)
    je      registers
    mov     $0x1002, %edi                   /* ARCH_SET_FS */
    mov     RESUME_FS_BASE(%rbx), %rsi
    mov     $__NR_arch_prctl, %eax
    syscall
    mov     $0x1001, %edi                   /* ARCH_SET_GS */
    mov     RESUME_GS_BASE(%rbx), %rsi
    mov     $__NR_arch_prctl, %eax
    syscall
    jmp     registers

/* rdi: general registers in the order of Linux's signal frame, rsi: FPU state. */
    .globl stub_return
stub_return:
    mov     $-1, %eax
    mov     $-1, %edx
    xrstor64 (%rsi)
    pushq   $2
    popfq
    pushq   $0x2b
    pushq   8*15(%rdi)
    pushq   8*17(%rdi)
    pushq   $0x33
    pushq   8*16(%rdi)
    mov     8*0(%rdi), %r8
    mov     8*1(%rdi), %r9
    mov     8*2(%rdi), %r10
    mov     8*3(%rdi), %r11
    mov     8*4(%rdi), %r12
    mov     8*5(%rdi), %r13
    mov     8*6(%rdi), %r14
    mov     8*7(%rdi), %r15
    mov     8*9(%rdi), %rsi
    mov     8*10(%rdi), %rbp
    mov     8*11(%rdi), %rbx
    mov     8*12(%rdi), %rdx
    mov     8*13(%rdi), %rax
    mov     8*14(%rdi), %rcx
    mov     8*8(%rdi), %rdi
    iretq

    .globl stub_never
stub_never:
    ud2

    .section .note.GNU-stack, "", @progbits
