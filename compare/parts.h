/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The parts of a system in which one crashes: which of them stopped, and for how long. */
#pragma once

#include "compare/figures.h"
#include "compare/protocol.h"

#include <stddef.h>

/* What became of one part in one crash. */
struct part_silence {
    char part[PROTOCOL_NAME_MAX + 1];
    unsigned crash;   /* counted from 1 */
    bool ends;        /* there is a sign of life after it */
    double before_ns; /* from the last sign to the crash; 0 where none came after it */
    double after_ns;  /* from the crash to the next sign; means nothing where none came */
};

/* In the order in which they were told: by parts. Zeroes are none. */
struct part_silences {
    struct part_silence *items;
    size_t count, room;
};

/* Those of a section; free() is due for the items. */
struct part_silences part_silences_of(const struct section *section);

/*
 * Figures of each part: its silence around a crash, as median and as greatest, and the longest before
 * anything crashed; and in how many crashes it went on, stopped for longer than that, was started anew, or gave
 * no sign any more.
 */
void figures_add_parts(struct figures *figures, const struct section *section);

#define PART_TEXT_MAX 128

/* What became of a part, in words, from the figures of a run or of several; "" where it is unknown. */
const char *part_text(char text[PART_TEXT_MAX], const struct figures *figures, const char *part);
