/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The kernel's console, and what is printed when an assertion fails. */

#include <roottask.h>

static void put(char c)
{
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar(c);
#else
    (void)c;
#endif
}

void console_puts(const char *s)
{
    for (; *s != '\0'; s++) {
        put(*s);
    }
}

static void put_number(seL4_Word number, unsigned int base)
{
    char digits[sizeof("18446744073709551615")];
    char *first = digits + sizeof(digits) - 1;
    *first = '\0';
    do {
        *--first = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    console_puts(first);
}

void console_put_decimal(seL4_Word number)
{
    put_number(number, 10);
}

void console_put_hex(seL4_Word number)
{
    console_puts("0x");
    put_number(number, 16);
}

/* Weak: a libc brings its own. */
__attribute__((weak)) void __assert_fail(const char *str, const char *file, int line,
                                         const char *function)
{
    console_puts("assert failed: ");
    console_puts(str);
    console_puts(" ");
    console_puts(file);
    console_puts(":");
    console_put_decimal((seL4_Word)line);
    console_puts(" ");
    console_puts(function);
    console_puts("\n");
    __builtin_trap();
}
