/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The words of capDL's JSON that are more than members of one kind of object. */
#pragma once

#include "microkit/capdl/capdl.h"

struct capdl_word {
    const char *object;
    const char *cap;
    bool plain; /* an object that is nothing but its word */
};

/* By type. */
extern const struct capdl_word capdl_words[CAPDL_TYPES];

/* The members of an interrupt's `extra`, in the order of capdl_object.args. */
extern const char *const capdl_msi_members[4];
extern const char *const capdl_ioapic_members[4];

/* A block of extra bootinfo, SEL4_BOOTINFO_HEADER_*: its word; and back, false if there is none. */
const char *capdl_bootinfo_word(uint64_t id);
bool capdl_bootinfo_id(const char *word, uint64_t *id);
