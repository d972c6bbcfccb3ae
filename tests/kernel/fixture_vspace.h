/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* VSpaces for tests: PML4s with an identifier, and the tables down to an address. */
#pragma once

#include "tests/kernel/fixture.h"

#include "kernel/x86/paging.h"

/* An address far from the root task's image, at the begin of a PML4 entry's range. */
#define AREA 0x100000000000ul

/* One of the three kinds of tables, by the level of the entries that lead to it. */
struct table_kind {
    enum object_type type;
    enum invocation map;
    enum invocation unmap;
    enum paging_level level;
};
extern const struct table_kind table_kinds[3]; /* PDPT, page directory, page table */

/* A new PML4; one with an identifier from the initial thread's pool. */
cptr vspace_unassigned(struct fixture *f);
cptr vspace_new(struct fixture *f);
struct result vspace_assign(struct fixture *f, cptr pool, cptr vspace);

/* Map new tables so that entries of `level` exist at the address. Returns the last of them. */
cptr vspace_map_tables(struct fixture *f, cptr vspace, uint64_t vaddr, enum paging_level level);

/* A new frame of RAM; one of device memory, which needs no host memory. */
cptr vspace_frame(struct fixture *f, enum frame_size size);
cptr vspace_device_frame(struct fixture *f, enum frame_size size);
cptr vspace_device_untyped(struct fixture *f, unsigned bits);

struct result vspace_map(struct fixture *f, cptr frame, cptr vspace, uint64_t vaddr,
                         uint64_t rights);
struct result vspace_map_table(struct fixture *f, const struct table_kind *kind, cptr table,
                               cptr vspace, uint64_t vaddr);

/* What is mapped; frame is 0 when nothing is. */
struct kernel_mapping vspace_mapping(struct fixture *f, cptr vspace, uint64_t vaddr);

/* An ASID pool made from new untyped memory. */
cptr vspace_pool(struct fixture *f);

/* A VSpace whose pool has been deleted; one whose identifier another VSpace has by now. */
cptr vspace_dead(struct fixture *f);
cptr vspace_superseded(struct fixture *f);

paddr object_of(struct fixture *f, cptr slot);
struct result delete_slot(struct fixture *f, cptr slot);
cptr copy_slot(struct fixture *f, cptr slot); /* into a free one */
