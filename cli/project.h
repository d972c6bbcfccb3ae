/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The files of a new project: those in cli/project/, with a few words filled in. */
#pragma once

#include <stdbool.h>

struct project {
    const char *folder; /* for messages */
    const char *name;
    const char *quoll; /* how the Makefile calls quoll */
    const char *sdk;   /* what the Makefile takes for the SDK */
};

/* Write them to an open, empty folder. Returns false when one could not be written, and a person has
 * been told. */
bool project_write(const struct project *project, int folder);
