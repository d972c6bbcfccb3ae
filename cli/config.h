/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The kernel's configuration: one of those known by name, or what a gen_config.json says. */
#pragma once

#include "cli/option.h"
#include "kernel/config.h"
#include "machine/ending.h"

/* Returns EXIT_OK; else a person has been told. */
enum exit_status config_choose(const struct settings *settings, struct kernel_config *config);
