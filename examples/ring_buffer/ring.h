/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A ring of numbers for one producer and one consumer, in a page that both map.
 *
 * Each index is written by one side only and counts up for ever; what it counts modulo the size is
 * the slot. Full is `written - read == RING_SLOTS`, empty is `written == read`: no slot is wasted
 * and no lock is needed. Release makes the slot visible before the index that announces it, acquire
 * reads them in the opposite order.
 */
#pragma once

#include <stdbool.h>

#define RING_SLOTS 64 /* a power of two, so that indices may wrap */

struct ring {
    unsigned written; /* by the producer */
    unsigned read;    /* by the consumer */
    unsigned slots[RING_SLOTS];
};

static inline bool ring_put(struct ring *ring, unsigned number)
{
    unsigned written = ring->written;
    if (written - __atomic_load_n(&ring->read, __ATOMIC_ACQUIRE) == RING_SLOTS) {
        return false;
    }
    ring->slots[written % RING_SLOTS] = number;
    __atomic_store_n(&ring->written, written + 1, __ATOMIC_RELEASE);
    return true;
}

static inline bool ring_take(struct ring *ring, unsigned *number)
{
    unsigned read = ring->read;
    if (__atomic_load_n(&ring->written, __ATOMIC_ACQUIRE) == read) {
        return false;
    }
    *number = ring->slots[read % RING_SLOTS];
    __atomic_store_n(&ring->read, read + 1, __ATOMIC_RELEASE);
    return true;
}
