/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The promise of a cell about the CPU: none of its threads uses it but the one that was told to run,
 * while it was told to. A cell that rings the bell and goes on computing breaks it, and is killed
 * when it has taken WATCH_STOLEN_NS that way. CPU time counts, not the clock on the wall: a host
 * that is busy with other things is no reason to kill anybody.
 */
#pragma once

#include <stdint.h>

#include "platform/platform.h"

struct cell;

#define WATCH_STOLEN_NS 20000000ull

/* How often a sweep is due. */
#define WATCH_NS 10000000ull

/* What is known of a cell. */
struct watch {
    uint64_t granted_ns; /* time in which it was allowed to run, since the last look */
    uint64_t cpu_ns;     /* CPU time of the process at the last look */
    uint64_t stolen_ns;  /* used beyond what was granted */
};

/* The cell was allowed to run for so long. Adds what it takes to fall asleep. */
void watch_grant(struct cell *cell, uint64_t ns);

/* The same where it had to be woken, and to wake the core. */
void watch_grant_woken(struct cell *cell, uint64_t ns);

/* Look at some cells, if that is due; kill those that broke the promise. No thread runs meanwhile, or
 * only one of `running` (may be NULL). */
void watch_sweep(struct platform *platform, const struct cell *running, uint64_t now_ns);

/* How long an idle machine may sleep before it should look again. */
uint64_t watch_idle_ns(const struct platform *platform);
