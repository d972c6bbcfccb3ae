/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * One run of a test: a quoll of its own, in a process group of its own, which is gone when its run is.
 *
 * Its output goes through pipes to the matcher. What is typed before anything has come is a file, so that
 * under virtual time two runs are the same; what is typed later comes through a pipe.
 */
#pragma once

#include "cli/test/command_line.h"
#include "cli/test/excerpt.h"
#include "cli/test/judge.h"

#include <poll.h>
#include <signal.h>
#include <sys/types.h>

#define ATTEMPT_FDS 3

struct attempt {
    const struct test_case *test; /* NULL: it is none, or has been freed */
    uint64_t run;                 /* which one, from 0 */
    pid_t pid;                    /* 0: it has been waited for */
    int fds[ATTEMPT_FDS];         /* our ends of its standard descriptors; -1: closed */
    struct matcher matcher;
    struct excerpt output;
    struct excerpt report;
    char *typed; /* what is still to be sent */
    size_t typed_length;
    uint64_t timeout_ns;
    uint64_t start_ns;
    uint64_t end_ns;      /* when it was gone */
    uint64_t patience_ns; /* when it is killed */
    struct run_end end;
};

/*
 * Start it.
 *
 * Returns 0, or -errno with nothing left behind.
 */
int attempt_start(struct attempt *attempt, const struct test_case *test, uint64_t run,
                  const struct run_options *options);

/* It has been started and not freed. */
static inline bool attempt_is_running(const struct attempt *attempt)
{
    return attempt->test;
}

/* For poll(): ATTEMPT_FDS of them. */
void attempt_poll(const struct attempt *attempt, struct pollfd *fds);

/* After poll(), or when its process may have ended: read, match, type, wait, kill what is late. */
void attempt_attend(struct attempt *attempt, const struct pollfd *fds);

/* It is gone and all that it printed has been read. */
bool attempt_is_done(const struct attempt *attempt);

/* End it at once, wholly. */
void attempt_kill(struct attempt *attempt);

void attempt_free(struct attempt *attempt);

/* On the clock that all times here are on. */
uint64_t attempt_now_ns(void);
