/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Files and folders that are written. */
#include "compare/output.h"

#include "compare/list.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SAME_SECOND_MAX 100 /* folders of one second */

static void complain(const char *path, int failure)
{
    fprintf(stderr, "quoll: cannot write %s: %s\n", path, strerror(failure));
    fprintf(stderr, failure == ENOSPC || failure == EDQUOT || failure == EFBIG
                        ? "      Make room there, or name another place with --out.\n"
                        : "      Name a folder that you may write to with --out.\n");
}

struct output output_open(const char *folder, const char *name)
{
    struct output output = {.path = text_of("%s/%s", folder, name)};
    output.stream = fopen(output.path, "we");
    if (!output.stream) {
        complain(output.path, errno);
    }
    return output;
}

bool output_close(struct output *output)
{
    bool written = output->stream != NULL;
    if (written) {
        written = !ferror(output->stream);
        errno = 0;
        int failure = fflush(output->stream) == 0 ? 0 : errno;
        if (fclose(output->stream) != 0 && failure == 0) {
            failure = errno;
        }
        written = written && failure == 0;
        if (!written) {
            complain(output->path, failure != 0 ? failure : ENOSPC);
            unlink(output->path);
        }
    }
    free(output->path);
    *output = (struct output){0};
    return written;
}

bool output_make_folder(const char *folder, const char *name)
{
    char *path = text_of("%s/%s", folder, name);
    bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
    if (!made) {
        complain(path, errno);
    }
    free(path);
    return made;
}

char *output_new_folder(const char *out, const struct tm *date)
{
    char name[32];
    strftime(name, sizeof(name), "%Y-%m-%d_%H%M%S", date);
    if (mkdir(out, 0777) != 0 && errno != EEXIST) {
        complain(out, errno);
        return NULL;
    }
    char *path = text_of("%s/%s", out, name);
    for (unsigned i = 2; mkdir(path, 0777) != 0; i++) {
        if (errno != EEXIST || i > SAME_SECOND_MAX) {
            complain(path, errno);
            free(path);
            return NULL;
        }
        free(path);
        path = text_of("%s/%s-%u", out, name, i);
    }
    return path;
}

static bool refuse(const char *path)
{
    fprintf(stderr, "quoll: cannot read %s: %s\n", path, strerror(errno));
    return false;
}

static bool copy_file(const char *from, const char *folder, const char *name)
{
    char bytes[65536];
    size_t count;
    FILE *stream = fopen(from, "re");
    if (!stream) {
        return refuse(from);
    }
    struct output output = output_open(folder, name);
    while (output.stream && (count = fread(bytes, 1, sizeof(bytes), stream)) > 0) {
        fwrite(bytes, 1, count, output.stream);
    }
    bool read = !ferror(stream) || refuse(from);
    fclose(stream);
    return output_close(&output) && read;
}

static bool copy_entry(const char *from, const char *folder, const char *name)
{
    struct stat status;
    if (stat(from, &status) != 0) {
        return refuse(from);
    }
    return S_ISDIR(status.st_mode)   ? output_copy_folder(from, folder, name)
           : S_ISREG(status.st_mode) ? copy_file(from, folder, name)
                                     : true;
}

bool output_copy_folder(const char *from, const char *folder, const char *name)
{
    DIR *entries = opendir(from);
    if (!entries) {
        return refuse(from);
    }
    bool copied = output_make_folder(folder, name);
    char *target = text_of("%s/%s", folder, name);
    struct dirent *entry;
    while (copied && (entry = readdir(entries))) {
        if (entry->d_name[0] != '.') {
            char *path = text_of("%s/%s", from, entry->d_name);
            copied = copy_entry(path, target, entry->d_name);
            free(path);
        }
    }
    free(target);
    closedir(entries);
    return copied;
}

static int discard_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    remove(path);
    return 0;
}

void output_discard(const char *folder)
{
    nftw(folder, discard_one, 16, FTW_DEPTH | FTW_PHYS);
}
