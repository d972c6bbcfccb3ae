/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Frames: memory that can be mapped. */
#pragma once

#include "kernel/call.h"

enum answer decode_frame(struct call *call);

/* Rights of a frame when only `rights` (RIGHT_…) are passed on. */
enum frame_rights frame_mask_rights(enum frame_rights held, uint64_t rights);

/* The frame is to be reached no more where this cap says that it is mapped. Does nothing when the
 * cap is stale: the VSpace is gone, or something else is mapped there by now. */
void frame_unmap(struct kernel *k, struct cap frame);
