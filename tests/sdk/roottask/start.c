/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Says what start-up code has done before main(). */

#include <roottask.h>

static int constructed;
static __thread int initialised = 42;
static __thread long zero[3];
static __thread struct {
    char bytes[64];
} aligned __attribute__((aligned(64)));

__attribute__((constructor)) static void construct(void)
{
    constructed = 1;
}

static void say(const char *what, seL4_Word number)
{
    console_puts(what);
    console_put_decimal(number);
    console_puts("\n");
}

/* Where something is, which a compiler would rather assume to be right. */
static seL4_Word address_of(void *thing)
{
    __asm__ volatile("" : "+r"(thing));
    return (seL4_Word)thing;
}

int main(seL4_BootInfo *bootinfo)
{
    say("constructed ", constructed);
    say("initialised thread-local ", initialised);
    say("zeroed thread-local ", (seL4_Word)(zero[0] + zero[2]));
    say("misalignment of thread-local ", address_of(&aligned) % 64);
    say("misalignment of frame ", address_of(__builtin_frame_address(0)) % 16);
    say("ipc buffer is the bootinfo's ", seL4_GetIPCBuffer() == bootinfo->ipcBuffer);
    console_put_hex(0xdeadbeef);
    console_puts("\n");
    say("", ~0ul);
    seL4_Assert(initialised == 43);
    return 0;
}
