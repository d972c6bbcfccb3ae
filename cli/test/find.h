/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Test files, from what the command line names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct found {
    char **paths; /* in order, each once */
    size_t count;
    size_t capacity;
    bool failed; /* something could not be read, and a person has been told */
};

/*
 * Add what is at a path: in a folder, and in those in it, all files whose names end in .test, where neither
 * hidden folders nor symbolic links to folders are looked into; or one such file; or a system, for the
 * test beside it.
 */
void find_tests(struct found *found, const char *path);

/* Sort them, leave out what was named twice, and what matches no pattern (see fnmatch(3)) of a name. */
void found_finish(struct found *found, const char *filter);
void found_free(struct found *found);
