/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The bases of FS and GS, where threads keep their thread-local storage.
 *
 * The stub reads and writes them with instructions. A Linux that does not know those keeps its own
 * idea of the bases and puts that back whenever the thread gets the CPU again, so that there the
 * stub asks Linux to set them, which takes two system calls more. What a guest writes with an
 * instruction of its own lasts until Linux next takes the CPU from it: true to seL4 without FSGSBASE,
 * whose guests cannot do that at all.
 */
#pragma once

#include <stdint.h>

#include "platform/platform.h"

struct cell;

/* What Linux was last asked to set for a slot, and what the guest last came in with. */
struct bases {
    uint64_t fs_set, gs_set;
    uint64_t fs_seen, gs_seen;
};

/*
 * Find out how bases are set here: platform->bases_by_linux.
 *
 * Returns   0, or -errno with *error filled in: the CPU does not let programs read them.
 */
int bases_probe(struct platform *platform, struct platform_error *error);

/* The resume page of a slot holds the bases that are wanted: say how to get them. */
void bases_resume(struct cell *cell, unsigned slot);

/* The slot's guest came in with these registers. */
void bases_stop(struct cell *cell, unsigned slot, const struct x86_registers *registers);
