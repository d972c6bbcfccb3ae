/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/xml.h"

#include <assert.h>
#include <expat.h>
#include <string.h>

/* Between a namespace and a name. No well-formed name has it. */
#define NAMESPACE_END '\n'

/* Why we stop the parser, where expat would not. */
struct refusal {
    const char *why;
    const char *what_to_do;
};

static const struct refusal has_doctype = {
    "XML with DTD detected",
    "A system description has no <!DOCTYPE>. Remove it.",
};
static const struct refusal too_deep = {
    "elements are nested too deeply",
    "No Microkit system can have as many PDs inside one another. Is an end tag missing?",
};
static const struct refusal too_many = {
    "there are too many elements",
    "This is beyond what any Microkit system can use. Is the file what it should be?",
};
static const struct refusal out_of_memory = {
    "out of memory",
    "Make the file smaller, or give the tool more memory.",
};

struct builder {
    XML_Parser expat;
    struct arena *arena;
    const struct source *source;
    struct xml_element *root;
    struct xml_element *open; /* the innermost */
    unsigned depth;
    unsigned element_count;
    const struct refusal *refusal; /* NULL: none */
    /* The text since the last markup inside the root. */
    struct position run_at;
    bool in_run;
    bool markup_seen; /* anything but text so far */
    /* Positions only grow, so counting goes on from the last one. */
    struct position last_at;
    size_t last_offset;
};

static bool continues_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* As upstream counts: lines end in '\n' alone, and a column is a character. */
static struct position position_of(struct builder *b, size_t offset)
{
    assert(offset <= b->source->length);
    if (offset < b->last_offset) {
        b->last_offset = 0;
        b->last_at = (struct position){1, 1};
    }
    for (; b->last_offset < offset; b->last_offset++) {
        char byte = b->source->text[b->last_offset];
        if (byte == '\n') {
            b->last_at.line++;
            b->last_at.column = 1;
        } else if (!continues_character(byte)) {
            b->last_at.column++;
        }
    }
    return b->last_at;
}

static struct position position_now(struct builder *b)
{
    XML_Index offset = XML_GetCurrentByteIndex(b->expat);
    return position_of(b, offset < 0 ? 0 : (size_t)offset);
}

static void stop(struct builder *b, const struct refusal *refusal)
{
    if (b->refusal == NULL) {
        b->refusal = refusal;
        XML_StopParser(b->expat, XML_FALSE);
    }
}

static const char *copy_name(struct builder *b, const char *name)
{
    const char *end = strrchr(name, NAMESPACE_END);
    const char *local = end == NULL ? name : end + 1;
    return arena_copy(b->arena, local, strlen(local));
}

/* Fills in the attributes from expat's list of names and values. False without memory. */
static bool add_attributes(struct builder *b, struct xml_element *element, const char **pairs)
{
    struct xml_attribute **end = &element->attributes;
    for (; pairs[0] != NULL; pairs += 2) {
        struct xml_attribute *attribute = arena_alloc(b->arena, sizeof(*attribute));
        if (attribute == NULL) {
            return false;
        }
        attribute->name = copy_name(b, pairs[0]);
        attribute->value = arena_copy(b->arena, pairs[1], strlen(pairs[1]));
        if (attribute->name == NULL || attribute->value == NULL) {
            return false;
        }
        *end = attribute;
        end = &attribute->next;
    }
    return true;
}

static void see_markup(struct builder *b)
{
    b->in_run = false;
    b->markup_seen = true;
}

static void link_child(struct xml_element *parent, struct xml_element *child)
{
    child->parent = parent;
    if (parent->last_child == NULL) {
        parent->first_child = child;
    } else {
        parent->last_child->next = child;
    }
    parent->last_child = child;
}

static void start_element(void *user, const char *name, const char **pairs)
{
    struct builder *b = user;
    if (b->refusal != NULL) {
        return;
    }
    see_markup(b);
    if (++b->depth > XML_DEPTH_MAX) {
        stop(b, &too_deep);
        return;
    }
    if (++b->element_count > XML_ELEMENTS_MAX) {
        stop(b, &too_many);
        return;
    }

    struct xml_element *element = arena_alloc(b->arena, sizeof(*element));
    if (element != NULL) {
        element->at = position_now(b);
        element->name = copy_name(b, name);
    }
    if (element == NULL || element->name == NULL || !add_attributes(b, element, pairs)) {
        stop(b, &out_of_memory);
        return;
    }
    if (b->open == NULL) {
        b->root = element;
        b->markup_seen = false; /* what came before the root is not in it */
    } else {
        link_child(b->open, element);
    }
    b->open = element;
}

