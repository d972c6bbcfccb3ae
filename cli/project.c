/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Files of new projects. */
#include "cli/project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct template
{
    const char *path;
    const char *text;
}
templates[] = {
#include "project_files.inc"
};

/* --- Filling in --- */

/* The value of the placeholder that stands there, whose length is in *length; or NULL. */
static const char *placeholder_at(const char *text, const struct project *project, size_t *length)
{
    const struct {
        const char *name;
        const char *value;
    } placeholders[] = {
        {"@NAME@", project->name},
        {"@QUOLL@", project->quoll},
        {"@SDK@", project->sdk},
    };
    for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++) {
        *length = strlen(placeholders[i].name);
        if (strncmp(text, placeholders[i].name, *length) == 0) {
            return placeholders[i].value;
        }
    }
    return NULL;
}

static void fill_in(FILE *stream, const char *text, const struct project *project)
{
    while (*text != '\0') {
        size_t length;
        const char *value = placeholder_at(text, project, &length);
        if (value) {
            fputs(value, stream);
            text += length;
        } else {
            fputc(*text++, stream);
        }
    }
}

/* The path of a template's file in the project, to be freed; NULL: out of memory. */
static char *path_in_project(const struct template *template, const struct project *project)
{
    char *path = NULL;
    size_t size;
    FILE *stream = open_memstream(&path, &size);
    if (!stream) {
        return NULL;
    }
    fill_in(stream, template->path, project);
    return fclose(stream) == 0 ? path : NULL;
}

/* --- Writing --- */

/* The functions below return 0 or an errno. */

static int make_folders(int folder, char *path)
{
    for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int failure = mkdirat(folder, path, 0777) == 0 || errno == EEXIST ? 0 : errno;
        *slash = '/';
        if (failure != 0) {
            return failure;
        }
    }
    return 0;
}

static int write_text(int folder, const char *path, const char *text, const struct project *project)
{
    int fd = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return errno;
    }
    FILE *stream = fdopen(fd, "w");
    if (!stream) {
        int failure = errno;
        close(fd);
        return failure;
    }
    errno = 0;
    fill_in(stream, text, project);
    bool written = !ferror(stream);
    int failure = errno;
    if (fclose(stream) != 0) {
        written = false;
        failure = errno;
    }
    return written ? 0 : failure;
}

static bool write_template(const struct template *template, int folder,
                           const struct project *project)
{
    char *path = path_in_project(template, project);
    int failure = ENOMEM;
    if (path) {
        failure = make_folders(folder, path);
    }
    if (failure == 0) {
        failure = write_text(folder, path, template->text, project);
    }
    if (failure != 0) {
        fprintf(stderr,
                "quoll: cannot write %s/%s: %s\n"
                "      The project is incomplete: empty the folder before you try again.\n",
                project->folder, path ? path : template->path, strerror(failure));
    }
    free(path);
    return failure == 0;
}

bool project_write(const struct project *project, int folder)
{
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
        if (!write_template(&templates[i], folder, project)) {
            return false;
        }
    }
    return true;
}
