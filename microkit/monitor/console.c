/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Text to the kernel's console. */
#include "microkit/monitor/monitor.h"

static void print_character(char c)
{
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar(c);
#else
    (void)c;
#endif
}

void print(const char *text)
{
    for (; *text != '\0'; text++) {
        print_character(*text);
    }
}

/* The lowest `digits` hexadecimal digits, leading zeros included. */
static void print_hex(uint64_t value, unsigned digits)
{
    print("0x");
    while (digits > 0) {
        digits--;
        print_character("0123456789abcdef"[(value >> (4 * digits)) & 0xf]);
    }
}

void print_hex32(uint32_t value)
{
    print_hex(value, 8);
}

void print_hex64(uint64_t value)
{
    print_hex(value, 16);
}
