/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/spelling.h"

#include <string.h>

/* Longer words are not looked at. */
#define LENGTH_MAX 63

struct spelling spelling_of(const char *wrong)
{
    /* A third of the word may be wrong, but never all of it: "id" is not like "mr". */
    return (struct spelling){.wrong = wrong, .distance = strlen(wrong) / 3 + 1};
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein's distance, a row of the table at a time. */
static size_t distance_between(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[LENGTH_MAX + 1];
    for (size_t j = 0; j <= b_length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_length];
}

void spelling_try(struct spelling *spelling, const char *right)
{
    size_t a_length = strlen(spelling->wrong);
    size_t b_length = strlen(right);
    if (a_length > LENGTH_MAX || b_length > LENGTH_MAX) {
        return;
    }
    size_t distance = distance_between(spelling->wrong, a_length, right, b_length);
    if (distance < spelling->distance) {
        spelling->nearest = right;
        spelling->distance = distance;
    }
}
