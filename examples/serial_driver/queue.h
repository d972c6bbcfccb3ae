/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A queue of characters between two PDs, in a page that both map: ring_buffer explains how it works.
 * Whoever has put or taken something notifies the other side, which then looks at all its queues.
 */
#pragma once

#include <stdbool.h>

#define QUEUE_BYTES 1024 /* a power of two, so that indices may wrap */

struct queue {
    unsigned written; /* by the side that puts */
    unsigned read;    /* by the side that takes */
    char bytes[QUEUE_BYTES];
};

static inline unsigned queue_room(const struct queue *queue)
{
    return QUEUE_BYTES - (queue->written - __atomic_load_n(&queue->read, __ATOMIC_ACQUIRE));
}

static inline bool queue_put(struct queue *queue, char c)
{
    if (queue_room(queue) == 0) {
        return false;
    }
    queue->bytes[queue->written % QUEUE_BYTES] = c;
    __atomic_store_n(&queue->written, queue->written + 1, __ATOMIC_RELEASE);
    return true;
}

static inline bool queue_take(struct queue *queue, char *c)
{
    unsigned read = queue->read;
    if (__atomic_load_n(&queue->written, __ATOMIC_ACQUIRE) == read) {
        return false;
    }
    *c = queue->bytes[read % QUEUE_BYTES];
    __atomic_store_n(&queue->read, read + 1, __ATOMIC_RELEASE);
    return true;
}
