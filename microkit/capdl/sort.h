/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The order that upstream's tool leaves capDL in. */
#pragma once

#include "microkit/capdl/capdl.h"

/* Sort objects, and the caps of CNodes and TCBs, and interrupts; numbers change with that. Running out of
 * memory shows in capdl->lost. */
void capdl_sort(struct capdl *capdl);
