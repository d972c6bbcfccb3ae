/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Archives of comparisons. */
#include "compare/archive.h"

#include "compare/list.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct files {
    char **items; /* paths in the folder */
    size_t count, room;
};

/* --- What is in the folder --- */

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool refuse(const char *path, const char *why)
{
    fprintf(stderr, "quoll: cannot read %s: %s\n", path, why);
    return false;
}

/* Regular files of a folder in `root` and of those in it. What is a link or a device is left out. */
static bool list_files(const char *root, const char *folder, struct files *files)
{
    char *path = text_of("%s/%s", root, folder);
    DIR *entries = opendir(path);
    bool read = entries || refuse(path, strerror(errno));
    struct dirent *entry;
    while (read && (entry = readdir(entries))) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        char *name = text_of("%s%s%s", folder, folder[0] != '\0' ? "/" : "", entry->d_name);
        if (fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            read = refuse(name, strerror(errno));
        } else if (S_ISDIR(status.st_mode)) {
            read = list_files(root, name, files);
        } else if (S_ISREG(status.st_mode) && strcmp(name, "MANIFEST") != 0) {
            *LIST_ADD(files) = text_of("%s", name);
        }
        free(name);
    }
    if (entries) {
        closedir(entries);
    }
    free(path);
    return read;
}

/* The manifest of all files, to be freed. NULL: one could not be read, and a person has been told. */
static char *manifest_of(const char *root, const struct files *files, size_t *size)
{
    char *text = NULL;
    bool read = true;
    FILE *stream = open_memstream(&text, size);
    for (size_t i = 0; stream && read && i < files->count; i++) {
        char digest[SHA256_DIGEST_STRING_LENGTH];
        char *path = text_of("%s/%s", root, files->items[i]);
        read = SHA256File(path, digest) != NULL || refuse(path, strerror(errno));
        if (read) {
            fprintf(stream, "%s  %s\n", digest, files->items[i]);
        }
        free(path);
    }
    if (!stream || fclose(stream) != 0 || !read) {
        free(text);
        return NULL;
    }
    return text;
}

/* --- Writing --- */

static bool add_entry(struct archive *archive, const char *name, int64_t size, time_t date)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, size);
    archive_entry_set_mtime(entry, date, 0);
    bool added = archive_write_header(archive, entry) == ARCHIVE_OK;
    archive_entry_free(entry);
    return added;
}

static bool add_bytes(struct archive *archive, int fd)
{
    char bytes[65536];
    ssize_t count;
    while ((count = read(fd, bytes, sizeof(bytes))) > 0) {
        if (archive_write_data(archive, bytes, (size_t)count) != count) {
            return false;
        }
    }
    return count == 0;
}

/* Without a reason in the archive, it is in errno. */
static bool add_file(struct archive *archive, const char *root, const char *base, const char *file)
{
    struct stat status;
    char *path = text_of("%s/%s", root, file);
    char *name = text_of("%s/%s", base, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool added = fd >= 0 && fstat(fd, &status) == 0 &&
                 add_entry(archive, name, status.st_size, status.st_mtime) &&
                 add_bytes(archive, fd);
    if (fd >= 0) {
        close(fd);
    }
    free(path);
    free(name);
    return added;
}

static bool add_manifest(struct archive *archive, const char *base, const char *text, size_t size,
                         time_t date)
{
    char *name = text_of("%s/MANIFEST", base);
    bool added = add_entry(archive, name, (int64_t)size, date) &&
                 archive_write_data(archive, text, size) == (ssize_t)size;
    free(name);
    return added;
}

static bool write_archive(const char *path, const char *root, const struct files *files,
                          const char *manifest, size_t manifest_size)
{
    const char *slash = strrchr(root, '/');
    const char *base = slash ? slash + 1 : root;
    struct stat status;
    struct archive *archive = archive_write_new();
    bool written = archive && stat(root, &status) == 0 &&
                   archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
                   archive_write_set_options(archive, "gzip:!timestamp") == ARCHIVE_OK &&
                   archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
                   archive_write_open_filename(archive, path) == ARCHIVE_OK &&
                   add_manifest(archive, base, manifest, manifest_size, status.st_mtime);
    for (size_t i = 0; written && i < files->count; i++) {
        written = add_file(archive, root, base, files->items[i]);
    }
    written = written && archive_write_close(archive) == ARCHIVE_OK;
    if (!written) {
        const char *why = archive ? archive_error_string(archive) : NULL;
        fprintf(stderr, "quoll: cannot write %s: %s\n", path, why ? why : strerror(errno));
    }
    archive_write_free(archive);
    return written;
}

/* Under another name until it is whole. */
static char *write_whole(const char *root, const struct files *files, const char *manifest,
                         size_t manifest_size)
{
    char *path = text_of("%s.tar.gz", root);
    char *partial = text_of("%s.partial", path);
    bool written = write_archive(partial, root, files, manifest, manifest_size);
    if (written && rename(partial, path) != 0) {
        fprintf(stderr, "quoll: cannot write %s: %s\n", path, strerror(errno));
        written = false;
    }
    if (!written) {
        unlink(partial);
        free(path);
        path = NULL;
    }
    free(partial);
    return path;
}

char *archive_write(const char *folder)
{
    struct files files = {0};
    char *path = NULL;
    char *root = realpath(folder, NULL);
    if (!root) {
        refuse(folder, strerror(errno));
        return NULL;
    }
    if (list_files(root, "", &files)) {
        size_t size;
        if (files.count > 0) {
            qsort(files.items, files.count, sizeof(files.items[0]), compare_texts);
        }
        char *manifest = manifest_of(root, &files, &size);
        if (manifest) {
            path = write_whole(root, &files, manifest, size);
        }
        free(manifest);
    }
    for (size_t i = 0; i < files.count; i++) {
        free(files.items[i]);
    }
    free(files.items);
    free(root);
    return path;
}
