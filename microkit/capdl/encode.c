/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/capdl/encode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "microkit/spec.h"

#define PAGE_SMALL_BITS 12
#define LEVELS          4
#define LEVEL_BITS      9

/* Where the contents of a frame are. */
enum placement {
    PLACE_OBJECT, /* zeroed, or filled by the initialiser */
    PLACE_IMAGE,  /* a page of the image, and no object */
};

struct placed {
    enum placement placement;
    bool wanted;     /* by a TCB or a CNode, so it has to be an object */
    bool mapped;     /* further maps use copies of the cap */
    uint32_t number; /* the object's in the spec, or its page */
};

struct encoder {
    const struct capdl *capdl;
    const char *name; /* of the file */
    const struct capdl_elfs *elfs;
    struct diagnostics *found;
    bool failed; /* an error is in `found` */
    struct bytes *spec;
    size_t start; /* of the spec, in `spec` */
    uint32_t first_image_page;
    uint32_t pages_start;  /* the first page behind the spec, in pages of the image */
    struct placed *placed; /* by object */
    uint32_t *order;       /* the objects that the spec has, by number there */
    uint32_t order_count;
    struct bytes pages; /* contents */
    struct bytes fills; /* struct spec_fill, offsets counted from `pages` */
    struct bytes maps;
};

static struct spec *header(const struct encoder *encoder)
{
    return (struct spec *)(encoder->spec->data + encoder->start);
}

static uint32_t here(const struct encoder *encoder)
{
    return (uint32_t)(encoder->spec->size - encoder->start);
}

static void append(struct encoder *encoder, const void *record, size_t size)
{
    bytes_append(encoder->spec, record, size);
}

static struct spec_table table_since(const struct encoder *encoder, uint32_t offset, size_t size)
{
    return (struct spec_table){.offset = offset,
                               .count = (uint32_t)((here(encoder) - offset) / size)};
}

static uint32_t number(const struct encoder *encoder, uint32_t object)
{
    return encoder->placed[object].number;
}

/* The spec's type of an object. */
static enum spec_type spec_type(const struct capdl_object *object)
{
    static const enum spec_type tables[LEVELS] = {SPEC_PML4, SPEC_PDPT, SPEC_PAGE_DIRECTORY,
                                                  SPEC_PAGE_TABLE};
    static const enum spec_type types[CAPDL_TYPES] = {
        [CAPDL_ENDPOINT] = SPEC_ENDPOINT, [CAPDL_NOTIFICATION] = SPEC_NOTIFICATION,
        [CAPDL_CNODE] = SPEC_CNODE,       [CAPDL_TCB] = SPEC_TCB,
        [CAPDL_IRQ_MSI] = SPEC_IRQ,       [CAPDL_IRQ_IOAPIC] = SPEC_IRQ,
        [CAPDL_IOPORTS] = SPEC_IOPORTS,   [CAPDL_SCHED_CONTEXT] = SPEC_SCHED_CONTEXT,
        [CAPDL_REPLY] = SPEC_REPLY,
    };
    if (object->type == CAPDL_FRAME) {
        return object->size_bits == PAGE_SMALL_BITS ? SPEC_FRAME_4K : SPEC_FRAME_2M;
    }
    return object->type == CAPDL_PAGE_TABLE ? tables[object->level] : types[object->type];
}

static void refuse(struct encoder *encoder, uint32_t frame, const char *why)
{
    if (!encoder->failed) {
        diagnostic_error(encoder->found, "Error: %s: objects[%u] ('%s') %s", encoder->name, frame,
                         capdl_object(encoder->capdl, frame)->name, why);
    }
    encoder->failed = true;
}

/* The bytes of a range of an ELF's segment; what is not in the file stays zero. */
static void copy_elf(struct encoder *encoder, uint32_t frame, const struct capdl_fill *fill,
                     uint8_t *target)
{
    const struct elf *elf =
        fill->elf < encoder->elfs->count ? encoder->elfs->elfs[fill->elf] : NULL;
    uint64_t length = fill->end - fill->start;
    if (elf == NULL) {
        refuse(encoder, frame, "is of a program that no TCB is named after");
        return;
    }
    if (fill->segment >= elf->segment_count ||
        fill->offset + length > elf->segments[fill->segment].memory_size) {
        char why[256];
        snprintf(why, sizeof why,
                 "holds bytes %" PRIu64 " to %" PRIu64 " of segment %" PRIu64
                 " of '%s', which has no such bytes",
                 fill->offset, fill->offset + length, fill->segment, elf->path);
        if (!encoder->failed) {
            refuse(encoder, frame, why);
            diagnostic_advise(encoder->found, "It is not the program that the spec was made with. "
                                              "Build both again.");
        }
        return;
    }
    const struct elf_segment *segment = &elf->segments[fill->segment];
    if (fill->offset < segment->data_size) {
        uint64_t rest = segment->data_size - fill->offset;
        memcpy(target, segment->data + fill->offset, length < rest ? length : rest);
    }
}

