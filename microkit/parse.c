/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The parser: reads a tree of XML elements by the tables of format/. */
#include "microkit/file.h"
#include "microkit/schema.h"
#include "microkit/spelling.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Of a description. Sixty-three PDs with hundreds of regions are some 100 KiB. */
#define DESCRIPTION_SIZE_MAX ((size_t)16 * 1024 * 1024)

/* Refusals. */

static void complain_list(struct reader *r, struct position at, const char *message,
                          va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, message, arguments) < 0) {
        text = NULL;
    }
    diagnostic_error(r->found, "%s", text == NULL ? "Error: out of memory" : text);
    diagnostic_quote(r->found, &r->system->source, at);
    free(text);
}

void reader_complain(struct reader *r, struct position at, const char *message, ...)
{
    va_list arguments;
    va_start(arguments, message);
    complain_list(r, at, message, arguments);
    va_end(arguments);
}

static void complain_value_list(struct reader *r, const struct xml_element *element,
                                const char *message, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, message, arguments) < 0) {
        text = NULL;
    }
    reader_complain(r, element->at, "Error: %s on element '%s': " AT,
                    text == NULL ? "(no memory)" : text, element->name,
                    AT_OF(r->system, element->at));
    free(text);
}

void reader_complain_value(struct reader *r, const struct xml_element *element, const char *message,
                           ...)
{
    va_list arguments;
    va_start(arguments, message);
    complain_value_list(r, element, message, arguments);
    va_end(arguments);
}

noreturn void reader_give_up(struct reader *r)
{
    longjmp(r->refused, 1);
}

static noreturn void give_up_with(struct reader *r, const char *advice)
{
    if (advice != NULL) {
        diagnostic_advise(r->found, "%s", advice);
    }
    reader_give_up(r);
}

noreturn void reader_refuse(struct reader *r, struct position at, const char *advice,
                            const char *message, ...)
{
    va_list arguments;
    va_start(arguments, message);
    complain_list(r, at, message, arguments);
    va_end(arguments);
    give_up_with(r, advice);
}

noreturn void reader_refuse_value(struct reader *r, const struct xml_element *element,
                                  const char *advice, const char *message, ...)
{
    va_list arguments;
    va_start(arguments, message);
    complain_value_list(r, element, message, arguments);
    va_end(arguments);
    give_up_with(r, advice);
}

static noreturn void refuse_no_memory(struct reader *r)
{
    diagnostic_error(r->found, "Error: out of memory while reading '%s'", r->system->source.name);
    reader_give_up(r);
}

void *reader_alloc(struct reader *r, size_t size)
{
    void *memory = arena_alloc(r->system->arena, size);
    if (memory == NULL) {
        refuse_no_memory(r);
    }
    return memory;
}

bool reader_name(struct reader *r, struct names *names, const char *name, void *thing)
{
    enum names_result result = names_add(names, r->system->arena, name, thing);
    if (result == NAMES_NO_MEMORY) {
        refuse_no_memory(r);
    }
    return result == NAMES_ADDED;
}

/* Numbers. The reasons are those of Rust's standard library, which upstream prints. */

static const char no_digits[] = "cannot parse integer from empty string";
static const char bad_digit[] = "invalid digit found in string";
static const char too_large[] = "number too large to fit in target type";
static const char too_small[] = "number too small to fit in target type";

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : INT_MAX;
}

/* Digits in a base, underscores skipped, into *value. Returns why not, or NULL. */
static const char *read_digits(const char *text, unsigned base, uint64_t *value)
{
    *value = 0;
    for (; *text != '\0'; text++) {
        if (*text == '_') {
            continue;
        }
        int digit = digit_value(*text);
        if (digit >= (int)base) {
            return bad_digit;
        }
        if (__builtin_mul_overflow(*value, base, value) ||
            __builtin_add_overflow(*value, (unsigned)digit, value)) {
            return too_large;
        }
    }
    return NULL;
}

static bool is_only(const char *text, const char *characters)
{
    return text[strspn(text, characters)] == '\0';
}

static const char *skip_underscores(const char *text)
{
    return text + strspn(text, "_");
}

static noreturn void refuse_number(struct reader *r, const struct xml_element *element,
                                   const char *text, const char *reason, const char *advice)
{
    reader_refuse(r, element->at, advice, "Error: failed to parse integer '%s' on element '%s': %s",
                  text, element->name, reason);
}

