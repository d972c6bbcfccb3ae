/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* I/O ports: ids, and that no two overlap. */
#include "microkit/check/check.h"

#include <inttypes.h>

static bool check_ioport_ids(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        uint64_t taken = 0;
        for (size_t j = 0; j < pd->ioport_count; j++) {
            const struct ioport *ioport = &pd->ioports[j];
            if (taken >> ioport->id & 1) {
                diagnostic_error(c->found,
                                 "Error: duplicate I/O port id: %" PRIu64
                                 " in protection domain: '%s' @ " AT,
                                 ioport->id, pd->name, AT_OF(c->system, pd->at));
                return check_advise(c, ioport->at, "Give this one another id.");
            }
            taken |= UINT64_C(1) << ioport->id;
        }
    }
    return true;
}

static bool check_ioport_is_apart(struct check *c, const struct protection_domain *pd,
                                  const struct ioport *port)
{
    for (const struct protection_domain *other = c->system->pds; other <= pd; other++) {
        for (size_t i = 0; i < other->ioport_count; i++) {
            const struct ioport *o = &other->ioports[i];
            if (o == port) {
                return true;
            }
            if (port->addr < o->addr + o->size && o->addr < port->addr + port->size) {
                diagnostic_error(c->found,
                                 "Error: I/O port id: %" PRIu64 ", half-open range: [0x%" PRIx64
                                 ", 0x%" PRIx64 ") in protection domain: '%s' @ " AT
                                 " overlaps with I/O port id: %" PRIu64
                                 ", half-open range: [0x%" PRIx64 ", 0x%" PRIx64
                                 ") in protection domain: '%s' @ " AT,
                                 port->id, port->addr, port->addr + port->size, pd->name,
                                 AT_OF(c->system, pd->at), o->id, o->addr, o->addr + o->size,
                                 other->name, AT_OF(c->system, other->at));
                return check_advise_other(c, port->at, o->at, "A port belongs to one PD.");
            }
        }
    }
    return true;
}

bool check_ioports(struct check *c)
{
    if (!check_ioport_ids(c)) {
        return false;
    }
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = 0; j < pd->ioport_count; j++) {
            if (!check_ioport_is_apart(c, pd, &pd->ioports[j])) {
                return false;
            }
        }
    }
    return true;
}
