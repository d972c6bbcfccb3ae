/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a program finds out about its CPU. */
#pragma once

static inline void cpuid(unsigned leaf, unsigned registers[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]),
                       "=d"(registers[3])
                     : "a"(leaf), "c"(0));
}

/* Sets 12 characters and a nought. */
static inline void vendor(char name[13])
{
    unsigned registers[4];
    cpuid(0, registers);
    __builtin_memcpy(name, &registers[1], 4);
    __builtin_memcpy(name + 4, &registers[3], 4);
    __builtin_memcpy(name + 8, &registers[2], 4);
    name[12] = '\0';
}

static inline unsigned has_rdtscp(void)
{
    unsigned registers[4];
    cpuid(0x80000001, registers);
    return registers[3] >> 27 & 1;
}

static inline unsigned long rdtsc(void)
{
    unsigned low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (unsigned long)high << 32 | low;
}

static inline unsigned long rdtscp(void)
{
    unsigned low, high, core;
    __asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(core));
    return (unsigned long)high << 32 | low;
}
