/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The machine's memory: RAM in a sparse memfd, whose offsets are physical addresses and which cells
 * may map; and the kernel's own half at the same addresses, which no cell ever sees.
 */
#pragma once

#include <stdint.h>

#include "machine/error.h"

struct memory {
    int ram_fd;
    int pages_fd; /* what Linux tells of our pages; -1: nothing */
    uint8_t *ram;
    uint8_t *objects;
    uint64_t bytes; /* of each */
};

/* Returns 0, or -errno with *error filled in and nothing left behind. */
int memory_open(struct memory *memory, uint64_t bytes, struct machine_error *error);
void memory_close(struct memory *memory);

/* Zero a range of both, in multiples of 8 bytes; long ones are given back to the host. */
void memory_clear(struct memory *memory, uint64_t base, uint64_t bytes);

/* The kernel's own half, in whole pages: how many bytes there are until the last page that Linux has given memory
 * for. The rest reads as zeros, and to look at it would cost a page fault a page. All, where Linux does not tell. */
uint64_t memory_used(const struct memory *memory, uint64_t base, uint64_t bytes);
