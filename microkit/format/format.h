/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The system description format of Microkit 2.3.0, declared: a file for each element, with its
 * attributes and children in the order in which upstream looks at them. Source:
 * tool/microkit/src/sdf.rs. The root is system_schema, in microkit/schema.h.
 */
#pragma once

#include "microkit/schema.h"

extern const struct schema channel_schema;
extern const struct schema cspace_schema;
extern const struct schema domains_schema;
extern const struct schema io_space_schema;
extern const struct schema ioport_schema;
extern const struct schema irq_schema;
extern const struct schema map_schema;
extern const struct schema pd_schema;
extern const struct schema region_schema;
extern const struct schema vm_schema;

/* The ids of channels, which irqs share, and other ids that are bits of one word. */
extern const struct range channel_id_range;
extern const char channel_id_advice[];

static inline bool is_x86(const struct reader *r)
{
    return r->system->target->arch == ARCH_X86_64;
}

/* The number of a core, or a refusal because the target has none such. */
uint8_t reader_core(struct reader *r, const struct xml_element *element, const char *text);

/* Set the period to the budget if it is not given, and refuse a budget that is larger. */
void reader_check_budget(struct reader *r, const struct xml_element *element, uint64_t budget_us,
                         uint64_t *period_us);

/* The letters of a perms attribute, each one of `letters`, as PERM_*; -1 if there is another. */
int perms_read(const char *text, const char *letters);

/* Read an address into *pci. Returns why not, in upstream's words, or NULL. */
const char *pci_read(const char *text, struct pci_address *pci);
extern const char pci_advice[]; /* what to do then */
