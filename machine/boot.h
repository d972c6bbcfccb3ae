/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * From the ELF file of a root task to its image in memory, as a boot loader and the real kernel
 * would have it: ET_EXEC for x86-64, in whole pages, loaded where kernel_image_base() says.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "machine/error.h"
#include "machine/memory.h"

/* A root task, validated. */
struct boot_image {
    const char *path; /* for messages */
    const uint8_t *elf;
    size_t elf_bytes;
    uint64_t first; /* whole pages that hold all segments */
    uint64_t end;
    uint64_t entry;
};

/* Validate a file in memory, which the image then refers to. Returns 0, or -ENOEXEC with *error. */
int boot_image_open(struct boot_image *image, const char *path, const void *elf, size_t elf_bytes,
                    struct machine_error *error);

/* Whether the image leaves alone what no guest can map on this host. Returns 0, or -ENOEXEC with
 * *error. */
int boot_image_fits(const struct boot_image *image, const struct kernel_reserved *reserved,
                    size_t count, struct machine_error *error);

/*
 * Copy the segments, and fill in what `boot` says of the image. boot->regions and
 * boot->memory_bytes have been filled in before.
 *
 * Returns   0, or -ENOSPC with *error: it does not fit into memory.
 */
int boot_image_load(const struct boot_image *image, struct memory *memory, struct kernel_boot *boot,
                    struct machine_error *error);
