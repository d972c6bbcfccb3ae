/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What takes a whole system to see. In upstream's order: of two mistakes, the same is reported. */
#include "microkit/arena.h"
#include "microkit/model.h"
#include "microkit/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One check in progress. Each step returns false after its first error. */
struct check {
    struct system *system;
    struct diagnostics *found;
    struct names regions;
    struct names pds;
};

static bool fail_no_memory(struct check *c)
{
    diagnostic_error(c->found, "Error: out of memory while checking '%s'", c->system->source.name);
    return false;
}

/* Show the line that the last message is about. For `return point_at(...)`: it is false. */
static bool point_at(struct check *c, struct position at)
{
    diagnostic_quote(c->found, &c->system->source, at);
    return false;
}

/* The same, and what to do. */
static bool advise(struct check *c, struct position at, const char *advice)
{
    point_at(c, at);
    diagnostic_advise(c->found, "%s", advice);
    return false;
}

static bool advise_other(struct check *c, struct position at, struct position other,
                         const char *advice)
{
    point_at(c, at);
    diagnostic_advise(c->found, "The other is declared at line %u. %s", other.line, advice);
    return false;
}

/* Names. */

static bool is_taken(struct check *c, struct names *names, const char *name, void *thing,
                     bool *no_memory)
{
    enum names_result result = names_add(names, c->system->arena, name, thing);
    *no_memory |= result == NAMES_NO_MEMORY;
    return result == NAMES_TAKEN;
}

static bool link_user_caps(struct check *c, struct protection_domain *pd)
{
    for (size_t i = 0; i < pd->user_cap_count; i++) {
        struct user_cap *cap = &pd->user_caps[i];
        cap->pd = names_find(&c->pds, cap->pd_name);
        if (cap->pd == NULL) {
            const char *nearest = names_nearest(&c->pds, cap->pd_name);
            diagnostic_error(c->found, "Error: unknown PD name '%s': " AT, cap->pd_name,
                             AT_OF(c->system, cap->at));
            point_at(c, cap->at);
            if (nearest != NULL) {
                diagnostic_advise(c->found, "Did you mean '%s'?", nearest);
            }
            return false;
        }
    }
    return true;
}

static bool check_pd_count(struct check *c)
{
    size_t count = c->system->pd_count;
    if (count == 0) {
        diagnostic_error(c->found, "Error: at least one protection domain must be defined");
        diagnostic_advise(c->found, "Add a <protection_domain> with a <program_image> to '%s'.",
                          c->system->source.name);
    } else if (count > PD_COUNT_MAX) {
        diagnostic_error(c->found,
                         "Error: too many protection domains (%zu) defined. Maximum is %d.", count,
                         PD_COUNT_MAX);
        point_at(c, c->system->pds[PD_COUNT_MAX].at);
        diagnostic_advise(c->found, "This one is the first too many.");
    }
    return count > 0 && count <= PD_COUNT_MAX;
}

static bool check_pd_names(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = i + 1; j < c->system->pd_count; j++) {
            if (strcmp(pd->name, c->system->pds[j].name) == 0) {
                diagnostic_error(c->found, "Error: duplicate protection domain name '%s'.",
                                 pd->name);
                return advise_other(c, c->system->pds[j].at, pd->at, "Rename one of them.");
            }
        }
        if (strcmp(pd->name, "monitor") == 0) {
            diagnostic_error(c->found,
                             "Error: the PD name 'monitor' is reserved for the Microkit Monitor.");
            return advise(c, pd->at, "Rename it.");
        }
    }
    return true;
}

static bool check_pds(struct check *c)
{
    bool no_memory = false;
    for (size_t i = 0; i < c->system->pd_count; i++) {
        struct protection_domain *pd = &c->system->pds[i];
        is_taken(c, &c->pds, pd->name, pd, &no_memory);
    }
    if (no_memory) {
        return fail_no_memory(c);
    }
    for (size_t i = 0; i < c->system->pd_count; i++) {
        if (!link_user_caps(c, &c->system->pds[i])) {
            return false;
        }
    }
    return check_pd_count(c) && check_pd_names(c);
}

