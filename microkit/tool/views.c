/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/tool/views.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The form of the system's errors is that of upstream's Rust. */
static _Noreturn void refuse_write(const char *what, const char *path)
{
    fprintf(stderr, "ERROR: cannot write %s %s: %s (os error %d)\n", what, path, strerror(errno),
            errno);
    exit(EXIT_FAILURE);
}

static FILE *begin(const char *what, const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        refuse_write(what, path);
    }
    return out;
}

static void finish(FILE *out, const char *what, const char *path)
{
    bool written = !ferror(out);
    if (fclose(out) != 0 || !written) {
        refuse_write(what, path);
    }
}

static void write_json(const char *path, const struct capdl *capdl)
{
    static const char what[] = "capDL spec";
    FILE *out = begin(what, path);
    capdl_write(capdl, out);
    finish(out, what, path);
}

/* With its parents. One that is there already is fine. */
static void make_folder(const char *path)
{
    char *part = text_make("%s", path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0777);
        *slash = '/';
    }
    free(part);
    struct stat status;
    if (mkdir(path, 0777) != 0 &&
        (errno != EEXIST || stat(path, &status) != 0 || !S_ISDIR(status.st_mode))) {
        refuse_write("Viper output directory", path);
    }
}

static void write_viper(const char *folder, const struct capdl *capdl, const struct system *system)
{
    static const char what[] = "Viper output file";
    make_folder(folder);
    for (size_t i = 0; i < system->pd_count; i++) {
        char *path = text_make("%s/%s.vpr", folder, system->pds[i].name);
        FILE *out = begin(what, path);
        capdl_viper(capdl, &system->pds[i], system, out);
        finish(out, what, path);
        free(path);
    }
}

static void write_report(const char *path, const struct capdl *capdl)
{
    static const char what[] = "report";
    FILE *out = begin(what, path);
    capdl_report(capdl, out);
    finish(out, what, path);
}

void views_write(const struct arguments *arguments, const struct capdl *capdl,
                 const struct system *system)
{
    if (arguments->capdl_json != NULL) {
        write_json(arguments->capdl_json, capdl);
    }
    if (arguments->viper != NULL) {
        write_viper(arguments->viper, capdl, system);
    }
    write_report(arguments->report, capdl);
}
