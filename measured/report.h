/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * How measured systems print: lines of the protocol in README.md. Nothing is printed while anything
 * is measured.
 */
#pragma once

#include <microkit.h>

/* What the kernel told the initial task about the time stamp counter. */
struct tsc_frequency {
    seL4_BootInfoHeader header;
    seL4_Uint32 mhz;
} __attribute__((packed));

static inline seL4_Uint64 ticks_now(void)
{
    return __builtin_ia32_rdtsc();
}

#ifdef CONFIG_PRINTING

static inline void put(char c)
{
    microkit_dbg_putc(c);
}

#else /* The kernel prints nothing for us: the serial port is ours. */

#define REPORT_PORTS 0     /* id, from the system description */
#define REPORT_DATA  0x3f8 /* COM1 */
#define REPORT_FCR   (REPORT_DATA + 2)
#define REPORT_LSR   (REPORT_DATA + 5)
#define REPORT_FIFO  0x01 /* on */
#define REPORT_EMPTY 0x20
#define REPORT_ROOM  16 /* characters, when the FIFO is empty */

static inline void put(char c)
{
    static unsigned room;
    if (c == '\n') {
        put('\r');
    }
    if (room == 0) {
        microkit_x86_ioport_write_8(REPORT_PORTS, REPORT_FCR, REPORT_FIFO);
        while (!(microkit_x86_ioport_read_8(REPORT_PORTS, REPORT_LSR) & REPORT_EMPTY)) {
        }
        room = REPORT_ROOM;
    }
    microkit_x86_ioport_write_8(REPORT_PORTS, REPORT_DATA, (seL4_Uint8)c);
    room--;
}

#endif

static inline void put_text(const char *text)
{
    while (*text != '\0') {
        put(*text++);
    }
}

static inline void put_number(seL4_Uint64 number)
{
    char digits[21];
    unsigned i = sizeof(digits);
    digits[--i] = '\0';
    do {
        digits[--i] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put_text(&digits[i]);
}

/* "measure KIND NAME NUMBER". */
static inline void report(const char *kind, const char *name, seL4_Uint64 number)
{
    put_text("measure ");
    put_text(kind);
    put(' ');
    put_text(name);
    put(' ');
    put_number(number);
    put('\n');
}

static inline void report_begin(const char *name, const struct tsc_frequency *tsc)
{
    report("begin", name, tsc->mhz * 1000000ul);
}

static inline void report_end(const char *name)
{
    put_text("measure end ");
    put_text(name);
    put('\n');
}
