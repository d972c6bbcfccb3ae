/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * From a system to capDL. Objects are made in the order in which upstream's tool makes them: the caps
 * in page tables stay in that order.
 */
#include "microkit/capdl/capdl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "microkit/capdl/restart.h"
#include "microkit/capdl/sort.h"
#include "microkit/capdl/vspace.h"
#include "microkit/slots.h"
#include "microkit/spec.h"

#define PAGE_SMALL_BITS 12
#define PAGE_LARGE_BITS 21

/* What a PD is made of, or the monitor. */
struct parts {
    uint32_t vspace;
    uint32_t tcb;
    uint32_t notification;
    uint32_t endpoint;
    uint32_t sched;
    uint32_t cnode;
    uint32_t root_cnode;
};

struct builder {
    struct capdl *capdl;
    const struct system *system;
    const struct programs *programs;
    uint32_t monitor_endpoint;
    uint32_t monitor_cnode;
    struct parts *pds;
    uint32_t *first_frames; /* by region; the others follow */
};

static struct capdl_cap cap_to(enum capdl_type type, uint32_t object)
{
    return (struct capdl_cap){.type = type, .object = object};
}

static struct capdl_cap endpoint_cap(uint32_t object, uint64_t badge)
{
    return (struct capdl_cap){.type = CAPDL_ENDPOINT,
                              .object = object,
                              .badge = badge,
                              .rights = SPEC_READ | SPEC_WRITE | SPEC_GRANT};
}

static struct capdl_cap notification_cap(uint32_t object, uint64_t badge)
{
    return (struct capdl_cap){.type = CAPDL_NOTIFICATION,
                              .object = object,
                              .badge = badge,
                              .rights = SPEC_READ | SPEC_WRITE};
}

static struct capdl_cap cnode_cap(uint32_t object, uint8_t guard_size)
{
    return (struct capdl_cap){.type = CAPDL_CNODE, .object = object, .guard_size = guard_size};
}

static uint32_t add(struct capdl *capdl, enum capdl_type type, const char *prefix, const char *name)
{
    struct capdl_object object = {.type = type, .name = capdl_name(capdl, "%s_%s", prefix, name)};
    return capdl_add(capdl, &object);
}

static uint32_t add_cnode(struct capdl *capdl, uint8_t radix, const char *name, const char *suffix)
{
    struct capdl_object object = {.type = CAPDL_CNODE,
                                  .size_bits = radix,
                                  .name = capdl_name(capdl, "cnode_%s%s", name, suffix)};
    return capdl_add(capdl, &object);
}

static uint32_t add_sched(struct capdl *capdl, const char *name, uint64_t budget_us,
                          uint64_t period_us, uint64_t badge)
{
    struct capdl_object object = {.type = CAPDL_SCHED_CONTEXT,
                                  .size_bits = SCHED_CONTEXT_BITS,
                                  .budget_us = budget_us,
                                  .period_us = period_us,
                                  .badge = badge,
                                  .name = capdl_name(capdl, "sched_context_%s", name)};
    return capdl_add(capdl, &object);
}

/* VSpace, program and TCB. */
static struct parts add_program(struct builder *builder, const char *name, uint64_t elf,
                                const struct elf *program)
{
    struct capdl *capdl = builder->capdl;
    struct parts parts = {.vspace =
                              capdl_add_page_table(capdl, 0, capdl_name(capdl, "pml4_%s", name))};
    if (capdl->lost) {
        return parts;
    }
    capdl_map_program(capdl, parts.vspace, name, elf, program);
    struct capdl_object tcb = {
        .type = CAPDL_TCB,
        .ip = program->entry,
        .sp = target_stack_top(builder->system->target),
        .ipc_buffer = target_ipc_buffer(builder->system->target),
        .resume = true,
        .name = capdl_name(capdl, "tcb_%s", name),
    };
    parts.tcb = capdl_add(capdl, &tcb);
    capdl_put(capdl, parts.tcb, CAPDL_TCB_VSPACE, cap_to(CAPDL_PAGE_TABLE, parts.vspace));
    return parts;
}

static void map_zeroed(struct capdl *capdl, const struct parts *parts, const char *owner,
                       uint64_t vaddr, const char *frame_name)
{
    uint32_t frame = capdl_add_frame(capdl, frame_name, NULL);
    if (!capdl->lost) {
        capdl_map_frame(capdl, parts->vspace, owner, vaddr,
                        capdl_frame_cap(frame, SPEC_READ | SPEC_WRITE, false, true));
    }
}

