/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll capture: a comparison as one file to hand on. */
#include "cli/command.h"
#include "compare/against.h"
#include "compare/archive.h"

#include <stdio.h>
#include <stdlib.h>

static enum exit_status capture(const struct settings *settings, const char *folder)
{
    if (!against_is_readable(folder)) {
        return EXIT_INPUT;
    }
    char *path = archive_write(folder);
    if (path && !settings->quiet) {
        printf("%s\n", path);
    }
    enum exit_status status = path ? EXIT_OK : EXIT_HOST;
    free(path);
    return status;
}

static const struct option *const tables[] = {common_options, NULL};

const struct command capture_command = {
    .name = "capture",
    .operand = "FOLDER",
    .summary = "archive a comparison: FOLDER.tar.gz",
    .description =
        "Writes the folder of a comparison, with the machine's description, what was booted,\n"
        "the configuration, results, plots and logs, to one file beside it that others can\n"
        "look at. Its MANIFEST is checked by sha256sum -c.\n",
    .examples =
        "  quoll capture out/2026-11-26_101500\n"
        "  tar xzf 2026-11-26_101500.tar.gz && cd 2026-11-26_101500 && sha256sum -c MANIFEST\n",
    .tables = tables,
    .run = capture,
};
