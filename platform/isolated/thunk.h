/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Thunks: where the jumps of rewritten system calls lead. One serves one site, and is at the same place
 * in every cell: a guest that copies its text copies our jumps, and the copy has to work in whatever
 * VSpace it runs, at the address it was made for.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "platform/isolated/table.h"
#include "platform/stub/layout.h"

struct cell;
struct platform;

/* Where a thunk enters the stub: which register keeps the guest's rsp. */
enum thunk_entry { THUNK_RBX, THUNK_R14, THUNK_ENTRIES };

struct thunks {
    struct table sites; /* address in `bytes`, by the address of the site's `syscall` */
    unsigned count;
    uint8_t bytes[STUB_LOW_BYTES]; /* what every cell has there */
};

/* The guest address of the thunk for a `syscall`, made if there is none. 0: there is no room, or one that
 * enters the stub elsewhere, for another program's text. */
uint64_t thunk_for(struct platform *platform, enum thunk_entry entry, uint64_t site);

/* The same, if there is one; else 0. */
uint64_t thunk_find(const struct platform *platform, uint64_t site);

/* Does a thunk start at this address? Then for which `syscall`, and where it enters the stub. */
bool thunk_at(const struct platform *platform, uint64_t address, uint64_t *site,
              enum thunk_entry *entry);

/* Order the thunks to be mapped in a new cell. Returns 0 or -errno, see mapper.h. */
int thunk_map(struct cell *cell);

void thunk_free(struct platform *platform);
