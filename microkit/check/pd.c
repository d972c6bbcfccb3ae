/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* PDs: how many, their names, the caps they have of one another, their virtual machines. */
#include "microkit/check/check.h"

#include <string.h>

static bool link_user_caps(struct check *c, struct protection_domain *pd)
{
    for (size_t i = 0; i < pd->user_cap_count; i++) {
        struct user_cap *cap = &pd->user_caps[i];
        cap->pd = names_find(&c->pds, cap->pd_name);
        if (cap->pd == NULL) {
            const char *nearest = names_nearest(&c->pds, cap->pd_name);
            diagnostic_error(c->found, "Error: unknown PD name '%s': " AT, cap->pd_name,
                             AT_OF(c->system, cap->at));
            check_point_at(c, cap->at);
            if (nearest != NULL) {
                diagnostic_advise(c->found, "Did you mean '%s'?", nearest);
            }
            return false;
        }
    }
    return true;
}

static bool check_pd_count(struct check *c)
{
    size_t count = c->system->pd_count;
    if (count == 0) {
        diagnostic_error(c->found, "Error: at least one protection domain must be defined");
        diagnostic_advise(c->found, "Add a <protection_domain> with a <program_image> to '%s'.",
                          c->system->source.name);
    } else if (count > PD_COUNT_MAX) {
        diagnostic_error(c->found,
                         "Error: too many protection domains (%zu) defined. Maximum is %d.", count,
                         PD_COUNT_MAX);
        check_point_at(c, c->system->pds[PD_COUNT_MAX].at);
        diagnostic_advise(c->found, "This one is the first too many.");
    }
    return count > 0 && count <= PD_COUNT_MAX;
}

static bool check_pd_names(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = i + 1; j < c->system->pd_count; j++) {
            if (strcmp(pd->name, c->system->pds[j].name) == 0) {
                diagnostic_error(c->found, "Error: duplicate protection domain name '%s'.",
                                 pd->name);
                return check_advise_other(c, c->system->pds[j].at, pd->at, "Rename one of them.");
            }
        }
        if (strcmp(pd->name, "monitor") == 0) {
            diagnostic_error(c->found,
                             "Error: the PD name 'monitor' is reserved for the Microkit Monitor.");
            return check_advise(c, pd->at, "Rename it.");
        }
    }
    return true;
}

bool check_pds(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        struct protection_domain *pd = &c->system->pds[i];
        if (names_add(&c->pds, c->system->arena, pd->name, pd) == NAMES_NO_MEMORY) {
            return check_fail_no_memory(c);
        }
    }
    for (size_t i = 0; i < c->system->pd_count; i++) {
        if (!link_user_caps(c, &c->system->pds[i])) {
            return false;
        }
    }
    return check_pd_count(c) && check_pd_names(c);
}

static bool check_vm_name(struct check *c, const struct protection_domain *pd)
{
    for (const struct protection_domain *other = c->system->pds; other < pd; other++) {
        if (other->vm != NULL && strcmp(other->vm->name, pd->vm->name) == 0) {
            diagnostic_error(c->found, "Error: duplicate virtual machine name '%s'.", pd->vm->name);
            return check_advise_other(c, pd->vm->at, other->vm->at, "Rename one of them.");
        }
    }
    return true;
}

bool check_vms(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        if (pd->vm == NULL) {
            continue;
        }
        if (!check_vm_name(c, pd)) {
            return false;
        }
        if (c->system->target->arch == ARCH_X86_64 && pd->child_count > 0) {
            diagnostic_error(c->found,
                             "Error: It is not possible for PD '%s' with a bound vCPU to have "
                             "children on x86_64: " AT,
                             pd->name, AT_OF(c->system, pd->at));
            return check_advise(
                c, pd->at,
                "While the guest runs, only its notification wakes the PD, and the\n"
                "faults of its children would wait. Give the children another parent.");
        }
    }
    return true;
}
