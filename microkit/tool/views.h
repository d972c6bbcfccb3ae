/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What is written beside an image: the system as capDL in JSON, for the Viper verifier, for people. */
#pragma once

#include "microkit/capdl/capdl.h"
#include "microkit/tool/arguments.h"

/* Write those that the arguments ask for. Ends the program with status 1 and a message if one cannot
 * be written. */
void views_write(const struct arguments *arguments, const struct capdl *capdl,
                 const struct system *system);