static bool check_region_names(struct check *c)
{
    bool no_memory = false;
    for (size_t i = 0; i < c->system->region_count; i++) {
        struct memory_region *region = &c->system->regions[i];
        if (is_taken(c, &c->regions, region->name, region, &no_memory)) {
            const struct memory_region *first = names_find(&c->regions, region->name);
            diagnostic_error(c->found, "Error: duplicate memory region name '%s'.", region->name);
            return advise_other(c, region->at, first->at, "Rename one of them.");
        }
        if (no_memory) {
            return fail_no_memory(c);
        }
    }
    return true;
}

/* Virtual machines. */

static bool check_vm_name(struct check *c, const struct protection_domain *pd)
{
    for (const struct protection_domain *other = c->system->pds; other < pd; other++) {
        if (other->vm != NULL && strcmp(other->vm->name, pd->vm->name) == 0) {
            diagnostic_error(c->found, "Error: duplicate virtual machine name '%s'.", pd->vm->name);
            return advise_other(c, pd->vm->at, other->vm->at, "Rename one of them.");
        }
    }
    return true;
}

static bool check_vms(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        if (pd->vm == NULL) {
            continue;
        }
        if (!check_vm_name(c, pd)) {
            return false;
        }
        if (c->system->target->arch == ARCH_X86_64 && pd->child_count > 0) {
            diagnostic_error(c->found,
                             "Error: It is not possible for PD '%s' with a bound vCPU to have "
                             "children on x86_64: " AT,
                             pd->name, AT_OF(c->system, pd->at));
            return advise(c, pd->at,
                          "While the guest runs, only its notification wakes the PD, and the\n"
                          "faults of its children would wait. Give the children another parent.");
        }
    }
    return true;
}

/* Interrupts, channels and ports: what must not be twice. */

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
                return advise_other(c, irq->at, o->at, "An interrupt goes to one PD.");
            }
        }
    }
    return true;
}

static bool check_irqs(struct check *c)
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
        return advise(c, at, "Channels and irqs share the ids of a PD. Give this one another.");
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
    return advise(
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
    return advise(
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

static bool check_channels(struct check *c)
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
                return advise(c, ioport->at, "Give this one another id.");
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
                return advise_other(c, port->at, o->at, "A port belongs to one PD.");
            }
        }
    }
    return true;
}

static bool check_ioports(struct check *c)
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

/* Maps: in a PD, in a virtual machine, and in a device's address space. */

/* A map of any kind. */
struct mapping {
    struct position at;
    struct memory_region *region;
    const char *region_name;
    uint64_t start;
    uint64_t end; /* set by check_mapping */
};

/* What they are mapped into. */
struct address_space {
    const char *name;       /* "protection domain 'x'" */
    const char *element;    /* "map" */
    const char *addr_name;  /* "vaddr" */
    const char *range_name; /* "virtual address range" */
    uint64_t end;           /* the first address that is invalid */
};

static bool fail_unknown_region(struct check *c, const char *name, const char *element,
                                struct position at)
{
    diagnostic_error(c->found, "Error: invalid memory region name '%s' on '%s' @ " AT, name,
                     element, AT_OF(c->system, at));
    point_at(c, at);
    const char *nearest = names_nearest(&c->regions, name);
    if (nearest != NULL) {
        diagnostic_advise(c->found, "Did you mean '%s'?", nearest);
    } else {
        diagnostic_advise(c->found, "Add a <memory_region> with that name to <system>.");
    }
    return false;
}

