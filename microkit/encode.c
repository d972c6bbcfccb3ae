/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a plan to a spec: who gets which cap, and everything as records with numbers. */
#include "microkit/plan.h"

#include "microkit/slots.h"

#include <stdlib.h>
#include <string.h>

#define ENDPOINT_RIGHTS     (SPEC_READ | SPEC_WRITE | SPEC_GRANT)
#define NOTIFICATION_RIGHTS (SPEC_READ | SPEC_WRITE)

/* The tables while they grow. */
struct encoder {
    const struct plan *plan;
    struct bytes *spec;
    struct bytes slots;
    size_t start; /* of the spec, in `spec` */
};

static struct spec *header(const struct encoder *encoder)
{
    return (struct spec *)(encoder->spec->data + encoder->start);
}

static uint32_t number(const struct encoder *encoder, size_t run)
{
    return run == NO_RUN ? SPEC_NONE : plan_run(encoder->plan, run)->objects.first;
}

static void append(struct encoder *encoder, const void *record, size_t size)
{
    bytes_append(encoder->spec, record, size);
}

/* Where the next table starts. */
static uint32_t here(const struct encoder *encoder)
{
    return (uint32_t)(encoder->spec->size - encoder->start);
}

/* The table that has been appended since `offset`, of records of `size` bytes. */
static struct spec_table table_since(const struct encoder *encoder, uint32_t offset, size_t size)
{
    return (struct spec_table){.offset = offset,
                               .count = (uint32_t)((here(encoder) - offset) / size)};
}

static struct spec_cap cap(const struct encoder *encoder, size_t run)
{
    return (struct spec_cap){.object = number(encoder, run), .rights = SPEC_ALL_RIGHTS};
}

static struct spec_cap endpoint_cap(const struct encoder *encoder, size_t run, uint64_t badge)
{
    return (struct spec_cap){
        .object = number(encoder, run), .rights = ENDPOINT_RIGHTS, .badge = badge};
}

static struct spec_cap notification_cap(const struct encoder *encoder, size_t run, uint64_t badge)
{
    return (struct spec_cap){
        .object = number(encoder, run), .rights = NOTIFICATION_RIGHTS, .badge = badge};
}

static void put(struct encoder *encoder, size_t cnode, uint64_t slot, struct spec_cap cap)
{
    struct spec_slot record = {.cap = cap, .cnode = number(encoder, cnode), .slot = (uint32_t)slot};
    bytes_append(&encoder->slots, &record, sizeof record);
}

static const struct pd_plan *planned(const struct plan *plan, const struct protection_domain *pd)
{
    return &plan->pds[pd_index(plan->system, pd)];
}

/* Faults go to the parent, which knows its children by id, or to the monitor, which knows all. */
static struct spec_cap fault_endpoint(const struct encoder *encoder,
                                      const struct protection_domain *pd)
{
    const struct plan *plan = encoder->plan;
    if (pd->parent != NULL) {
        return endpoint_cap(encoder, planned(plan, pd->parent)->endpoint, FAULT_BADGE | pd->id);
    }
    return endpoint_cap(encoder, plan->monitor.endpoint, pd_index(plan->system, pd) + 1);
}

static void put_pd_devices(struct encoder *encoder, const struct protection_domain *pd,
                           const struct pd_plan *plan_pd)
{
    for (size_t i = 0; i < pd->irq_count; i++) {
        put(encoder, plan_pd->cnode, PD_BASE_IRQ + pd->irqs[i].id, cap(encoder, plan_pd->irqs[i]));
    }
    for (size_t i = 0; i < pd->ioport_count; i++) {
        put(encoder, plan_pd->cnode, PD_BASE_IOPORT + pd->ioports[i].id,
            cap(encoder, plan_pd->ioports[i]));
    }
}

