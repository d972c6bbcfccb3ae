/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll check --arch, --board and --smp: descriptions that were made for other boards. */
#pragma once

#include "cli/option.h"
#include "machine/ending.h"

/* Whether one of these options is given. */
bool port_is_asked_for(const struct settings *settings);

/* Of a description that is wrong for x86_64_generic: tell a person if it is right for another board. */
void port_suggest(const struct settings *settings, const char *path);

/*
 * Read and check a description as for its board, and list what stands in the way of x86_64_generic,
 * for a person or as JSON. Obstacles are no errors: the status is that of the description.
 */
enum exit_status port_check(const struct settings *settings, const char *path);