/* What a frame holds, at the end of `pages`; how many bytes from the first to the last that is set. */
static uint64_t append_contents(struct encoder *encoder, uint32_t frame)
{
    const struct capdl_object *object = capdl_object(encoder->capdl, frame);
    uint64_t length = 0;
    for (size_t i = 0; i < object->fill_count; i++) {
        if (object->fills[i].kind != CAPDL_FILL_BOOTINFO && object->fills[i].end > length) {
            length = object->fills[i].end;
        }
    }
    size_t at = bytes_append(&encoder->pages, NULL, length);
    bytes_align(&encoder->pages, PAGE_SMALL);
    for (size_t i = 0; i < object->fill_count && !encoder->pages.lost; i++) {
        const struct capdl_fill *fill = &object->fills[i];
        uint8_t *target = encoder->pages.data + at + fill->start;
        if (fill->kind == CAPDL_FILL_BYTES) {
            memcpy(target, fill->bytes, fill->end - fill->start);
        } else if (fill->kind == CAPDL_FILL_ELF) {
            copy_elf(encoder, frame, fill, target);
        }
    }
    return length;
}

static bool all_zero(const uint8_t *bytes, uint64_t length)
{
    return length == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0);
}

static void place_bootinfo(struct encoder *encoder, uint32_t frame)
{
    const struct capdl_object *object = capdl_object(encoder->capdl, frame);
    if (object->fill_count != 1 || object->fills[0].start != 0) {
        refuse(encoder, frame,
               "has bootinfo that does not start with the frame, or beside other contents");
        return;
    }
    struct spec_fill fill = {.object = frame,
                             .source = (uint32_t)object->fills[0].bootinfo_id,
                             .offset = object->fills[0].offset,
                             .length = object->fills[0].end};
    bytes_append(&encoder->fills, &fill, sizeof fill);
}

static bool has_bootinfo(const struct capdl_object *frame)
{
    for (size_t i = 0; i < frame->fill_count; i++) {
        if (frame->fills[i].kind == CAPDL_FILL_BOOTINFO) {
            return true;
        }
    }
    return false;
}

static void place_frame(struct encoder *encoder, uint32_t frame)
{
    const struct capdl_object *object = capdl_object(encoder->capdl, frame);
    struct placed *placed = &encoder->placed[frame];
    if (has_bootinfo(object)) {
        place_bootinfo(encoder, frame);
        return;
    }
    size_t at = encoder->pages.size;
    uint64_t length = append_contents(encoder, frame);
    if (encoder->pages.lost || all_zero(encoder->pages.data + at, length)) {
        encoder->pages.size = at;
        return;
    }
    if (object->size_bits == PAGE_SMALL_BITS && !object->paddr_given && !placed->wanted) {
        placed->placement = PLACE_IMAGE;
        placed->number = (uint32_t)(at / PAGE_SMALL);
        return;
    }
    struct spec_fill fill = {
        .object = frame, .source = SPEC_FILL_FROM_IMAGE, .offset = at, .length = length};
    bytes_append(&encoder->fills, &fill, sizeof fill);
}

/* Frames that have to be objects, for their caps are handed out. */
static void find_wanted(struct encoder *encoder)
{
    for (uint32_t i = 0; i < capdl_count(encoder->capdl); i++) {
        const struct capdl_object *object = capdl_object(encoder->capdl, i);
        bool hands_out = object->type == CAPDL_TCB || object->type == CAPDL_CNODE;
        for (size_t n = 0; hands_out && n < capdl_cap_count(object); n++) {
            encoder->placed[capdl_caps(object)[n].object].wanted = true;
        }
    }
}

