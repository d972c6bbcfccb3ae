/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/plan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/objects.h"
#include "microkit/slots.h"

/* Slots of the initialiser's CNode: ROOT_CNODE_SIZE_BITS of Microkit's kernels is 17. */
#define ROOT_TASK_SLOTS (UINT64_C(1) << 17)

#define PAGE_SMALL_BITS 12
#define PAGE_LARGE_BITS 21

size_t plan_run_count(const struct plan *plan)
{
    return plan->runs.size / sizeof(struct run);
}

struct run *plan_run(const struct plan *plan, size_t run)
{
    return (struct run *)plan->runs.data + run;
}

static uint8_t type_size_bits(enum spec_type type)
{
    switch (type) {
    case SPEC_ENDPOINT:
        return seL4_EndpointBits;
    case SPEC_NOTIFICATION:
        return NOTIFICATION_BITS_MCS;
    case SPEC_REPLY:
        return seL4_ReplyBits;
    case SPEC_TCB:
        return TCB_BITS;
    case SPEC_SCHED_CONTEXT:
        return SCHED_CONTEXT_BITS;
    case SPEC_FRAME_2M:
        return seL4_LargePageBits;
    case SPEC_IRQ:
    case SPEC_IOPORTS:
        return 0;
    default:
        return seL4_PageBits;
    }
}

static size_t add_objects(struct plan *plan, struct spec_objects objects, const char *name_format,
                          va_list arguments)
{
    char *name;
    if (vasprintf(&name, name_format, arguments) < 0) {
        plan->runs.lost = true;
        return NO_RUN;
    }
    struct run run = {.objects = objects, .name = name};
    size_t index = plan_run_count(plan);
    bytes_append(&plan->runs, &run, sizeof run);
    if (plan_run_count(plan) == index) {
        free(name);
        return NO_RUN;
    }
    return index;
}

/* One object of a type that has one size. */
__attribute__((format(printf, 3, 4))) static size_t
add_object(struct plan *plan, enum spec_type type, const char *name_format, ...)
{
    va_list arguments;
    va_start(arguments, name_format);
    size_t run = add_objects(plan,
                             (struct spec_objects){.paddr = SPEC_ANYWHERE,
                                                   .count = 1,
                                                   .type = (uint8_t)type,
                                                   .size_bits = type_size_bits(type)},
                             name_format, arguments);
    va_end(arguments);
    return run;
}

/* As many objects as `objects` says. */
__attribute__((format(printf, 3, 4))) static size_t
add_run(struct plan *plan, struct spec_objects objects, const char *name_format, ...)
{
    va_list arguments;
    va_start(arguments, name_format);
    size_t run = add_objects(plan, objects, name_format, arguments);
    va_end(arguments);
    return run;
}

static struct spec_objects frames(uint64_t count)
{
    return (struct spec_objects){.paddr = SPEC_ANYWHERE,
                                 .count = (uint32_t)count,
                                 .type = SPEC_FRAME_4K,
                                 .size_bits = PAGE_SMALL_BITS};
}

static struct spec_objects cnode(uint8_t radix)
{
    return (struct spec_objects){.paddr = SPEC_ANYWHERE,
                                 .count = 1,
                                 .type = SPEC_CNODE,
                                 .size_bits = (uint8_t)(radix + seL4_SlotBits)};
}

static void add_map(struct plan *plan, struct planned_map map)
{
    bytes_append(&plan->maps, &map, sizeof map);
}

/* Map a whole run of frames into a PD. */
static void map_run(struct plan *plan, const struct pd_plan *pd, size_t run, uint64_t vaddr)
{
    if (run == NO_RUN) {
        return;
    }
    add_map(plan, (struct planned_map){.vspace = pd->vspace,
                                       .vaddr = vaddr,
                                       .frames = run,
                                       .count = plan_run(plan, run)->objects.count,
                                       .size_bits = PAGE_SMALL_BITS,
                                       .rights = SPEC_READ | SPEC_WRITE});
}

/* A page of a program as it is at start; outside of the segment it is zero. */
struct page {
    uint8_t data[1 << PAGE_SMALL_BITS];
};

