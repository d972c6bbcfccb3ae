/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <map>, in a PD and in a virtual machine. */
#include "microkit/format/format.h"

#include <inttypes.h>
#include <string.h>

static void check_vaddr(struct reader *r, const struct xml_element *element, void *object)
{
    const struct target *target = r->system->target;
    const struct map *map = object;
    uint64_t end = target->user_top + 1;
    if (r->vm == NULL) {
        end = target_stack_bottom(target, r->pd->stack_size);
    }
    if (map->vaddr >= end) {
        reader_refuse_value(r, element, "Above that are a PD's stack and its IPC buffer.",
                            "vaddr (0x%" PRIx64 ") must be less than 0x%" PRIx64, map->vaddr, end);
    }
}

static bool has_program(const struct reader *r, const void *object)
{
    (void)object;
    return r->vm == NULL;
}

int perms_read(const char *text, const char *letters)
{
    int perms = 0;
    for (; *text != '\0'; text++) {
        if (strchr(letters, *text) == NULL) {
            return -1;
        }
        perms |= *text == 'r' ? PERM_READ : *text == 'w' ? PERM_WRITE : PERM_EXECUTE;
    }
    return perms;
}

static void read_perms(struct reader *r, const struct xml_element *element, const char *text,
                       void *object)
{
    struct map *map = object;
    int perms = perms_read(text, "rwx");
    if (perms < 0) {
        reader_refuse_value(r, element,
                            "For example perms=\"rw\", which is also what it is without.",
                            "perms must only be a combination of 'r', 'w', and 'x'");
    }
    if (perms == PERM_WRITE) {
        reader_refuse_value(r, element, "The hardware cannot do it. Write perms=\"rw\".",
                            "perms must not be 'w', write-only mappings are not allowed");
    }
    map->perms = (uint8_t)perms;
}

static const struct attribute map_attributes[] = {
    {"mr", REQUIRED, VALUE_TEXT, FIELD(struct map, region_name)},
    {"vaddr", REQUIRED, VALUE_NUMBER, FIELD(struct map, vaddr), .check = check_vaddr},
    {"perms", OPTIONAL, VALUE_OTHER, FIELD(struct map, perms), .preset = PERM_READ | PERM_WRITE,
     .read = read_perms},
    {"cached", OPTIONAL, VALUE_BOOL, FIELD(struct map, cached), .preset = true},
    {"setvar_vaddr", OPTIONAL, VALUE_SETVAR, .source = {SETVAR_VALUE, FIELD(struct map, vaddr)},
     .applies = has_program},
    {"setvar_size", OPTIONAL, VALUE_SETVAR,
     .source = {SETVAR_REGION_SIZE, FIELD(struct map, region_name)}, .applies = has_program},
    {"setvar_prefill_size", OPTIONAL, VALUE_SETVAR,
     .source = {SETVAR_REGION_PREFILL_SIZE, FIELD(struct map, region_name)},
     .applies = has_program},
    {0},
};

const struct schema map_schema = {
    .size = sizeof(struct map),
    .attributes = map_attributes,
};
