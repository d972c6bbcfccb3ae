/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The machine on which things are measured, in words: what one must know to compare figures. */
#pragma once

#include <stddef.h>

struct fact {
    const char *name; /* a constant */
    char *text;
};

struct testbed {
    struct fact *items;
    size_t count, room;
};

/* Its own name is not among the facts. What the host does not tell is left out. */
struct testbed testbed_describe(void);

void testbed_add(struct testbed *testbed, const char *name, const char *text);
void testbed_free(struct testbed *testbed);

/* The CPU where runs are to be: the last of those that this process may use. */
int testbed_cpu(void);
