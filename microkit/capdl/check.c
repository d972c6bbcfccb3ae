/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/capdl/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "abi/objects.h"
#include "microkit/capdl/words.h"

#define TABLE_SLOTS 512

struct checker {
    const struct capdl *capdl;
    const char *name;
    struct diagnostics *found;
    uint8_t *uses; /* by object: how often it is a page table's, or an interrupt's entry */
};

/* An error about an object. Always false. */
__attribute__((format(printf, 3, 4))) static bool refuse(const struct checker *checker,
                                                         uint32_t object, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    diagnostic_error(checker->found, "Error: %s: objects[%u] ('%s') %s", checker->name, object,
                     capdl_object(checker->capdl, object)->name, what);
    return false;
}

static const char *word_of(const struct capdl *capdl, uint32_t object)
{
    return capdl_words[capdl_object(capdl, object)->type].object;
}

static uint32_t slots_of(const struct capdl_object *object)
{
    switch (object->type) {
    case CAPDL_CNODE:
        return UINT32_C(1) << object->size_bits;
    case CAPDL_TCB:
        return CAPDL_TCB_NOTIFICATION + 1;
    case CAPDL_PAGE_TABLE:
        return TABLE_SLOTS;
    default:
        return 1;
    }
}

static bool check_references(const struct checker *checker, uint32_t object)
{
    const struct capdl_object *holder = capdl_object(checker->capdl, object);
    uint32_t slots = slots_of(holder);
    for (size_t i = 0; i < capdl_cap_count(holder); i++) {
        const struct capdl_cap *cap = &capdl_caps(holder)[i];
        if (cap->slot >= slots) {
            return refuse(checker, object, "has a cap in slot %u; its slots are 0 to %u", cap->slot,
                          slots - 1);
        }
        if (cap->object >= capdl_count(checker->capdl)) {
            return refuse(checker, object,
                          "has a cap in slot %u to object %u; the last object is %u", cap->slot,
                          cap->object, capdl_count(checker->capdl) - 1);
        }
        if (capdl_object(checker->capdl, cap->object)->type != cap->type) {
            return refuse(checker, object, "has a cap %s in slot %u to object %u, which is a %s",
                          capdl_words[cap->type].cap, cap->slot, cap->object,
                          word_of(checker->capdl, cap->object));
        }
    }
    return true;
}

static bool check_slots(const struct checker *checker, uint32_t object)
{
    const struct capdl_object *holder = capdl_object(checker->capdl, object);
    uint8_t *taken = calloc(slots_of(holder), 1);
    if (taken == NULL) {
        return refuse(checker, object, "takes too much memory to check");
    }
    bool valid = true;
    for (size_t i = 0; valid && i < capdl_cap_count(holder); i++) {
        uint32_t slot = capdl_caps(holder)[i].slot;
        if (taken[slot]++) {
            valid = refuse(checker, object, "has two caps in slot %u", slot);
        }
    }
    free(taken);
    return valid;
}

/* A cap of a TCB; NULL, with an error, if it has another one there, or none and needs one. */
static bool check_tcb_cap(const struct checker *checker, uint32_t tcb, uint32_t slot,
                          enum capdl_type type, bool needed)
{
    const struct capdl_cap *cap = capdl_cap_in(capdl_object(checker->capdl, tcb), slot);
    if (cap == NULL && needed) {
        return refuse(checker, tcb, "has no cap to a %s in slot %u", capdl_words[type].object,
                      slot);
    }
    if (cap != NULL && cap->type != type) {
        return refuse(checker, tcb, "has a cap to a %s in slot %u, which is for a %s",
                      capdl_words[cap->type].object, slot, capdl_words[type].object);
    }
    return true;
}

static bool check_tcb(const struct checker *checker, uint32_t tcb)
{
    static const struct {
        uint32_t slot;
        enum capdl_type type;
        bool needed;
    } wanted[] = {
        {CAPDL_TCB_CSPACE, CAPDL_CNODE, true},
        {CAPDL_TCB_VSPACE, CAPDL_PAGE_TABLE, true},
        {CAPDL_TCB_IPC_BUFFER, CAPDL_FRAME, true},
        {CAPDL_TCB_FAULT_EP, CAPDL_ENDPOINT, false},
        {CAPDL_TCB_SCHED_CONTEXT, CAPDL_SCHED_CONTEXT, false},
        {CAPDL_TCB_NOTIFICATION, CAPDL_NOTIFICATION, false},
    };
    uint32_t known = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        known |= UINT32_C(1) << wanted[i].slot;
        if (!check_tcb_cap(checker, tcb, wanted[i].slot, wanted[i].type, wanted[i].needed)) {
            return false;
        }
    }
    const struct capdl_object *object = capdl_object(checker->capdl, tcb);
    for (size_t i = 0; i < capdl_cap_count(object); i++) {
        if (!(known & UINT32_C(1) << capdl_caps(object)[i].slot)) {
            return refuse(checker, tcb, "has a cap in slot %u, which no TCB of Microkit uses",
                          capdl_caps(object)[i].slot);
        }
    }
    const struct capdl_cap *vspace = capdl_cap_in(object, CAPDL_TCB_VSPACE);
    if (!capdl_object(checker->capdl, vspace->object)->is_root) {
        return refuse(checker, tcb, "has as its VSpace object %u, which is no root",
                      vspace->object);
    }
    return true;
}

