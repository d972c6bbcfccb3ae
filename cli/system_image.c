/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Images of systems. The initialiser and the monitor are carried inside quoll. */
#include "cli/system_image.h"

bool system_image_build(struct image *image, struct system_file *file)
{
    struct image_request request = {
        .system = file->system,
        .search = &file->search,
        .initialiser = embedded_initialiser,
        .monitor = embedded_monitor,
    };
    bool built = image_build(image, &request, &file->found);
    system_file_print_found(file);
    return built;
}
