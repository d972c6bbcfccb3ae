/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the root task and its guests agree on. Every guest has the same addresses. */
#pragma once

/* All of it lies below one page table. */
#define GUEST_BASE     0x10000000
#define GUEST_TEXT     GUEST_BASE /* read-only */
#define GUEST_STACKS   0x10040000 /* one page for each thread */
#define GUEST_CANARIES 0x10100000 /* of the victims only */
#define GUEST_SCRATCH  0x10180000 /* two pages to write to, and to execute */
#define GUEST_HELD     0x10182000 /* HELP_RETYPE */
#define GUEST_SITE     0x10183000 /* HELP_ALIAS: read-only */
#define GUEST_ALIAS    0x10184000 /* HELP_ALIAS: the same frame, now and then, writable */
#define GUEST_PROGRESS 0x10185000 /* of the victims only: struct progress */
#define GUEST_HOLE     0x10190000 /* nothing is ever mapped here */

#define PAGE_BYTES    0x1000
#define CANARY_FRAMES 8

/* An attacker that finds its own memory wrong goes there. */
#define GUEST_WRONG 0x66666000

/* Who a guest is: in rdi when it starts, with what it is about in rsi, rdx and rcx. */
enum role {
    ROLE_CLIENT,
    ROLE_SERVER,
    ROLE_HOSTAGE,
    ROLE_ATTACKER, /* rsi: enum attack; rdx: attempt << 8 | thread; rcx: a frame of others */
};

/* Slots of a guest's CSpace, of 16. */
enum guest_cap {
    CAP_SERVER = 1,   /* client, server: the endpoint between them */
    CAP_PROGRESS = 2, /* client, server: tells the root task something */
    CAP_REPLY = 3,    /* server */
    CAP_ROOT = 4,     /* hostage: an endpoint; whoever is badged so is held by the root task */
    CAP_OWN = 5,      /* attacker: a notification of its own */
};
#define GUEST_CNODE_BITS 4

/* The client writes it, the root task reads it. */
struct progress {
    volatile unsigned long calls;
    volatile unsigned long
        wrong; /* answers, registers or canaries that were not as they should be */
};

/* Calls between two signals of the client to the root task. */
#define CALLS_A_SIGNAL 25

/* The word number i of canary frame n. */
static inline unsigned long canary_word(unsigned long n, unsigned long i)
{
    return (n * 512 + i + 1) * 0x9e3779b97f4a7c15;
}

/* What the server makes of a word. */
static inline unsigned long served(unsigned long word)
{
    word ^= word >> 29;
    return word * 0xbf58476d1ce4e5b9 + 1;
}
