/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <domains>: <domain> each, then the <domain_schedule> with its entries. */
#include "microkit/format/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct domain *find_domain_id(const struct domain_schedule *schedule, uint8_t id)
{
    for (size_t i = 0; i < schedule->domain_count; i++) {
        if (schedule->domains[i].id_given && schedule->domains[i].id == id) {
            return &schedule->domains[i];
        }
    }
    return NULL;
}

static void *place_domain(struct reader *r, void *parent)
{
    (void)r;
    struct domain_schedule *schedule = parent;
    return &schedule->domains[schedule->domain_count++];
}

static void read_domain_id(struct reader *r, const struct xml_element *element, const char *text,
                           void *object)
{
    struct domain *domain = object;
    uint64_t id = reader_number(r, element, text);
    if (id >= r->system->target->domains_max) {
        reader_refuse_value(r, element, "Without the attribute it gets the lowest id that is free.",
                            "domain id %" PRIu64
                            " should be less than the configured KernelNumDomains value of %u",
                            id, r->system->target->domains_max);
    }
    domain->id = (uint8_t)id;
}

/* Runs before `domain` counts as having an id: it is not to be found as its own double. */
static void check_domain(struct reader *r, const struct xml_element *element, void *object)
{
    static const char advice[] = "Give each <domain> a name and an id of its own.";
    struct domain *domain = object;
    const struct domain *same = names_find(&r->domain_names, domain->name);
    if (same != NULL) {
        char id[16] = "None";
        if (same->id_given) {
            snprintf(id, sizeof(id), "Some(%u)", same->id);
        }
        reader_refuse_value(
            r, element, advice,
            "Each <domain>'s name element must be unique found existing domain '%s' "
            "with id '%s'",
            domain->name, id);
    }
    reader_name(r, &r->domain_names, domain->name, domain);
    if (xml_value(element, "id") == NULL) {
        return;
    }
    same = find_domain_id(&r->system->schedule, domain->id);
    if (same != NULL) {
        reader_refuse_value(
            r, element, advice,
            "Each <domain>'s id element must be unique found existing domain '%s' with "
            "id '%u'",
            same->name, domain->id);
    }
    domain->id_given = true;
}

static const struct attribute domain_attributes[] = {
    {"name", REQUIRED, VALUE_TEXT, FIELD(struct domain, name)},
    {"id", OPTIONAL, VALUE_OTHER, .read = read_domain_id, .check = check_domain},
    {0},
};

static const struct schema domain_schema = {
    .size = sizeof(struct domain),
    .place = place_domain,
    .attributes = domain_attributes,
};

static void read_duration(struct reader *r, const struct xml_element *element, const char *text,
                          void *object)
{
    static const char advice[] =
        "For example duration=\"1000 us\", or in ticks of the kernel's timer.";
    struct schedule_entry *entry = object;
    const char *name = xml_value(element, "domain");
    const struct domain *domain = names_find(&r->domain_names, name);
    if (domain == NULL) {
        reader_refuse_value(r, element, "Add a <domain> with that name to <domains>.",
                            "domain '%s' does not exist,", name);
    }
    entry->domain = domain->id;

    const char *blank = strchr(text, ' ');
    if (blank == NULL) {
        reader_refuse_value(r, element, advice,
                            "The duration '%s' must contain a value and a unit, e.g. '1000 us'",
                            text);
    }
    char *number = reader_alloc(r, (size_t)(blank - text) + 1);
    memcpy(number, text, (size_t)(blank - text));
    entry->duration = reader_number(r, element, number);
    if (entry->duration == 0) {
        reader_refuse_value(r, element, advice, "The duration '%s' must be non-zero", text);
    }
    if (strcmp(blank + 1, "us") == 0) {
        entry->unit = SCHEDULE_US;
    } else if (strcmp(blank + 1, "ticks") == 0) {
        entry->unit = SCHEDULE_TICKS;
    } else {
        reader_refuse_value(r, element, advice,
                            "The duration '%s' must be in either 'ticks' or 'us'", text);
    }
}

static const struct attribute schedule_entry_attributes[] = {
    {"domain", REQUIRED, .kind = VALUE_ELSEWHERE},
    {"duration", REQUIRED, VALUE_OTHER, .read = read_duration},
    {0},
};

static const struct schema schedule_entry_schema = {
    .size = sizeof(struct schedule_entry),
    .attributes = schedule_entry_attributes,
};

static void begin_end_marker(struct reader *r, const struct xml_element *element, void *object)
{
    (void)r;
    (void)element;
    ((struct schedule_entry *)object)->unit = SCHEDULE_END;
}

static const struct schema schedule_end_schema = {
    .size = sizeof(struct schedule_entry),
    .begin = begin_end_marker,
};

