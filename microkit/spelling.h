/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* "Did you mean": which of the words that would be right is most like one that is wrong. */
#pragma once

#include <stddef.h>

struct spelling {
    const char *wrong;
    const char *nearest; /* so far; NULL if nothing is near */
    size_t distance;     /* from it, in inserted, missing and wrong letters */
};

struct spelling spelling_of(const char *wrong);

/* Consider a right word. */
void spelling_try(struct spelling *spelling, const char *right);
