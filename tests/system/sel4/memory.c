/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A PD that looks at its memory regions: zeros where nothing was put, and what was put. */
#include <microkit.h>

#define PAGE 0x1000

/* The tool fills these in; 0 where this PD does not have the region. */
seL4_Word large, large_size;
seL4_Word small, small_size;
seL4_Word shared;
seL4_Word hpet;
seL4_Word ram;
seL4_Word prefilled, prefilled_large, prefilled_ram, prefill_size;

static volatile unsigned char *byte_at(seL4_Word address)
{
    return (volatile unsigned char *)address;
}

static void tell(const char *what, seL4_Bool good)
{
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": ");
    microkit_dbg_puts(what);
    microkit_dbg_puts(good ? ": good\n" : ": BAD\n");
}

/* Each page's first byte is `value`; becomes `next` where it differs. */
static seL4_Bool pages_are(seL4_Word start, seL4_Word size, unsigned char value, unsigned char next)
{
    seL4_Bool good = seL4_True;
    for (seL4_Word page = start; page < start + size; page += PAGE) {
        good = good && *byte_at(page) == value && *byte_at(page + PAGE - 1) == 0;
        if (next != value) {
            *byte_at(page) = next;
        }
    }
    return good;
}

static seL4_Bool is_prefilled(seL4_Word start)
{
    for (seL4_Word i = 0; i < prefill_size; i++) {
        if (*byte_at(start + i) != 'a' + i / PAGE) {
            return seL4_False;
        }
    }
    return *byte_at(start + prefill_size) == 0;
}

void init(void)
{
    if (large) {
        tell("2 MiB pages",
             pages_are(large, large_size, 0, 1) && pages_are(large, large_size, 1, 1));
        tell("4 KiB pages",
             pages_are(small, small_size, 0, 2) && pages_are(small, small_size, 2, 2));
        tell("the HPET", *(volatile unsigned int *)(hpet + 4) != 0);
        tell("RAM at an address", pages_are(ram, 2 * PAGE, 0, 3));
        tell("a prefilled large page", is_prefilled(prefilled_large));
        tell("prefilled RAM at an address", is_prefilled(prefilled_ram));
    }
    if (shared) {
        tell("what the other wrote", pages_are(shared, small_size, 2, 2));
    }
    tell("prefilled pages", is_prefilled(prefilled));
}

void notified(microkit_channel ch)
{
    (void)ch;
}
