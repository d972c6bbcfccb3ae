/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* <cspace>, with <cap_tcb>, <cap_sc> and <cap_vspace>. */
#include "microkit/format/format.h"

#include <string.h>

static void check_slot(struct reader *r, const struct xml_element *element, void *object)
{
    const struct user_cap *cap = object;
    if (cap->slot == 0) {
        reader_refuse_value(r, element, "Choose a slot from 1 on.",
                            "The destination slot 0 has been reserved for Microkit CNode");
    }
    if (cap->slot > USER_CAP_SLOT_MAX) {
        reader_refuse_value(r, element, "Choose a slot from 1 to 127.",
                            "There are only %d destination cspace slots available.",
                            USER_CAP_SLOT_MAX + 1);
    }
}

static const struct attribute user_cap_attributes[] = {
    {"pd", REQUIRED, VALUE_TEXT, FIELD(struct user_cap, pd_name)},
    {"slot", REQUIRED, VALUE_NUMBER, FIELD(struct user_cap, slot), .check = check_slot},
    {0},
};

static void begin_user_cap(struct reader *r, const struct xml_element *element, void *object)
{
    (void)r;
    struct user_cap *cap = object;
    if (strcmp(element->name, "cap_tcb") == 0) {
        cap->kind = USER_CAP_TCB;
    } else if (strcmp(element->name, "cap_sc") == 0) {
        cap->kind = USER_CAP_SC;
    } else {
        cap->kind = USER_CAP_VSPACE;
    }
}

static const struct schema user_cap_schema = {
    .size = sizeof(struct user_cap),
    .attributes = user_cap_attributes,
    .begin = begin_user_cap,
};

static void refuse_cap_kind(struct reader *r, const struct xml_element *element,
                            const struct xml_element *child)
{
    (void)element;
    if (strncmp(child->name, "cap_", 4) == 0) {
        reader_complain(r, child->at, "Cap type: '%s' is not supported at '" AT "'",
                        child->name + 4, AT_OF(r->system, child->at));
    } else {
        reader_complain(r, child->at,
                        "Element '%s' is not supported in a <cspace> element at '" AT "'",
                        child->name, AT_OF(r->system, child->at));
    }
}

#define USER_CAPS ARRAY(struct protection_domain, user_caps, user_cap_count)

static const struct child cspace_children[] = {
    {"cap_tcb", &user_cap_schema, USER_CAPS},
    {"cap_sc", &user_cap_schema, USER_CAPS},
    {"cap_vspace", &user_cap_schema, USER_CAPS},
    {0},
};

const struct schema cspace_schema = {
    .children = cspace_children,
    .stranger = refuse_cap_kind,
};
