/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What takes a whole system to see. In upstream's order: of two mistakes, the same is reported. */
#include "microkit/check/check.h"

bool check_fail_no_memory(struct check *c)
{
    diagnostic_error(c->found, "Error: out of memory while checking '%s'", c->system->source.name);
    return false;
}

bool check_point_at(struct check *c, struct position at)
{
    diagnostic_quote(c->found, &c->system->source, at);
    return false;
}

bool check_advise(struct check *c, struct position at, const char *advice)
{
    check_point_at(c, at);
    diagnostic_advise(c->found, "%s", advice);
    return false;
}

bool check_advise_other(struct check *c, struct position at, struct position other,
                        const char *advice)
{
    check_point_at(c, at);
    diagnostic_advise(c->found, "The other is declared at line %u. %s", other.line, advice);
    return false;
}

bool microkit_check(struct system *system, struct diagnostics *found)
{
    struct check c = {.system = system, .found = found};
    bool (*const steps[])(struct check *) = {
        check_pds,        check_region_names,   check_vms,
        check_irqs,       check_channels,       check_ioports,
        check_maps,       check_iomaps,         check_user_caps,
        check_phys_addrs, check_settle_regions, check_setvars,
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (!steps[i](&c)) {
            return false;
        }
    }
    return true;
}
