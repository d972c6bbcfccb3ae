/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From settings to a machine that has run: what `run` and `boot` share. */
#pragma once

#include "cli/option.h"
#include "kernel/kernel.h"
#include "machine/ending.h"

#include <stddef.h>

/* A thread's name, and the ELF that it runs. */
struct host_program {
    const char *thread;
    const char *path;
};

/* What boots. */
struct host_image {
    const char *path; /* for messages */
    const void *elf;
    size_t elf_bytes;
    const struct host_program *programs; /* for backtraces */
    size_t program_count;
    /* Looks at the addresses that no guest can map on this host. Returns false when the image needs
     * some of them, and a person has been told. NULL: what it needs is not known. */
    bool (*accepts)(void *context, const struct kernel_reserved *reserved, size_t count);
    void *context;
};

/* Run a machine until it ends, and tell a person how it did. */
enum exit_status host_run(const struct settings *settings, const struct host_image *image);