static bool check_mapping(struct check *c, const struct address_space *space, struct mapping *map)
{
    const struct memory_region *region = map->region;
    if (region == NULL) {
        return fail_unknown_region(c, map->region_name, space->element, map->at);
    }
    if (map->start % region->page_size != 0) {
        diagnostic_error(c->found, "Error: invalid %s alignment on '%s' @ " AT, space->addr_name,
                         space->element, AT_OF(c->system, map->at));
        point_at(c, map->at);
        diagnostic_advise(c->found,
                          "The pages of '%s' are of 0x%" PRIx64 " bytes, and the %s 0x%" PRIx64
                          " is not a multiple of that.",
                          region->name, region->page_size, space->addr_name, map->start);
        return false;
    }
    if (__builtin_add_overflow(map->start, region->size, &map->end)) {
        diagnostic_error(c->found, "Error: %s for '%s' has address range that overflows @ " AT,
                         space->element, region->name, AT_OF(c->system, map->at));
        return advise(c, map->at, "The region goes beyond the last address there is.");
    }
    if (map->end > space->end) {
        diagnostic_error(c->found,
                         "Error: %s for '%s' has %s [0x%" PRIx64 "..0x%" PRIx64
                         ") which exceeds valid address space [0x0..0x%" PRIx64 ") @ " AT,
                         space->element, region->name, space->range_name, map->start, map->end,
                         space->end, AT_OF(c->system, map->at));
        return advise(c, map->at, "Map it lower, or make the region smaller.");
    }
    return true;
}

static bool check_mapping_is_apart(struct check *c, const struct address_space *space,
                                   const struct mapping *first, const struct mapping *map)
{
    for (const struct mapping *other = first; other < map; other++) {
        if (map->start < other->end && other->start < map->end) {
            diagnostic_error(
                c->found,
                "Error: map for '%s' has %s [0x%" PRIx64 "..0x%" PRIx64
                ") which overlaps with map for '%s' [0x%" PRIx64 "..0x%" PRIx64 ") in %s @ " AT,
                map->region_name, space->range_name, map->start, map->end, other->region_name,
                other->start, other->end, space->name, AT_OF(c->system, map->at));
            return advise_other(c, map->at, other->at, "Move one of them.");
        }
    }
    return true;
}

static bool check_address_space(struct check *c, const struct address_space *space,
                                struct mapping *maps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!check_mapping(c, space, &maps[i]) ||
            !check_mapping_is_apart(c, space, maps, &maps[i])) {
            return false;
        }
    }
    return true;
}

static struct mapping *mappings_new(struct check *c, size_t count)
{
    return arena_alloc(c->system->arena, count * sizeof(struct mapping));
}

static bool check_map_list(struct check *c, const char *owner_kind, const char *owner, uint64_t end,
                           struct map *maps, size_t count)
{
    size_t name_size = strlen(owner_kind) + strlen(owner) + sizeof(" ''");
    char *name = arena_alloc(c->system->arena, name_size);
    struct mapping *mappings = mappings_new(c, count);
    if (name == NULL || mappings == NULL) {
        return fail_no_memory(c);
    }
    snprintf(name, name_size, "%s '%s'", owner_kind, owner);
    for (size_t i = 0; i < count; i++) {
        maps[i].region = names_find(&c->regions, maps[i].region_name);
        mappings[i] = (struct mapping){
            .at = maps[i].at,
            .region = maps[i].region,
            .region_name = maps[i].region_name,
            .start = maps[i].vaddr,
        };
    }
    const struct address_space space = {name, "map", "vaddr", "virtual address range", end};
    return check_address_space(c, &space, mappings, count);
}

static bool check_maps(struct check *c)
{
    const struct target *target = c->system->target;
    for (size_t i = 0; i < c->system->pd_count; i++) {
        struct protection_domain *pd = &c->system->pds[i];
        if (!check_map_list(c, "protection domain", pd->name,
                            target_stack_bottom(target, pd->stack_size), pd->maps, pd->map_count)) {
            return false;
        }
        if (pd->vm != NULL &&
            !check_map_list(c, "virtual machine", pd->vm->name, target->user_top + 1, pd->vm->maps,
                            pd->vm->map_count)) {
            return false;
        }
    }
    return true;
}