static bool page_of_segment(struct page *page, const struct elf_segment *segment, uint64_t vaddr)
{
    static const struct page zeros;
    uint64_t end = segment->vaddr + segment->data_size;
    uint64_t first = vaddr > segment->vaddr ? vaddr : segment->vaddr;
    uint64_t last = vaddr + sizeof *page < end ? vaddr + sizeof *page : end;
    memset(page, 0, sizeof *page);
    if (first < last) {
        memcpy(page->data + (first - vaddr), segment->data + (first - segment->vaddr),
               last - first);
    }
    return memcmp(page, &zeros, sizeof *page) != 0;
}

static uint64_t segment_start(const struct elf_segment *segment)
{
    return segment->vaddr & ~(PAGE_SMALL - 1);
}

static uint64_t segment_end(const struct elf_segment *segment)
{
    return (segment->vaddr + segment->memory_size + PAGE_SMALL - 1) & ~(PAGE_SMALL - 1);
}

static uint8_t segment_rights(const struct elf_segment *segment)
{
    return (segment->flags & ELF_READ ? SPEC_READ : 0) |
           (segment->flags & ELF_WRITE ? SPEC_WRITE : 0);
}

static uint32_t page_count(const struct plan *plan)
{
    return (uint32_t)(plan->pages.size >> PAGE_SMALL_BITS);
}

/* Map the pages from `start` on that are alike: with contents, in the image; or zeros, anywhere. */
static uint64_t plan_pages(struct plan *plan, const struct pd_plan *pd,
                           const struct elf_segment *segment, uint64_t start)
{
    struct page page;
    bool in_image = page_of_segment(&page, segment, start);
    struct planned_map map = {.vspace = pd->vspace,
                              .vaddr = start,
                              .frames = NO_RUN,
                              .first_page = page_count(plan),
                              .size_bits = PAGE_SMALL_BITS,
                              .rights = segment_rights(segment)};
    uint64_t vaddr = start;
    do {
        if (in_image) {
            bytes_append(&plan->pages, &page, sizeof page);
        }
        map.count++;
        vaddr += PAGE_SMALL;
    } while (vaddr < segment_end(segment) && page_of_segment(&page, segment, vaddr) == in_image);
    if (!in_image) {
        map.frames = add_run(plan, frames(map.count), "frame_elf_%s_%09" PRIu64, pd->name,
                             start >> PAGE_SMALL_BITS);
    }
    add_map(plan, map);
    return vaddr;
}

/* A page has one set of rights, so no two segments can share one. */
static bool check_segment(struct plan *plan, const struct pd_plan *pd, size_t index)
{
    const struct elf_segment *segment = &pd->program->segments[index];
    uint64_t limit = target_stack_bottom(plan->system->target, pd->stack_size);
    if (segment_end(segment) > limit || segment_end(segment) < segment->vaddr) {
        diagnostic_error(plan->found,
                         "Error: the program of PD '%s' (%s) has a segment at [0x%" PRIx64
                         "..0x%" PRIx64 "), above the bottom of the stack, 0x%" PRIx64,
                         pd->name, pd->program->path, segment->vaddr,
                         segment->vaddr + segment->memory_size, limit);
        diagnostic_advise(plan->found, "Link it with the SDK's microkit.ld.");
        return false;
    }
    for (size_t i = 0; i < index; i++) {
        const struct elf_segment *other = &pd->program->segments[i];
        if (other->memory_size > 0 && segment_start(segment) < segment_end(other) &&
            segment_start(other) < segment_end(segment)) {
            diagnostic_error(plan->found,
                             "Error: two segments of the program of PD '%s' (%s) share a page: "
                             "[0x%" PRIx64 "..0x%" PRIx64 ") and [0x%" PRIx64 "..0x%" PRIx64 ")",
                             pd->name, pd->program->path, other->vaddr,
                             other->vaddr + other->memory_size, segment->vaddr,
                             segment->vaddr + segment->memory_size);
            diagnostic_advise(plan->found,
                              "Align segments to 4 KiB, as the SDK's microkit.ld does.");
            return false;
        }
    }
    return true;
}

static void plan_program(struct plan *plan, const struct pd_plan *pd)
{
    for (size_t i = 0; i < pd->program->segment_count; i++) {
        const struct elf_segment *segment = &pd->program->segments[i];
        if (segment->memory_size == 0) {
            continue;
        }
        if (!check_segment(plan, pd, i)) {
            plan->failed = true;
            return;
        }
        uint64_t vaddr = segment_start(segment);
        while (vaddr < segment_end(segment)) {
            vaddr = plan_pages(plan, pd, segment, vaddr);
        }
    }
}

