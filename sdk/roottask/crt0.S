/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Where a root task starts: no stack yet, and the address of the bootinfo in rdi. */

    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    leaq __stack_top(%rip), %rsp
    xorl %ebp, %ebp
    call roottask_start
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