static void put_user_caps(struct encoder *encoder, const struct protection_domain *pd,
                          const struct pd_plan *plan_pd)
{
    for (size_t i = 0; i < pd->user_cap_count; i++) {
        const struct user_cap *user = &pd->user_caps[i];
        const struct pd_plan *source = planned(encoder->plan, user->pd);
        size_t objects[] = {
            [USER_CAP_TCB] = source->tcb,
            [USER_CAP_SC] = source->sched,
            [USER_CAP_VSPACE] = source->vspace,
        };
        put(encoder, plan_pd->root_cnode, user->slot, cap(encoder, objects[user->kind]));
    }
}

static void put_pd(struct encoder *encoder, const struct protection_domain *pd)
{
    const struct plan *plan = encoder->plan;
    const struct pd_plan *own = planned(plan, pd);
    size_t index = pd_index(plan->system, pd);

    put(encoder, own->cnode, PD_INPUT,
        own->endpoint != NO_RUN ? endpoint_cap(encoder, own->endpoint, 0)
                                : notification_cap(encoder, own->notification, 0));
    put(encoder, own->cnode, PD_FAULT_EP, fault_endpoint(encoder, pd));
    put(encoder, own->cnode, PD_VSPACE, cap(encoder, own->vspace));
    put(encoder, own->cnode, PD_REPLY, cap(encoder, own->reply));
    if (pd->passive) {
        put(encoder, own->cnode, PD_MONITOR_EP,
            endpoint_cap(encoder, plan->monitor.endpoint, index + 1));
    }
    put_pd_devices(encoder, pd, own);

    struct spec_cap cnode = cap(encoder, own->cnode);
    cnode.badge = PD_CNODE_GUARD;
    put(encoder, own->root_cnode, 0, cnode);
    put_user_caps(encoder, pd, own);

    if (pd->parent != NULL) {
        put(encoder, planned(plan, pd->parent)->cnode, PD_BASE_TCB + pd->id,
            cap(encoder, own->tcb));
    }
}

static void put_monitor(struct encoder *encoder)
{
    const struct plan *plan = encoder->plan;
    const struct pd_plan *monitor = &plan->monitor;
    put(encoder, monitor->cnode, MONITOR_FAULT_EP, endpoint_cap(encoder, monitor->endpoint, 0));
    put(encoder, monitor->cnode, MONITOR_REPLY, cap(encoder, monitor->reply));
    for (size_t i = 0; i < plan->system->pd_count; i++) {
        const struct pd_plan *pd = &plan->pds[i];
        put(encoder, monitor->cnode, MONITOR_BASE_TCB + i, cap(encoder, pd->tcb));
        if (plan->system->pds[i].passive) {
            put(encoder, monitor->cnode, MONITOR_BASE_SCHED + i, cap(encoder, pd->sched));
            put(encoder, monitor->cnode, MONITOR_BASE_NOTIFICATION + i,
                notification_cap(encoder, pd->notification, 0));
        }
    }
}

/* What one end of a channel may do to the other. The badge tells the other which channel it is. */
static void put_channel_end(struct encoder *encoder, const struct channel_end *end,
                            const struct channel_end *other)
{
    const struct pd_plan *own = planned(encoder->plan, end->pd);
    const struct pd_plan *target = planned(encoder->plan, other->pd);
    if (end->notify) {
        put(encoder, own->cnode, PD_BASE_NOTIFICATION + end->id,
            notification_cap(encoder, target->notification, UINT64_C(1) << other->id));
    }
    if (end->pp) {
        put(encoder, own->cnode, PD_BASE_ENDPOINT + end->id,
            endpoint_cap(encoder, target->endpoint, PPC_BADGE | other->id));
    }
}

static int compare_slots(const void *left, const void *right)
{
    const struct spec_slot *a = left;
    const struct spec_slot *b = right;
    if (a->cnode != b->cnode) {
        return a->cnode < b->cnode ? -1 : 1;
    }
    return (a->slot > b->slot) - (a->slot < b->slot);
}

