/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The commands of quoll. Each is one file that ends in one table entry. */
#pragma once

#include <stddef.h>

#include "cli/option.h"
#include "machine/ending.h"

struct command {
    const char *name;
    const char *operand;                /* what help calls it; in brackets: may be left away */
    const char *summary;                /* one line */
    const char *description;            /* lines, with a newline at the end */
    const char *examples;               /* likewise */
    const struct option *const *tables; /* of options, NULL after the last */
    bool many_operands;                 /* any number, or none: settings->operands */
    enum exit_status (*run)(const struct settings *settings, const char *operand);
};

extern const struct command run_command;
extern const struct command boot_command;
extern const struct command check_command;
extern const struct command new_command;
extern const struct command baseline_command;
extern const struct command test_command;
extern const struct command compare_command;
extern const struct command capture_command;
