/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A child: a program in a session and a process group of its own, that does not outlive this one.
 *
 * Its standard input is a terminal at which nobody types, because `quoll run` ends at rest where there is
 * none. What it writes comes through pipes.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#define CHILD_ANY_CPU (-1)

struct child {
    pid_t pid;
    int output;   /* its standard output; not blocking */
    int errors;   /* its standard error; not blocking */
    int terminal; /* our end of its standard input */
};

/*
 * Start one.
 *
 * arguments  the program, looked for in PATH, and its arguments, NULL after the last
 * cpu        where it may run, with all that it starts; or CHILD_ANY_CPU
 *
 * Returns    0, and then child_end() is due; or -errno, when there is no child.
 */
int child_start(struct child *child, char *const *arguments, int cpu);

/* Whether it has exited by itself. */
bool child_has_exited(const struct child *child);

/* End it and all of its group: first by request, after two seconds by force. Returns its wait status. */
int child_end(struct child *child);

/* How it ended, for a person: "exit status 1" or "killed by Segmentation fault"; to be freed. */
char *child_status_text(int wait_status);

/* Run a program to its end, output and errors to this descriptor. Returns its wait status, or -errno. */
int child_run(char *const *arguments, const char *folder, int output);
