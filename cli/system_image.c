/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Images of systems. The initialiser and the monitor are inside quoll: see module.mk. */
#include "cli/system_image.h"

extern const unsigned char initialiser_elf[], initialiser_elf_end[];
extern const unsigned char monitor_elf[], monitor_elf_end[];

bool system_image_build(struct image *image, struct system_file *file)
{
    struct image_request request = {
        .system = file->system,
        .search = &file->search,
        .initialiser = {"initialiser.elf", initialiser_elf,
                        (size_t)(initialiser_elf_end - initialiser_elf)},
        .monitor = {"monitor.elf", monitor_elf, (size_t)(monitor_elf_end - monitor_elf)},
    };
    bool built = image_build(image, &request, &file->found);
    system_file_print_found(file);
    return built;
}
