/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/capdl/capdl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "abi/objects.h"

bool capdl_begin(struct capdl *capdl)
{
    *capdl = (struct capdl){.arena = arena_new()};
    return capdl->arena != NULL;
}

void capdl_free(struct capdl *capdl)
{
    for (uint32_t i = 0; i < capdl_count(capdl); i++) {
        bytes_free(&capdl_object(capdl, i)->caps);
    }
    bytes_free(&capdl->objects);
    bytes_free(&capdl->irqs);
    bytes_free(&capdl->programs);
    bytes_free(&capdl->schedule);
    arena_free(capdl->arena);
    *capdl = (struct capdl){0};
}

const struct capdl_cap *capdl_cap_in(const struct capdl_object *object, uint32_t slot)
{
    const struct capdl_cap *caps = capdl_caps(object);
    /* The latest first: whoever builds a page table asks for what it has just put there. */
    for (size_t i = capdl_cap_count(object); i > 0; i--) {
        if (caps[i - 1].slot == slot) {
            return &caps[i - 1];
        }
    }
    return NULL;
}

uint32_t capdl_add(struct capdl *capdl, const struct capdl_object *object)
{
    bytes_append(&capdl->objects, object, sizeof *object);
    capdl->lost |= capdl->objects.lost;
    return capdl_count(capdl) - 1;
}

const char *capdl_name(struct capdl *capdl, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    const char *name = length < 0 ? NULL : arena_copy(capdl->arena, text, (size_t)length);
    if (length >= 0) {
        free(text);
    }
    capdl->lost |= name == NULL;
    return name == NULL ? "" : name;
}

void capdl_put(struct capdl *capdl, uint32_t object, uint32_t slot, struct capdl_cap cap)
{
    if (capdl->lost) {
        return;
    }
    struct bytes *caps = &capdl_object(capdl, object)->caps;
    cap.slot = slot;
    bytes_append(caps, &cap, sizeof cap);
    capdl->lost |= caps->lost;
}

uint8_t capdl_size_bits(const struct capdl_object *object)
{
    switch (object->type) {
    case CAPDL_ENDPOINT:
        return seL4_EndpointBits;
    case CAPDL_NOTIFICATION:
        return NOTIFICATION_BITS_MCS;
    case CAPDL_REPLY:
        return seL4_ReplyBits;
    case CAPDL_TCB:
        return TCB_BITS;
    case CAPDL_CNODE:
        return (uint8_t)(object->size_bits + seL4_SlotBits);
    case CAPDL_FRAME:
    case CAPDL_SCHED_CONTEXT:
        return object->size_bits;
    case CAPDL_PAGE_TABLE:
        return seL4_PageBits;
    default:
        return 0;
    }
}
