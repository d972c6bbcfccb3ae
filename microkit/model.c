/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/model.h"
#include "microkit/arena.h"

#include <assert.h>

void microkit_free(struct system *system)
{
    if (system != NULL) {
        arena_free(system->arena); /* which has the system itself */
    }
}

bool pd_needs_endpoint(const struct system *system, const struct protection_domain *pd)
{
    if (pd->child_count > 0 || pd->vm != NULL) {
        return true;
    }
    for (size_t i = 0; i < system->channel_count; i++) {
        const struct channel_end *ends = system->channels[i].ends;
        if ((ends[0].pp && ends[1].pd == pd) || (ends[1].pp && ends[0].pd == pd)) {
            return true;
        }
    }
    return false;
}

uint64_t setvar_value(const struct setvar *setvar)
{
    if (setvar->kind == SETVAR_VALUE) {
        return setvar->value;
    }
    assert(setvar->region != NULL);
    switch (setvar->kind) {
    case SETVAR_REGION_SIZE:
        return setvar->region->size;
    case SETVAR_REGION_PREFILL_SIZE:
        return setvar->region->prefill.size;
    default:
        assert(setvar->kind == SETVAR_REGION_PADDR);
        return setvar->region->phys_addr;
    }
}
