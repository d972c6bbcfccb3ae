/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Text and pictures in HTML. */
#pragma once

#include <stdio.h>

/* Text, whatever is in it. */
void html_print(FILE *stream, const char *text);

/* What is left of a file, in base64. */
void html_print_base64(FILE *stream, FILE *from);
