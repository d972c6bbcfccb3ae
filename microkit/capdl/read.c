/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * capDL from JSON: its form. What the whole has to make sense of is left to check.c.
 *
 * Members that nobody knows are ignored, as serde does.
 */
#include "microkit/capdl/capdl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "microkit/capdl/check.h"
#include "microkit/capdl/words.h"
#include "microkit/json.h"
#include "microkit/spec.h"

#define PATH_LENGTH 256

struct reader {
    struct capdl *capdl;
    struct diagnostics *found;
    const char *name; /* of the file */
    bool failed;      /* an error is in `found`, or memory ran out */
    size_t path_length;
    char path[PATH_LENGTH]; /* of the value that is being read */
};

/* The first error counts. Always false. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *reader, const char *format,
                                                         ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (!reader->failed) {
        diagnostic_error(reader->found, "Error: %s: %.*s%s%s", reader->name,
                         (int)reader->path_length, reader->path, reader->path_length > 0 ? " " : "",
                         what);
    }
    reader->failed = true;
    return false;
}

static void path_add(struct reader *reader, const char *part, int written)
{
    if (written > 0) {
        size_t rest = sizeof reader->path - reader->path_length;
        size_t length = (size_t)written < rest ? (size_t)written : rest - 1;
        memcpy(reader->path + reader->path_length, part, length);
        reader->path_length += length;
    }
}

/* Go to a member or an element; returns where to go back to, with leave(). */
static size_t enter(struct reader *reader, const char *member)
{
    char part[PATH_LENGTH];
    size_t before = reader->path_length;
    int length = snprintf(part, sizeof part, "%s%.100s", before == 0 ? "" : ".", member);
    path_add(reader, part, length);
    return before;
}

static size_t enter_index(struct reader *reader, size_t index)
{
    char part[32];
    size_t before = reader->path_length;
    path_add(reader, part, snprintf(part, sizeof part, "[%zu]", index));
    return before;
}

static void leave(struct reader *reader, size_t before)
{
    reader->path_length = before;
}

static const char *type_word(const json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return "null";
    case json_type_boolean:
        return "true or false";
    case json_type_double:
        return "no whole number";
    case json_type_int:
        return "a number";
    case json_type_object:
        return "an object";
    case json_type_array:
        return "a list";
    default:
        return "a string";
    }
}

/* A member of the type that is wanted; else NULL, and the reader has failed. */
static json_object *member(struct reader *reader, json_object *parent, const char *name,
                           enum json_type type, const char *wanted)
{
    json_object *value = NULL;
    if (reader->failed || !json_object_object_get_ex(parent, name, &value)) {
        refuse(reader, "has no '%s'", name);
        return NULL;
    }
    if (!json_object_is_type(value, type)) {
        size_t before = enter(reader, name);
        refuse(reader, "is %s, and %s is wanted", type_word(value), wanted);
        leave(reader, before);
        return NULL;
    }
    return value;
}

static json_object *object_member(struct reader *reader, json_object *parent, const char *name)
{
    return member(reader, parent, name, json_type_object, "an object");
}

static json_object *list_member(struct reader *reader, json_object *parent, const char *name)
{
    return member(reader, parent, name, json_type_array, "a list");
}

static uint64_t to_number(struct reader *reader, json_object *value, uint64_t max)
{
    if (!json_object_is_type(value, json_type_int)) {
        refuse(reader, "is %s, and a number is wanted", type_word(value));
        return 0;
    }
    if (json_object_get_int64(value) < 0 || json_object_get_uint64(value) > max) {
        refuse(reader, "is %s; it can be from 0 to %" PRIu64, json_object_get_string(value), max);
        return 0;
    }
    return json_object_get_uint64(value);
}

static uint64_t number_member(struct reader *reader, json_object *parent, const char *name,
                              uint64_t max)
{
    json_object *value = NULL;
    if (reader->failed || !json_object_object_get_ex(parent, name, &value)) {
        refuse(reader, "has no '%s'", name);
        return 0;
    }
    size_t before = enter(reader, name);
    uint64_t number = to_number(reader, value, max);
    leave(reader, before);
    return number;
}

