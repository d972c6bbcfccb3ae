/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Files and folders that are written. Whatever goes wrong, a person is told which file, and why. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct output {
    FILE *stream; /* NULL: it could not be opened */
    char *path;
};

/* The file `name` in a folder, anew. Close it in any case. */
struct output output_open(const char *folder, const char *name);

/* Returns whether all of it has been written. If not, and unless opening had failed, nothing of it is left. */
bool output_close(struct output *output);

/* Make a folder in another, or find it there. */
bool output_make_folder(const char *folder, const char *name);

/*
 * Make `out` where it is not there, and in it a new folder that is called after the date.
 *
 * Returns its path, to be freed; or NULL, and a person has been told.
 */
struct tm;
char *output_new_folder(const char *out, const struct tm *date);

/* Copy the regular files of a folder, and those of its folders, to a new folder `name` in another. */
bool output_copy_folder(const char *from, const char *folder, const char *name);

/* Away with a folder that output_new_folder() has made and all that is in it. */
void output_discard(const char *folder);