/* What the monitor and every PD have. */
static struct pd_plan plan_thread(struct plan *plan, const char *name, const struct elf *program,
                                  uint64_t stack_size)
{
    const struct target *target = plan->system->target;
    struct pd_plan pd = {.name = name, .program = program, .stack_size = stack_size};
    pd.vspace = add_object(plan, SPEC_PML4, "pml4_%s", name);
    pd.tcb = add_object(plan, SPEC_TCB, "tcb_%s", name);
    pd.sched = add_object(plan, SPEC_SCHED_CONTEXT, "sched_context_%s", name);
    pd.reply = add_object(plan, SPEC_REPLY, "reply_%s", name);
    pd.cnode = add_run(plan, cnode(CNODE_RADIX), "cnode_%s", name);
    pd.ipc_buffer = add_run(plan, frames(1), "frame_ipcbuf_%s", name);
    size_t stack = add_run(plan, frames(stack_size >> PAGE_SMALL_BITS), "frame_%s_stack", name);
    plan_program(plan, &pd);
    map_run(plan, &pd, stack, target_stack_bottom(target, stack_size));
    map_run(plan, &pd, pd.ipc_buffer, target_ipc_buffer(target));
    return pd;
}

static void plan_monitor(struct plan *plan, const struct elf *program)
{
    plan->monitor = plan_thread(plan, "monitor", program, MONITOR_STACK_SIZE);
    plan->monitor.endpoint = add_object(plan, SPEC_ENDPOINT, "ep_fault_monitor");
    plan->monitor.notification = NO_RUN;
    plan->monitor.root_cnode = NO_RUN;
}

/* Room for `count` runs; NULL without memory. */
static size_t *run_array(struct plan *plan, size_t count)
{
    size_t *runs = calloc(count > 0 ? count : 1, sizeof *runs);
    plan->runs.lost |= runs == NULL;
    return runs;
}

static void plan_devices(struct plan *plan, struct pd_plan *plan_pd,
                         const struct protection_domain *pd)
{
    plan_pd->irqs = run_array(plan, pd->irq_count);
    plan_pd->ioports = run_array(plan, pd->ioport_count);
    if (plan_pd->irqs == NULL || plan_pd->ioports == NULL) {
        return;
    }
    for (size_t i = 0; i < pd->irq_count; i++) {
        plan_pd->irqs[i] =
            add_object(plan, SPEC_IRQ, "irq_%" PRIu64 "_%s", pd->irqs[i].number, pd->name);
    }
    for (size_t i = 0; i < pd->ioport_count; i++) {
        plan_pd->ioports[i] = add_object(plan, SPEC_IOPORTS, "ioports_0x%" PRIx64 "_%s",
                                         pd->ioports[i].addr, pd->name);
    }
}

/* Upstream finds this out as well; the description's check cannot, for it reads no program. */
static bool check_map(struct plan *plan, const struct pd_plan *pd, const struct map *map)
{
    uint64_t end = map->vaddr + map->region->size;
    for (size_t i = 0; i < pd->program->segment_count; i++) {
        const struct elf_segment *segment = &pd->program->segments[i];
        uint64_t segment_limit =
            segment->vaddr + ((segment->memory_size + PAGE_SMALL - 1) & ~(PAGE_SMALL - 1));
        if (segment->memory_size > 0 && map->vaddr < segment_end(segment) &&
            segment_start(segment) < end) {
            diagnostic_error(
                plan->found,
                "Error: \"ERROR: mapping MR '%s' to PD '%s' with vaddr [0x%" PRIx64 "..0x%" PRIx64
                ") will overlap with an ELF segment at [0x%" PRIx64 "..0x%" PRIx64 ")\"",
                map->region_name, pd->name, map->vaddr, end, segment->vaddr, segment_limit);
            diagnostic_quote(plan->found, &plan->system->source, map->at);
            diagnostic_advise(
                plan->found, "%s has its segments from 0x%" PRIx64 " on. Map the region elsewhere.",
                pd->program->path, pd->program->segments[0].vaddr);
            return false;
        }
    }
    return true;
}

