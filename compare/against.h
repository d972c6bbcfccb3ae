/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What has changed since an older comparison. */
#pragma once

#include "compare/comparison.h"

#include <stdbool.h>

enum change_kind {
    CHANGE_NONE,    /* the runs of both overlap */
    CHANGE_UNKNOWN, /* there is but one run on a side: nothing is known of the spread */
    CHANGE_CLEAR,   /* all runs of one are beyond all runs of the other */
};

struct change {
    const char *system; /* the comparison's */
    const struct figure *now;
    double old_value, old_low, old_high;
    enum change_kind kind;
    double percent; /* of the old value; 0 where that is 0 */
};

struct changes {
    struct change *items;
    size_t count, room;
    char *against; /* the folder of the older one */
    char *date;    /* of that */
    char *caution; /* what makes the two hard to compare, or NULL */
};

/* Whether an older comparison is there. If not, a person has been told. */
bool against_is_readable(const char *folder);

/*
 * Find the changes of all figures that both have, and write them to changes.csv.
 *
 * Returns false when the older one cannot be read or changes.csv not be written, and a person has been told.
 * changes_free() is due in either case.
 */
bool against_compare(const struct comparison *comparison, const char *folder,
                     struct changes *changes);

void changes_free(struct changes *changes);