static void encode_slots(struct encoder *encoder)
{
    const struct system *system = encoder->plan->system;
    put_monitor(encoder);
    for (size_t i = 0; i < system->pd_count; i++) {
        put_pd(encoder, &system->pds[i]);
    }
    for (size_t i = 0; i < system->channel_count; i++) {
        const struct channel_end *ends = system->channels[i].ends;
        put_channel_end(encoder, &ends[0], &ends[1]);
        put_channel_end(encoder, &ends[1], &ends[0]);
    }
    qsort(encoder->slots.data, encoder->slots.size / sizeof(struct spec_slot),
          sizeof(struct spec_slot), compare_slots);
    uint32_t start = here(encoder);
    append(encoder, encoder->slots.data, encoder->slots.size);
    header(encoder)->slots = table_since(encoder, start, sizeof(struct spec_slot));
}

/* The names' strings come last, so where they are is filled in then. */
static void encode_objects(struct encoder *encoder)
{
    uint32_t start = here(encoder);
    for (size_t i = 0; i < plan_run_count(encoder->plan); i++) {
        append(encoder, &encoder->plan->order[i]->objects, sizeof(struct spec_objects));
    }
    header(encoder)->objects = table_since(encoder, start, sizeof(struct spec_objects));
    const struct run *last = encoder->plan->order[plan_run_count(encoder->plan) - 1];
    header(encoder)->objects_total = last->objects.first + last->objects.count;
}

static void encode_names(struct encoder *encoder)
{
    for (size_t i = 0; i < plan_run_count(encoder->plan); i++) {
        const char *name = encoder->plan->order[i]->name;
        uint32_t offset = here(encoder);
        append(encoder, name, strlen(name) + 1);
        if (!encoder->spec->lost) {
            struct spec *spec = header(encoder);
            struct spec_objects *runs = (void *)((char *)spec + spec->objects.offset);
            runs[i].name = offset;
        }
    }
}

static struct spec_irq irq_record(const struct encoder *encoder, const struct pd_plan *pd,
                                  const struct irq *irq, size_t run)
{
    struct spec_irq record = {
        .notification = notification_cap(encoder, pd->notification, UINT64_C(1) << irq->id),
        .object = number(encoder, run),
        .kind = irq->kind == IRQ_MSI ? SPEC_IRQ_MSI : SPEC_IRQ_IOAPIC,
        .vector = (uint32_t)irq->number,
    };
    if (irq->kind == IRQ_MSI) {
        record.args[0] = irq->pci.bus;
        record.args[1] = irq->pci.device;
        record.args[2] = irq->pci.function;
        record.args[3] = (uint32_t)irq->handle;
    } else {
        record.args[0] = (uint32_t)irq->ioapic;
        record.args[1] = (uint32_t)irq->pin;
        record.args[2] = irq->trigger == TRIGGER_LEVEL;
        record.args[3] = irq->polarity == POLARITY_LOW;
    }
    return record;
}

static void encode_devices(struct encoder *encoder)
{
    const struct system *system = encoder->plan->system;
    uint32_t start = here(encoder);
    for (size_t i = 0; i < system->pd_count; i++) {
        const struct pd_plan *pd = &encoder->plan->pds[i];
        for (size_t n = 0; n < system->pds[i].irq_count; n++) {
            struct spec_irq record = irq_record(encoder, pd, &system->pds[i].irqs[n], pd->irqs[n]);
            append(encoder, &record, sizeof record);
        }
    }
    header(encoder)->irqs = table_since(encoder, start, sizeof(struct spec_irq));

    start = here(encoder);
    for (size_t i = 0; i < system->pd_count; i++) {
        for (size_t n = 0; n < system->pds[i].ioport_count; n++) {
            const struct ioport *ioport = &system->pds[i].ioports[n];
            struct spec_ioports record = {
                .object = number(encoder, encoder->plan->pds[i].ioports[n]),
                .first_port = (uint16_t)ioport->addr,
                .last_port = (uint16_t)(ioport->addr + ioport->size - 1),
            };
            append(encoder, &record, sizeof record);
        }
    }
    header(encoder)->ioports = table_since(encoder, start, sizeof(struct spec_ioports));
}

