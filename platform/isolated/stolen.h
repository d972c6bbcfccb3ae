/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Time that the host took from a run: the guest, or the core thread that was to serve it, could run
 * and stood in line for the CPU behind others. Linux counts that for each thread, as the second
 * number of its schedstat.
 */
#pragma once

#include <stdint.h>

struct cell;

/* A run of a slot has taken so long on the clock: how much of that was stolen. Looks only at runs
 * that were long enough to be worth it; 0 where the host does not count. */
uint64_t stolen_in_run(struct cell *cell, unsigned slot, uint64_t elapsed_ns);
