/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Results for machines. */
#pragma once

#include "cli/test/result.h"

#include <stdio.h>

/* JUnit's XML, as Jenkins, GitLab and others read it: a suite for each folder. */
void junit_write(FILE *stream, const struct results *results);

/* One JSON object; docs/testing.md says what is in it. */
void json_write(FILE *stream, const struct results *results);