static struct capdl_cap map_ipc_buffer(struct builder *builder, const struct parts *parts,
                                       const char *name)
{
    struct capdl *capdl = builder->capdl;
    uint32_t frame = capdl_count(capdl);
    map_zeroed(capdl, parts, name, target_ipc_buffer(builder->system->target),
               capdl_name(capdl, "frame_ipcbuf_%s", name));
    return capdl_frame_cap(frame, SPEC_READ | SPEC_WRITE, false, true);
}

static void build_monitor(struct builder *builder)
{
    struct capdl *capdl = builder->capdl;
    const struct system *system = builder->system;
    struct parts monitor =
        add_program(builder, "monitor", system->pd_count, &builder->programs->monitor);
    builder->monitor_endpoint = add(capdl, CAPDL_ENDPOINT, "ep_fault", "monitor");
    uint32_t reply = add(capdl, CAPDL_REPLY, "reply", "monitor");
    monitor.sched = add_sched(capdl, "monitor", MONITOR_BUDGET_US, MONITOR_BUDGET_US, 0);
    builder->monitor_cnode = add_cnode(capdl, CNODE_RADIX, "monitor", "");
    capdl_put(capdl, builder->monitor_cnode, MONITOR_FAULT_EP,
              endpoint_cap(builder->monitor_endpoint, 0));
    capdl_put(capdl, builder->monitor_cnode, MONITOR_REPLY, cap_to(CAPDL_REPLY, reply));
    map_zeroed(capdl, &monitor, "monitor", target_stack_bottom(system->target, MONITOR_STACK_SIZE),
               capdl_name(capdl, "frame_monitor_stack"));
    struct capdl_cap buffer = map_ipc_buffer(builder, &monitor, "monitor");
    if (capdl->lost) {
        return;
    }
    struct capdl_object *tcb = capdl_object(capdl, monitor.tcb);
    tcb->priority = MONITOR_PRIORITY;
    tcb->mcp = MONITOR_PRIORITY;
    tcb->domain_given = true;
    capdl_put(capdl, monitor.tcb, CAPDL_TCB_IPC_BUFFER, buffer);
    capdl_put(capdl, monitor.tcb, CAPDL_TCB_CSPACE,
              cnode_cap(builder->monitor_cnode, MONITOR_CNODE_GUARD));
    capdl_put(capdl, monitor.tcb, CAPDL_TCB_SCHED_CONTEXT,
              cap_to(CAPDL_SCHED_CONTEXT, monitor.sched));
}

/* What the n-th frame of a region holds; false for nothing. */
static bool region_fill(const struct memory_region *region, uint64_t n, struct capdl_fill *fill)
{
    const struct prefill *prefill = &region->prefill;
    uint64_t offset = n * region->page_size;
    uint64_t size = prefill->kind == PREFILL_FILE ? prefill->size : region->size;
    if (prefill->kind == PREFILL_NONE || offset >= size) {
        return false;
    }
    uint64_t rest = size - offset;
    *fill = (struct capdl_fill){
        .end = rest < region->page_size ? rest : region->page_size,
        .kind = prefill->kind == PREFILL_FILE ? CAPDL_FILL_BYTES : CAPDL_FILL_BOOTINFO,
    };
    if (prefill->kind == PREFILL_FILE) {
        fill->bytes = prefill->bytes + offset;
    } else {
        fill->bootinfo_id = prefill->bootinfo_id;
        fill->offset = offset;
    }
    return true;
}

static void build_regions(struct builder *builder)
{
    struct capdl *capdl = builder->capdl;
    for (size_t i = 0; i < builder->system->region_count; i++) {
        const struct memory_region *region = &builder->system->regions[i];
        builder->first_frames[i] = capdl_count(capdl);
        for (uint64_t n = 0; n < region->size / region->page_size && !capdl->lost; n++) {
            struct capdl_fill fill;
            bool filled = region_fill(region, n, &fill);
            uint32_t frame =
                capdl_add_frame(capdl, capdl_name(capdl, "frame_mr_%s_%09" PRIu64, region->name, n),
                                filled ? &fill : NULL);
            if (capdl->lost) {
                return;
            }
            struct capdl_object *object = capdl_object(capdl, frame);
            object->paddr_given = region->phys_addr_given;
            object->paddr = region->phys_addr_given ? region->phys_addr + n * region->page_size : 0;
            object->size_bits = region->page_size == PAGE_LARGE ? PAGE_LARGE_BITS : PAGE_SMALL_BITS;
        }
    }
}