static void end_element(void *user, const char *name)
{
    struct builder *b = user;
    (void)name;
    if (b->refusal != NULL) {
        return;
    }
    b->depth--;
    b->open = b->open->parent;
    see_markup(b);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void add_text(void *user, const char *text, int length)
{
    struct builder *b = user;
    if (b->refusal != NULL || b->open != b->root || b->root->text_at.line != 0) {
        return;
    }
    if (!b->in_run) {
        b->in_run = true;
        b->run_at = position_now(b);
    }
    for (int i = 0; i < length; i++) {
        if (!is_blank(text[i])) {
            b->root->text_at = b->run_at;
            b->root->text_leads = !b->markup_seen;
            return;
        }
    }
}

static void skip_comment(void *user, const char *text)
{
    struct builder *b = user;
    (void)text;
    see_markup(b);
}

static void skip_instruction(void *user, const char *name, const char *text)
{
    struct builder *b = user;
    (void)name;
    (void)text;
    see_markup(b);
}

/* Document types bring entities, and entities bring bombs. Upstream takes none either. */
static void refuse_doctype(void *user, const char *name, const char *system, const char *public,
                           int has_internal_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_internal_subset;
    stop(user, &has_doctype);
}

static const char *advice_on(enum XML_Error error)
{
    switch (error) {
    case XML_ERROR_TAG_MISMATCH:
        return "This tag closes another element than the one that is open. Every <x> that does "
               "not\n"
               "end in /> needs its own </x>.";
    case XML_ERROR_NO_ELEMENTS:
        return "The file ends before an element is complete. A description starts with <system> "
               "and\n"
               "ends with </system>, and every <x> that does not end in /> needs its </x>.";
    case XML_ERROR_DUPLICATE_ATTRIBUTE:
        return "An attribute may stand only once on an element. Remove one of them.";
    case XML_ERROR_UNDEFINED_ENTITY:
        return "Only &lt; &gt; &amp; &quot; and &apos; have names. Write & as &amp;.";
    case XML_ERROR_NO_MEMORY:
        return out_of_memory.what_to_do;
    default:
        return "The parser cannot go on from here. Look for a missing quote, '>' or '/', a bare "
               "'&'\n"
               "or '<', or bytes that are not UTF-8.";
    }
}

static void report(struct builder *b, struct diagnostics *found)
{
    enum XML_Error error = XML_GetErrorCode(b->expat);
    const char *why = b->refusal != NULL ? b->refusal->why : XML_ErrorString(error);
    const char *what_to_do = b->refusal != NULL ? b->refusal->what_to_do : advice_on(error);
    struct position at = position_now(b);
    diagnostic_error(found, "Could not parse '%s': %s at %u:%u", b->source->name, why, at.line,
                     at.column);
    diagnostic_quote(found, b->source, at);
    diagnostic_advise(found, "%s", what_to_do);
}

static void listen(struct builder *b)
{
    XML_SetUserData(b->expat, b);
    XML_SetElementHandler(b->expat, start_element, end_element);
    XML_SetCharacterDataHandler(b->expat, add_text);
    XML_SetCommentHandler(b->expat, skip_comment);
    XML_SetProcessingInstructionHandler(b->expat, skip_instruction);
    XML_SetStartDoctypeDeclHandler(b->expat, refuse_doctype);
}

struct xml_element *xml_parse(struct arena *arena, const struct source *source,
                              struct diagnostics *found)
{
    struct builder b = {.arena = arena, .source = source, .last_at = {1, 1}};
    /* The encoding is ours to say: upstream reads UTF-8 whatever the file declares. */
    b.expat = XML_ParserCreateNS("UTF-8", NAMESPACE_END);
    if (b.expat == NULL) {
        diagnostic_error(found, "Could not parse '%s': out of memory", source->name);
        return NULL;
    }
    listen(&b);
    assert(source->length <= INT32_MAX);
    enum XML_Status status = XML_Parse(b.expat, source->text, (int)source->length, XML_TRUE);
    if (status != XML_STATUS_OK) {
        report(&b, found);
    }
    XML_ParserFree(b.expat);
    return status == XML_STATUS_OK ? b.root : NULL;
}

const char *xml_value(const struct xml_element *element, const char *name)
{
    for (const struct xml_attribute *a = element->attributes; a != NULL; a = a->next) {
        if (strcmp(a->name, name) == 0) {
            return a->value;
        }
    }
    return NULL;
}