/* Image pages and fills: `pages_start` is the first page behind the spec, in pages of the image. */
static void encode_memory(struct encoder *encoder, uint32_t pages_start)
{
    const struct plan *plan = encoder->plan;
    uint32_t start = here(encoder);
    const struct planned_fill *fill = (const void *)plan->fills.data;
    for (size_t i = 0; i < plan->fills.size / sizeof *fill; i++, fill++) {
        struct spec_fill record = {
            .object = number(encoder, fill->frames),
            .source = fill->source,
            .offset =
                fill->source == SPEC_FILL_FROM_IMAGE ? (pages_start + fill->page) * PAGE_SMALL : 0,
            .length = fill->length,
        };
        append(encoder, &record, sizeof record);
    }
    header(encoder)->fills = table_since(encoder, start, sizeof(struct spec_fill));

    start = here(encoder);
    const struct planned_table *table = (const void *)plan->tables.data;
    for (size_t i = 0; i < plan->tables.size / sizeof *table; i++, table++) {
        struct spec_page_table record = {
            .vaddr = table->vaddr,
            .object = number(encoder, table->tables) + table->index,
            .vspace = number(encoder, table->vspace),
        };
        append(encoder, &record, sizeof record);
    }
    header(encoder)->tables = table_since(encoder, start, sizeof(struct spec_page_table));

    start = here(encoder);
    const struct planned_map *map = (const void *)plan->maps.data;
    for (size_t i = 0; i < plan->maps.size / sizeof *map; i++, map++) {
        bool in_image = map->frames == NO_RUN;
        struct spec_map record = {
            .vaddr = map->vaddr,
            .vspace = number(encoder, map->vspace),
            .first = in_image ? pages_start + map->first_page : number(encoder, map->frames),
            .count = map->count,
            .size_bits = map->size_bits,
            .rights = map->rights,
            .flags = map->flags | (in_image ? SPEC_MAP_IMAGE : 0),
        };
        append(encoder, &record, sizeof record);
    }
    header(encoder)->maps = table_since(encoder, start, sizeof(struct spec_map));
}

static void encode_scheds(struct encoder *encoder)
{
    const struct plan *plan = encoder->plan;
    uint32_t start = here(encoder);
    struct spec_sched monitor = {
        .budget_us = MONITOR_BUDGET_US,
        .period_us = MONITOR_BUDGET_US,
        .object = number(encoder, plan->monitor.sched),
    };
    append(encoder, &monitor, sizeof monitor);
    for (size_t i = 0; i < plan->system->pd_count; i++) {
        const struct protection_domain *pd = &plan->system->pds[i];
        struct spec_sched record = {
            .budget_us = pd->budget_us,
            .period_us = pd->period_us,
            .badge = SCHED_BADGE + i,
            .object = number(encoder, plan->pds[i].sched),
            .core = pd->cpu,
        };
        append(encoder, &record, sizeof record);
    }
    header(encoder)->scheds = table_since(encoder, start, sizeof(struct spec_sched));
}

/* What a PD's thread and the monitor's have in common. */
static struct spec_tcb tcb_record(const struct encoder *encoder, const struct pd_plan *pd)
{
    const struct target *target = encoder->plan->system->target;
    return (struct spec_tcb){
        .ip = pd->program->entry,
        .sp = target_stack_top(target),
        .ipc_buffer = target_ipc_buffer(target),
        .object = number(encoder, pd->tcb),
        .vspace = number(encoder, pd->vspace),
        .ipc_buffer_frame = number(encoder, pd->ipc_buffer),
        .sched = number(encoder, pd->sched),
        .notification = number(encoder, pd->notification),
        .domain = encoder->plan->system->schedule.domain_count > 0 ? 0 : SPEC_NO_DOMAIN,
        .flags = SPEC_TCB_START,
    };
}

static struct spec_tcb monitor_tcb(const struct encoder *encoder)
{
    const struct pd_plan *monitor = &encoder->plan->monitor;
    struct spec_tcb record = tcb_record(encoder, monitor);
    record.cspace = cap(encoder, monitor->cnode);
    record.cspace.badge = MONITOR_CNODE_GUARD;
    record.fault_endpoint.object = SPEC_NONE;
    record.priority = MONITOR_PRIORITY;
    record.mcp = MONITOR_PRIORITY;
    return record;
}

