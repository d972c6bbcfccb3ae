/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What each component takes of memory. */
#include "microkit/capdl/capdl.h"

#include <stdlib.h>
#include <string.h>

#define TCB_PREFIX "tcb_"

struct account {
    const struct capdl *capdl;
    uint32_t *mappers;   /* of each frame: how many components have it mapped */
    uint32_t *last_seen; /* of each object: the component, from 1, that has been there last */
    uint32_t component;
    struct capdl_memory memory;
};

typedef void visitor(struct account *account, const struct capdl_object *object, uint32_t number);

/* What hangs off an object, each once. Of a CSpace's inner CNode, other CNodes are only shared caps. */
static void visit_object(struct account *account, uint32_t number, visitor *visit)
{
    const struct capdl_object *object = capdl_object(account->capdl, number);
    if (account->last_seen[number] == account->component) {
        return;
    }
    account->last_seen[number] = account->component;
    visit(account, object, number);
    for (size_t i = 0; object->type == CAPDL_PAGE_TABLE && i < capdl_cap_count(object); i++) {
        visit_object(account, capdl_caps(object)[i].object, visit);
    }
}

static void visit_cnode(struct account *account, uint32_t number, bool is_root, visitor *visit)
{
    const struct capdl_object *cnode = capdl_object(account->capdl, number);
    visit_object(account, number, visit);
    for (size_t i = 0; i < capdl_cap_count(cnode); i++) {
        const struct capdl_cap *cap = &capdl_caps(cnode)[i];
        bool receives = cap->type == CAPDL_ENDPOINT || cap->type == CAPDL_NOTIFICATION;
        if (cap->type == CAPDL_CNODE && is_root) {
            visit_cnode(account, cap->object, false, visit);
        } else if (cap->type == CAPDL_REPLY || (receives && cap->badge == 0)) {
            visit_object(account, cap->object, visit);
        }
    }
}

static void visit_component(struct account *account, uint32_t number, visitor *visit)
{
    const struct capdl_object *tcb = capdl_object(account->capdl, number);
    account->component++;
    visit_object(account, number, visit);
    for (size_t i = 0; i < capdl_cap_count(tcb); i++) {
        const struct capdl_cap *cap = &capdl_caps(tcb)[i];
        if (cap->slot == CAPDL_TCB_CSPACE) {
            visit_cnode(account, cap->object, true, visit);
        } else if (cap->slot != CAPDL_TCB_FAULT_EP) {
            visit_object(account, cap->object, visit);
        }
    }
}

static void count_mapper(struct account *account, const struct capdl_object *object,
                         uint32_t number)
{
    (void)object;
    account->mappers[number]++;
}

static void add_bytes(struct account *account, const struct capdl_object *object, uint32_t number)
{
    struct capdl_memory *memory = &account->memory;
    uint8_t bits = capdl_size_bits(object);
    uint64_t *bytes = object->type != CAPDL_FRAME    ? &memory->kernel_bytes
                      : account->mappers[number] > 1 ? &memory->shared_bytes
                                                     : &memory->private_bytes;
    *bytes += bits > 0 ? (uint64_t)1 << bits : 0;
}

static const char *component_name(const struct capdl_object *tcb)
{
    size_t prefix = strlen(TCB_PREFIX);
    return strncmp(tcb->name, TCB_PREFIX, prefix) == 0 ? tcb->name + prefix : tcb->name;
}

static bool is_component(const struct capdl *capdl, uint32_t number)
{
    return capdl_object(capdl, number)->type == CAPDL_TCB;
}

bool capdl_memory(const struct capdl *capdl,
                  void (*take)(void *context, const struct capdl_memory *memory), void *context)
{
    uint32_t count = capdl_count(capdl);
    struct account account = {
        .capdl = capdl,
        .mappers = calloc(count + 1, sizeof *account.mappers),
        .last_seen = calloc(count + 1, sizeof *account.last_seen),
    };
    bool enough = account.mappers && account.last_seen;
    for (uint32_t i = 0; enough && i < count; i++) {
        if (is_component(capdl, i)) {
            visit_component(&account, i, count_mapper);
        }
    }
    for (uint32_t i = 0; enough && i < count; i++) {
        if (is_component(capdl, i)) {
            account.memory = (struct capdl_memory){component_name(capdl_object(capdl, i)), 0, 0, 0};
            visit_component(&account, i, add_bytes);
            take(context, &account.memory);
        }
    }
    free(account.mappers);
    free(account.last_seen);
    return enough;
}
