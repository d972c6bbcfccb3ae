/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Does a checked system fit into an image, and each program into its address space? */
#pragma once

#include "microkit/programs.h"

/* Each returns true, or false with an error in `found`: the system has what this kind of image cannot have. */
bool fit_check_system(const struct system *system, struct diagnostics *found);

/* A program reaches into its stack, two segments share a page, or a map overlaps a program. */
bool fit_check_programs(const struct system *system, const struct programs *programs,
                        struct diagnostics *found);