static bool check_iomap_pages(struct check *c, const struct io_address_space *space)
{
    for (size_t i = 0; i < space->iomap_count; i++) {
        struct iomap *iomap = &space->iomaps[i];
        iomap->region = names_find(&c->regions, iomap->region_name);
        if (iomap->region != NULL && iomap->region->page_size == PAGE_LARGE) {
            diagnostic_error(
                c->found, "Error: currently seL4 does not have large page support for the IOMMU");
            return advise_other(c, iomap->at, iomap->region->at,
                                "Remove page_size there, or make it 0x1000.");
        }
    }
    return true;
}

static bool check_io_address_space(struct check *c, const struct io_address_space *space)
{
    char name[32];
    snprintf(name, sizeof(name), "PCI device %02x:%02x.%x", space->device.bus, space->device.device,
             space->device.function);
    struct mapping *mappings = mappings_new(c, space->iomap_count);
    if (mappings == NULL) {
        return fail_no_memory(c);
    }
    for (size_t i = 0; i < space->iomap_count; i++) {
        mappings[i] = (struct mapping){
            .at = space->iomaps[i].at,
            .region = space->iomaps[i].region,
            .region_name = space->iomaps[i].region_name,
            .start = space->iomaps[i].iovaddr,
        };
    }
    const struct address_space view = {name, "iomap", "iovaddr", "io address range",
                                       IO_ADDRESS_SPACE_END};
    return check_address_space(c, &view, mappings, space->iomap_count);
}

