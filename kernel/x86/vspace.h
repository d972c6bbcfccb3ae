/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* VSpaces: mapping and unmapping frames and the tables that lead to them. */
#pragma once

#include "kernel/call.h"
#include "kernel/x86/paging.h"

enum answer decode_frame(struct call *call);
enum answer decode_table(struct call *call); /* page table, page directory, PDPT */

/* Rights of a frame when only `rights` (RIGHT_…) are passed on. */
enum frame_rights vspace_mask_rights(enum frame_rights held, uint64_t rights);

/* The frame, or table, is to be reached no more where this cap says that it is mapped. Does nothing
 * when the cap is stale: the VSpace is gone, or something else is mapped there by now. */
void vspace_unmap_frame(struct kernel *k, struct cap frame);
void vspace_unmap_table(struct kernel *k, struct cap table);
