/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Text for a person. */
#pragma once

#include <stddef.h>

#include "kernel/call.h"

/* A line under construction; cut when full. */
struct line {
    char text[320];
    size_t length;
};

void line_add(struct line *line, const char *text);
void line_add_decimal(struct line *line, uint64_t value);
void line_add_hex(struct line *line, uint64_t value);
void line_add_why(struct kernel *k, struct line *line, struct why why);

/* Pass a line on, if this configuration prints. */
void say(struct kernel *k, const struct line *line);

/* "text", formatted as in WHY. */
void say_why(struct kernel *k, struct why why);
