/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What parents that restart their children clean see of them. microkit/restart.h says where. */
#pragma once

#include "microkit/capdl/capdl.h"

/* Map it into those whose programs have the table of it. `vspaces` are those of the PDs, by PD number. */
void capdl_map_restarts(struct capdl *capdl, const struct system *system,
                        const struct programs *programs, const uint32_t *vspaces);
