/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Finding tests. */
#include "cli/test/find.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDING ".test"

static void complain(struct found *found, const char *path, const char *why, const char *advice)
{
    fprintf(stderr, "quoll: cannot look for tests in %s: %s\n", path, why);
    if (advice) {
        fprintf(stderr, "      %s\n", advice);
    }
    found->failed = true;
}

static bool is_test(const char *name)
{
    size_t length = strlen(name);
    return length > strlen(ENDING) && strcmp(name + length - strlen(ENDING), ENDING) == 0 &&
           name[length - strlen(ENDING) - 1] != '/';
}

/* Takes the path over. */
static void add(struct found *found, char *path)
{
    if (path && found->count == found->capacity) {
        size_t capacity = found->capacity * 2 + 16;
        char **paths = reallocarray(found->paths, capacity, sizeof(*paths));
        if (paths) {
            found->paths = paths;
            found->capacity = capacity;
        }
    }
    if (!path || found->count == found->capacity) {
        complain(found, path ? path : "here", strerror(ENOMEM), NULL);
        free(path);
        return;
    }
    found->paths[found->count++] = path;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    if (strcmp(folder, ".") == 0) {
        return strdup(name);
    }
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void find_in_folder(struct found *found, const char *folder)
{
    DIR *entries = opendir(folder);
    if (!entries) {
        complain(found, folder, strerror(errno), NULL);
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(entries))) {
        char *path = entry->d_name[0] != '.' ? join(folder, entry->d_name) : NULL;
        if (path && is_folder(path)) {
            find_in_folder(found, path);
        } else if (path && is_test(path)) {
            add(found, path);
            path = NULL;
        }
        free(path);
    }
    closedir(entries);
}

/* demo.system, for demo.test */
static char *test_beside(const char *path)
{
    static const char *const endings[] = {".system", ".img", ".json", ".elf"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i]);
        char *test = NULL;
        if (length > ending && strcmp(path + length - ending, endings[i]) == 0 &&
            asprintf(&test, "%.*s%s", (int)(length - ending), path, ENDING) >= 0) {
            if (access(test, F_OK) == 0) {
                return test;
            }
            free(test);
        }
    }
    return NULL;
}

void find_tests(struct found *found, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        complain(found, path, strerror(errno), NULL);
    } else if (S_ISDIR(status.st_mode)) {
        find_in_folder(found, path);
    } else if (is_test(path)) {
        add(found, strdup(path));
    } else {
        char *test = test_beside(path);
        if (test) {
            add(found, test);
        } else {
            complain(found, path, "it is neither a folder nor a test",
                     "A test is a file NAME.test, beside NAME.system: docs/testing.md.");
        }
    }
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_wanted(const char *path, const char *filter)
{
    char *name = strndup(path, strlen(path) - strlen(ENDING));
    bool wanted = !filter || (name && fnmatch(filter, name, 0) == 0);
    free(name);
    return wanted;
}

void found_finish(struct found *found, const char *filter)
{
    size_t kept = 0;
    if (found->count > 0) {
        qsort(found->paths, found->count, sizeof(*found->paths), compare);
    }
    for (size_t i = 0; i < found->count; i++) {
        bool again = kept > 0 && strcmp(found->paths[kept - 1], found->paths[i]) == 0;
        if (again || !is_wanted(found->paths[i], filter)) {
            free(found->paths[i]);
        } else {
            found->paths[kept++] = found->paths[i];
        }
    }
    found->count = kept;
}

void found_free(struct found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        free(found->paths[i]);
    }
    free(found->paths);
    *found = (struct found){.paths = NULL};
}
