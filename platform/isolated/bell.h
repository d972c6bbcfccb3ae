/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The handshake with a Linux thread of a cell: wake it, and wait until it rings. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "platform/isolated/cell.h"

/*
 * Let a slot's thread go on as its resume page says, and wait for the cell's bell.
 *
 * until_ns  when to take the CPU from it; it rings soon after, or its cell is killed
 *
 * Returns   true when it rang: the save page says why. false: the cell is lost.
 */
bool bell_exchange(struct cell *cell, unsigned slot, uint64_t until_ns);

/* Sleep until a kick, the deadline, or for no reason. */
void bell_idle(struct platform *platform, uint64_t until_ns);

/* Is there a kick since the last call? */
bool bell_kicked(struct platform *platform);
