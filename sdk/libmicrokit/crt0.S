/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Where a PD starts. The tool has set rsp; main() never returns. */

    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    call main
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
