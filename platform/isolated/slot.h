/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The Linux threads of a cell: making them, and what each is allowed to do. */
#pragma once

#include <stdint.h>

#include "platform/isolated/cell.h"
#include "platform/platform.h"

/* Make a Linux thread in the cell's next slot; it waits to be woken.
 * Returns   0, with *slot set; or -errno with *error filled in: -EAGAIN when the host or the cell has no
 *           room for one more thread, anything else and the cell is lost. */
int slot_make(struct cell *cell, const char *name, unsigned *slot, struct platform_error *error);
