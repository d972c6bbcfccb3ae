/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A text as a tree of XML elements, as far as a system description uses XML: names, attributes,
 * nesting, and where each element starts. Comments are gone. Namespaces do not count.
 */
#pragma once

#include "microkit/arena.h"
#include "microkit/diagnostic.h"

/* Bounds on what a hostile file can make us build. Microkit's own limits are far below. */
#define XML_DEPTH_MAX    100
#define XML_ELEMENTS_MAX 100000

struct xml_attribute {
    const char *name;
    const char *value;
    struct xml_attribute *next; /* in the order of the file */
};

struct xml_element {
    struct position at; /* of its '<' */
    const char *name;
    struct xml_attribute *attributes;
    struct xml_element *parent;
    struct xml_element *first_child;
    struct xml_element *last_child;
    struct xml_element *next;
    /* Text other than blanks directly in the root: the first such run. Not kept elsewhere. */
    struct position text_at; /* line 0: none */
    bool text_leads;         /* it comes before all else in the element */
};

/*
 * Build the tree in the arena. Returns the root, or NULL with an error in `found`: the text is not
 * well-formed XML in UTF-8, has a document type, or goes beyond the bounds above.
 */
struct xml_element *xml_parse(struct arena *arena, const struct source *source,
                              struct diagnostics *found);

/* The value of an attribute, or NULL. */
const char *xml_value(const struct xml_element *element, const char *name);
