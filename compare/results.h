/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a run leaves: its samples as a table. */
#pragma once

#include "compare/protocol.h"

#include <stdbool.h>

/*
 * Write the samples of all sections that have any: of `latency` to results.csv, of another to NAME.csv.
 * Columns: iteration, from 1; latency_ns; timestamp, in ns since the section's beginning.
 */
bool results_write(const struct recording *recording, const char *folder);
