/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A file given to quoll, whole, in memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct input {
    void *bytes;
    size_t size;
};

/* Returns false when it cannot be read, and a person has been told. Whoever opened it closes it. */
bool input_open(struct input *input, const char *path);
void input_close(struct input *input);

/* It starts as an ELF file does. */
bool input_is_elf(const struct input *input);