static void build_maps(struct builder *builder, const struct protection_domain *pd,
                       const struct parts *parts)
{
    for (size_t i = 0; i < pd->map_count; i++) {
        const struct map *map = &pd->maps[i];
        uint32_t frame = builder->first_frames[map->region - builder->system->regions];
        uint8_t rights =
            (map->perms & PERM_READ ? SPEC_READ : 0) | (map->perms & PERM_WRITE ? SPEC_WRITE : 0);
        for (uint64_t done = 0; done < map->region->size && !builder->capdl->lost;
             done += map->region->page_size) {
            capdl_map_frame(
                builder->capdl, parts->vspace, pd->name, map->vaddr + done,
                capdl_frame_cap(frame++, rights, map->perms & PERM_EXECUTE, map->cached));
        }
    }
}

static void build_stack(struct builder *builder, const struct protection_domain *pd,
                        const struct parts *parts)
{
    uint64_t bottom = target_stack_bottom(builder->system->target, pd->stack_size);
    for (uint64_t done = 0; done < pd->stack_size && !builder->capdl->lost; done += PAGE_SMALL) {
        map_zeroed(
            builder->capdl, parts, pd->name, bottom + done,
            capdl_name(builder->capdl, "frame_%s_stack_%09" PRIu64, pd->name, done / PAGE_SMALL));
    }
}

/* Faults go to the parent, which knows its children by id, or to the monitor, which knows all. */
static struct capdl_cap fault_endpoint(const struct builder *builder,
                                       const struct protection_domain *pd)
{
    if (pd->parent != NULL) {
        return endpoint_cap(builder->pds[pd_index(builder->system, pd->parent)].endpoint,
                            FAULT_BADGE | pd->id);
    }
    return endpoint_cap(builder->monitor_endpoint, pd_index(builder->system, pd) + 1);
}

static void build_irq(struct builder *builder, const struct protection_domain *pd,
                      const struct parts *parts, const struct irq *irq)
{
    struct capdl *capdl = builder->capdl;
    bool msi = irq->kind == IRQ_MSI;
    struct capdl_object object = {
        .type = msi ? CAPDL_IRQ_MSI : CAPDL_IRQ_IOAPIC,
        .name = capdl_name(capdl, "irq_%" PRIu64 "_%s", irq->number, pd->name),
        .args = {irq->ioapic, irq->pin, irq->trigger == TRIGGER_LEVEL,
                 irq->polarity == POLARITY_LOW},
    };
    if (msi) {
        object.args[0] = irq->handle;
        object.args[1] = irq->pci.bus;
        object.args[2] = irq->pci.device;
        object.args[3] = irq->pci.function;
    }
    uint32_t handler = capdl_add(capdl, &object);
    struct capdl_irq entry = {.vector = irq->number, .handler = handler};
    bytes_append(&capdl->irqs, &entry, sizeof entry);
    capdl->lost |= capdl->irqs.lost;
    capdl_put(capdl, handler, 0, notification_cap(parts->notification, UINT64_C(1) << irq->id));
    capdl_put(capdl, parts->cnode, PD_BASE_IRQ + (uint32_t)irq->id, cap_to(object.type, handler));
}

static void build_ioport(struct builder *builder, const struct protection_domain *pd,
                         const struct parts *parts, const struct ioport *ioport)
{
    struct capdl *capdl = builder->capdl;
    struct capdl_object object = {
        .type = CAPDL_IOPORTS,
        .first_port = ioport->addr,
        .last_port = ioport->addr + ioport->size - 1,
        .name = capdl_name(capdl, "ioports_0x%" PRIx64 "_%s", ioport->addr, pd->name),
    };
    uint32_t ports = capdl_add(capdl, &object);
    capdl_put(capdl, parts->cnode, PD_BASE_IOPORT + (uint32_t)ioport->id,
              cap_to(CAPDL_IOPORTS, ports));
}

/* What libmicrokit finds in a PD's CNode, but for what channels put there. */
static void build_cnode(struct builder *builder, const struct protection_domain *pd,
                        struct parts *parts)
{
    struct capdl *capdl = builder->capdl;
    uint32_t reply = add(capdl, CAPDL_REPLY, "reply", pd->name);
    parts->cnode = add_cnode(capdl, CNODE_RADIX, pd->name, "");
    capdl_put(capdl, parts->cnode, PD_INPUT,
              parts->endpoint != SPEC_NONE ? endpoint_cap(parts->endpoint, 0)
                                           : notification_cap(parts->notification, 0));
    capdl_put(capdl, parts->cnode, PD_FAULT_EP, fault_endpoint(builder, pd));
    capdl_put(capdl, parts->cnode, PD_VSPACE, cap_to(CAPDL_PAGE_TABLE, parts->vspace));
    capdl_put(capdl, parts->cnode, PD_REPLY, cap_to(CAPDL_REPLY, reply));
    if (pd->passive) {
        capdl_put(capdl, parts->cnode, PD_MONITOR_EP,
                  endpoint_cap(builder->monitor_endpoint, pd_index(builder->system, pd) + 1));
    }
    for (size_t i = 0; i < pd->irq_count; i++) {
        build_irq(builder, pd, parts, &pd->irqs[i]);
    }
    for (size_t i = 0; i < pd->ioport_count; i++) {
        build_ioport(builder, pd, parts, &pd->ioports[i]);
    }
    parts->root_cnode = add_cnode(capdl, ROOT_CNODE_RADIX, pd->name, "_root");
    capdl_put(capdl, parts->root_cnode, 0, cnode_cap(parts->cnode, PD_CNODE_GUARD));
}