uint64_t reader_number(struct reader *r, const struct xml_element *element, const char *text)
{
    /* Underscores go first, so that 0_x10 is hexadecimal: as upstream. */
    const char *digits = skip_underscores(text);
    const char *after_zero = *digits == '0' ? skip_underscores(digits + 1) : digits;
    bool hexadecimal = after_zero != digits && *after_zero == 'x';
    digits = hexadecimal ? skip_underscores(after_zero + 1) : digits;
    if (*digits == '+') {
        digits++;
        digits = is_only(digits, "_") ? "+" : digits;
    }

    uint64_t value = 0;
    const char *reason = no_digits;
    if (!is_only(digits, "_")) {
        reason = read_digits(digits, hexadecimal ? 16 : 10, &value);
    }
    if (reason != NULL) {
        refuse_number(r, element, text, reason,
                      "Write a number from 0 to 2^64 - 1: decimal, or hexadecimal after 0x.\n"
                      "Underscores may group its digits.");
    }
    return value;
}

int64_t reader_decimal(struct reader *r, const struct xml_element *element, const char *text)
{
    bool negative = *text == '-';
    const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
    const char *reason = bad_digit;
    uint64_t value = 0;
    if (*text == '\0') {
        reason = no_digits;
    } else if (*digits != '\0' && strchr(digits, '_') == NULL) {
        reason = read_digits(digits, 10, &value);
    }
    if (reason == NULL && value > (uint64_t)INT64_MAX) {
        reason = too_large;
    }
    if (reason == too_large && negative) {
        reason = too_small;
    }
    if (reason != NULL) {
        refuse_number(r, element, text, reason,
                      "This attribute takes a decimal number only: no 0x, no underscores.");
    }
    return negative ? -(int64_t)value : (int64_t)value;
}

/* Attributes. */