static struct spec_tcb pd_tcb(const struct encoder *encoder, const struct protection_domain *pd)
{
    const struct pd_plan *own = planned(encoder->plan, pd);
    struct spec_tcb record = tcb_record(encoder, own);
    record.cspace = cap(encoder, own->root_cnode);
    record.fault_endpoint = fault_endpoint(encoder, pd);
    record.priority = pd->priority;
    record.mcp = pd->priority;
    if (encoder->plan->system->schedule.domain_count > 0) {
        record.domain = pd->domain;
    }
    if (!pd->fpu) {
        record.flags |= SPEC_TCB_FPU_OFF;
    }
    return record;
}

static int compare_tcbs(const void *left, const void *right)
{
    const struct spec_tcb *a = left;
    const struct spec_tcb *b = right;
    return (a->object > b->object) - (a->object < b->object);
}

/* In the order of the objects, which is that of the names. */
static void encode_tcbs(struct encoder *encoder)
{
    struct spec_tcb records[PD_COUNT_MAX + 1];
    const struct system *system = encoder->plan->system;
    size_t count = 0;
    records[count++] = monitor_tcb(encoder);
    for (size_t i = 0; i < system->pd_count; i++) {
        records[count++] = pd_tcb(encoder, &system->pds[i]);
    }
    qsort(records, count, sizeof records[0], compare_tcbs);
    uint32_t start = here(encoder);
    append(encoder, records, count * sizeof records[0]);
    header(encoder)->tcbs = table_since(encoder, start, sizeof(struct spec_tcb));
}

static void encode_domains(struct encoder *encoder)
{
    const struct domain_schedule *schedule = &encoder->plan->system->schedule;
    uint32_t start = here(encoder);
    for (size_t i = 0; i < schedule->entry_count; i++) {
        const struct schedule_entry *entry = &schedule->entries[i];
        struct spec_domain record = {
            .duration = entry->duration,
            .domain = entry->domain,
            .unit = entry->unit == SCHEDULE_US ? SPEC_DOMAIN_US : SPEC_DOMAIN_TICKS,
        };
        append(encoder, &record, sizeof record);
    }
    struct spec *spec = header(encoder);
    spec->domains = table_since(encoder, start, sizeof(struct spec_domain));
    spec->domain_shift = (uint32_t)schedule->index_shift;
    spec->domain_start = schedule->entry_count == 0
                             ? SPEC_NONE
                             : (uint32_t)(schedule->index_shift + schedule->start_index);
}

static void encode_all(struct encoder *encoder, uint32_t first_image_page, uint32_t pages_start)
{
    struct spec empty = {
        .magic = SPEC_MAGIC, .version = SPEC_VERSION, .first_image_page = first_image_page};
    append(encoder, &empty, sizeof empty);
    if (encoder->spec->lost) {
        return;
    }
    encode_objects(encoder);
    encode_devices(encoder);
    encode_memory(encoder, pages_start);
    encode_scheds(encoder);
    encode_tcbs(encoder);
    encode_slots(encoder);
    encode_domains(encoder);
    encode_names(encoder);
    header(encoder)->size = here(encoder);
    bytes_free(&encoder->slots);
}

static uint32_t pages_of(size_t bytes)
{
    return (uint32_t)((bytes + PAGE_SMALL - 1) / PAGE_SMALL);
}

void plan_encode(const struct plan *plan, uint32_t first_image_page, struct bytes *spec)
{
    /* Once to learn how many pages the spec itself takes, then with that number. */
    struct encoder encoder = {.plan = plan, .spec = spec, .start = spec->size};
    encode_all(&encoder, first_image_page, 0);
    uint32_t pages_start = pages_of(here(&encoder));
    spec->size = encoder.start;
    encode_all(&encoder, first_image_page, pages_start);
    bytes_align(spec, PAGE_SMALL);
    bytes_append(spec, plan->pages.data, plan->pages.size);
}
