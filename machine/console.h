/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The console: what stands behind the machine's serial port, and where the kernel's remarks go.
 *
 * Output is collected and written a line at a time, when the buffer is full, and on console_flush():
 * before the machine sleeps and when it ends, so nothing is lost.
 *
 * Input is read by a thread of its own, which says so through `kick`. It starts when the guest first
 * asks for input: a system that never does leaves standard input to whoever comes next, and the
 * terminal as it is. A file needs no thread: it is read when the guest looks, so that the guest finds
 * the same input in every run. All other functions belong to the core thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "machine/error.h"

struct console;

struct console_options {
    /* stdio, raw (stdio, with Ctrl-C and the like for the guest), null, pty, file:PATH (output only)
     * or unix:PATH (one client at a time). */
    const char *serial;
    bool quiet; /* no remarks */
    /* Called by the input thread when there is input, or when it has come to its end. */
    void (*kick)(void *context);
    void *context;
};

/*
 * Open the console and start to read input.
 *
 * Returns   0, or -errno with *error filled in and nothing left behind. -EINVAL: no such serial.
 */
int console_open(const struct console_options *options, struct console **console,
                 struct machine_error *error);

/* Flush, stop reading, put the terminal back as it was, remove a socket. NULL is fine. */
void console_close(struct console *console);

/* One character of the guest's output. */
void console_put(struct console *console, char c);

/* Write what has been collected, waiting where the other side is slow. */
void console_flush(struct console *console);

/* 0, or -errno when the output is gone (-EPIPE and the like). It is discarded from then on. */
int console_error(const struct console *console);

/* Take a character of input, if there is one. The first time, it asks for input to be read. */
bool console_get(struct console *console, uint8_t *byte);
bool console_has_input(struct console *console);

/* Input has come that need not come at the same moment in another run. */
bool console_had_visitors(const struct console *console);

/* More input may come: its source has not ended. */
bool console_can_receive(struct console *console);

/* Ctrl-A X was typed at the terminal, as one leaves QEMU. It only is while the guest takes input. */
bool console_left(const struct console *console);

/* The key that ends the machine now, as a sentence. */
const char *console_way_out(const struct console *console);

/* A person sits at it. */
bool console_is_terminal(const struct console *console);

/* The guest wants to be told of input, or no longer. The first time, as above. */
void console_listen(struct console *console, bool listen);
bool console_listened_to(const struct console *console);

/* One line for a person, on standard error with a prefix; output so far goes first. */
void console_tell(struct console *console, const char *prefix, const char *line);

/* As above, but not for those who want it quiet. */
void console_remark(struct console *console, const char *prefix, const char *line);
