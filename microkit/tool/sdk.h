/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The SDK that the tool is part of: SDK/board/BOARD/CONFIG/elf/... */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sdk {
    char *folder;
    char *working_folder; /* that the tool runs in, as an absolute path */
};

/* Sorted. */
struct names {
    size_t count;
    char **names;
};

/*
 * Find the SDK: MICROKIT_SDK of the environment, else two levels above the program's file. Ends the
 * program with status 1 and a message if there is none, or if a folder in it cannot be read.
 */
struct sdk sdk_find(void);
void sdk_free(struct sdk *sdk);

/* The boards, and a board's configurations. */
struct names sdk_boards(const struct sdk *sdk);
struct names sdk_configs(const struct sdk *sdk, const char *board);

bool names_have(const struct names *names, const char *name);
void names_free(struct names *names);

/* The path of a file of a configuration, to be freed. */
char *sdk_path(const struct sdk *sdk, const char *board, const char *config, const char *name);

/* printf to a string, to be freed. Ends the program if there is no memory. */
char *text_make(const char *format, ...) __attribute__((format(printf, 1, 2)));
