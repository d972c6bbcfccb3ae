/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Files given to quoll. */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(const char *path, const char *why)
{
    fprintf(stderr, "quoll: cannot read %s: %s\n", path, why);
    return false;
}

/* Returns 0 or an errno. */
static int read_all(int fd, char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = read(fd, bytes, size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return count < 0 ? errno : EIO;
        }
        bytes += count;
        size -= (size_t)count;
    }
    return 0;
}

static bool read_open(struct input *input, int fd, const char *path)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return complain(path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return complain(path, S_ISDIR(status.st_mode)
                                  ? "it is a folder\n      Name the file in it that is meant."
                                  : "it is no file");
    }
    input->size = (size_t)status.st_size;
    input->bytes = malloc(input->size + 1);
    if (!input->bytes) {
        return complain(path, strerror(ENOMEM));
    }
    int failure = read_all(fd, input->bytes, input->size);
    if (failure != 0) {
        input_close(input);
        return complain(path, strerror(failure));
    }
    return true;
}

bool input_open(struct input *input, const char *path)
{
    *input = (struct input){.bytes = NULL};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return complain(path, strerror(errno));
    }
    bool read = read_open(input, fd, path);
    close(fd);
    return read;
}

void input_close(struct input *input)
{
    free(input->bytes);
    *input = (struct input){.bytes = NULL};
}

bool input_is_elf(const struct input *input)
{
    return input->size >= 4 && memcmp(input->bytes, "\177ELF", 4) == 0;
}
