/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Shares the serial port between two clients, each of which believes it has one of its own.
 *
 * What is typed goes to the client that has the focus; Tab moves the focus to the other one. What
 * clients send is put together by whole lines.
 *
 * Every queue can be full. Then what is to go there stays where it is, and is looked at again at the
 * next notification: nothing is lost, nobody waits in a loop.
 */

#include "protocol.h"
#include "queue.h"

#include <microkit.h>

#define DRIVER  2 /* clients have the channels 0 and 1 */
#define CLIENTS 2

/* Set by the tool: see the .system file. */
struct queue *driver_receive, *driver_send;
struct queue *receive_0, *receive_1, *send_0, *send_1;

static unsigned focus;  /* who gets what is typed */
static unsigned sender; /* whose line is being sent */
static bool in_line;    /* it is not complete yet */

/* Whom to notify: a bit for each channel. */
static unsigned changed;

static void forward_typed(void)
{
    for (;;) {
        struct queue *to = focus == 0 ? receive_0 : receive_1;
        char c;
        if (queue_room(to) == 0 || !queue_take(driver_receive, &c)) {
            return;
        }
        changed |= 1u << DRIVER;
        if (c == SERIAL_NEXT_CLIENT) {
            focus = (focus + 1) % CLIENTS;
        } else {
            queue_put(to, c);
            changed |= 1u << focus;
        }
    }
}

/* Up to the end of the sender's line, or as far as it goes. */
static bool forward_line(void)
{
    struct queue *from = sender == 0 ? send_0 : send_1;
    bool moved = false;
    char c;
    while (queue_room(driver_send) > 0 && queue_take(from, &c)) {
        queue_put(driver_send, c);
        moved = true;
        in_line = c != '\n';
        if (!in_line) {
            break;
        }
    }
    changed |= moved ? 1u << DRIVER | 1u << sender : 0;
    return moved;
}

/* In turn, until nobody has anything to send, or the one whose line it is has not finished it. */
static void forward_sent(void)
{
    unsigned idle = 0;
    while (idle < CLIENTS) {
        idle = forward_line() ? 0 : idle + 1;
        if (in_line && idle > 0) {
            return;
        }
        if (!in_line) {
            sender = (sender + 1) % CLIENTS;
        }
    }
}

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
    changed = 0;
    forward_typed();
    forward_sent();
    for (microkit_channel other = 0; other <= DRIVER; other++) {
        if ((changed >> other & 1) != 0) {
            microkit_notify(other);
        }
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    if (microkit_msginfo_get_label(msginfo) != SERIAL_HAS_FOCUS) {
        return microkit_msginfo_new(1, 0);
    }
    microkit_mr_set(0, ch == focus);
    return microkit_msginfo_new(0, 1);
}