static uint8_t map_rights(const struct map *map)
{
    return (map->perms & PERM_READ ? SPEC_READ : 0) | (map->perms & PERM_WRITE ? SPEC_WRITE : 0);
}

static void map_region(struct plan *plan, const struct pd_plan *pd, const struct map *map)
{
    struct region_plan *region = &plan->regions[map->region - plan->system->regions];
    struct planned_map planned = {
        .vspace = pd->vspace,
        .vaddr = map->vaddr,
        .size_bits = map->region->page_size == PAGE_LARGE ? PAGE_LARGE_BITS : PAGE_SMALL_BITS,
        .rights = map_rights(map),
        .flags = (region->mapped ? SPEC_MAP_COPY : 0) | (map->cached ? 0 : SPEC_MAP_UNCACHED),
    };
    if (region->pages > 0) {
        planned.frames = NO_RUN;
        planned.first_page = region->first_page;
        planned.count = region->pages;
        add_map(plan, planned);
        planned.vaddr += (uint64_t)region->pages << PAGE_SMALL_BITS;
    }
    if (region->frames != NO_RUN) {
        planned.frames = region->frames;
        planned.count = plan_run(plan, region->frames)->objects.count;
        add_map(plan, planned);
    }
    region->mapped = true;
}

static void plan_pd(struct plan *plan, size_t index, const struct elf *program)
{
    const struct system *system = plan->system;
    const struct protection_domain *pd = &system->pds[index];
    struct pd_plan planned = plan_thread(plan, pd->name, program, pd->stack_size);
    planned.root_cnode = add_run(plan, cnode(ROOT_CNODE_RADIX), "cnode_%s_root", pd->name);
    planned.notification = add_object(plan, SPEC_NOTIFICATION, "ntfn_%s", pd->name);
    planned.endpoint =
        pd_needs_endpoint(system, pd) ? add_object(plan, SPEC_ENDPOINT, "ep_%s", pd->name) : NO_RUN;
    plan_devices(plan, &planned, pd);
    for (size_t i = 0; i < pd->map_count && !plan->failed && !plan->runs.lost; i++) {
        if (check_map(plan, &planned, &pd->maps[i])) {
            map_region(plan, &planned, &pd->maps[i]);
        } else {
            plan->failed = true;
        }
    }
    plan->pds[index] = planned;
}

/* Prefilled small pages are pages of the image, unless they have to be at a physical address. */
static bool fits_in_image(const struct memory_region *region)
{
    return region->prefill.kind == PREFILL_FILE && region->page_size == PAGE_SMALL &&
           !region->phys_addr_given;
}

/* Returns the first of the pages that hold a prefill file's bytes. */
static uint32_t add_prefill(struct plan *plan, const struct prefill *prefill)
{
    uint32_t first = page_count(plan);
    bytes_append(&plan->pages, prefill->bytes, prefill->size);
    bytes_align(&plan->pages, PAGE_SMALL);
    return first;
}

static void add_fill(struct plan *plan, const struct memory_region *region, size_t frames_run)
{
    struct planned_fill fill = {.frames = frames_run};
    if (region->prefill.kind == PREFILL_FILE) {
        fill.source = SPEC_FILL_FROM_IMAGE;
        fill.page = add_prefill(plan, &region->prefill);
        fill.length = region->prefill.size;
    } else {
        fill.source = (uint32_t)region->prefill.bootinfo_id;
        fill.length = region->size;
    }
    bytes_append(&plan->fills, &fill, sizeof fill);
}

static struct region_plan plan_region(struct plan *plan, const struct memory_region *region)
{
    bool large = region->page_size == PAGE_LARGE;
    struct region_plan planned = {.frames = NO_RUN};
    if (fits_in_image(region)) {
        planned.first_page = add_prefill(plan, &region->prefill);
        planned.pages = page_count(plan) - planned.first_page;
    }
    uint64_t rest = region->size / region->page_size - planned.pages;
    if (rest > 0) {
        struct spec_objects objects = {
            .paddr = region->phys_addr_given ? region->phys_addr : SPEC_ANYWHERE,
            .count = (uint32_t)rest,
            .type = large ? SPEC_FRAME_2M : SPEC_FRAME_4K,
            .size_bits = large ? PAGE_LARGE_BITS : PAGE_SMALL_BITS,
        };
        planned.frames = add_run(plan, objects, "frame_mr_%s", region->name);
    }
    if (region->prefill.kind != PREFILL_NONE && !fits_in_image(region)) {
        add_fill(plan, region, planned.frames);
    }
    return planned;
}

