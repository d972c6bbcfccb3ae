/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll new: a project to start from. */
#include "cli/command.h"
#include "cli/project.h"
#include "cli/sdk.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_LENGTH_MAX 64

/* --- The folder --- */

static enum exit_status refuse_folder(const char *folder, const char *why, const char *advice)
{
    fprintf(stderr, "quoll: cannot make a project in '%s': %s\n      %s\n", folder, why, advice);
    return EXIT_INPUT;
}

static enum exit_status refuse_access(const char *folder, int failure)
{
    return refuse_folder(folder, strerror(failure), "Name a folder that you may write to.");
}

/* Returns -1 when it cannot be read. */
static int count_entries(int fd)
{
    int own = dup(fd);
    DIR *entries = own >= 0 ? fdopendir(own) : NULL;
    if (!entries) {
        if (own >= 0) {
            close(own);
        }
        return -1;
    }
    int count = 0;
    while (readdir(entries)) {
        count++;
    }
    closedir(entries);
    return count - 2; /* . and .. */
}

static enum exit_status open_folder(const char *path, int *folder)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        return errno == ENOENT
                   ? refuse_folder(path, "the folder above it does not exist", "Make that first.")
                   : refuse_access(path, errno);
    }
    *folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0) {
        return errno == ENOTDIR ? refuse_folder(path, "it is a file", "Name a folder.")
                                : refuse_access(path, errno);
    }
    int entries = count_entries(*folder);
    enum exit_status status = EXIT_OK;
    if (entries > 0) {
        status = refuse_folder(path, "it is not empty",
                               "Name an empty folder, or one that does not exist yet.");
    } else if (entries < 0 || faccessat(*folder, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        status = refuse_access(path, errno);
    }
    if (status != EXIT_OK) {
        close(*folder);
    }
    return status;
}

/* --- Words that go into the files --- */

static bool consists_of(const char *text, const char *marks)
{
    for (; *text != '\0'; text++) {
        if (!isascii(*text) || (!isalnum(*text) && !strchr(marks, *text))) {
            return false;
        }
    }
    return true;
}

/* The last part of a path, to be freed. NULL: the path leads nowhere. */
static char *name_of(const char *path)
{
    char *real = realpath(path, NULL); /* such as that of `.` */
    char *whole = real ? real : strdup(path);
    if (!whole) {
        return NULL;
    }
    for (size_t end = strlen(whole); end > 1 && whole[end - 1] == '/'; end--) {
        whole[end - 1] = '\0';
    }
    const char *slash = strrchr(whole, '/');
    char *name = strdup(slash ? slash + 1 : whole);
    free(whole);
    return name;
}

static bool name_is_valid(const char *name)
{
    return isalnum((unsigned char)name[0]) && strlen(name) <= NAME_LENGTH_MAX &&
           consists_of(name, "._-");
}

static enum exit_status refuse_name(const char *name)
{
    fprintf(stderr,
            "quoll: '%s' cannot be the name of a project: it becomes names of files in a Makefile\n"
            "      Use 1 to %d letters, digits, '.', '_' and '-', a letter or a digit first.\n",
            name, NAME_LENGTH_MAX);
    return EXIT_USAGE;
}

/* Make splits at blanks and reads more into some characters. */
static bool make_takes(const char *path)
{
    return consists_of(path, "/._-+,@");
}

/* The first `quoll` of PATH is this program. */
static bool is_on_path(const char *program)
{
    const char *folders = getenv("PATH");
    bool found = false;
    bool same = false;
    while (folders && *folders != '\0' && !found) {
        size_t length = strcspn(folders, ":");
        char *candidate = NULL;
        if (asprintf(&candidate, "%.*s/quoll", (int)length, folders) < 0) {
            return false;
        }
        found = access(candidate, X_OK) == 0;
        char *real = found ? realpath(candidate, NULL) : NULL;
        same = real && strcmp(real, program) == 0;
        free(real);
        free(candidate);
        folders += length + (folders[length] == ':');
    }
    return same;
}

/* How a Makefile calls this program, to be freed: by name, if that leads here. */
static char *own_command(void)
{
    char *program = sdk_own_program();
    if (program && !is_on_path(program) && make_takes(program)) {
        return program;
    }
    free(program);
    return strdup("quoll");
}

/* What the Makefile takes for the SDK: a path only where a person has given one, so that projects can be
 * handed on. */
static const char *sdk_in_makefile(const struct settings *settings, const char *sdk)
{
    return settings->sdk ? sdk : "$(shell $(QUOLL) --print-sdk)";
}

/* --- The command --- */

static enum exit_status write_project(const struct settings *settings, const char *folder,
                                      const char *name, const char *sdk)
{
    int fd;
    enum exit_status status = open_folder(folder, &fd);
    if (status != EXIT_OK) {
        return status;
    }
    char *command = own_command();
    struct project project = {
        .folder = folder,
        .name = name,
        .quoll = command ? command : "quoll",
        .sdk = sdk_in_makefile(settings, sdk),
    };
    status = project_write(&project, fd) ? EXIT_OK : EXIT_INPUT;
    if (status == EXIT_OK && !settings->quiet) {
        printf("%s: a client that calls a server, for the SDK at %s\n"
               "Next: cd %s && make test\n",
               folder, sdk, folder);
    }
    free(command);
    close(fd);
    return status;
}

static enum exit_status new_project(const struct settings *settings, const char *folder)
{
    char *name = name_of(folder);
    if (!name || !name_is_valid(name)) {
        enum exit_status status = refuse_name(name ? name : folder);
        free(name);
        return status;
    }
    enum exit_status status = EXIT_INPUT;
    char *sdk = sdk_find(settings->sdk);
    if (sdk && settings->sdk && !make_takes(sdk)) {
        fprintf(
            stderr,
            "quoll: make cannot use the SDK at '%s': there are blanks or other marks in its path\n"
            "      Move it to where there are none.\n",
            sdk);
    } else if (sdk) {
        status = write_project(settings, folder, name, sdk);
    }
    free(sdk);
    free(name);
    return status;
}

static const struct option *const tables[] = {sdk_options, common_options, NULL};

const struct command new_command = {
    .name = "new",
    .operand = "FOLDER",
    .summary = "make a project: two protection domains, a Makefile, a test",
    .description = "Writes a Microkit project to a new or empty folder: a client that calls a\n"
                   "server, a Makefile that builds, runs, tests and debugs them, and settings for\n"
                   "editors. It builds with Quoll's SDK and with any other of Microkit 2.3.\n",
    .examples = "  quoll new demo && make -C demo test\n"
                "  quoll new --sdk /opt/microkit-sdk-2.3.0 demo\n"
                "  MICROKIT_SDK=/opt/microkit-sdk-2.3.0 make -C demo\n",
    .tables = tables,
    .run = new_project,
};
