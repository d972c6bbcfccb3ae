/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* report.html: one file with all of it, that needs nothing but a browser. */
#pragma once

#include "compare/against.h"
#include "compare/comparison.h"
#include "compare/plot.h"

#include <stdbool.h>

/* The plots that it shows, in order, NULL after the last. They have to be drawn before. */
extern const struct plot *const report_plots[];

/* `changes` is NULL when there is no older comparison to compare with. */
bool report_write(const struct comparison *comparison, const struct changes *changes);