/* The levels of page tables, from the top; `shift` is the log2 of what one table covers. */
static const struct level {
    enum spec_type type;
    const char *name;
    uint8_t shift;
} levels[] = {
    {SPEC_PDPT, "pdpt", 39},
    {SPEC_PAGE_DIRECTORY, "pd", 30},
    {SPEC_PAGE_TABLE, "pt", 21},
};

static int compare_addresses(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Where one VSpace needs tables of a level: addresses, with repetitions. */
static struct bytes table_addresses(const struct plan *plan, size_t vspace,
                                    const struct level *level)
{
    struct bytes addresses = {0};
    const struct planned_map *map = (const void *)plan->maps.data;
    for (size_t i = 0; i < plan->maps.size / sizeof *map; i++, map++) {
        if (map->vspace != vspace || map->size_bits >= level->shift) {
            continue;
        }
        uint64_t end = map->vaddr + ((uint64_t)map->count << map->size_bits);
        uint64_t address = map->vaddr >> level->shift << level->shift;
        for (; address < end; address += UINT64_C(1) << level->shift) {
            bytes_append(&addresses, &address, sizeof address);
        }
    }
    return addresses;
}

static void plan_level(struct plan *plan, const struct pd_plan *pd, const struct level *level)
{
    struct bytes addresses = table_addresses(plan, pd->vspace, level);
    uint64_t *vaddrs = (uint64_t *)addresses.data;
    size_t count = addresses.size / sizeof *vaddrs;
    plan->tables.lost |= addresses.lost;
    if (count == 0) {
        bytes_free(&addresses);
        return;
    }
    qsort(vaddrs, count, sizeof *vaddrs, compare_addresses);
    size_t run = add_run(plan,
                         (struct spec_objects){.paddr = SPEC_ANYWHERE,
                                               .type = (uint8_t)level->type,
                                               .size_bits = type_size_bits(level->type)},
                         "%s_%s", level->name, pd->name);
    uint32_t different = 0;
    for (size_t i = 0; i < count && run != NO_RUN; i++) {
        if (i == 0 || vaddrs[i] != vaddrs[i - 1]) {
            struct planned_table table = {pd->vspace, run, different++, vaddrs[i]};
            bytes_append(&plan->tables, &table, sizeof table);
        }
    }
    if (run != NO_RUN) {
        plan_run(plan, run)->objects.count = different;
    }
    bytes_free(&addresses);
}

static void plan_tables(struct plan *plan, const struct pd_plan *pd)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        plan_level(plan, pd, &levels[i]);
    }
}

