/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From capDL to a spec. */
#pragma once

#include "microkit/capdl/capdl.h"

/* The ELFs that fills refer to, by number. */
struct capdl_elfs {
    size_t count;
    const struct elf *const *elfs; /* NULL for one that is missing */
};

/*
 * Append the spec of checked capDL, which starts in this page of the image, and the pages behind it.
 * Returns true, or false with an error in `found`: a fill asks for what an ELF does not have, or for
 * what the spec has no room. Running out of memory shows in spec->lost.
 */
bool capdl_encode(const struct capdl *capdl, const char *name, const struct capdl_elfs *elfs,
                  uint32_t first_image_page, struct bytes *spec, struct diagnostics *found);
