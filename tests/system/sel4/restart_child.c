/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Checks its variables, spoils them, and crashes deep in its stack. */

#include <microkit.h>

#define WORDS 3000 /* some pages */

static seL4_Word data[WORDS] = {1, 2, 3, [WORDS / 2] = 4, [WORDS - 1] = 5};
static seL4_Word bss[WORDS];
static unsigned constructed;

__attribute__((constructor)) static void construct(void)
{
    constructed++;
}

static seL4_Word sum(const seL4_Word *words)
{
    seL4_Word total = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        total += words[i] * (i + 1);
    }
    return total;
}

static void spoil(void)
{
    for (unsigned i = 0; i < WORDS; i++) {
        data[i] = bss[i] = ~(seL4_Word)i;
    }
}

/* 2 KiB of the stack's 8. */
static __attribute__((noinline)) void crash_deep(unsigned depth)
{
    volatile char room[512];
    room[0] = (char)depth;
    if (depth == 0) {
        __builtin_trap();
    }
    crash_deep(depth - 1);
    room[1] = room[0];
}

static seL4_Bool is_fresh(void)
{
    return constructed == 1 && sum(bss) == 0 &&
           sum(data) == 1 + 4 + 9 + 4 * (WORDS / 2 + 1) + 5 * WORDS && !microkit_have_signal;
}

void init(void)
{
    if (microkit_name[0] == 'b') {
        microkit_dbg_puts(is_fresh() ? "bystander: untouched\n" : "bystander: spoilt\n");
        return;
    }
    if (is_fresh()) {
        microkit_notify(1);
    }
    spoil();
    microkit_deferred_notify(1);
    crash_deep(3);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