/* A member that can be null, or be left away. */
static bool optional_number(struct reader *reader, json_object *parent, const char *name,
                            uint64_t max, uint64_t *number)
{
    json_object *value = NULL;
    *number = 0;
    if (!json_object_object_get_ex(parent, name, &value) || value == NULL) {
        return false;
    }
    *number = number_member(reader, parent, name, max);
    return true;
}

static bool bool_member(struct reader *reader, json_object *parent, const char *name)
{
    return json_object_get_boolean(
        member(reader, parent, name, json_type_boolean, "true or false"));
}

/* A string of the arena's; "" if the reader has failed. */
static const char *string_member(struct reader *reader, json_object *parent, const char *name)
{
    json_object *value = member(reader, parent, name, json_type_string, "a string");
    if (value == NULL) {
        return "";
    }
    return capdl_name(reader->capdl, "%s", json_object_get_string(value));
}

/* A variant of an enumeration: "Word", or {"Word": content}. Content is NULL for the first. */
static const char *variant(struct reader *reader, json_object *value, json_object **content)
{
    *content = NULL;
    if (json_object_is_type(value, json_type_string)) {
        return json_object_get_string(value);
    }
    if (!json_object_is_type(value, json_type_object) || json_object_object_length(value) != 1) {
        refuse(reader, "is neither a word nor an object with one member, its word");
        return NULL;
    }
    struct json_object_iterator first = json_object_iter_begin(value);
    *content = json_object_iter_peek_value(&first);
    return json_object_iter_peek_name(&first);
}

static const char *variant_member(struct reader *reader, json_object *parent, const char *name,
                                  json_object **content)
{
    json_object *value = NULL;
    *content = NULL;
    if (reader->failed || !json_object_object_get_ex(parent, name, &value)) {
        refuse(reader, "has no '%s'", name);
        return NULL;
    }
    size_t before = enter(reader, name);
    const char *word = variant(reader, value, content);
    leave(reader, before);
    return word;
}

/* What is read for each element of a list. */
typedef void read_element(struct reader *reader, json_object *element, void *context);

static void for_each(struct reader *reader, json_object *parent, const char *name,
                     read_element *read, void *context)
{
    json_object *list = list_member(reader, parent, name);
    size_t before = enter(reader, name);
    size_t count = list == NULL ? 0 : json_object_array_length(list);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        size_t outer = enter_index(reader, i);
        read(reader, json_object_array_get_idx(list, i), context);
        leave(reader, outer);
    }
    leave(reader, before);
}

static uint8_t read_rights(struct reader *reader, json_object *parent)
{
    json_object *rights = object_member(reader, parent, "rights");
    size_t before = enter(reader, "rights");
    uint8_t bits = (bool_member(reader, rights, "read") ? SPEC_READ : 0) |
                   (bool_member(reader, rights, "write") ? SPEC_WRITE : 0) |
                   (bool_member(reader, rights, "grant") ? SPEC_GRANT : 0) |
                   (bool_member(reader, rights, "grant_reply") ? SPEC_GRANT_REPLY : 0);
    leave(reader, before);
    return bits;
}

static void read_cap_details(struct reader *reader, json_object *content, struct capdl_cap *cap)
{
    cap->object = (uint32_t)number_member(reader, content, "object", UINT32_MAX);
    switch (cap->type) {
    case CAPDL_ENDPOINT:
    case CAPDL_NOTIFICATION:
        cap->badge = number_member(reader, content, "badge", UINT64_MAX);
        cap->rights = read_rights(reader, content);
        break;
    case CAPDL_CNODE:
        cap->badge = number_member(reader, content, "guard", UINT64_MAX >> 6);
        cap->guard_size = (uint8_t)number_member(reader, content, "guard_size", 63);
        break;
    case CAPDL_FRAME:
        cap->rights = read_rights(reader, content);
        cap->cached = bool_member(reader, content, "cached");
        cap->executable = bool_member(reader, content, "executable");
        break;
    default:
        break;
    }
}

/* The type whose word this is, of objects or of caps; CAPDL_TYPES for none. */
static enum capdl_type type_of(const char *word, bool cap)
{
    unsigned type = 0;
    while (type < CAPDL_TYPES &&
           strcmp(word, cap ? capdl_words[type].cap : capdl_words[type].object) != 0) {
        type++;
    }
    return (enum capdl_type)type;
}

