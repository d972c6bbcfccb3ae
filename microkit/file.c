/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/file.h"
#include "microkit/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until `size` bytes are there, or the file ends, which it may do early: it is not ours. */
static int read_all(int fd, char *bytes, size_t *size)
{
    size_t done = 0;
    while (done < *size) {
        ssize_t count = read(fd, bytes + done, *size - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno;
        }
        if (count == 0) {
            break;
        }
        done += (size_t)count;
    }
    bytes[done] = '\0';
    *size = done;
    return 0;
}

static int read_open(int fd, struct arena *arena, size_t size_max, char **bytes, size_t *size)
{
    struct stat status;
    if (fstat(fd, &status) < 0) {
        return errno;
    }
    if (S_ISDIR(status.st_mode)) {
        return EISDIR;
    }
    if (!S_ISREG(status.st_mode)) {
        return ENOTSUP;
    }
    if ((uint64_t)status.st_size > size_max || (uint64_t)status.st_size >= SIZE_MAX) {
        return EFBIG;
    }
    *size = (size_t)status.st_size;
    *bytes = arena_alloc(arena, *size + 1);
    return *bytes == NULL ? ENOMEM : read_all(fd, *bytes, size);
}

int file_read(struct arena *arena, const char *path, size_t size_max, char **bytes, size_t *size)
{
    /* O_NONBLOCK: opening a FIFO would wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno;
    }
    int error = read_open(fd, arena, size_max, bytes, size);
    close(fd);
    return error;
}

const char *file_error(int error)
{
    switch (error) {
    case EFBIG:
        return "it is too large";
    case ENOTSUP:
        return "it is not a regular file";
    default:
        return strerror(error);
    }
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    if (name[0] == '/' || folder[0] == '\0') {
        return strdup(name);
    }
    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        return NULL;
    }
    return path;
}

char *microkit_find_file(const struct search_path *search, const char *name)
{
    for (size_t i = 0; i < search->count; i++) {
        char *path = join(search->folders[i], name);
        if (path == NULL) {
            errno = ENOMEM;
            return NULL;
        }
        if (access(path, F_OK) == 0) {
            return path;
        }
        free(path);
    }
    errno = ENOENT;
    return NULL;
}
