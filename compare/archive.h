/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A comparison as one file to hand on: FOLDER.tar.gz, with a list of what is in it. */
#pragma once

#include <stdbool.h>

/*
 * Write an archive of a comparison's folder beside it. In it is one folder of the same name, and in that,
 * first, MANIFEST: a line for each file as sha256sum writes and checks them.
 *
 * Returns the archive's path, to be freed; or NULL, no archive is left, and a person has been told.
 */
char *archive_write(const char *folder);
