/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Setvars that stand on a region. */
#include "microkit/check/check.h"

#include <stdio.h>

static bool check_setvar(struct check *c, struct setvar *setvar)
{
    const struct system *system = c->system;
    struct memory_region *region = names_find(&c->regions, setvar->region_name);
    setvar->region = region;
    if (region == NULL) {
        return check_fail_unknown_region(c, setvar->region_name, "setvar", setvar->at);
    }
    if (setvar->kind == SETVAR_REGION_PREFILL_SIZE && region->prefill.kind != PREFILL_FILE) {
        diagnostic_error(c->found,
                         "Error: 'setvar_prefill_size' used for MR without a `prefill_path` @ "
                         "'%s' " AT,
                         region->name, AT_OF(system, region->at));
        return check_advise(c, setvar->at, "Use setvar_size for the size of the region itself.");
    }
    return true;
}

static bool check_setvar_paddr(struct check *c, const struct setvar *setvar)
{
    const struct memory_region *region = setvar->region;
    if (setvar->kind == SETVAR_REGION_PADDR && !region->phys_addr_given &&
        c->system->target->arch == ARCH_X86_64) {
        diagnostic_error(c->found,
                         "Error: setvar with 'region_paddr' for MR without a specified paddr is "
                         "unsupported on x86-64 @ '%s' " AT,
                         region->name, AT_OF(c->system, region->at));
        return check_advise(c, setvar->at, "Give the region a phys_addr.");
    }
    return true;
}

bool check_setvars(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = 0; j < pd->setvar_count; j++) {
            if (pd->setvars[j].kind != SETVAR_VALUE && !check_setvar(c, &pd->setvars[j])) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = 0; j < pd->setvar_count; j++) {
            if (!check_setvar_paddr(c, &pd->setvars[j])) {
                return false;
            }
        }
    }
    return true;
}
