/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The programs that capDL which was read refers to by number. */
#pragma once

#include "microkit/capdl/encode.h"

struct capdl_programs {
    struct elf opened[PD_COUNT_MAX + 1]; /* by number */
    const struct elf *found[PD_COUNT_MAX + 1];
    struct capdl_elfs elfs; /* the same, for capdl_encode */
};

/*
 * Find, read and patch them all, and put the monitor of `sdk` in the place of the capDL's. Returns
 * true; or false, with one error in `found`. capdl_programs_close is due in either case.
 */
bool capdl_programs_open(struct capdl_programs *programs, struct capdl *capdl, const char *name,
                         const struct search_path *search, const struct sdk_programs *sdk,
                         struct diagnostics *found);

void capdl_programs_close(struct capdl_programs *programs);
