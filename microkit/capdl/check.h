/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Does capDL that was read make sense as a whole? */
#pragma once

#include "microkit/capdl/capdl.h"

/*
 * Afterwards every cap names an object of its type, every slot is there and holds one cap, VSpaces
 * are trees of page tables with frames of the right size, and every TCB has what it needs to run.
 * Returns true, or false with one error in `found`; `name` is the file's.
 */
bool capdl_check(const struct capdl *capdl, const char *name, struct diagnostics *found);
