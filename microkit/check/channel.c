/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Interrupts and channels: what must not be twice, and who may call whom. */
#include "microkit/check/check.h"

#include <inttypes.h>

static bool check_irq_is_new(struct check *c, const struct protection_domain *pd,
                             const struct irq *irq)
{
    for (const struct protection_domain *other = c->system->pds; other <= pd; other++) {
        for (size_t i = 0; i < other->irq_count; i++) {
            const struct irq *o = &other->irqs[i];
            if (o == irq) {
                return true;
            }
            if (o->number == irq->number) {
                diagnostic_error(
                    c->found, "Error: duplicate irq: %" PRIu64 " in protection domain: '%s' @ " AT,
                    irq->number, pd->name, AT_OF(c->system, pd->at));
                return check_advise_other(c, irq->at, o->at, "An interrupt goes to one PD.");
            }
        }
    }
    return true;
}

bool check_irqs(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = 0; j < pd->irq_count; j++) {
            if (!check_irq_is_new(c, pd, &pd->irqs[j])) {
                return false;
            }
        }
    }
    return true;
}

/* Take a channel id of a PD. `taken` has a word of ids for each PD. */
static bool take_channel_id(struct check *c, uint64_t *taken, const struct protection_domain *pd,
                            uint64_t id, struct position at)
{
    uint64_t *ids = &taken[pd_index(c->system, pd)];
    if (*ids >> id & 1) {
        diagnostic_error(
            c->found, "Error: duplicate channel id: %" PRIu64 " in protection domain: '%s' @ " AT,
            id, pd->name, AT_OF(c->system, pd->at));
        return check_advise(c, at,
                            "Channels and irqs share the ids of a PD. Give this one another.");
    }
    *ids |= UINT64_C(1) << id;
    return true;
}

static bool check_call_priority(struct check *c, const struct channel *channel,
                                const struct protection_domain *caller,
                                const struct protection_domain *callee)
{
    if (caller->priority < callee->priority) {
        return true;
    }
    diagnostic_error(c->found,
                     "Error: PPCs must be to protection domains of strictly higher priorities; "
                     "channel with PPC exists from pd %s (priority: %u) to pd %s (priority: %u)",
                     caller->name, caller->priority, callee->name, callee->priority);
    return check_advise(
        c, channel->at,
        "Then no callee can be kept waiting by its callers, and calls cannot go round in\n"
        "a circle. Raise the callee's priority, or lower the caller's.");
}

static bool check_call_to_vm(struct check *c, const struct channel *channel,
                             const struct protection_domain *caller,
                             const struct protection_domain *callee)
{
    const struct protection_domain *first = channel->ends[0].pd; /* upstream's position */
    if (c->system->target->arch != ARCH_X86_64 || callee->vm == NULL) {
        return true;
    }
    diagnostic_error(c->found,
                     "Error: It is not possible to PPC to PD '%s' with a bound vCPU from PD '%s' "
                     "on x86_64 @ " AT,
                     callee->name, caller->name, AT_OF(c->system, first->at));
    return check_advise(
        c, channel->at,
        "While the guest runs, only its notification wakes the PD, and calls would wait.\n"
        "Notify it instead.");
}

static bool check_channel(struct check *c, uint64_t *taken, const struct channel *channel)
{
    const struct channel_end *ends = channel->ends;
    for (size_t i = 0; i < 2; i++) {
        if (!take_channel_id(c, taken, ends[i].pd, ends[i].id, ends[i].at)) {
            return false;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        if (ends[i].pp && !check_call_priority(c, channel, ends[i].pd, ends[1 - i].pd)) {
            return false;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        if (ends[i].pp && !check_call_to_vm(c, channel, ends[i].pd, ends[1 - i].pd)) {
            return false;
        }
    }
    return true;
}

bool check_channels(struct check *c)
{
    uint64_t taken[PD_COUNT_MAX] = {0};
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = 0; j < pd->irq_count; j++) {
            if (!take_channel_id(c, taken, pd, pd->irqs[j].id, pd->irqs[j].at)) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < c->system->channel_count; i++) {
        if (!check_channel(c, taken, &c->system->channels[i])) {
            return false;
        }
    }
    return true;
}
