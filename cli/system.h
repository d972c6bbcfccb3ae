/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A .system description, read and checked, with the search path that goes with it. */
#pragma once

#include "cli/option.h"
#include "kernel/kernel.h"
#include "microkit/model.h"

struct system_file {
    struct system *system;
    struct search_path search;
    struct diagnostics found;
    /* Private. */
    const char *folders[SEARCH_FOLDERS_MAX + 3];
    char *folder; /* of the description */
    char *build_folder;
};

/* Only find out where to look for files; `system` is NULL. As system_file_open in all else. */
bool system_file_search(struct system_file *file, const struct settings *settings,
                        const char *path);

/*
 * Read and check a description that was made for that target, which outlives the file. Warnings and
 * errors are left in `found`.
 *
 * Returns true when it is right. Whoever opened it closes it, in either case.
 */
bool system_file_read(struct system_file *file, const struct settings *settings, const char *path,
                      const struct target *target);

/*
 * Read and check a description that is to run here. Warnings and errors go to standard error.
 *
 * Returns true when it can be used. Whoever opened it closes it, in either case.
 */
bool system_file_open(struct system_file *file, const struct settings *settings, const char *path);
void system_file_close(struct system_file *file);

/* Whether no map lies in a range that no guest can map on this host. Else a person is told. */
bool system_file_fits(struct system_file *file, const struct kernel_reserved *reserved,
                      size_t count);

/* Print what has been found since the last time. */
void system_file_print_found(struct system_file *file);