static bool check_iomaps(struct check *c)
{
    const struct system *system = c->system;
    for (size_t i = 0; i < system->io_address_space_count; i++) {
        if (!check_iomap_pages(c, &system->io_address_spaces[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < system->io_address_space_count; i++) {
        if (!check_io_address_space(c, &system->io_address_spaces[i])) {
            return false;
        }
    }
    return true;
}

/* Caps in <cspace>. */

static bool fail_slot_overlap(struct check *c, const struct protection_domain *pd, uint64_t slot)
{
    static const char *const kinds[] = {
        [USER_CAP_TCB] = "Tcb", [USER_CAP_SC] = "Sc", [USER_CAP_VSPACE] = "VSpace"};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return fail_no_memory(c);
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
        return fail_no_memory(c);
    }
    diagnostic_error(c->found, "%s", text);
    free(text);
    return advise(c, last, "A slot holds one cap. Give this one another.");
}

static bool check_user_caps(struct check *c)
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

/* Memory regions. */

static bool check_region_is_apart(struct check *c, const struct memory_region *region)
{
    uint64_t start = region->phys_addr;
    uint64_t end;
    if (__builtin_add_overflow(start, region->size, &end)) {
        diagnostic_error(c->found,
                         "Error: memory region '%s' physical address range overflows @ " AT,
                         region->name, AT_OF(c->system, region->at));
        return advise(c, region->at, "The region goes beyond the last address there is.");
    }
    for (const struct memory_region *other = c->system->regions; other < region; other++) {
        uint64_t other_end = other->phys_addr + other->size;
        if (other->phys_addr_given && start < other_end && other->phys_addr < end) {
            diagnostic_error(c->found,
                             "Error: memory region '%s' physical address range [0x%" PRIx64
                             "..0x%" PRIx64 ") overlaps with another memory region '%s' [0x%" PRIx64
                             "..0x%" PRIx64 ") @ " AT,
                             region->name, start, end, other->name, other->phys_addr, other_end,
                             AT_OF(c->system, region->at));
            return advise_other(
                c, region->at, other->at,
                "Move one of them, or drop\nphys_addr and the tool will place it. To share memory, "
                "map one region twice.");
        }
    }
    return true;
}

static bool check_phys_addrs(struct check *c)
{
    for (size_t i = 0; i < c->system->region_count; i++) {
        const struct memory_region *region = &c->system->regions[i];
        if (region->phys_addr_given && !check_region_is_apart(c, region)) {
            return false;
        }
    }
    return true;
}

/* What is known of a region from its maps, by its index. */
struct region_use {
    bool mapped; /* in a PD or virtual machine */
    bool small;  /* some address needs small pages */
};

static void note_maps(const struct system *system, struct region_use *uses, const struct map *maps,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct region_use *use = &uses[maps[i].region - system->regions];
        use->mapped = true;
        use->small |= maps[i].vaddr % PAGE_LARGE != 0;
    }
}

static void note_uses(const struct system *system, struct region_use *uses)
{
    for (size_t i = 0; i < system->pd_count; i++) {
        const struct protection_domain *pd = &system->pds[i];
        note_maps(system, uses, pd->maps, pd->map_count);
        if (pd->vm != NULL) {
            note_maps(system, uses, pd->vm->maps, pd->vm->map_count);
        }
    }
    for (size_t i = 0; i < system->io_address_space_count; i++) {
        const struct io_address_space *space = &system->io_address_spaces[i];
        for (size_t j = 0; j < space->iomap_count; j++) {
            uses[space->iomaps[j].region - system->regions].small = true;
        }
    }
}

static bool settle_regions(struct check *c)
{
    const struct system *system = c->system;
    struct region_use *uses = arena_alloc(system->arena, system->region_count * sizeof(*uses));
    if (uses == NULL) {
        return fail_no_memory(c);
    }
    note_uses(system, uses);
    for (size_t i = 0; i < system->region_count; i++) {
        struct memory_region *region = &system->regions[i];
        if (!uses[i].mapped) {
            diagnostic_warning(c->found, "WARNING: unused memory region '%s'", region->name);
        }
        if (!region->page_size_given && !uses[i].small && region->size % PAGE_LARGE == 0 &&
            region->phys_addr % PAGE_LARGE == 0) {
            region->page_size = PAGE_LARGE;
        }
    }
    return true;
}

/* Setvars. */

static bool check_setvar(struct check *c, struct setvar *setvar)
{
    const struct system *system = c->system;
    struct memory_region *region = names_find(&c->regions, setvar->region_name);
    setvar->region = region;
    if (region == NULL) {
        return fail_unknown_region(c, setvar->region_name, "setvar", setvar->at);
    }
    if (setvar->kind == SETVAR_REGION_PREFILL_SIZE && region->prefill.kind != PREFILL_FILE) {
        diagnostic_error(c->found,
                         "Error: 'setvar_prefill_size' used for MR without a `prefill_path` @ "
                         "'%s' " AT,
                         region->name, AT_OF(system, region->at));
        return advise(c, setvar->at, "Use setvar_size for the size of the region itself.");
    }
    return true;
}

static bool check_setvar_paddr(struct check *c, const struct setvar *setvar)
{
    const struct memory_region *region = setvar->region;
    if (setvar->kind == SETVAR_REGION_PADDR && !region->phys_addr_given &&
        c->system->target->arch == ARCH_X86_64) {
        diagnostic_error(c->found,
                         "Error: setvar with 'region_paddr' for MR without a specified paddr is "
                         "unsupported on x86-64 @ '%s' " AT,
                         region->name, AT_OF(c->system, region->at));
        return advise(c, setvar->at, "Give the region a phys_addr.");
    }
    return true;
}

static bool check_setvars(struct check *c)
{
    for (size_t i = 0; i < c->system->pd_count; i++) {
        struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = 0; j < pd->setvar_count; j++) {
            if (pd->setvars[j].kind != SETVAR_VALUE && !check_setvar(c, &pd->setvars[j])) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < c->system->pd_count; i++) {
        const struct protection_domain *pd = &c->system->pds[i];
        for (size_t j = 0; j < pd->setvar_count; j++) {
            if (!check_setvar_paddr(c, &pd->setvars[j])) {
                return false;
            }
        }
    }
    return true;
}

bool microkit_check(struct system *system, struct diagnostics *found)
{
    struct check c = {.system = system, .found = found};
    bool (*const steps[])(struct check *) = {
        check_pds,       check_region_names, check_vms,      check_irqs,
        check_channels,  check_ioports,      check_maps,     check_iomaps,
        check_user_caps, check_phys_addrs,   settle_regions, check_setvars,
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (!steps[i](&c)) {
            return false;
        }
    }
    return true;
}
