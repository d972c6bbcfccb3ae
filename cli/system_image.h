/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The image of a system, built in memory from its description and the SDK's own programs. */
#pragma once

#include "cli/system.h"
#include "microkit/image.h"

/* The initialiser and the monitor for the kernel that is chosen. */
const struct sdk_programs *sdk_for(const struct settings *settings);

/* For the kernel of these settings. Returns true, and then image_free() is due; or false, and a
 * person has been told. */
bool system_image_build(struct image *image, const struct settings *settings,
                        struct system_file *file);
