/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Objects of every kind that are not the attacker's, in a known state. */
#pragma once

#include "tests/system/hostile/world.h"

/* Make them. The frames are for the victims to map. */
void canaries_make(seL4_CPtr frames[CANARY_FRAMES]);

/* Look at all of them. NULL: they are as they were; else which one is not. */
const char *canaries_check(void);

/* Physical address of one that is mapped nowhere. */
seL4_Word canaries_prey(void);

/* What may be made of memory that an attacker had a moment ago, one kind after the other. */
void retyped_make(struct pool *pool, seL4_Word kind);
const char *retyped_check(void);

/* A thread of which these registers are known, and what is read of it. */
void pattern_write(seL4_CPtr tcb);
seL4_Bool pattern_is(seL4_CPtr tcb);
