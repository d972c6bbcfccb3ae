/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What came of crashes: what was noticed, when, and what others lost. */
#pragma once

#include "compare/figures.h"
#include "compare/protocol.h"

#include <stddef.h>

struct fault_event {
    char what[PROTOCOL_NAME_MAX +
              1];    /* crash itself, reported, restarted, stopped, next-answer, … */
    unsigned crash;  /* the one that came before it, counted from 1 */
    double since_ns; /* that crash */
};

/* In order of time for each kind. Events before the first crash are left out. */
struct fault_story {
    struct fault_event *items;
    size_t count, room;
    unsigned crashes;
};

/*
 * The story of a section. Where the section has samples, the first answer after each crash is an event,
 * too: next-answer. free() is due for the items.
 */
struct fault_story fault_story_of(const struct section *section);

/*
 * Figures of it: for each kind of event, how long after the crash, as median and as greatest over the
 * crashes; the gap between two answers around a crash, likewise; and all counts.
 */
void figures_add_fault(struct figures *figures, const struct section *section,
                       const struct fault_story *story);
