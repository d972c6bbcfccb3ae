/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Keeps calling the server, and lets the others crash in between. */

#include <microkit.h>

#define SERVER      0
#define LOGGER      1
#define FIRST_CRASH 2
#define LAST_CRASH  6

#define CALLS_A_ROUND 100
#define ROUNDS        8 /* two after the last crash */

volatile seL4_Word *mailbox; /* set by the tool: see the .system file */

static seL4_Uint32 answers;

/* The server answers a letter by adding one to it. */
static void call(seL4_Word letter)
{
    *mailbox = letter;
    microkit_ppcall(SERVER, microkit_msginfo_new(0, 0));
    answers += *mailbox == letter + 1;
}

static void round_of_calls(void)
{
    for (seL4_Word i = 0; i < CALLS_A_ROUND; i++) {
        call(i);
    }
    microkit_dbg_puts("client: answers so far: ");
    microkit_dbg_put32(answers);
    microkit_dbg_puts("\n");
    microkit_notify(LOGGER);
}

void init(void)
{
    microkit_channel crash = FIRST_CRASH;
    for (int i = 0; i < ROUNDS; i++) {
        round_of_calls();
        if (crash <= LAST_CRASH) {
            microkit_notify(crash++);
        }
    }
    microkit_dbg_puts("client: done\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