/* The order of spec.h, and within it that of the objects. */
static int compare_objects(const void *left, const void *right, void *context)
{
    const struct capdl *capdl = context;
    uint32_t a_index = *(const uint32_t *)left;
    uint32_t b_index = *(const uint32_t *)right;
    const struct capdl_object *a = capdl_object(capdl, a_index);
    const struct capdl_object *b = capdl_object(capdl, b_index);
    if (a->paddr_given != b->paddr_given) {
        return a->paddr_given ? -1 : 1;
    }
    if (a->paddr != b->paddr) {
        return a->paddr < b->paddr ? -1 : 1;
    }
    if (capdl_size_bits(a) != capdl_size_bits(b)) {
        return capdl_size_bits(b) - capdl_size_bits(a);
    }
    if (spec_type(a) != spec_type(b)) {
        return (int)spec_type(a) - (int)spec_type(b);
    }
    return (a_index > b_index) - (a_index < b_index);
}

static void number_objects(struct encoder *encoder)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < capdl_count(encoder->capdl); i++) {
        if (encoder->placed[i].placement == PLACE_OBJECT) {
            encoder->order[count++] = i;
        }
    }
    qsort_r(encoder->order, count, sizeof *encoder->order, compare_objects,
            (void *)(uintptr_t)encoder->capdl);
    for (uint32_t i = 0; i < count; i++) {
        encoder->placed[encoder->order[i]].number = i;
    }
    encoder->order_count = count;
}

/* The name without the number of a frame: frame_mr_x_000000007 is one of frame_mr_x. */
static size_t run_name_length(const struct capdl_object *object)
{
    size_t length = strlen(object->name);
    size_t digits = 0;
    while (digits < length && object->name[length - digits - 1] >= '0' &&
           object->name[length - digits - 1] <= '9') {
        digits++;
    }
    bool numbered = object->type == CAPDL_FRAME && digits == 9 && length > 10 &&
                    object->name[length - 10] == '_';
    return numbered ? length - 10 : length;
}

/* Do the objects of these numbers belong to one run? */
static bool same_run(const struct encoder *encoder, uint32_t first, uint32_t next)
{
    const struct capdl_object *a = capdl_object(encoder->capdl, encoder->order[first]);
    const struct capdl_object *b = capdl_object(encoder->capdl, encoder->order[next]);
    size_t length = run_name_length(a);
    return a->type == CAPDL_FRAME && b->type == CAPDL_FRAME && a->size_bits == b->size_bits &&
           a->paddr_given == b->paddr_given &&
           (!a->paddr_given || b->paddr == a->paddr + ((uint64_t)(next - first) << a->size_bits)) &&
           length < strlen(a->name) && run_name_length(b) == length &&
           strncmp(a->name, b->name, length) == 0;
}

static void encode_objects(struct encoder *encoder)
{
    uint32_t start = here(encoder);
    for (uint32_t first = 0; first < encoder->order_count;) {
        const struct capdl_object *object = capdl_object(encoder->capdl, encoder->order[first]);
        uint32_t next = first + 1;
        while (next < encoder->order_count && same_run(encoder, first, next)) {
            next++;
        }
        struct spec_objects run = {.paddr = object->paddr_given ? object->paddr : SPEC_ANYWHERE,
                                   .first = first,
                                   .count = next - first,
                                   .type = (uint8_t)spec_type(object),
                                   .size_bits = capdl_size_bits(object)};
        append(encoder, &run, sizeof run);
        first = next;
    }
    header(encoder)->objects = table_since(encoder, start, sizeof(struct spec_objects));
    header(encoder)->objects_total = encoder->order_count;
}

static void encode_names(struct encoder *encoder)
{
    for (uint32_t i = 0; i < header(encoder)->objects.count && !encoder->spec->lost; i++) {
        uint32_t offset = here(encoder);
        struct spec_objects *run =
            (struct spec_objects *)((char *)header(encoder) + header(encoder)->objects.offset) + i;
        const struct capdl_object *object =
            capdl_object(encoder->capdl, encoder->order[run->first]);
        size_t length = run->count > 1 ? run_name_length(object) : strlen(object->name);
        run->name = offset;
        append(encoder, object->name, length);
        append(encoder, "", 1);
    }
}

static bool has_rights(enum capdl_type type)
{
    return type == CAPDL_ENDPOINT || type == CAPDL_NOTIFICATION || type == CAPDL_FRAME;
}

static struct spec_cap spec_cap(const struct encoder *encoder, const struct capdl_cap *cap)
{
    if (cap == NULL) {
        return (struct spec_cap){.object = SPEC_NONE};
    }
    return (struct spec_cap){
        .object = number(encoder, cap->object),
        .rights = has_rights(cap->type) ? cap->rights : SPEC_ALL_RIGHTS,
        /* A CNode's as seL4_CNode_CapData_t. */
        .badge = cap->type == CAPDL_CNODE ? cap->badge << 6 | cap->guard_size : cap->badge,
    };
}

