/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Ctrl-C and its like. */
#include "compare/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* A handler knows nothing but what is global. */
static volatile sig_atomic_t noted;
static int ends[2] = {-1, -1};

static void note(int number)
{
    int saved = errno;
    noted = number;
    (void)!write(ends[1], "", 1);
    errno = saved;
}

void interrupt_watch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    if (ends[0] < 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        ends[0] = ends[1] = -1;
    }
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old;
        struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &action, NULL);
        }
    }
}

int interrupt_signal(void)
{
    return noted;
}

int interrupt_fd(void)
{
    return ends[0];
}
