/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* summary.csv and summary.json: all figures, for machines. */
#pragma once

#include "compare/comparison.h"

#include <stdbool.h>

/*
 * summary.csv has a row for each figure of each run, and one with the run `all` for each figure over
 * them: system,run,figure,of,unit,value,low,high,runs.
 */
bool summary_write_csv(const struct comparison *comparison);

/* The same and what was run where, as one object. */
bool summary_write_json(const struct comparison *comparison);