static void encode_irqs(struct encoder *encoder)
{
    uint32_t start = here(encoder);
    const struct capdl_irq *irqs = (const void *)encoder->capdl->irqs.data;
    for (size_t i = 0; i < encoder->capdl->irqs.size / sizeof *irqs; i++) {
        const struct capdl_object *object = capdl_object(encoder->capdl, irqs[i].handler);
        struct spec_irq record = {
            .notification = spec_cap(encoder, capdl_cap_in(object, 0)),
            .object = number(encoder, irqs[i].handler),
            .kind = object->type == CAPDL_IRQ_MSI ? SPEC_IRQ_MSI : SPEC_IRQ_IOAPIC,
            .vector = (uint32_t)irqs[i].vector,
        };
        /* capDL has an MSI's handle first, seL4_IRQControl_GetMSI last. */
        unsigned shift = object->type == CAPDL_IRQ_MSI ? 1 : 0;
        for (unsigned n = 0; n < 4; n++) {
            record.args[n] = (uint32_t)object->args[(n + shift) % 4];
        }
        append(encoder, &record, sizeof record);
    }
    header(encoder)->irqs = table_since(encoder, start, sizeof(struct spec_irq));
}

static void encode_fills(struct encoder *encoder)
{
    uint32_t start = here(encoder);
    const struct spec_fill *fill = (const void *)encoder->fills.data;
    for (size_t i = 0; i < encoder->fills.size / sizeof *fill; i++) {
        struct spec_fill record = fill[i];
        record.object = number(encoder, fill[i].object);
        if (record.source == SPEC_FILL_FROM_IMAGE) {
            record.offset += encoder->pages_start * PAGE_SMALL;
        }
        append(encoder, &record, sizeof record);
    }
    header(encoder)->fills = table_since(encoder, start, sizeof(struct spec_fill));
}

/* Add a map, or make the last one longer if this goes on where it ends. */
static void add_map(struct encoder *encoder, struct spec_map map)
{
    size_t count = encoder->maps.size / sizeof map;
    struct spec_map *last = count > 0 ? (struct spec_map *)encoder->maps.data + count - 1 : NULL;
    if (last != NULL && last->vspace == map.vspace && last->rights == map.rights &&
        last->flags == map.flags && last->size_bits == map.size_bits &&
        last->first + last->count == map.first &&
        last->vaddr + ((uint64_t)last->count << last->size_bits) == map.vaddr) {
        last->count++;
    } else {
        bytes_append(&encoder->maps, &map, sizeof map);
    }
}

static void encode_map(struct encoder *encoder, uint32_t vspace, const struct capdl_cap *cap,
                       uint64_t vaddr)
{
    struct placed *placed = &encoder->placed[cap->object];
    bool in_image = placed->placement == PLACE_IMAGE;
    add_map(encoder, (struct spec_map){
                         .vaddr = vaddr,
                         .vspace = number(encoder, vspace),
                         .first = placed->number + (in_image ? encoder->pages_start : 0),
                         .count = 1,
                         .size_bits = capdl_object(encoder->capdl, cap->object)->size_bits,
                         .rights = cap->rights & (SPEC_READ | SPEC_WRITE),
                         .flags = (uint8_t)((in_image ? SPEC_MAP_IMAGE : 0) |
                                            (placed->mapped ? SPEC_MAP_COPY : 0) |
                                            (cap->cached ? 0 : SPEC_MAP_UNCACHED)),
                     });
    placed->mapped = true;
}

/* A table's tables, each before its own, and its frames. The depth is that of the levels. */
static void encode_table(struct encoder *encoder, uint32_t vspace, uint32_t table, uint64_t base)
{
    const struct capdl_object *object = capdl_object(encoder->capdl, table);
    unsigned shift = PAGE_SMALL_BITS + (LEVELS - 1u - object->level) * LEVEL_BITS;
    for (size_t i = 0; i < capdl_cap_count(object); i++) {
        const struct capdl_cap *cap = &capdl_caps(object)[i];
        uint64_t vaddr = base + ((uint64_t)cap->slot << shift);
        if (cap->type == CAPDL_FRAME) {
            encode_map(encoder, vspace, cap, vaddr);
            continue;
        }
        struct spec_page_table record = {.vaddr = vaddr,
                                         .object = number(encoder, cap->object),
                                         .vspace = number(encoder, vspace)};
        append(encoder, &record, sizeof record);
        encode_table(encoder, vspace, cap->object, vaddr);
    }
}

