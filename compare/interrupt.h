/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Ctrl-C and its like: noticed at once, acted on where nothing is left half done. */
#pragma once

#include <stdbool.h>

/*
 * From here on SIGINT, SIGTERM and SIGHUP are noted; the second of a kind ends the program at once.
 * A signal that the program was started to ignore is ignored still.
 */
void interrupt_watch(void);

/* The signal that came; 0: none. */
int interrupt_signal(void);

/* Becomes readable with the first signal, for poll(). -1 before interrupt_watch(). */
int interrupt_fd(void);
