/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What the programs agree on: descriptors that the supervisor hands them, messages, shared notes.
 *
 * The work is that of measured/, so that figures compare: what its protocol.h says about numbers
 * holds here.
 */
#pragma once

#include "measured/pulse.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <errno.h>

/* Each program has only those that it needs. */
enum descriptor {
    FD_REQUEST = 3, /* client, server: a sequential-packet socket */
    FD_SHARED,      /* client, server: shared memory of SHARED_BYTES */
    FD_LOG,         /* server, client, logger: a datagram socket, a line of text in each */
    FD_NOTES,       /* all: shared memory, struct notes */
    FD_CRASH,       /* client, crasher: an eventfd, one unit for each crash that is asked for */
    FD_CONTROL,     /* client: a socket to the supervisor */
    FD_END
};

enum request {
    REQUEST_ADD,         /* words 0, 1 -> word 0: their sum */
    REQUEST_SUM_MESSAGE, /* words -> word 0: their sum */
    REQUEST_SUM_SHARED,  /* word 0: how many words -> word 0: the sum of so many in shared memory */
};

#define LOG_EVERY      250  /* requests: then the server tells the logger */
#define WARM_UP        1000 /* requests that are not measured */
#define MESSAGE_WORDS  120  /* at most in a message. What is larger is shared */
#define MESSAGE_BYTES  (MESSAGE_WORDS * sizeof(uint64_t))
#define SHARED_BYTES   0x10000
#define SHARED_ADDRESS 0x4000000 /* in client and server; in the crasher nothing is there */
#define ITERATIONS_MAX 0x100000

#define TICKS_PER_SECOND 1000000000ull

/* Exit status of every program but 0: the host failed, and a person has been told. quoll's own. */
#define EXIT_HOST 5

/* A message is as long as it has words; an answer has one. */
struct message {
    uint64_t request;
    uint64_t words[MESSAGE_WORDS];
};

static inline size_t message_bytes(size_t words)
{
    return sizeof(uint64_t) * (1 + words);
}

enum crash {
    CRASH_NULL,        /* writes to NULL */
    CRASH_INSTRUCTION, /* executes one that does not exist */
    CRASH_JUMP,        /* to where nothing is mapped */
    CRASH_SPY,         /* reads what client and server share, at the address where they have it */
    CRASH_STACK,       /* runs off its stack; after that it is not started again */
    CRASHES,
};

/* Who gives signs of life where one crashes. */
enum part { PART_CLIENT, PART_SERVER, PART_LOGGER, PART_SUPERVISOR, PART_CRASHER, PARTS };

/* What the client sends to the supervisor: a byte. */
enum control {
    CONTROL_ROLL, /* give a sign of life; there is no answer */
    CONTROL_DONE, /* all is measured: wait for the answer, which comes when all crashes have been reported */
};

/* When what happened. Zero at first. */
struct notes {
    _Atomic uint64_t first_answer;                        /* the client writes */
    _Atomic uint64_t crashes, crashed[CRASHES];           /* the crasher */
    _Atomic uint64_t restarted[CRASHES];                  /* the crasher */
    _Atomic uint64_t reports, reported[CRASHES], stopped; /* the supervisor */
    _Atomic bool watched;                                 /* the supervisor: signs are wanted */
    struct pulse pulses[PARTS];                           /* each its own */
};

/* Nanoseconds of the machine's own clock, which nobody adjusts. */
static inline uint64_t ticks_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (uint64_t)now.tv_sec * TICKS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Give a sign of life, where they are wanted: it takes time. `begins`: the part has just been started. */
static inline void sign_of(struct notes *notes, enum part part, bool begins)
{
    if (notes->watched) {
        pulse_sign(&notes->pulses[part], notes->crashes, ticks_now(), begins);
    }
}

/* Say what cannot be done, and end. */
static inline _Noreturn void die(const char *what)
{
    fprintf(stderr, "quoll: baseline: cannot %s: %s\n", what, strerror(errno));
    exit(EXIT_HOST);
}

/* What a descriptor of shared memory holds; at `address` and nowhere else, if one is given. */
static inline void *map_shared(int fd, void *address, size_t bytes)
{
    int fixed = address ? MAP_FIXED_NOREPLACE : 0;
    void *memory = mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | fixed, fd, 0);
    if (memory == MAP_FAILED) {
        die("map shared memory");
    }
    return memory;
}
