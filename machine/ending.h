/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How a machine ends, and what quoll then answers to the shell. */
#pragma once

#include <stdbool.h>

#include "kernel/kernel.h"

/* The exit status of quoll, for every command. docs/exit-codes.md is for people. */
enum exit_status {
    EXIT_OK = 0,      /* the system halted, came to rest or was left; the check found nothing */
    EXIT_INPUT = 1,   /* something given to quoll is wrong: a description, an ELF, a size */
    EXIT_USAGE = 2,   /* the command line is wrong */
    EXIT_STUCK = 3,   /* threads wait for what can never come */
    EXIT_TIMEOUT = 4, /* --timeout has passed */
    EXIT_HOST = 5,    /* the host lacks something, or failed */
    EXIT_SIGNAL = 128 /* plus the number of the signal that ended it: 130 for Ctrl-C */
};

enum ending_kind {
    ENDING_NONE, /* it still runs */
    ENDING_HALTED,
    ENDING_IDLE,
    ENDING_LEFT, /* by Ctrl-A X at the terminal */
    ENDING_STUCK,
    ENDING_TIMEOUT,
    ENDING_SIGNAL,
    ENDING_HOST,
};

struct ending {
    enum ending_kind kind;
    int signal;      /* ENDING_SIGNAL */
    char text[4096]; /* for a person: how it ended, and if stuck or late who waits for what */
};

void ending_set(struct ending *ending, enum ending_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The kernel has nothing to run and nothing can come: is that rest, or is somebody stuck? */
void ending_of_rest(struct kernel *kernel, struct ending *ending);

/* A person's patience has come to its end: who still had something to do, and who waits for whom? */
void ending_of_timeout(struct kernel *kernel, uint64_t timeout_ns, struct ending *ending);

enum exit_status ending_exit_status(const struct ending *ending);
