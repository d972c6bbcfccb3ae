/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Where the Microkit SDK is. */
#pragma once

#include <stdbool.h>

/*
 * Find it: where --sdk says; else where MICROKIT_SDK of the environment does; else beside this
 * program: in ../lib/quoll/sdk when that is installed, in sdk when it was only built.
 *
 * given     the value of --sdk, or NULL
 *
 * Returns   its path without links, to be freed; NULL: there is none, and a person has been told.
 */
char *sdk_find(const char *given);

/* The path of this program, without links, to be freed. NULL: the host does not tell. */
char *sdk_own_program(void);
