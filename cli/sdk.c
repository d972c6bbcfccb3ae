/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Finding the SDK. */
#include "cli/sdk.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not by realpath(): whoever may run the program need not be able to walk to it. */
char *sdk_own_program(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    return length < 0 ? NULL : strndup(path, (size_t)length);
}

/* FOLDER/NAME without links, to be freed, if an SDK is there; else NULL. */
static char *sdk_at(const char *folder, const char *name)
{
    char *boards = NULL;
    if (asprintf(&boards, "%s/%s/board", folder, name) < 0) {
        return NULL;
    }
    char *found = NULL;
    if (access(boards, R_OK | X_OK) == 0) {
        *strrchr(boards, '/') = '\0';
        found = realpath(boards, NULL);
    }
    free(boards);
    return found;
}

static char *sdk_named(const char *folder, const char *who)
{
    char *found = sdk_at(folder, ".");
    if (!found) {
        fprintf(stderr,
                "quoll: there is no Microkit SDK at '%s': it has no folder 'board'\n"
                "      %s says so. Correct it, or leave it away to use Quoll's own.\n",
                folder, who);
    }
    return found;
}

static char *sdk_beside_program(void)
{
    char *program = sdk_own_program();
    char *slash = program ? strrchr(program, '/') : NULL;
    char *found = NULL;
    if (slash) {
        *slash = '\0';
        found = sdk_at(program, "../lib/quoll/sdk");
        if (!found) {
            found = sdk_at(program, "sdk");
        }
    }
    if (!found) {
        fprintf(
            stderr,
            "quoll: there is no Microkit SDK beside this program, in ../lib/quoll/sdk or sdk of\n"
            "      '%s'. Set MICROKIT_SDK to the folder of one.\n",
            slash ? program : "?");
    }
    free(program);
    return found;
}

char *sdk_find(const char *given)
{
    const char *environment = getenv("MICROKIT_SDK");
    if (given) {
        return sdk_named(given, "--sdk");
    }
    if (environment && environment[0] != '\0') {
        return sdk_named(environment, "MICROKIT_SDK");
    }
    return sdk_beside_program();
}
