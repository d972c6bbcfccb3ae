/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/xml.h"

#include <assert.h>
#include <expat.h>
#include <stdio.h>
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

/* Where expat is. It says -1 before it has begun. */
static size_t offset_now(const struct builder *b)
{
    XML_Index offset = XML_GetCurrentByteIndex(b->expat);
    return offset < 0 ? 0 : (size_t)offset;
}

static struct position position_now(struct builder *b)
{
    return position_of(b, offset_now(b));
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

/* What went wrong, in upstream's words where expat tells enough. */
struct complaint {
    char text[256];
    struct position at;
    const char *what_to_do;
};

/* The length of the name at `offset`: all up to what ends a name in a tag. At most 100 are shown. */
static int name_length(const struct builder *b, size_t offset)
{
    size_t length = 0;
    while (length < 100 && offset + length < b->source->length &&
           strchr(" \t\r\n=/>;<&\"", b->source->text[offset + length]) == NULL) {
        length++;
    }
    return (int)length;
}

static void complain_of_end_tag(struct builder *b, struct complaint *c, size_t offset)
{
    const char *name = b->source->text + offset;
    c->at = position_of(b, offset - strlen("</"));
    snprintf(c->text, sizeof(c->text), "expected '%.100s' tag, not '%.*s' at %u:%u", b->open->name,
             name_length(b, offset), name, c->at.line, c->at.column);
    c->what_to_do =
        "This tag closes another element than the one that is open. Every <x> that does\n"
        "not end in /> needs its own </x>.";
}

static void complain_of_end(struct builder *b, struct complaint *c)
{
    snprintf(c->text, sizeof(c->text), "%s",
             b->root == NULL ? "the document does not have a root node"
                             : "the root node was opened but never closed");
    c->what_to_do =
        "A description starts with <system> and ends with </system>, and every <x> that\n"
        "does not end in /> needs its </x>.";
}

static void complain_of_attribute(struct builder *b, struct complaint *c, size_t offset)
{
    snprintf(c->text, sizeof(c->text), "attribute '%.*s' at %u:%u is already defined",
             name_length(b, offset), b->source->text + offset, c->at.line, c->at.column);
    c->what_to_do = "An attribute may stand only once on an element. Remove one of them.";
}

static bool is_known_entity(const char *name, int length)
{
    static const char *const known[] = {"lt", "gt", "amp", "quot", "apos"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i]) == (size_t)length && memcmp(known[i], name, (size_t)length) == 0) {
            return true;
        }
    }
    return *name == '#';
}

/* Expat says in which tag, or that it is here; the '&' is the first that is not known. */
static void complain_of_entity(struct builder *b, struct complaint *c, size_t offset)
{
    const char *text = b->source->text;
    size_t length = b->source->length;
    while (offset < length && (text[offset] != '&' ||
                               is_known_entity(text + offset + 1, name_length(b, offset + 1)))) {
        offset++;
    }
    c->at = position_of(b, offset);
    snprintf(c->text, sizeof(c->text), "unknown entity reference '%.*s' at %u:%u",
             name_length(b, offset + 1), offset < length ? text + offset + 1 : "", c->at.line,
             c->at.column);
    c->what_to_do = "Only &lt; &gt; &amp; &quot; and &apos; have names. Write & as &amp;.";
}

static void complain_plainly(struct complaint *c, const char *why, const char *what_to_do)
{
    snprintf(c->text, sizeof(c->text), "%s at %u:%u", why, c->at.line, c->at.column);
    c->what_to_do = what_to_do;
}

static void complain(struct builder *b, struct complaint *c)
{
    size_t offset = offset_now(b);
    enum XML_Error error = XML_GetErrorCode(b->expat);
    c->at = position_of(b, offset);
    if (b->refusal != NULL) {
        complain_plainly(c, b->refusal->why, b->refusal->what_to_do);
        return;
    }
    switch (error) {
    case XML_ERROR_TAG_MISMATCH:
        complain_of_end_tag(b, c, offset);
        break;
    case XML_ERROR_NO_ELEMENTS:
        complain_of_end(b, c);
        break;
    case XML_ERROR_DUPLICATE_ATTRIBUTE:
        complain_of_attribute(b, c, offset);
        break;
    case XML_ERROR_UNDEFINED_ENTITY:
        complain_of_entity(b, c, offset);
        break;
    case XML_ERROR_NO_MEMORY:
        complain_plainly(c, out_of_memory.why, out_of_memory.what_to_do);
        break;
    case XML_ERROR_SYNTAX:
    case XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
        complain_plainly(c, "unknown token",
                         "A system description is one <system> element. Only comments may stand\n"
                         "before and after it.");
        break;
    default:
        complain_plainly(
            c, XML_ErrorString(error),
            "The parser cannot go on from here. Look for a missing quote, '>' or '/',\n"
            "a bare '&' or '<', or bytes that are not UTF-8.");
    }
}

static void report(struct builder *b, struct diagnostics *found)
{
    struct complaint c;
    complain(b, &c);
    diagnostic_error(found, "Could not parse '%s': %s", b->source->name, c.text);
    diagnostic_quote(found, b->source, c.at);
    diagnostic_advise(found, "%s", c.what_to_do);
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
