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

#define CHILD_FDS 3

struct child {
    const struct test_case *test; /* NULL: it is none, or has been freed */
    uint64_t run;                 /* which one, from 0 */
    pid_t pid;                    /* 0: it has been waited for */
    int fds[CHILD_FDS];           /* our ends of its standard descriptors; -1: closed */
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
int child_start(struct child *child, const struct test_case *test, uint64_t run,
                const struct run_options *options);

/* It has been started and not freed. */
static inline bool child_is_running(const struct child *child)
{
    return child->test;
}

/* For poll(): CHILD_FDS of them. */
void child_poll(const struct child *child, struct pollfd *fds);

/* After poll(), or when a child may have ended: read, match, type, wait, kill what is late. */
void child_attend(struct child *child, const struct pollfd *fds);

/* It is gone and all that it printed has been read. */
bool child_is_done(const struct child *child);

/* End it at once, wholly. */
void child_kill(struct child *child);

void child_free(struct child *child);

/* On the clock that all times here are on. */
uint64_t child_now_ns(void);