static void encode_vspaces(struct encoder *encoder)
{
    uint32_t start = here(encoder);
    encoder->maps.size = 0;
    for (uint32_t i = 0; i < capdl_count(encoder->capdl); i++) {
        encoder->placed[i].mapped = false;
    }
    for (uint32_t i = 0; i < capdl_count(encoder->capdl); i++) {
        if (capdl_object(encoder->capdl, i)->is_root) {
            encode_table(encoder, i, i, 0);
        }
    }
    header(encoder)->tables = table_since(encoder, start, sizeof(struct spec_page_table));
    start = here(encoder);
    append(encoder, encoder->maps.data, encoder->maps.size);
    header(encoder)->maps = table_since(encoder, start, sizeof(struct spec_map));
    encoder->spec->lost |= encoder->maps.lost;
}

/* The core of a scheduling context is that of the TCB that has it. */
static uint32_t core_of(const struct capdl *capdl, uint32_t sched)
{
    for (uint32_t i = 0; i < capdl_count(capdl); i++) {
        const struct capdl_object *tcb = capdl_object(capdl, i);
        const struct capdl_cap *cap =
            tcb->type == CAPDL_TCB ? capdl_cap_in(tcb, CAPDL_TCB_SCHED_CONTEXT) : NULL;
        if (cap != NULL && cap->object == sched) {
            return (uint32_t)tcb->affinity;
        }
    }
    return 0;
}

static void encode_sched(struct encoder *encoder, uint32_t object)
{
    const struct capdl_object *sched = capdl_object(encoder->capdl, object);
    struct spec_sched record = {.budget_us = sched->budget_us,
                                .period_us = sched->period_us,
                                .badge = sched->badge,
                                .object = number(encoder, object),
                                .core = core_of(encoder->capdl, object)};
    append(encoder, &record, sizeof record);
}

static uint32_t number_in(const struct encoder *encoder, const struct capdl_object *tcb,
                          uint32_t slot)
{
    const struct capdl_cap *cap = capdl_cap_in(tcb, slot);
    return cap == NULL ? SPEC_NONE : number(encoder, cap->object);
}

static void encode_tcb(struct encoder *encoder, uint32_t object)
{
    const struct capdl_object *tcb = capdl_object(encoder->capdl, object);
    struct spec_tcb record = {
        .cspace = spec_cap(encoder, capdl_cap_in(tcb, CAPDL_TCB_CSPACE)),
        .fault_endpoint = spec_cap(encoder, capdl_cap_in(tcb, CAPDL_TCB_FAULT_EP)),
        .ip = tcb->ip,
        .sp = tcb->sp,
        .ipc_buffer = tcb->ipc_buffer,
        .object = number(encoder, object),
        .vspace = number_in(encoder, tcb, CAPDL_TCB_VSPACE),
        .ipc_buffer_frame = number_in(encoder, tcb, CAPDL_TCB_IPC_BUFFER),
        .sched = number_in(encoder, tcb, CAPDL_TCB_SCHED_CONTEXT),
        .notification = number_in(encoder, tcb, CAPDL_TCB_NOTIFICATION),
        .priority = tcb->priority,
        .mcp = tcb->mcp,
        .domain =
            tcb->domain_given && encoder->capdl->schedule.size > 0 ? tcb->domain : SPEC_NO_DOMAIN,
        .flags = (uint8_t)((tcb->resume ? SPEC_TCB_START : 0) |
                           (tcb->fpu_disabled ? SPEC_TCB_FPU_OFF : 0)),
    };
    append(encoder, &record, sizeof record);
}

static void encode_ioports(struct encoder *encoder, uint32_t object)
{
    const struct capdl_object *ports = capdl_object(encoder->capdl, object);
    struct spec_ioports record = {.object = number(encoder, object),
                                  .first_port = (uint16_t)ports->first_port,
                                  .last_port = (uint16_t)ports->last_port};
    append(encoder, &record, sizeof record);
}

static void encode_cnode(struct encoder *encoder, uint32_t object)
{
    const struct capdl_object *cnode = capdl_object(encoder->capdl, object);
    for (size_t i = 0; i < capdl_cap_count(cnode); i++) {
        const struct capdl_cap *cap = &capdl_caps(cnode)[i];
        struct spec_slot record = {
            .cap = spec_cap(encoder, cap), .cnode = number(encoder, object), .slot = cap->slot};
        append(encoder, &record, sizeof record);
    }
}

