/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a guest's cptr to a slot. Reference: seL4 manual, "Capability Address Lookup". */
#pragma once

#include "kernel/state.h"

struct lookup {
    struct slot *slot; /* NULL: failure says why */
    struct lookup_failure failure;
};

/* The cap that a thread means by a cptr, all bits significant. An empty slot is found as well. */
struct lookup lookup_slot(struct kernel *k, struct tcb *tcb, cptr address);

/* As CNode invocations do: `depth` bits of `index`, below `root`, must lead exactly to a slot.
 * seL4_InvalidRoot when root is no CNode; a depth of 0 or above 64 is the caller's to refuse. */
struct lookup lookup_target(struct kernel *k, struct cap root, uint64_t index, uint64_t depth);

/* Resolve up to `depth` bits of `index`. *bits_left says how many were not needed. */
struct lookup lookup_bits(struct kernel *k, struct cap root, uint64_t index, uint64_t depth,
                          unsigned *bits_left);
