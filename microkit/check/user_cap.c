/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Caps in <cspace>: one to a slot. */
#include "microkit/check/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool fail_slot_overlap(struct check *c, const struct protection_domain *pd, uint64_t slot)
{
    static const char *const kinds[] = {
        [USER_CAP_TCB] = "Tcb", [USER_CAP_SC] = "Sc", [USER_CAP_VSPACE] = "VSpace"};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return check_fail_no_memory(c);
    }
    struct position last = pd->at;
    fprintf(out,
            "Error: overlapping user caps in slot %" PRIu64 " of protection domain '%s':", slot,
            pd->name);
    for (size_t i = 0; i < pd->user_cap_count; i++) {
        const struct user_cap *cap = &pd->user_caps[i];
        if (cap->slot == slot) {
            fprintf(out, "\n  type %s from '%s' at '" AT "'", kinds[cap->kind], cap->pd_name,
                    AT_OF(c->system, cap->at));
            last = cap->at;
        }
    }
    if (fclose(out) != 0) {
        free(text);
        return check_fail_no_memory(c);
    }
    diagnostic_error(c->found, "%s", text);
    free(text);
    return check_advise(c, last, "A slot holds one cap. Give this one another.");
}

bool check_user_caps(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        bool taken[USER_CAP_SLOT_MAX + 1] = {false};
        for (size_t j = 0; j < pd->user_cap_count; j++) {
            uint64_t slot = pd->user_caps[j].slot;
            if (taken[slot]) {
                return fail_slot_overlap(c, pd, slot);
            }
            taken[slot] = true;
        }
    }
    return true;
}
