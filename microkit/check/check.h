/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The check of a whole system, a file for each kind of element. Each step returns whether there was
 * no error, and ends at its first.
 */
#pragma once

#include "microkit/model.h"
#include "microkit/names.h"

/* One check in progress. */
struct check {
    struct system *system;
    struct diagnostics *found;
    struct names regions; /* filled by check_region_names */
    struct names pds;     /* filled by check_pds */
};

bool check_pds(struct check *c); /* and links user caps */
bool check_region_names(struct check *c);
bool check_vms(struct check *c);
bool check_irqs(struct check *c);
bool check_channels(struct check *c);
bool check_ioports(struct check *c);
bool check_maps(struct check *c);   /* and links maps */
bool check_iomaps(struct check *c); /* and links iomaps */
bool check_user_caps(struct check *c);
bool check_phys_addrs(struct check *c);
bool check_settle_regions(struct check *c);
bool check_setvars(struct check *c); /* and links setvars */

/* Below the last message, the line that it is about. For `return check_point_at(...)`: it is false. */
bool check_point_at(struct check *c, struct position at);

/* The same, and what to do; with the line of the other element that it clashes with. */
bool check_advise(struct check *c, struct position at, const char *advice);
bool check_advise_other(struct check *c, struct position at, struct position other,
                        const char *advice);

/* Two errors that several steps may have. */
bool check_fail_no_memory(struct check *c);
bool check_fail_unknown_region(struct check *c, const char *name, const char *element,
                               struct position at);