static bool check_page_table(const struct checker *checker, uint32_t table)
{
    const struct capdl_object *object = capdl_object(checker->capdl, table);
    for (size_t i = 0; i < capdl_cap_count(object); i++) {
        const struct capdl_cap *cap = &capdl_caps(object)[i];
        const struct capdl_object *target = capdl_object(checker->capdl, cap->object);
        bool fits = cap->type == CAPDL_FRAME
                        ? object->level == (target->size_bits == seL4_LargePageBits ? 2 : 3)
                        : cap->type == CAPDL_PAGE_TABLE && target->level == object->level + 1;
        if (!fits) {
            return refuse(checker, table,
                          "has object %u ('%s') in slot %u, which cannot be in a table of level %u",
                          cap->object, target->name, cap->slot, object->level);
        }
        if (cap->type == CAPDL_PAGE_TABLE && checker->uses[cap->object]++) {
            return refuse(checker, table, "has object %u ('%s'), which another table has, too",
                          cap->object, target->name);
        }
    }
    return true;
}

static bool check_irq(const struct checker *checker, uint32_t irq)
{
    const struct capdl_object *object = capdl_object(checker->capdl, irq);
    const struct capdl_cap *cap = capdl_cap_in(object, 0);
    if (cap == NULL || cap->type != CAPDL_NOTIFICATION) {
        return refuse(checker, irq, "has no cap to a Notification in slot 0");
    }
    if (checker->uses[irq] != 1) {
        return refuse(checker, irq, "is the handler of %u entries of 'irqs', and not of one",
                      checker->uses[irq]);
    }
    return true;
}

static bool check_object(const struct checker *checker, uint32_t index)
{
    const struct capdl_object *object = capdl_object(checker->capdl, index);
    if (!check_references(checker, index) || !check_slots(checker, index)) {
        return false;
    }
    switch (object->type) {
    case CAPDL_CNODE:
        return object->size_bits > 0 || refuse(checker, index, "has no slots");
    case CAPDL_TCB:
        return check_tcb(checker, index);
    case CAPDL_PAGE_TABLE:
        return check_page_table(checker, index);
    case CAPDL_IRQ_MSI:
    case CAPDL_IRQ_IOAPIC:
        return check_irq(checker, index);
    case CAPDL_IOPORTS:
        return object->first_port <= object->last_port ||
               refuse(checker, index, "ends before it starts");
    case CAPDL_SCHED_CONTEXT:
        return object->size_bits >= seL4_MinSchedContextBits ||
               refuse(checker, index, "has %u 'size_bits'; the least is %u", object->size_bits,
                      seL4_MinSchedContextBits);
    case CAPDL_FRAME:
        return (object->paddr & ((UINT64_C(1) << object->size_bits) - 1)) == 0 ||
               refuse(checker, index, "has a 'paddr' that is no multiple of its size");
    default:
        return true;
    }
}

static bool check_irqs(const struct checker *checker)
{
    const struct capdl *capdl = checker->capdl;
    const struct capdl_irq *irqs = (const void *)capdl->irqs.data;
    for (size_t i = 0; i < capdl->irqs.size / sizeof *irqs; i++) {
        uint32_t handler = irqs[i].handler;
        if (handler >= capdl_count(capdl) ||
            (capdl_object(capdl, handler)->type != CAPDL_IRQ_MSI &&
             capdl_object(capdl, handler)->type != CAPDL_IRQ_IOAPIC)) {
            diagnostic_error(checker->found,
                             "Error: %s: irqs[%zu].handler is %u, which is no interrupt",
                             checker->name, i, handler);
            return false;
        }
        checker->uses[handler] += checker->uses[handler] < UINT8_MAX;
    }
    return true;
}

static bool check_schedule(const struct checker *checker)
{
    const struct capdl *capdl = checker->capdl;
    size_t entries = capdl->schedule.size / sizeof(struct schedule_entry);
    if (entries > 0 && capdl->schedule_start_given && capdl->schedule_start >= entries) {
        diagnostic_error(checker->found,
                         "Error: %s: domain_set_start is %" PRIu64
                         "; the schedule has entries 0 to %zu",
                         checker->name, capdl->schedule_start, entries - 1);
        return false;
    }
    return true;
}

bool capdl_check(const struct capdl *capdl, const char *name, struct diagnostics *found)
{
    uint32_t count = capdl_count(capdl);
    struct checker checker = {
        .capdl = capdl, .name = name, .found = found, .uses = calloc(count + 1, 1)};
    bool valid = checker.uses != NULL;
    if (!valid) {
        diagnostic_error(found, "Error: %s: out of memory", name);
    } else if (count == 0) {
        diagnostic_error(found, "Error: %s: objects has nothing in it", name);
        valid = false;
    }
    valid = valid && check_irqs(&checker) && check_schedule(&checker);
    for (uint32_t i = 0; valid && i < count; i++) {
        valid = check_object(&checker, i);
    }
    free(checker.uses);
    return valid;
}
