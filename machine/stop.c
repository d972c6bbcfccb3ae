/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How signals end a machine. */
#include "machine/parts.h"

#include <signal.h>

/* What the signal handler reaches. One machine runs at a time. */
static struct platform *volatile signalled_platform;
static volatile sig_atomic_t signal_received;

static void on_signal(int number)
{
    signal_received = number;
    if (signalled_platform) {
        platform_kick(signalled_platform);
    }
}

/* The second signal of a kind ends quoll at once; cells die with it. */
void stop_on_signals(struct platform *platform)
{
    static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    signalled_platform = platform;
    if (!platform) {
        return;
    }
    signal_received = 0;
    for (size_t i = 0; i < sizeof(ending_signals) / sizeof(ending_signals[0]); i++) {
        struct sigaction before;
        sigaction(ending_signals[i], NULL, &before);
        /* Under nohup, and in the background of a script, they are ignored on purpose. */
        if (before.sa_handler != SIG_IGN) {
            sigaction(ending_signals[i], &action, NULL);
        }
    }
}

int stop_signal(void)
{
    return signal_received;
}

void stop_kick(void *context)
{
    (void)context;
    if (signalled_platform) {
        platform_kick(signalled_platform);
    }
}
