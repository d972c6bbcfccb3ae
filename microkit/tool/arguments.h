/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The command line of Microkit 2.3.0's tool, and its messages about it. */
#pragma once

#include "microkit/tool/sdk.h"

#include <stddef.h>

struct arguments {
    const char *system;
    const char *board;
    const char *config;
    const char *output;
    const char *report;
    const char *image_type; /* NULL: not given */
    const char *kernel;     /* NULL: the SDK's */
    const char *capdl_json; /* NULL: not given */
    const char *viper;      /* NULL: not given */
    size_t folder_count;    /* of the search path, the current folder included, which is last */
    const char **folders;
};

/*
 * Read a command line. Ends the program after --help, and with status 1 and a message if it cannot
 * be used. Pointers are into argv and `sdk`; `folders` is the caller's to free.
 */
struct arguments arguments_read(char **argv, const struct sdk *sdk);
