/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What a plain root task is linked with: start-up code, and a console for kernels that print.
 *
 * Start-up sets the stack (64 KiB; link with --defsym=__stack_size=... for another size), the IPC
 * buffer and, if the program has thread-local variables, FS. Then it calls main().
 */
#pragma once

#include <sel4/sel4.h>

SEL4_BEGIN_C

/* The program. When it returns, a debug kernel halts the machine, and others stop the thread. */
int main(seL4_BootInfo *bootinfo);

/* Print a string, or a number in decimal or as 0x…. Kernels without printing drop it. */
void console_puts(const char *s);
void console_put_decimal(seL4_Word number);
void console_put_hex(seL4_Word number);

SEL4_END_C
