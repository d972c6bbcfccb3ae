/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What holds for one PD, as macros of the Viper verifier: its channels, its caps and its memory. */
#include "microkit/capdl/capdl.h"

#include <inttypes.h>
#include <string.h>

/* Write "define NAME(x) (...)"; `numbers` holds uint64_t. */
static void define_set(const char *name, const struct bytes *numbers, FILE *out)
{
    const uint64_t *number = (const void *)numbers->data;
    size_t count = numbers->size / sizeof *number;
    fprintf(out, "define %s(x) (%s", name, count > 0 ? "x in Set(" : "false");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%" PRIu64, i == 0 ? "" : ",", number[i]);
    }
    fprintf(out, "%s)\ndefine f_%s(heap,gv,x) (%s(x))\n", count > 0 ? ")" : "", name, name);
}

static void add(struct bytes *numbers, bool condition, uint64_t number)
{
    if (condition) {
        bytes_append(numbers, &number, sizeof number);
    }
}

enum { PROTECTED_SOURCES, PPCALL_TARGETS, NOTIFIED_SOURCES, NOTIFY_TARGETS, IRQS, CHILDREN, SETS };

static const char *const set_names[SETS] = {
    [PROTECTED_SOURCES] = "mk_is_protected_source",
    [PPCALL_TARGETS] = "mk_is_ppcall_target",
    [NOTIFIED_SOURCES] = "mk_is_notified_source",
    [NOTIFY_TARGETS] = "mk_is_notify_target",
    [IRQS] = "mk_is_irq_channel",
    [CHILDREN] = "mk_is_child",
};

static void view_channel(struct bytes sets[SETS], const struct protection_domain *pd,
                         const struct channel *channel)
{
    /* Of a channel from a PD to itself upstream sees the first end. */
    int own = channel->ends[0].pd == pd ? 0 : 1;
    const struct channel_end *local = &channel->ends[own];
    const struct channel_end *remote = &channel->ends[1 - own];
    if (local->pd != pd) {
        return;
    }
    add(&sets[PPCALL_TARGETS], local->pp && pd->priority < remote->pd->priority, local->id);
    add(&sets[PROTECTED_SOURCES], remote->pp && remote->pd->priority < pd->priority, local->id);
    add(&sets[NOTIFIED_SOURCES], remote->notify, local->id);
    add(&sets[NOTIFY_TARGETS], local->notify, local->id);
}

static void write_channels(const struct protection_domain *pd, const struct system *system,
                           FILE *out)
{
    struct bytes sets[SETS] = {{0}};
    for (size_t i = 0; i < pd->irq_count; i++) {
        add(&sets[NOTIFIED_SOURCES], true, pd->irqs[i].id);
        add(&sets[IRQS], true, pd->irqs[i].id);
    }
    for (size_t i = 0; i < system->channel_count; i++) {
        view_channel(sets, pd, &system->channels[i]);
    }
    for (size_t i = 0; i < system->pd_count; i++) {
        add(&sets[CHILDREN], system->pds[i].parent == pd, system->pds[i].id);
    }
    for (int i = 0; i < SETS; i++) {
        define_set(set_names[i], &sets[i], out);
        bytes_free(&sets[i]);
    }
}

/* The kinds of cap that upstream tells apart, in its order; the types of each as bits. */
#define TYPE(type) (1u << (type))
static const struct cap_set {
    const char *name;
    unsigned types;
} cap_sets[] = {
    {"pansel4_has_cap", ~0u},
    {"pansel4_has_endpoint_cap", TYPE(CAPDL_ENDPOINT)},
    {"pansel4_has_notification_cap", TYPE(CAPDL_NOTIFICATION)},
    {"pansel4_has_reply_cap", TYPE(CAPDL_REPLY)},
    {"pansel4_has_page_table_cap", TYPE(CAPDL_PAGE_TABLE)},
    {"pansel4_has_irq_handler_cap", TYPE(CAPDL_IRQ_MSI) | TYPE(CAPDL_IRQ_IOAPIC)},
    {"pansel4_has_tcb_cap", TYPE(CAPDL_TCB)},
    {"pansel4_has_vcpu_cap", 0},
    {"pansel4_has_ioport_cap", TYPE(CAPDL_IOPORTS)},
    {"pansel4_has_arm_smc_cap", 0},
};

static const struct capdl_object *cnode_of(const struct capdl *capdl, const char *pd)
{
    static const char prefix[] = "cnode_";
    for (uint32_t i = 0; i < capdl_count(capdl); i++) {
        const struct capdl_object *object = capdl_object(capdl, i);
        if (object->type == CAPDL_CNODE && strncmp(object->name, prefix, sizeof prefix - 1) == 0 &&
            strcmp(object->name + sizeof prefix - 1, pd) == 0) {
            return object;
        }
    }
    return NULL;
}

/* The caps of a CNode are in the order of their slots. */
static void write_caps(const struct capdl_object *cnode, FILE *out)
{
    for (size_t set = 0; set < sizeof cap_sets / sizeof cap_sets[0]; set++) {
        struct bytes slots = {0};
        for (size_t i = 0; cnode != NULL && i < capdl_cap_count(cnode); i++) {
            const struct capdl_cap *cap = &capdl_caps(cnode)[i];
            add(&slots, cap_sets[set].types & TYPE(cap->type), cap->slot);
        }
        define_set(cap_sets[set].name, &slots, out);
        bytes_free(&slots);
    }
}

/* Which of a PD's maps are in a set, in the order of the system's regions. */
static void define_memory(const char *name, uint8_t perms, const struct protection_domain *pd,
                          const struct system *system, FILE *out)
{
    const char *separator = "";
    fprintf(out, "define mem_%s(x) (", name);
    for (size_t r = 0; r < system->region_count; r++) {
        for (size_t m = 0; m < pd->map_count; m++) {
            const struct map *map = &pd->maps[m];
            if (map->region == &system->regions[r] && (map->perms & perms) == perms) {
                fprintf(out, "%smem_%s_contains(x)", separator, map->region_name);
                separator = " || ";
            }
        }
    }
    fprintf(out, "%s)\ndefine f_mem_%s(heap,gv,x) (mem_%s(x))\n",
            separator[0] == '\0' ? "false" : "", name, name);
}

static void write_memory(const struct protection_domain *pd, const struct system *system, FILE *out)
{
    for (size_t r = 0; r < system->region_count; r++) {
        for (size_t m = 0; m < pd->map_count; m++) {
            const struct map *map = &pd->maps[m];
            if (map->region == &system->regions[r]) {
                fprintf(out, "define mem_%s_contains(x) (%" PRIu64 " <= x && x < %" PRIu64 ")\n",
                        map->region_name, map->vaddr, map->vaddr + map->region->size);
            }
        }
    }
    /* As upstream: every map counts as readable. */
    define_memory("readable", 0, pd, system, out);
    define_memory("writeable", PERM_WRITE, pd, system, out);
}

void capdl_viper(const struct capdl *capdl, const struct protection_domain *pd,
                 const struct system *system, FILE *out)
{
    fprintf(out, "// exported invariants for PD %s in %s\n", pd->name, system->source.name);
    write_channels(pd, system, out);
    write_caps(cnode_of(capdl, pd->name), out);
    write_memory(pd, system, out);
}