static void refuse_schedule_child(struct reader *r, const struct xml_element *element,
                                  const struct xml_element *child)
{
    reader_complain(r, child->at, "Error: invalid XML element as child of <%s> '%s': " AT,
                    element->name, child->name, AT_OF(r->system, child->at));
}

static void finish_schedule(struct reader *r, const struct xml_element *element, void *object)
{
    const struct domain_schedule *schedule = object;
    uint64_t entries_max = r->system->target->domain_schedule_max;
    if (schedule->entry_count >= entries_max) {
        reader_refuse(r, element->at, "The last one is the kernel's. Remove some.",
                      "More than configured KernelNumDomainSchedules %" PRIu64
                      " number of <schedule_entry> elements found",
                      entries_max);
    }
    if (schedule->start_index >= schedule->entry_count) {
        reader_refuse_value(r, element, "Entries count from 0.",
                            "schedule_start_index '%" PRIu64
                            "' is greater than the length of the schedule '%zu'",
                            schedule->start_index, schedule->entry_count);
    }
    bool shift_given = xml_value(element, "index_shift") != NULL;
    if (shift_given && schedule->index_shift >= entries_max - schedule->entry_count) {
        /* Upstream prints the start index here. */
        reader_refuse_value(
            r, element, "Make index_shift smaller, or the schedule shorter.",
            "schedule_index_shift '%" PRIu64
            "' on top of the schedule length '%zu' would exceed than the configured "
            "KernelNumDomainSchedules %" PRIu64,
            schedule->start_index, schedule->entry_count, entries_max);
    }
}

static const struct attribute schedule_attributes[] = {
    {"start_index", OPTIONAL, VALUE_NUMBER, FIELD(struct domain_schedule, start_index)},
    {"index_shift", OPTIONAL, VALUE_NUMBER, FIELD(struct domain_schedule, index_shift)},
    {0},
};

#define SCHEDULE_ENTRIES ARRAY(struct domain_schedule, entries, entry_count)

static const struct child schedule_children[] = {
    {"schedule_entry", &schedule_entry_schema, SCHEDULE_ENTRIES},
    {"schedule_end_marker", &schedule_end_schema, SCHEDULE_ENTRIES},
    {0},
};

static const struct schema schedule_schema = {
    .attributes = schedule_attributes,
    .children = schedule_children,
    .stranger = refuse_schedule_child,
    .finish = finish_schedule,
};

static void *place_domains(struct reader *r, void *parent)
{
    (void)r;
    return &((struct system *)parent)->schedule;
}

/* The array is made at once, as the names refer into it. */
static void begin_domains(struct reader *r, const struct xml_element *element, void *object)
{
    struct domain_schedule *schedule = object;
    if (r->system->target->cores != 1) {
        reader_refuse(r, element->at, "Remove <domains>, or build for a kernel with one core.",
                      "Error: The domain scheduler is not supported in multicore builds of seL4");
    }
    size_t count = 0;
    for (const struct xml_element *child = element->first_child; child; child = child->next) {
        count += strcmp(child->name, "domain") == 0;
    }
    schedule->domains = reader_alloc(r, count * sizeof(struct domain));
}

static void assign_domain_ids(struct reader *r, const struct xml_element *element,
                              struct domain_schedule *schedule)
{
    unsigned next = 0;
    for (size_t i = 0; i < schedule->domain_count; i++) {
        struct domain *domain = &schedule->domains[i];
        if (domain->id_given) {
            continue;
        }
        while (next < r->system->target->domains_max &&
               find_domain_id(schedule, (uint8_t)next) != NULL) {
            next++;
        }
        if (next == r->system->target->domains_max) {
            reader_refuse_value(r, element, "Remove some, and let PDs share a domain.",
                                "Number of domains exceeds %u", r->system->target->domains_max);
        }
        domain->id = (uint8_t)next;
        domain->id_given = true;
    }
}

static void check_domains(struct reader *r, const struct xml_element *element, void *object)
{
    const struct xml_element *child = element->first_child;
    while (child != NULL && strcmp(child->name, "domain_schedule") != 0) {
        child = child->next;
    }
    if (child == NULL) {
        reader_refuse_value(r, element,
                            "It says in which order, and for how long, the domains run.",
                            "The <domain_schedule> element must appear once");
    }
    assign_domain_ids(r, element, object);
}

static const struct child domains_children[] = {
    {"domain", .schema = &domain_schema},
    {"domain_schedule", &schedule_schema, .late = true,
     .once = "The <domain_schedule> element can only appear once", .once_on = BLAME_CHILD},
    {0},
};

const struct schema domains_schema = {
    .size = sizeof(struct domain_schedule),
    .place = place_domains,
    .children = domains_children,
    .begin = begin_domains,
    .stranger = refuse_schedule_child,
    .halfway = check_domains,
};
