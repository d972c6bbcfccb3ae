/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Runs off the stack, which start-up code puts where that is a fault. */

#include <roottask.h>

static seL4_Word canary = 0x12345678;

static int descend(int levels)
{
    volatile char frame[256];
    frame[0] = (char)levels;
    return levels == 0 ? 0 : descend(levels - 1) + frame[0];
}

int main(seL4_BootInfo *bootinfo)
{
    (void)bootinfo;
    descend(100);
    console_puts("room for 100 frames\n");
    descend(1000);
    console_puts(canary == 0x12345678 ? "overflowed\n" : "overflowed into the data\n");
    return 0;
}
