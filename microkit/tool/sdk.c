/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/tool/sdk.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Noreturn void stop_out_of_memory(void)
{
    fprintf(stderr, "microkit: error: out of memory\n");
    exit(EXIT_FAILURE);
}

char *text_make(const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        stop_out_of_memory();
    }
    return text;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static _Noreturn void refuse_place(const char *program)
{
    fprintf(stderr,
            "microkit: error: No SDK directory specified and cannot infer SDK directory from "
            "executable path '%s'\n      An SDK has this program in its folder bin. Set "
            "MICROKIT_SDK to the SDK's folder.\n",
            program);
    exit(EXIT_FAILURE);
}

/* SDK/bin/microkit is in the SDK; a program right in the root folder is in none. */
static char *folder_of_program(void)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0) {
        fprintf(stderr,
                "microkit: error: Could not determine the current executable path: %s (os error "
                "%d)\n      /proc/self/exe says it. Is /proc there?\n",
                strerror(errno), errno);
        exit(EXIT_FAILURE);
    }
    program[length] = '\0';

    char *path = text_make("%s", program);
    *strrchr(path, '/') = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        free(path);
        refuse_place(program);
    }
    *slash = '\0';
    return path;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void names_add(struct names *names, const char *name)
{
    char **grown = realloc(names->names, (names->count + 1) * sizeof *grown);
    if (grown == NULL) {
        stop_out_of_memory();
    }
    names->names = grown;
    names->names[names->count++] = text_make("%s", name);
}

static _Noreturn void refuse_folder(const char *path)
{
    int error = errno;
    fprintf(
        stderr,
        "microkit: error: The directory '%s' could not be read: %s (os error %d)\n"
        "      The boards and configurations of the SDK are looked up there. Make it readable, or "
        "set MICROKIT_SDK to another SDK.\n",
        path, strerror(error), error);
    exit(EXIT_FAILURE);
}

static struct names folders_in(const char *path)
{
    struct names names = {0};
    DIR *folder = opendir(path);
    if (folder == NULL) {
        refuse_folder(path);
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL) {
            break;
        }
        char *inner = text_make("%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && is_folder(inner)) {
            names_add(&names, entry->d_name);
        }
        free(inner);
    }
    if (errno != 0) {
        refuse_folder(path);
    }
    closedir(folder);
    if (names.count > 0) {
        qsort(names.names, names.count, sizeof names.names[0], compare_names);
    }
    return names;
}

struct names sdk_boards(const struct sdk *sdk)
{
    char *path = text_make("%s/board", sdk->folder);
    struct names boards = folders_in(path);
    free(path);
    return boards;
}

struct names sdk_configs(const struct sdk *sdk, const char *board)
{
    char *path = text_make("%s/board/%s", sdk->folder, board);
    struct names configs = folders_in(path);
    free(path);
    return configs;
}

bool names_have(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->names[i]);
    }
    free(names->names);
    *names = (struct names){0};
}

/* The end of a message: there is no SDK, as `path` is no folder. */
static _Noreturn void refuse_sdk(const char *path, bool given)
{
    struct stat status;
    if (stat(path, &status) != 0 && errno != ENOENT) {
        fprintf(stderr, "      It cannot be looked at: %s.\n", strerror(errno));
    }
    fprintf(stderr, given
                        ? "      MICROKIT_SDK says so. Correct it, or unset it to use the SDK that "
                          "this program is in.\n"
                        : "      Set MICROKIT_SDK to the SDK's folder.\n");
    exit(EXIT_FAILURE);
}

/* All folders have to be readable, as upstream's tool asks, whichever board will be chosen. */
static void check_boards(const struct sdk *sdk)
{
    struct names boards = sdk_boards(sdk);
    for (size_t i = 0; i < boards.count; i++) {
        struct names configs = sdk_configs(sdk, boards.names[i]);
        names_free(&configs);
    }
    names_free(&boards);
}

/* Paths start there. */
static char *working_folder(void)
{
    char path[PATH_MAX];
    if (getcwd(path, sizeof path) == NULL) {
        fprintf(stderr,
                "microkit: error: Could not determine the current working directory: %s (os error "
                "%d)\n      It may have been removed, and made again. Change to it anew.\n",
                strerror(errno), errno);
        exit(EXIT_FAILURE);
    }
    return text_make("%s", path);
}

struct sdk sdk_find(void)
{
    struct sdk sdk = {.working_folder = working_folder()};
    const char *given = getenv("MICROKIT_SDK");
    sdk.folder = given != NULL ? text_make("%s", given) : folder_of_program();
    char *boards = text_make("%s/board", sdk.folder);
    if (given != NULL && !is_folder(given)) {
        fprintf(stderr, "microkit: error: The MICROKIT_SDK directory '%s' does not exist\n", given);
        refuse_sdk(given, true);
    }
    if (!is_folder(boards)) {
        fprintf(stderr,
                "microkit: error: The SDK directory does not have a 'board' sub-directory at "
                "'%s'\n",
                boards);
        refuse_sdk(boards, given != NULL);
    }
    free(boards);
    check_boards(&sdk);
    return sdk;
}

void sdk_free(struct sdk *sdk)
{
    free(sdk->folder);
    free(sdk->working_folder);
    *sdk = (struct sdk){0};
}

char *sdk_path(const struct sdk *sdk, const char *board, const char *config, const char *name)
{
    return text_make("%s/board/%s/%s/%s", sdk->folder, board, config, name);
}
