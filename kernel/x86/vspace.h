/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * VSpaces: what mapping frames (frame.c) and mapping tables (table.c) have in common.
 *
 * A VSpace is a PML4 with an address space identifier; a cap says by identifier and address where
 * its object is mapped.
 */
#pragma once

#include "kernel/call.h"
#include "kernel/x86/paging.h"

/* Where something is to be mapped, while the call is decoded. */
struct vspace_place {
    paddr pml4;
    unsigned asid;
    uint64_t vaddr;
    uint64_t *entry; /* found last */
};

/* No guest may reach what the entry said of this address any more. */
void vspace_forget(struct kernel *k, paddr pml4, uint64_t vaddr, enum paging_level level);

/* The VSpace and the entry, a present one, where a cap says that its object is mapped. NULL when the
 * cap is stale; what the entry holds by now is the caller's to look at. */
uint64_t *vspace_mapped_entry(struct kernel *k, unsigned asid, uint64_t vaddr,
                              enum paging_level level, paddr *pml4);

/* The place's VSpace still has its identifier. Answers FailedLookup or InvalidCapability. */
enum answer vspace_require_live(struct call *call, const struct vspace_place *place);

/* Fill in place->entry: all tables above it must be there. Answers FailedLookup. */
enum answer vspace_find_entry(struct call *call, struct vspace_place *place,
                              enum paging_level level);

/* The cap given is no VSpace; the address given is no guest's. */
enum answer vspace_answer_none(struct call *call);
enum answer vspace_answer_too_high(struct call *call, uint64_t vaddr);