static void refuse_type(struct reader *reader, const char *word)
{
    refuse(reader,
           "is of the kind '%s', which no system of Microkit has on x86-64 without an IOMMU and "
           "virtual machines",
           word);
}

static void read_cap(struct reader *reader, json_object *entry, void *context)
{
    struct bytes *caps = context;
    json_object *content;
    struct capdl_cap cap = {.slot = (uint32_t)number_member(reader, entry, "slot", UINT32_MAX)};
    const char *word = variant_member(reader, entry, "cap", &content);
    if (word == NULL) {
        return;
    }
    size_t before = enter(reader, "cap");
    cap.type = type_of(word, true);
    if (cap.type == CAPDL_TYPES || content == NULL) {
        refuse_type(reader, word);
    } else {
        enter(reader, word);
        read_cap_details(reader, content, &cap);
    }
    leave(reader, before);
    bytes_append(caps, &cap, sizeof cap);
}

struct range {
    uint64_t start;
    uint64_t end;
};

static struct range read_range(struct reader *reader, json_object *parent, const char *name)
{
    json_object *range = object_member(reader, parent, name);
    size_t before = enter(reader, name);
    struct range read = {.start = number_member(reader, range, "start", INT64_MAX),
                         .end = number_member(reader, range, "end", INT64_MAX)};
    if (read.start > read.end) {
        refuse(reader, "ends before it starts");
    }
    leave(reader, before);
    return read;
}

static void read_elf_content(struct reader *reader, json_object *content, struct capdl_fill *fill)
{
    fill->kind = CAPDL_FILL_ELF;
    fill->elf = number_member(reader, content, "elf_id", PD_COUNT_MAX);
    fill->segment = number_member(reader, content, "elf_seg_idx", UINT16_MAX);
    struct range range = read_range(reader, content, "elf_seg_data_range");
    fill->offset = range.start;
    if (range.end - range.start != fill->end - fill->start) {
        refuse(reader, "has an 'elf_seg_data_range' that is not as long as 'range'");
    }
}

static void read_byte(struct reader *reader, json_object *value, void *context)
{
    uint8_t **at = context;
    *(*at)++ = (uint8_t)to_number(reader, value, UINT8_MAX);
}

static void read_bytes_content(struct reader *reader, json_object *content, struct capdl_fill *fill)
{
    json_object *list = list_member(reader, content, "bytes");
    size_t count = list == NULL ? 0 : json_object_array_length(list);
    if (count != fill->end - fill->start) {
        refuse(reader, "has %zu 'bytes', and its range %" PRIu64, count, fill->end - fill->start);
        return;
    }
    uint8_t *bytes = arena_alloc(reader->capdl->arena, count);
    reader->failed |= reader->capdl->lost |= bytes == NULL;
    fill->kind = CAPDL_FILL_BYTES;
    fill->bytes = bytes;
    if (!reader->failed) {
        for_each(reader, content, "bytes", read_byte, &bytes);
    }
}

static void read_bootinfo_content(struct reader *reader, json_object *content,
                                  struct capdl_fill *fill)
{
    const char *id = string_member(reader, content, "id");
    fill->kind = CAPDL_FILL_BOOTINFO;
    fill->offset = number_member(reader, content, "offset", INT64_MAX);
    if (!reader->failed && !capdl_bootinfo_id(id, &fill->bootinfo_id)) {
        refuse(reader, "has the id '%s', which no block of bootinfo has", id);
    }
}

/* The content of a fill: two enumerations, one in the other, but for bootinfo. */
static void read_content(struct reader *reader, json_object *entry, struct capdl_fill *fill)
{
    json_object *content;
    const char *word = variant_member(reader, entry, "content", &content);
    size_t before = enter(reader, "content");
    if (word != NULL && strcmp(word, "Data") == 0) {
        enter(reader, word);
        word = variant(reader, content, &content);
    }
    if (word != NULL && content != NULL) {
        enter(reader, word);
        if (strcmp(word, "ElfContent") == 0) {
            read_elf_content(reader, content, fill);
        } else if (strcmp(word, "BytesContent") == 0) {
            read_bytes_content(reader, content, fill);
        } else if (strcmp(word, "BootInfo") == 0) {
            read_bootinfo_content(reader, content, fill);
        } else {
            refuse(reader, "is none of ElfContent, BytesContent and BootInfo");
        }
    } else if (word != NULL) {
        refuse(reader, "is '%s', and has nothing in it", word);
    }
    leave(reader, before);
}

