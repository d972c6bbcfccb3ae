/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/capdl/sort.h"

#include <stdlib.h>
#include <string.h>

/* Frames at addresses by address; the others by size, largest first, then by name. */
static int compare_objects(const void *left, const void *right)
{
    const struct capdl_object *a = *(const struct capdl_object *const *)left;
    const struct capdl_object *b = *(const struct capdl_object *const *)right;
    if (a->paddr_given != b->paddr_given) {
        return a->paddr_given ? -1 : 1;
    }
    if (a->paddr != b->paddr) {
        return a->paddr < b->paddr ? -1 : 1;
    }
    int by_size = capdl_size_bits(b) - capdl_size_bits(a);
    return by_size != 0 ? by_size : strcmp(a->name, b->name);
}

static int compare_caps(const void *left, const void *right)
{
    uint32_t a = ((const struct capdl_cap *)left)->slot;
    uint32_t b = ((const struct capdl_cap *)right)->slot;
    return (a > b) - (a < b);
}

static int compare_irqs(const void *left, const void *right)
{
    uint64_t a = ((const struct capdl_irq *)left)->vector;
    uint64_t b = ((const struct capdl_irq *)right)->vector;
    return (a > b) - (a < b);
}

static void renumber(struct capdl *capdl, const uint32_t *numbers)
{
    for (uint32_t i = 0; i < capdl_count(capdl); i++) {
        struct capdl_cap *caps = capdl_caps(capdl_object(capdl, i));
        for (size_t n = 0; n < capdl_cap_count(capdl_object(capdl, i)); n++) {
            caps[n].object = numbers[caps[n].object];
        }
    }
    struct capdl_irq *irqs = (void *)capdl->irqs.data;
    for (size_t i = 0; i < capdl->irqs.size / sizeof *irqs; i++) {
        irqs[i].handler = numbers[irqs[i].handler];
    }
}

static void sort_objects(struct capdl *capdl)
{
    uint32_t count = capdl_count(capdl);
    struct capdl_object **order = calloc(count, sizeof(struct capdl_object *));
    uint32_t *numbers = calloc(count, sizeof *numbers);
    struct bytes sorted = {0};
    capdl->lost |= order == NULL || numbers == NULL;
    for (uint32_t i = 0; i < count && !capdl->lost; i++) {
        order[i] = capdl_object(capdl, i);
    }
    if (!capdl->lost) {
        qsort(order, count, sizeof(void *), compare_objects);
    }
    for (uint32_t i = 0; i < count && !capdl->lost; i++) {
        numbers[order[i] - capdl_object(capdl, 0)] = i;
        bytes_append(&sorted, order[i], sizeof **order);
        capdl->lost |= sorted.lost;
    }
    if (!capdl->lost) {
        bytes_free(&capdl->objects);
        capdl->objects = sorted;
        renumber(capdl, numbers);
    } else {
        bytes_free(&sorted);
    }
    free(order);
    free(numbers);
}

/* Upstream leaves the monitor's TCB and page tables as they were filled. */
static void sort_caps(struct capdl *capdl)
{
    for (uint32_t i = 0; i < capdl_count(capdl); i++) {
        struct capdl_object *object = capdl_object(capdl, i);
        bool sorted = object->type == CAPDL_CNODE ||
                      (object->type == CAPDL_TCB && strcmp(object->name, "tcb_monitor") != 0);
        if (sorted && object->caps.size > 0) {
            qsort(object->caps.data, capdl_cap_count(object), sizeof(struct capdl_cap),
                  compare_caps);
        }
    }
    if (capdl->irqs.size > 0) {
        qsort(capdl->irqs.data, capdl->irqs.size / sizeof(struct capdl_irq),
              sizeof(struct capdl_irq), compare_irqs);
    }
}

void capdl_sort(struct capdl *capdl)
{
    if (!capdl->lost) {
        sort_objects(capdl);
        sort_caps(capdl);
    }
}
