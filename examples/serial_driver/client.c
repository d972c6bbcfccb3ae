/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Echoes what is typed, after a prompt with its own name. Both clients run this program. */

#include "protocol.h"
#include "queue.h"

#include <microkit.h>

#define VIRTUALISER 0

/* The most that one typed character makes: a prompt and the character. */
#define ECHO_BYTES (MICROKIT_PD_NAME_LENGTH + 3)

struct queue *receive_queue, *send_queue; /* set by the tool: see the .system file */

static bool in_line;

static void say(const char *text)
{
    while (*text != '\0') {
        queue_put(send_queue, *text++);
    }
}

/* A terminal's Enter key sends a carriage return, a file has newlines. */
static void echo(char c)
{
    if (!in_line) {
        say(microkit_name);
        say("> ");
    }
    in_line = c != '\r' && c != '\n';
    queue_put(send_queue, in_line ? c : '\n');
}

void init(void)
{
    microkit_ppcall(VIRTUALISER, microkit_msginfo_new(SERIAL_HAS_FOCUS, 0));
    bool focus = microkit_mr_get(0) == 1;
    say(microkit_name);
    say(focus ? " listens; Tab switches to the other one\n" : " waits for its turn\n");
    microkit_notify(VIRTUALISER);
}

/* Typed characters stay in their queue until there is room for their echo. */
void notified(microkit_channel ch)
{
    bool moved = false;
    char c;
    while (queue_room(send_queue) >= ECHO_BYTES && queue_take(receive_queue, &c)) {
        echo(c);
        moved = true;
    }
    if (moved) {
        microkit_notify(ch);
    }
}