static void read_fill(struct reader *reader, json_object *entry, void *context)
{
    struct capdl_object *frame = context;
    struct range range = read_range(reader, entry, "range");
    struct capdl_fill fill = {.start = range.start, .end = range.end};
    uint64_t size = UINT64_C(1) << frame->size_bits;
    if (!reader->failed && range.end > size) {
        refuse(reader, "fills up to byte %" PRIu64 " of a frame with %" PRIu64, range.end, size);
    }
    if (!reader->failed) {
        read_content(reader, entry, &fill);
        frame->fills[frame->fill_count++] = fill;
    }
}

static void read_frame(struct reader *reader, json_object *content, struct capdl_object *frame)
{
    frame->size_bits = (uint8_t)number_member(reader, content, "size_bits", 63);
    frame->paddr_given = optional_number(reader, content, "paddr", INT64_MAX, &frame->paddr);
    if (!reader->failed && frame->size_bits != 12 && frame->size_bits != 21) {
        refuse(reader, "has %u 'size_bits'; a frame has 12 or 21", frame->size_bits);
    }
    json_object *init = object_member(reader, content, "init");
    size_t before = enter(reader, "init");
    json_object *entries = list_member(reader, init, "entries");
    if (entries != NULL) {
        frame->fills = arena_alloc(reader->capdl->arena,
                                   json_object_array_length(entries) * sizeof *frame->fills);
        reader->failed |= reader->capdl->lost |= frame->fills == NULL;
        for_each(reader, init, "entries", read_fill, frame);
    }
    leave(reader, before);
}

static void read_tcb(struct reader *reader, json_object *content, struct capdl_object *tcb)
{
    for_each(reader, content, "slots", read_cap, &tcb->caps);
    json_object *extra = object_member(reader, content, "extra");
    size_t before = enter(reader, "extra");
    uint64_t domain = 0;
    tcb->ipc_buffer = number_member(reader, extra, "ipc_buffer_addr", UINT64_MAX);
    tcb->affinity = number_member(reader, extra, "affinity", target_x86_64.cores - 1);
    tcb->priority = (uint8_t)number_member(reader, extra, "prio", UINT8_MAX);
    tcb->mcp = (uint8_t)number_member(reader, extra, "max_prio", UINT8_MAX);
    tcb->fpu_disabled = bool_member(reader, extra, "fpu_disabled");
    tcb->resume = bool_member(reader, extra, "resume");
    tcb->domain_given = optional_number(reader, extra, "domain", UINT8_MAX - 1, &domain);
    tcb->domain = (uint8_t)domain;
    tcb->ip = number_member(reader, extra, "ip", UINT64_MAX);
    tcb->sp = number_member(reader, extra, "sp", UINT64_MAX);
    json_object *registers = list_member(reader, extra, "gprs");
    if (registers != NULL && json_object_array_length(registers) > 0) {
        refuse(reader, "has 'gprs', which no system of Microkit has");
    }
    leave(reader, before);
}

static void read_page_table(struct reader *reader, json_object *content, struct capdl_object *table)
{
    uint64_t level;
    json_object *ept = NULL;
    table->is_root = bool_member(reader, content, "is_root");
    if (!optional_number(reader, content, "level", 3, &level) && !table->is_root) {
        refuse(reader, "has no 'level'");
    }
    table->level = (uint8_t)level;
    if (json_object_object_get_ex(content, "x86_ept", &ept) && json_object_get_boolean(ept)) {
        refuse(reader, "is one of a virtual machine, which is not supported");
    }
    if (!reader->failed && table->is_root != (table->level == 0)) {
        refuse(reader, "has level %u, and is_root says otherwise", table->level);
    }
    for_each(reader, content, "slots", read_cap, &table->caps);
}

