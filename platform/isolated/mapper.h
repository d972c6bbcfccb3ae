/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Orders to a cell's mapper: Linux system calls that it makes one after another, up to the first that
 * fails. Answers come through a pipe that no guest thread can write to.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "platform/isolated/cell.h"

/* Add one to those that mapper_run() will send. Sends what is there when the page is full.
 * Each returns 0, or -errno as mapper_run() does. */
int mapper_map(struct cell *cell, uint64_t address, uint64_t bytes, int prot, int flags, int fd,
               uint64_t offset);
int mapper_unmap(struct cell *cell, uint64_t address, uint64_t bytes);
int mapper_clone(struct cell *cell, unsigned slot);

/*
 * Send the orders and wait until they are done.
 *
 * Returns   0        all were done
 *           -errno   of the first that failed; what came before it is done
 *           -EPIPE   the cell has died; it is lost now
 */
int mapper_run(struct cell *cell);

/* Wait for the answer that a new cell's mapper gives unasked. As mapper_run(). */
int mapper_wait(struct cell *cell);
