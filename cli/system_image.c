/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Images of systems. The initialiser and the monitor are carried inside quoll. */
#include "cli/system_image.h"

#include "kernel/config.h"

/* An unknown kernel is reported when the machine is made. */
static bool kernel_is_release(const struct settings *settings)
{
    const struct kernel_config *config = kernel_config_named(settings->kernel);
    return config && !config->debug_build;
}

const struct sdk_programs *sdk_for(const struct settings *settings)
{
    return kernel_is_release(settings) ? &sdk_release : &sdk_debug;
}

bool system_image_build(struct image *image, const struct settings *settings,
                        struct system_file *file)
{
    struct image_request request = {
        .system = file->system,
        .search = &file->search,
        .programs = *sdk_for(settings),
    };
    bool built = image_build(image, &request, &file->found);
    system_file_print_found(file);
    return built;
}