/* The order of spec.h: frames at addresses; by size, type, name; what takes no memory. */
static int compare_runs(const void *left, const void *right)
{
    const struct run *a = *(const struct run *const *)left;
    const struct run *b = *(const struct run *const *)right;
    if (a->objects.paddr != b->objects.paddr) {
        return a->objects.paddr < b->objects.paddr ? -1 : 1;
    }
    if (a->objects.size_bits != b->objects.size_bits) {
        return a->objects.size_bits > b->objects.size_bits ? -1 : 1;
    }
    if (a->objects.type != b->objects.type) {
        return a->objects.type < b->objects.type ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

static void number_objects(struct plan *plan)
{
    size_t count = plan_run_count(plan);
    plan->order = malloc(count * sizeof(struct run *));
    if (plan->order == NULL) {
        plan->runs.lost = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        plan->order[i] = plan_run(plan, i);
    }
    qsort(plan->order, count, sizeof(struct run *), compare_runs);
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++) {
        plan->order[i]->objects.first = next;
        next += plan->order[i]->objects.count;
    }
}

/* Each page takes a slot of the initialiser's CNode, which says so itself when all together are too
 * many. One region alone can be refused here, and its pages counted in 32 bits from then on. */
static bool check_region_sizes(const struct system *system, struct diagnostics *found)
{
    for (size_t i = 0; i < system->region_count; i++) {
        const struct memory_region *region = &system->regions[i];
        uint64_t pages = region->size / region->page_size;
        if (pages > ROOT_TASK_SLOTS) {
            diagnostic_error(found,
                             "Error: memory region '%s' has %" PRIu64
                             " pages, more than the %" PRIu64 " slots of the initialiser's CNode",
                             region->name, pages, ROOT_TASK_SLOTS);
            diagnostic_quote(found, &system->source, region->at);
            diagnostic_advise(found, region->page_size == PAGE_SMALL
                                         ? "With page_size=\"0x200000\" it takes fewer."
                                         : "Make it smaller.");
            return false;
        }
    }
    return true;
}

/* What the model has room for and this image has not. */
static bool check_supported(const struct system *system, struct diagnostics *found)
{
    if (system->io_address_space_count > 0) {
        const struct io_address_space *space = &system->io_address_spaces[0];
        diagnostic_error(found, "Error: I/O address spaces are not supported yet");
        diagnostic_quote(found, &system->source,
                         space->iomap_count > 0 ? space->iomaps[0].at : space->at);
        diagnostic_advise(found, "The image could not confine the device '%s'.", space->name);
        return false;
    }
    for (size_t i = 0; i < system->pd_count; i++) {
        const struct protection_domain *pd = &system->pds[i];
        if (pd->vm != NULL) {
            diagnostic_error(found, "Error: virtual machines are not supported yet");
            diagnostic_quote(found, &system->source, pd->vm->at);
            return false;
        }
        for (size_t n = 0; n < pd->user_cap_count; n++) {
            if (pd->user_caps[n].slot >= 1 << ROOT_CNODE_RADIX) {
                diagnostic_error(found,
                                 "Error: slot %" PRIu64
                                 " of PD '%s' does not exist: the root CNode "
                                 "has %d slots",
                                 pd->user_caps[n].slot, pd->name, 1 << ROOT_CNODE_RADIX);
                diagnostic_quote(found, &system->source, pd->user_caps[n].at);
                diagnostic_advise(found, "Use a slot from 1 to %d.", (1 << ROOT_CNODE_RADIX) - 1);
                return false;
            }
        }
    }
    return true;
}

static bool plan_lost(const struct plan *plan)
{
    return plan->runs.lost || plan->maps.lost || plan->tables.lost || plan->fills.lost ||
           plan->pages.lost;
}

static void plan_all(struct plan *plan, const struct programs *programs)
{
    const struct system *system = plan->system;
    for (size_t i = 0; i < system->region_count; i++) {
        plan->regions[i] = plan_region(plan, &system->regions[i]);
    }
    plan_monitor(plan, &programs->monitor);
    for (size_t i = 0; i < system->pd_count && !plan->failed; i++) {
        plan_pd(plan, i, &programs->pds[i]);
    }
    if (plan->failed || plan_lost(plan)) {
        return;
    }
    plan_tables(plan, &plan->monitor);
    for (size_t i = 0; i < system->pd_count; i++) {
        plan_tables(plan, &plan->pds[i]);
    }
    number_objects(plan);
}

bool plan_make(struct plan *plan, const struct system *system, const struct programs *programs,
               struct diagnostics *found)
{
    *plan = (struct plan){.system = system, .found = found};
    if (!check_supported(system, found) || !check_region_sizes(system, found)) {
        return false;
    }
    plan->pds = calloc(system->pd_count, sizeof *plan->pds);
    plan->regions = calloc(system->region_count + 1, sizeof *plan->regions);
    if (plan->pds != NULL && plan->regions != NULL) {
        plan_all(plan, programs);
        if (plan->failed) {
            return false;
        }
    }
    if (plan->order == NULL || plan_lost(plan)) {
        diagnostic_error(found, "Error: out of memory for the plan of the image");
        return false;
    }
    return true;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan_run_count(plan); i++) {
        free(plan_run(plan, i)->name);
    }
    for (size_t i = 0; plan->pds != NULL && i < plan->system->pd_count; i++) {
        free(plan->pds[i].irqs);
        free(plan->pds[i].ioports);
    }
    free(plan->pds);
    free(plan->regions);
    free(plan->order);
    bytes_free(&plan->runs);
    bytes_free(&plan->maps);
    bytes_free(&plan->tables);
    bytes_free(&plan->fills);
    bytes_free(&plan->pages);
    *plan = (struct plan){0};
}
