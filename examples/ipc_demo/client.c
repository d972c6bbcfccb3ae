/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Calls the server, through message registers and through shared memory, and takes the time. */

#include "protocol.h"

#include <microkit.h>

#define SERVER 0
#define LOGGER 1

#define CALLS 1000

seL4_Word *numbers; /* set by the tool: see the .system file */

static void say(const char *before, seL4_Uint32 number, const char *after)
{
    microkit_dbg_puts("client: ");
    microkit_dbg_puts(before);
    microkit_dbg_put32(number);
    microkit_dbg_puts(after);
    microkit_dbg_puts("\n");
}

static seL4_Word add(seL4_Word left, seL4_Word right)
{
    microkit_mr_set(0, left);
    microkit_mr_set(1, right);
    microkit_ppcall(SERVER, microkit_msginfo_new(REQUEST_ADD, 2));
    return microkit_mr_get(0);
}

static seL4_Word sum_shared_page(void)
{
    for (seL4_Word i = 0; i < NUMBERS; i++) {
        numbers[i] = i + 1;
    }
    microkit_ppcall(SERVER, microkit_msginfo_new(REQUEST_SUM, 0));
    return microkit_mr_get(0);
}

static void time_calls(void)
{
    seL4_Uint64 least = ~0ul, total = 0;
    seL4_Uint32 right = 0;

    for (seL4_Word i = 0; i < CALLS; i++) {
        seL4_Uint64 start = __builtin_ia32_rdtsc();
        seL4_Word sum = add(i, 1);
        seL4_Uint64 cycles = __builtin_ia32_rdtsc() - start;

        right += sum == i + 1;
        total += cycles;
        if (cycles < least) {
            least = cycles;
        }
    }
    say("", right, " calls answered correctly");
    say("a call takes ", (seL4_Uint32)least, " cycles at best");
    say("a call takes ", (seL4_Uint32)(total / CALLS), " cycles on average");
}

void init(void)
{
    say("the shared page sums to ", (seL4_Uint32)sum_shared_page(), "");
    time_calls();
    microkit_notify(LOGGER);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