/* What others hold of a PD: its parent, and the monitor. */
static void build_guardians(struct builder *builder, const struct protection_domain *pd,
                            const struct parts *parts)
{
    struct capdl *capdl = builder->capdl;
    uint32_t index = (uint32_t)pd_index(builder->system, pd);
    struct capdl_cap tcb = cap_to(CAPDL_TCB, parts->tcb);
    if (pd->parent != NULL) {
        uint32_t parent = builder->pds[pd_index(builder->system, pd->parent)].cnode;
        capdl_put(capdl, parent, PD_BASE_TCB + (uint32_t)pd->id, tcb);
    }
    capdl_put(capdl, builder->monitor_cnode, MONITOR_BASE_TCB + index, tcb);
    if (pd->passive) {
        capdl_put(capdl, builder->monitor_cnode, MONITOR_BASE_SCHED + index,
                  cap_to(CAPDL_SCHED_CONTEXT, parts->sched));
        capdl_put(capdl, builder->monitor_cnode, MONITOR_BASE_NOTIFICATION + index,
                  notification_cap(parts->notification, 0));
    }
}

static void configure_tcb(struct builder *builder, const struct protection_domain *pd,
                          const struct parts *parts, struct capdl_cap buffer)
{
    struct capdl *capdl = builder->capdl;
    if (capdl->lost) {
        return;
    }
    struct capdl_object *tcb = capdl_object(capdl, parts->tcb);
    tcb->affinity = pd->cpu;
    tcb->priority = pd->priority;
    tcb->mcp = pd->priority;
    tcb->fpu_disabled = !pd->fpu;
    tcb->domain_given = builder->system->schedule.domain_count > 0;
    tcb->domain = pd->domain;
    capdl_put(capdl, parts->tcb, CAPDL_TCB_IPC_BUFFER, buffer);
    capdl_put(capdl, parts->tcb, CAPDL_TCB_SCHED_CONTEXT,
              cap_to(CAPDL_SCHED_CONTEXT, parts->sched));
    capdl_put(capdl, parts->tcb, CAPDL_TCB_FAULT_EP, fault_endpoint(builder, pd));
    capdl_put(capdl, parts->tcb, CAPDL_TCB_NOTIFICATION, notification_cap(parts->notification, 0));
    capdl_put(capdl, parts->tcb, CAPDL_TCB_CSPACE, cnode_cap(parts->root_cnode, 0));
}

/* Which file it is, and what setvar has written to it. */
static void build_program(struct builder *builder, const struct protection_domain *pd)
{
    struct capdl *capdl = builder->capdl;
    struct capdl_program program = {
        .elf = pd_index(builder->system, pd),
        .pd = pd->name,
        .path = pd->program_image,
        .symbols_path = pd->program_image_for_symbols,
        .variables = arena_alloc(capdl->arena, pd->setvar_count * sizeof *program.variables),
    };
    for (size_t i = 0; i < pd->setvar_count && program.variables != NULL; i++) {
        program.variables[program.variable_count++] =
            (struct capdl_variable){pd->setvars[i].symbol, setvar_value(&pd->setvars[i])};
    }
    bytes_append(&capdl->programs, &program, sizeof program);
    capdl->lost |= capdl->programs.lost || program.variables == NULL;
}