static void read_irq_object(struct reader *reader, json_object *content, struct capdl_object *irq)
{
    const char *const *names =
        irq->type == CAPDL_IRQ_MSI ? capdl_msi_members : capdl_ioapic_members;
    for_each(reader, content, "slots", read_cap, &irq->caps);
    json_object *extra = object_member(reader, content, "extra");
    size_t before = enter(reader, "extra");
    for (int i = 0; i < 4; i++) {
        irq->args[i] = number_member(reader, extra, names[i], UINT32_MAX);
    }
    leave(reader, before);
}

static void read_sched(struct reader *reader, json_object *content, struct capdl_object *sched)
{
    sched->size_bits = (uint8_t)number_member(reader, content, "size_bits", 20);
    json_object *extra = object_member(reader, content, "extra");
    size_t before = enter(reader, "extra");
    sched->period_us = number_member(reader, extra, "period", UINT64_MAX);
    sched->budget_us = number_member(reader, extra, "budget", UINT64_MAX);
    sched->badge = number_member(reader, extra, "badge", UINT64_MAX);
    leave(reader, before);
}

static void read_details(struct reader *reader, json_object *content, struct capdl_object *object)
{
    switch (object->type) {
    case CAPDL_CNODE:
        object->size_bits = (uint8_t)number_member(reader, content, "size_bits", 20);
        for_each(reader, content, "slots", read_cap, &object->caps);
        break;
    case CAPDL_TCB:
        read_tcb(reader, content, object);
        break;
    case CAPDL_FRAME:
        read_frame(reader, content, object);
        break;
    case CAPDL_PAGE_TABLE:
        read_page_table(reader, content, object);
        break;
    case CAPDL_IRQ_MSI:
    case CAPDL_IRQ_IOAPIC:
        read_irq_object(reader, content, object);
        break;
    case CAPDL_IOPORTS:
        object->first_port = number_member(reader, content, "start_port", UINT16_MAX);
        object->last_port = number_member(reader, content, "end_port", UINT16_MAX);
        break;
    case CAPDL_SCHED_CONTEXT:
        read_sched(reader, content, object);
        break;
    default:
        break;
    }
}

static void read_object(struct reader *reader, json_object *entry, void *context)
{
    (void)context;
    json_object *content;
    struct capdl_object object = {.name = string_member(reader, entry, "name")};
    const char *word = variant_member(reader, entry, "object", &content);
    if (word == NULL) {
        return;
    }
    size_t before = enter(reader, "object");
    object.type = type_of(word, false);
    if (object.type == CAPDL_TYPES) {
        refuse_type(reader, word);
    } else if (capdl_words[object.type].plain != (content == NULL)) {
        refuse(reader, content == NULL ? "is %s, and has nothing in it" : "is %s, and has members",
               word);
    } else {
        enter(reader, word);
        read_details(reader, content, &object);
    }
    leave(reader, before);
    capdl_add(reader->capdl, &object);
    reader->capdl->lost |= object.caps.lost;
}

static void read_irq(struct reader *reader, json_object *entry, void *context)
{
    struct bytes *irqs = context;
    struct capdl_irq irq = {.vector = number_member(reader, entry, "irq", X86_IRQ_VECTOR_MAX),
                            .handler =
                                (uint32_t)number_member(reader, entry, "handler", UINT32_MAX)};
    bytes_append(irqs, &irq, sizeof irq);
}

static void read_schedule_entry(struct reader *reader, json_object *element, void *context)
{
    struct bytes *schedule = context;
    json_object *content;
    struct schedule_entry entry = {.domain =
                                       (uint8_t)number_member(reader, element, "domain", UINT8_MAX),
                                   .unit = SCHEDULE_END};
    const char *word = variant_member(reader, element, "duration", &content);
    if (word == NULL) {
        return;
    }
    size_t before = enter(reader, "duration");
    if (strcmp(word, "Ticks") == 0 || strcmp(word, "Us") == 0) {
        entry.unit = word[0] == 'U' ? SCHEDULE_US : SCHEDULE_TICKS;
        enter(reader, word);
        entry.duration = to_number(reader, content, UINT64_MAX);
    } else if (strcmp(word, "EndMarker") != 0) {
        refuse(reader, "is '%s', and none of Ticks, Us and EndMarker", word);
    }
    leave(reader, before);
    bytes_append(schedule, &entry, sizeof entry);
}

