/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A root task that tells of its CPU. */
#include <roottask.h>

#include "vendor.h"

static void tell_of_rdtscp(void)
{
    for (int i = 0; i < 100; i++) {
        unsigned long before = rdtsc();
        unsigned long at = rdtscp();
        if (before > at || at > rdtsc()) {
            console_puts("rdtscp is not between two rdtsc\n");
            return;
        }
    }
    console_puts("rdtscp is between two rdtsc\n");
}

int main(seL4_BootInfo *bootinfo)
{
    char name[13];
    vendor(name);
    console_puts("CPU: ");
    console_puts(name);
    console_puts(has_rdtscp() ? ", rdtscp\n" : "\n");
    if (has_rdtscp()) {
        tell_of_rdtscp();
    }
    return 0;
}