/* The table of all objects of a type, in their order. */
static struct spec_table encode_each(struct encoder *encoder, enum capdl_type type, size_t size,
                                     void (*encode)(struct encoder *encoder, uint32_t object))
{
    uint32_t start = here(encoder);
    for (uint32_t i = 0; i < capdl_count(encoder->capdl); i++) {
        if (capdl_object(encoder->capdl, i)->type == type) {
            encode(encoder, i);
        }
    }
    return table_since(encoder, start, size);
}

static void encode_domains(struct encoder *encoder)
{
    const struct capdl *capdl = encoder->capdl;
    const struct schedule_entry *entries = (const void *)capdl->schedule.data;
    uint32_t start = here(encoder);
    size_t count = capdl->schedule.size / sizeof *entries;
    for (size_t i = 0; i < count; i++) {
        struct spec_domain record = {
            .duration = entries[i].duration,
            .domain = entries[i].domain,
            .unit = entries[i].unit == SCHEDULE_US ? SPEC_DOMAIN_US : SPEC_DOMAIN_TICKS,
        };
        append(encoder, &record, sizeof record);
    }
    struct spec *spec = header(encoder);
    spec->domains = table_since(encoder, start, sizeof(struct spec_domain));
    spec->domain_shift = (uint32_t)capdl->schedule_shift;
    spec->domain_start = count > 0 && capdl->schedule_start_given
                             ? (uint32_t)(capdl->schedule_shift + capdl->schedule_start)
                             : SPEC_NONE;
}

static void encode_all(struct encoder *encoder)
{
    struct spec empty = {.magic = SPEC_MAGIC,
                         .version = SPEC_VERSION,
                         .first_image_page = encoder->first_image_page};
    append(encoder, &empty, sizeof empty);
    if (encoder->spec->lost) {
        return;
    }
    encode_objects(encoder);
    encode_irqs(encoder);
    struct spec_table table =
        encode_each(encoder, CAPDL_IOPORTS, sizeof(struct spec_ioports), encode_ioports);
    header(encoder)->ioports = table;
    encode_fills(encoder);
    encode_vspaces(encoder);
    table = encode_each(encoder, CAPDL_SCHED_CONTEXT, sizeof(struct spec_sched), encode_sched);
    header(encoder)->scheds = table;
    table = encode_each(encoder, CAPDL_TCB, sizeof(struct spec_tcb), encode_tcb);
    header(encoder)->tcbs = table;
    table = encode_each(encoder, CAPDL_CNODE, sizeof(struct spec_slot), encode_cnode);
    header(encoder)->slots = table;
    encode_domains(encoder);
    encode_names(encoder);
    header(encoder)->size = here(encoder);
}

/* Once to learn how many pages the spec itself takes, then with that number. */
static void encode_twice(struct encoder *encoder)
{
    encode_all(encoder);
    encoder->pages_start = (uint32_t)((here(encoder) + PAGE_SMALL - 1) / PAGE_SMALL);
    encoder->spec->size = encoder->start;
    encode_all(encoder);
    bytes_align(encoder->spec, PAGE_SMALL);
    append(encoder, encoder->pages.data, encoder->pages.size);
}

bool capdl_encode(const struct capdl *capdl, const char *name, const struct capdl_elfs *elfs,
                  uint32_t first_image_page, struct bytes *spec, struct diagnostics *found)
{
    uint32_t count = capdl_count(capdl);
    struct encoder encoder = {.capdl = capdl,
                              .name = name,
                              .elfs = elfs,
                              .found = found,
                              .spec = spec,
                              .start = spec->size,
                              .first_image_page = first_image_page,
                              .placed = calloc(count, sizeof *encoder.placed),
                              .order = calloc(count, sizeof *encoder.order)};
    spec->lost |= encoder.placed == NULL || encoder.order == NULL;
    if (!spec->lost) {
        find_wanted(&encoder);
        for (uint32_t i = 0; i < count; i++) {
            if (capdl_object(capdl, i)->type == CAPDL_FRAME) {
                place_frame(&encoder, i);
            }
        }
        spec->lost |= encoder.pages.lost || encoder.fills.lost;
    }
    if (!spec->lost && !encoder.failed) {
        number_objects(&encoder);
        encode_twice(&encoder);
    }
    bytes_free(&encoder.pages);
    bytes_free(&encoder.fills);
    bytes_free(&encoder.maps);
    free(encoder.placed);
    free(encoder.order);
    return !encoder.failed;
}