static void read_variable(struct reader *reader, json_object *element, void *context)
{
    struct capdl_program *program = context;
    program->variables[program->variable_count++] =
        (struct capdl_variable){string_member(reader, element, "symbol"),
                                number_member(reader, element, "value", UINT64_MAX)};
}

static void read_program(struct reader *reader, json_object *element, void *context)
{
    struct bytes *programs = context;
    struct capdl_program program = {.elf = number_member(reader, element, "elf_id", PD_COUNT_MAX),
                                    .path = string_member(reader, element, "path")};
    if (json_object_object_get(element, "path_for_symbols") != NULL) {
        program.symbols_path = string_member(reader, element, "path_for_symbols");
    }
    json_object *variables = list_member(reader, element, "setvars");
    if (variables != NULL) {
        program.variables = arena_alloc(reader->capdl->arena, json_object_array_length(variables) *
                                                                  sizeof *program.variables);
        if (program.variables == NULL) {
            reader->failed = reader->capdl->lost = true;
            return;
        }
        for_each(reader, element, "setvars", read_variable, &program);
    }
    bytes_append(programs, &program, sizeof program);
}

/* Something that upstream leaves empty. */
static void expect_empty(struct reader *reader, json_object *root, const char *name)
{
    json_object *list = NULL;
    if (json_object_object_get_ex(root, name, &list) &&
        json_object_is_type(list, json_type_array) && json_object_array_length(list) > 0) {
        refuse(reader, "'%s' is not empty, as it is in every system of Microkit", name);
    }
}

static void read_root(struct reader *reader, json_object *root)
{
    struct capdl *capdl = reader->capdl;
    if (!json_object_is_type(root, json_type_object)) {
        refuse(reader, "is %s, and no capDL: that is an object with 'objects' and 'irqs'",
               type_word(root));
        return;
    }
    for_each(reader, root, "objects", read_object, NULL);
    for_each(reader, root, "irqs", read_irq, &capdl->irqs);
    if (json_object_object_get(root, "domain_schedule") != NULL) {
        for_each(reader, root, "domain_schedule", read_schedule_entry, &capdl->schedule);
    }
    capdl->schedule_start_given =
        optional_number(reader, root, "domain_set_start", UINT16_MAX, &capdl->schedule_start);
    capdl->schedule_shift_given =
        optional_number(reader, root, "domain_idx_shift", UINT16_MAX, &capdl->schedule_shift);
    expect_empty(reader, root, "asid_slots");
    expect_empty(reader, root, "untyped_covers");
    json_object *ours = json_object_object_get(root, "quoll");
    capdl->programs_told = ours != NULL;
    if (ours != NULL) {
        size_t before = enter(reader, "quoll");
        for_each(reader, ours, "programs", read_program, &capdl->programs);
        leave(reader, before);
    }
    capdl->lost |= capdl->irqs.lost || capdl->schedule.lost || capdl->programs.lost;
}

bool capdl_read(struct capdl *capdl, const char *name, const char *text, size_t length,
                struct diagnostics *found)
{
    if (!capdl_begin(capdl)) {
        diagnostic_error(found, "Error: %s: out of memory", name);
        return false;
    }
    json_object *root;
    struct json_failure failure;
    if (!json_read(text, length, &root, &failure)) {
        struct source source = {name, text, length};
        diagnostic_error(found, "Error: %s:%" PRIu32 ":%" PRIu32 ": is no JSON: %s", name,
                         failure.at.line, failure.at.column, failure.why);
        diagnostic_quote(found, &source, failure.at);
        return false;
    }
    struct reader reader = {.capdl = capdl, .found = found, .name = name};
    read_root(&reader, root);
    json_object_put(root);
    if (capdl->lost) {
        diagnostic_error(found, "Error: %s: out of memory", name);
    }
    return found->errors == 0 && capdl_check(capdl, name, found);
}