static void build_pd(struct builder *builder, size_t index)
{
    struct capdl *capdl = builder->capdl;
    const struct protection_domain *pd = &builder->system->pds[index];
    struct parts *parts = &builder->pds[index];
    *parts = add_program(builder, pd->name, index, &builder->programs->pds[index]);
    if (capdl->lost) {
        return;
    }
    build_program(builder, pd);
    build_maps(builder, pd, parts);
    struct capdl_cap buffer = map_ipc_buffer(builder, parts, pd->name);
    build_stack(builder, pd, parts);
    parts->sched = add_sched(capdl, pd->name, pd->budget_us, pd->period_us, SCHED_BADGE + index);
    parts->notification = add(capdl, CAPDL_NOTIFICATION, "ntfn", pd->name);
    parts->endpoint = pd_needs_endpoint(builder->system, pd)
                          ? add(capdl, CAPDL_ENDPOINT, "ep", pd->name)
                          : SPEC_NONE;
    build_cnode(builder, pd, parts);
    build_guardians(builder, pd, parts);
    configure_tcb(builder, pd, parts, buffer);
}

/* What one end of a channel may do to the other. The badge tells the other which channel it is. */
static void build_channel_end(struct builder *builder, const struct channel_end *end,
                              const struct channel_end *other)
{
    const struct parts *own = &builder->pds[pd_index(builder->system, end->pd)];
    const struct parts *target = &builder->pds[pd_index(builder->system, other->pd)];
    if (end->notify) {
        capdl_put(builder->capdl, own->cnode, PD_BASE_NOTIFICATION + (uint32_t)end->id,
                  notification_cap(target->notification, UINT64_C(1) << other->id));
    }
    if (end->pp) {
        capdl_put(builder->capdl, own->cnode, PD_BASE_ENDPOINT + (uint32_t)end->id,
                  endpoint_cap(target->endpoint, PPC_BADGE | other->id));
    }
}

static void build_user_caps(struct builder *builder)
{
    const struct system *system = builder->system;
    for (size_t i = 0; i < system->pd_count; i++) {
        for (size_t n = 0; n < system->pds[i].user_cap_count; n++) {
            const struct user_cap *user = &system->pds[i].user_caps[n];
            const struct parts *source = &builder->pds[pd_index(system, user->pd)];
            struct capdl_cap caps[] = {
                [USER_CAP_TCB] = cap_to(CAPDL_TCB, source->tcb),
                [USER_CAP_SC] = cap_to(CAPDL_SCHED_CONTEXT, source->sched),
                [USER_CAP_VSPACE] = cap_to(CAPDL_PAGE_TABLE, source->vspace),
            };
            capdl_put(builder->capdl, builder->pds[i].root_cnode, (uint32_t)user->slot,
                      caps[user->kind]);
        }
    }
}

static void build_schedule(struct builder *builder)
{
    struct capdl *capdl = builder->capdl;
    const struct domain_schedule *schedule = &builder->system->schedule;
    bytes_append(&capdl->schedule, schedule->entries,
                 schedule->entry_count * sizeof *schedule->entries);
    capdl->lost |= capdl->schedule.lost;
    capdl->schedule_start_given = schedule->domain_count > 0;
    capdl->schedule_start = schedule->start_index;
    /* A shift of 0 that is written down cannot be told from none, and does the same. */
    capdl->schedule_shift_given = schedule->index_shift > 0;
    capdl->schedule_shift = schedule->index_shift;
}

static void build_restarts(struct builder *builder)
{
    uint32_t vspaces[PD_COUNT_MAX];
    for (size_t i = 0; i < builder->system->pd_count; i++) {
        vspaces[i] = builder->pds[i].vspace;
    }
    capdl_map_restarts(builder->capdl, builder->system, builder->programs, vspaces);
}

static void build_all(struct builder *builder)
{
    const struct system *system = builder->system;
    build_monitor(builder);
    build_regions(builder);
    for (size_t i = 0; i < system->pd_count && !builder->capdl->lost; i++) {
        build_pd(builder, i);
    }
    build_restarts(builder);
    for (size_t i = 0; i < system->channel_count && !builder->capdl->lost; i++) {
        const struct channel_end *ends = system->channels[i].ends;
        build_channel_end(builder, &ends[0], &ends[1]);
        build_channel_end(builder, &ends[1], &ends[0]);
    }
    build_user_caps(builder);
    build_schedule(builder);
    capdl_sort(builder->capdl);
}

bool capdl_build(struct capdl *capdl, const struct system *system, const struct programs *programs)
{
    if (!capdl_begin(capdl)) {
        return false;
    }
    struct builder builder = {
        .capdl = capdl,
        .system = system,
        .programs = programs,
        .pds = calloc(system->pd_count, sizeof *builder.pds),
        .first_frames = calloc(system->region_count + 1, sizeof *builder.first_frames),
    };
    capdl->lost |= builder.pds == NULL || builder.first_frames == NULL;
    if (!capdl->lost) {
        build_all(&builder);
    }
    free(builder.pds);
    free(builder.first_frames);
    return !capdl->lost;
}