static void store(void *object, struct field field, uint64_t value)
{
    char *where = (char *)object + field.offset;
    switch (field.size) {
    case sizeof(uint8_t):
        assert(value <= UINT8_MAX);
        *(uint8_t *)where = (uint8_t)value;
        break;
    case sizeof(uint32_t):
        assert(value <= UINT32_MAX);
        memcpy(where, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
        break;
    default:
        assert(field.size == sizeof(uint64_t));
        memcpy(where, &value, sizeof(value));
    }
}

static uint64_t load(const void *object, struct field field)
{
    uint64_t value;
    assert(field.size == sizeof(value));
    memcpy(&value, (const char *)object + field.offset, sizeof(value));
    return value;
}

static void store_text(void *object, struct field field, const char *text)
{
    assert(field.size == sizeof(text));
    memcpy((char *)object + field.offset, &text, sizeof(text));
}

static const char *load_text(const void *object, struct field field)
{
    const char *text;
    assert(field.size == sizeof(text));
    memcpy(&text, (const char *)object + field.offset, sizeof(text));
    return text;
}

const char *reader_required(struct reader *r, const struct xml_element *element, const char *name)
{
    const char *value = xml_value(element, name);
    if (value == NULL) {
        reader_complain(r, element->at,
                        "Error: Missing required attribute '%s' on element '%s': " AT, name,
                        element->name, AT_OF(r->system, element->at));
        diagnostic_advise(r->found, "Add %s=\"...\" to this <%s>.", name, element->name);
        reader_give_up(r);
    }
    return value;
}

static void check_range(struct reader *r, const struct xml_element *element,
                        const struct attribute *attribute, bool below, bool above)
{
    if (below) {
        reader_refuse_value(r, element, attribute->advice, "%s", attribute->range->below);
    }
    if (above) {
        reader_refuse_value(r, element, attribute->advice, "%s", attribute->range->above);
    }
}

static uint64_t read_number_in_range(struct reader *r, const struct xml_element *element,
                                     const struct attribute *attribute, const char *text)
{
    uint64_t value = reader_number(r, element, text);
    if (attribute->range != NULL) {
        check_range(r, element, attribute,
                    value<(uint64_t)attribute->range->min, value>(uint64_t) attribute->range->max);
    }
    return value;
}

static uint64_t read_decimal_in_range(struct reader *r, const struct xml_element *element,
                                      const struct attribute *attribute, const char *text)
{
    int64_t value = reader_decimal(r, element, text);
    check_range(r, element, attribute, value<attribute->range->min, value> attribute->range->max);
    return (uint64_t)value;
}

static bool read_bool(struct reader *r, const struct xml_element *element,
                      const struct attribute *attribute, const char *text)
{
    bool value = strcmp(text, "true") == 0;
    if (!value && strcmp(text, "false") != 0) {
        reader_refuse_value(r, element, "Only these two words, in small letters, are understood.",
                            "%s must be 'true' or 'false'", attribute->name);
    }
    return value;
}

static unsigned read_choice(struct reader *r, const struct xml_element *element,
                            const struct attribute *attribute, const char *text)
{
    for (const struct choice *choice = attribute->choices->list; choice->word != NULL; choice++) {
        if (strcmp(choice->word, text) == 0) {
            return choice->value;
        }
    }
    reader_refuse_value(r, element, attribute->advice, "%s", attribute->choices->otherwise);
}

static void read_setvar(struct reader *r, const struct xml_element *element,
                        const struct attribute *attribute, const char *symbol, const void *object)
{
    struct setvar setvar = {.kind = attribute->source.kind, .symbol = symbol};
    if (setvar.kind == SETVAR_VALUE) {
        setvar.value = load(object, attribute->source.field);
    } else {
        setvar.region_name = load_text(object, attribute->source.field);
    }
    reader_add_setvar(r, element, r->pd, setvar);
}

static void read_value(struct reader *r, const struct xml_element *element,
                       const struct attribute *attribute, const char *text, void *object)
{
    switch (attribute->kind) {
    case VALUE_TEXT:
        store_text(object, attribute->field, text);
        break;
    case VALUE_NUMBER:
        store(object, attribute->field, read_number_in_range(r, element, attribute, text));
        break;
    case VALUE_DECIMAL:
        store(object, attribute->field, read_decimal_in_range(r, element, attribute, text));
        break;
    case VALUE_BOOL:
        store(object, attribute->field, read_bool(r, element, attribute, text));
        break;
    case VALUE_CHOICE:
        store(object, attribute->field, read_choice(r, element, attribute, text));
        break;
    case VALUE_OTHER:
        attribute->read(r, element, text, object);
        break;
    case VALUE_ELSEWHERE:
        break;
    case VALUE_SETVAR:
        read_setvar(r, element, attribute, text, object);
        break;
    }
}

static bool applies(const struct reader *r, const struct attribute *attribute, const void *object)
{
    return attribute->applies == NULL || attribute->applies(r, object);
}

static const struct attribute *rows_of(const struct schema *schema)
{
    static const struct attribute none[] = {{0}};
    return schema->attributes == NULL ? none : schema->attributes;
}

static bool is_row(const struct attribute *attribute)
{
    return attribute->name != NULL || attribute->check != NULL;
}

static void read_attribute(struct reader *r, const struct xml_element *element,
                           const struct attribute *attribute, void *object)
{
    if (!applies(r, attribute, object)) {
        return;
    }
    if (attribute->name != NULL) {
        const char *text = attribute->presence == REQUIRED
                               ? reader_required(r, element, attribute->name)
                               : xml_value(element, attribute->name);
        if (text != NULL) {
            read_value(r, element, attribute, text, object);
        } else if (attribute->preset != 0) {
            store(object, attribute->field, attribute->preset);
        }
    }
    if (attribute->check != NULL) {
        attribute->check(r, element, object);
    }
}

/* "<map> takes mr, vaddr and perms." */
static void advise_attributes(struct reader *r, const struct xml_element *element,
                              const struct schema *schema, const void *object, const char *wrong)
{
    struct spelling spelling = spelling_of(wrong);
    char list[512] = "";
    size_t length = 0;
    for (const struct attribute *a = rows_of(schema); is_row(a); a++) {
        if (a->name != NULL && applies(r, a, object) && length < sizeof(list)) {
            spelling_try(&spelling, a->name);
            int added = snprintf(list + length, sizeof(list) - length, "%s%s",
                                 length == 0 ? "" : ", ", a->name);
            length += (size_t)added;
        }
    }
    if (spelling.nearest != NULL) {
        diagnostic_advise(r->found, "Did you mean '%s'?", spelling.nearest);
    }
    if (length == 0) {
        diagnostic_advise(r->found, "<%s> takes no attributes.", element->name);
    } else {
        diagnostic_advise(r->found, "<%s> takes: %s.", element->name, list);
    }
}

static void check_attributes(struct reader *r, const struct xml_element *element,
                             const struct schema *schema, const void *object)
{
    for (const struct xml_attribute *given = element->attributes; given; given = given->next) {
        const struct attribute *row = rows_of(schema);
        while (is_row(row) && (row->name == NULL || strcmp(row->name, given->name) != 0 ||
                               !applies(r, row, object))) {
            row++;
        }
        if (!is_row(row)) {
            reader_complain_value(r, element, "invalid attribute '%s'", given->name);
            advise_attributes(r, element, schema, object, given->name);
            reader_give_up(r);
        }
    }
}

static void read_attributes(struct reader *r, const struct xml_element *element,
                            const struct schema *schema, void *object)
{
    if (!schema->open) {
        check_attributes(r, element, schema, object);
    }
    for (const struct attribute *a = rows_of(schema); is_row(a); a++) {
        read_attribute(r, element, a, object);
    }
}

/* Setvars. Arrays hold a power of two of items, so that a full one is one whose count is. */

static bool is_full(size_t count)
{
    return (count & (count - 1)) == 0;
}

/* Room for one more item behind `count` items of `size`. The old items may move. */
static void *grow(struct reader *r, void *items, size_t count, size_t size)
{
    if (!is_full(count)) {
        return items;
    }
    void *larger = reader_alloc(r, (count == 0 ? 1 : count * 2) * size);
    if (count > 0) {
        memcpy(larger, items, count * size);
    }
    return larger;
}

void reader_add_setvar(struct reader *r, const struct xml_element *element,
                       struct protection_domain *pd, struct setvar setvar)
{
    if (!reader_name(r, &r->symbols[pd_index(r->system, pd)], setvar.symbol, pd)) {
        reader_complain_value(r, element, "setvar on symbol '%s' already exists", setvar.symbol);
        diagnostic_advise(
            r->found, "Each symbol of '%s' can be set only once. Give one of them another name.",
            pd->name);
        reader_give_up(r);
    }
    setvar.at = element->at;
    pd->setvars = grow(r, pd->setvars, pd->setvar_count, sizeof(setvar));
    pd->setvars[pd->setvar_count++] = setvar;
}

/* Elements. */

static void read_element(struct reader *r, const struct xml_element *element,
                         const struct schema *schema, void *object);

static void *append(struct reader *r, struct array array, size_t size, void *parent)
{
    void *items;
    char *items_at = (char *)parent + array.items_offset;
    size_t *count = (size_t *)(void *)((char *)parent + array.count_offset);
    memcpy(&items, items_at, sizeof(items));
    items = grow(r, items, *count, size);
    memcpy(items_at, &items, sizeof(items));
    return (char *)items + (*count)++ * size;
}

static const struct child *find_child(const struct schema *schema, const char *name)
{
    for (const struct child *child = schema->children; child->name != NULL; child++) {
        if (strcmp(child->name, name) == 0) {
            return child;
        }
    }
    return NULL;
}

static void advise_children(struct reader *r, const struct xml_element *element,
                            const struct schema *schema, const char *wrong)
{
    struct spelling spelling = spelling_of(wrong);
    for (const struct child *child = schema->children; child->name != NULL; child++) {
        spelling_try(&spelling, child->name);
    }
    if (spelling.nearest != NULL) {
        diagnostic_advise(r->found, "Did you mean <%s>?", spelling.nearest);
    }
    diagnostic_advise(r->found, "<%s> has no such child. Is the element before it closed?",
                      element->name);
}

static noreturn void refuse_stranger(struct reader *r, const struct xml_element *element,
                                     const struct schema *schema, const struct xml_element *child)
{
    if (schema->stranger != NULL) {
        schema->stranger(r, element, child);
    } else {
        reader_complain(r, child->at, "Error: invalid XML element '%s': " AT, child->name,
                        AT_OF(r->system, child->at));
    }
    advise_children(r, element, schema, child->name);
    reader_give_up(r);
}

static bool is_repeated(const struct xml_element *element, const struct xml_element *child)
{
    const struct xml_element *first = element->first_child;
    while (strcmp(first->name, child->name) != 0) {
        first = first->next;
    }
    return first != child;
}

static void read_child(struct reader *r, const struct child *row, const struct xml_element *child,
                       void *parent)
{
    void *object = parent;
    if (row->schema->place != NULL) {
        object = row->schema->place(r, parent);
    } else if (row->schema->size != 0) {
        object = append(r, row->array, row->schema->size, parent);
    }
    if (row->schema->size != 0) {
        memcpy(object, &child->at, sizeof(child->at));
    }
    read_element(r, child, row->schema, object);
}

/* Returns whether any child is late. */
static bool read_children(struct reader *r, const struct xml_element *element,
                          const struct schema *schema, void *object, bool late)
{
    bool more = false;
    for (const struct xml_element *child = element->first_child; child; child = child->next) {
        const struct child *row = find_child(schema, child->name);
        if (row == NULL) {
            refuse_stranger(r, element, schema, child);
        }
        if (row->once != NULL && is_repeated(element, child)) {
            reader_refuse_value(r, row->once_on == BLAME_PARENT ? element : child,
                                "Remove the second one.", "%s", row->once);
        }
        if (row->late == late) {
            read_child(r, row, child, object);
        }
        more |= row->late;
    }
    return more;
}

static void read_element(struct reader *r, const struct xml_element *element,
                         const struct schema *schema, void *object)
{
    if (schema->begin != NULL) {
        schema->begin(r, element, object);
    }
    read_attributes(r, element, schema, object);
    if (schema->variant != NULL) {
        read_element(r, element, schema->variant(r, element, object), object);
    }
    bool more = false;
    if (schema->children != NULL) {
        more = read_children(r, element, schema, object, false);
    }
    if (schema->halfway != NULL) {
        schema->halfway(r, element, object);
    }
    if (more) {
        read_children(r, element, schema, object, true);
    }
    if (schema->finish != NULL) {
        schema->finish(r, element, object);
    }
}

/* The document. */

static void check_root(struct reader *r, const struct xml_element *root)
{
    if (strcmp(root->name, "system") != 0) {
        reader_refuse(r, root->at,
                      "A system description is one <system> element with all else inside.",
                      "Error: missing 'system' element, found '%s': " AT, root->name,
                      AT_OF(r->system, root->at));
    }
    if (root->text_at.line == 0) {
        return;
    }
    /* Upstream names the element only if the text comes first in it, and then points at that. */
    struct position at = root->text_leads ? root->at : root->text_at;
    reader_refuse(r, at, "Only elements and comments may stand in <system>.",
                  "Error: unexpected text found in element '%s' @ " AT,
                  root->text_leads ? root->name : "", AT_OF(r->system, at));
}

static bool read_document(struct reader *r)
{
    if (setjmp(r->refused) != 0) {
        return false;
    }
    struct xml_element *root = xml_parse(r->system->arena, &r->system->source, r->found);
    if (root == NULL) {
        return false;
    }
    check_root(r, root);
    read_element(r, root, &system_schema, r->system);
    return true;
}

static struct system *system_new(const struct target *target, const char *name)
{
    struct arena *arena = arena_new();
    struct system *system = arena == NULL ? NULL : arena_alloc(arena, sizeof(*system));
    if (system == NULL) {
        arena_free(arena);
        return NULL;
    }
    system->arena = arena;
    system->target = target;
    system->source.name = arena_copy(arena, name, strlen(name));
    return system;
}

/* Read the source, which is in the arena already. Frees the system if it is refused. */
static struct system *read_system(struct system *system, const struct search_path *search,
                                  struct diagnostics *found)
{
    struct reader r = {.system = system, .search = search, .found = found};
    if (read_document(&r)) {
        return system;
    }
    microkit_free(system);
    return NULL;
}

static void report_no_memory(struct diagnostics *found, const char *name)
{
    diagnostic_error(found, "Error: out of memory while reading '%s'", name);
}

static void report_file(struct diagnostics *found, const char *path, int error)
{
    if (error == ENOENT) {
        diagnostic_error(found, "microkit: error: system description file '%s' does not exist",
                         path);
        diagnostic_advise(found, "Is the name right, and is it relative to the current folder?");
        return;
    }
    diagnostic_error(found, "Error: cannot read the system description file '%s': %s", path,
                     file_error(error));
    if (error == EFBIG) {
        diagnostic_advise(found, "At most %zu MiB are read.", DESCRIPTION_SIZE_MAX >> 20);
    }
}

struct system *microkit_parse(const char *path, const struct target *target,
                              const struct search_path *search, struct diagnostics *found)
{
    struct system *system = system_new(target, path);
    if (system == NULL || system->source.name == NULL) {
        microkit_free(system);
        report_no_memory(found, path);
        return NULL;
    }
    char *text;
    int error = file_read(system->arena, path, DESCRIPTION_SIZE_MAX, &text, &system->source.length);
    if (error != 0) {
        microkit_free(system);
        report_file(found, path, error);
        return NULL;
    }
    system->source.text = text;
    return read_system(system, search, found);
}

struct system *microkit_parse_text(const char *name, const char *text, size_t length,
                                   const struct target *target, const struct search_path *search,
                                   struct diagnostics *found)
{
    if (length > DESCRIPTION_SIZE_MAX) {
        report_file(found, name, EFBIG);
        return NULL;
    }
    struct system *system = system_new(target, name);
    if (system != NULL) {
        system->source.text = arena_copy(system->arena, text, length);
        system->source.length = length;
    }
    if (system == NULL || system->source.name == NULL || system->source.text == NULL) {
        microkit_free(system);
        report_no_memory(found, name);
        return NULL;
    }
    return read_system(system, search, found);
}
