/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What PDs and virtual machines have in common: a core, a budget and its period. */
#include "microkit/format/format.h"

#include <inttypes.h>

uint8_t reader_core(struct reader *r, const struct xml_element *element, const char *text)
{
    uint64_t core = reader_number(r, element, text);
    unsigned cores = r->system->target->cores;
    if (core >= cores) {
        reader_refuse_value(r, element, "Cores count from 0. Without the attribute it is core 0.",
                            "cpu core must be less than %u, got %" PRIu64, cores, core);
    }
    return (uint8_t)core;
}

void reader_check_budget(struct reader *r, const struct xml_element *element, uint64_t budget_us,
                         uint64_t *period_us)
{
    if (xml_value(element, "period") == NULL) {
        *period_us = budget_us;
    }
    if (budget_us > *period_us) {
        reader_refuse_value(
            r, element,
            "In each period of so many microseconds it runs for at most its budget.\n"
            "The budget is 1000 unless given, the period as long as the budget.",
            "budget (%" PRIu64 ") must be less than, or equal to, period (%" PRIu64 ")", budget_us,
            *period_us);
    }
}
