/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/obstacle.h"

#include "abi/bootinfo.h"
#include "microkit/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a device is called, and what Quoll's board has in its place. */
static const struct {
    const char *word; /* for machines */
    const char *title;
    const char *region; /* instead of its registers */
    const char *irq;    /* instead of its interrupt: attributes of <irq>; NULL: none */
} devices[] = {
    [DEVICE_UNKNOWN] = {NULL, "a device", "docs/devices.md lists what a PC has", NULL},
    [DEVICE_SERIAL] = {"serial", "a serial port",
                       "a PC's has I/O ports 0x3f8 to 0x3ff, see examples/serial_driver",
                       "pin=\"4\" vector=\"4\" trigger=\"edge\""},
    [DEVICE_TIMER] = {"timer", "a timer",
                      "a PC has the HPET at 0xfed00000, see examples/timer_driver",
                      "pin=\"2\" vector=\"2\" trigger=\"edge\""},
    [DEVICE_CLOCK] = {"clock", "a clock", "a PC's has I/O ports 0x70 and 0x71, see docs/devices.md",
                      "pin=\"8\" vector=\"8\" trigger=\"edge\""},
    [DEVICE_NETWORK] = {"network", "a network card", "Quoll has none: leave the driver out", NULL},
    [DEVICE_DISK] = {"disk", "a disk", "Quoll has none: leave the driver out", NULL},
    [DEVICE_VIRTIO] = {"virtio", "a virtio device", "Quoll has none: leave the driver out", NULL},
    [DEVICE_I2C] = {"i2c", "an I2C bus", "Quoll has none: leave the driver out", NULL},
    [DEVICE_GPIO] = {"gpio", "GPIO pins", "Quoll has none: leave the driver out", NULL},
    [DEVICE_GPU] = {"gpu", "a graphics card", "Quoll has none: leave the driver out", NULL},
    [DEVICE_SOUND] = {"sound", "a sound card", "Quoll has none: leave the driver out", NULL},
    [DEVICE_INTERRUPTS] = {"interrupts", "an interrupt controller",
                           "only a virtual machine needs its registers: it goes away with that",
                           NULL},
};

static const char *const kind_names[] = {
    [OBSTACLE_DEVICE] = "device",
    [OBSTACLE_MEMORY] = "memory",
    [OBSTACLE_IRQ] = "irq",
    [OBSTACLE_SMC] = "smc",
    [OBSTACLE_VM] = "virtual_machine",
    [OBSTACLE_PADDR] = "region_paddr",
    [OBSTACLE_ADDRESS] = "address",
    [OBSTACLE_DEVICE_TREE] = "device_tree",
    [OBSTACLE_IO_SPACE] = "io_address_space",
    [OBSTACLE_CORE] = "core",
    [OBSTACLE_UNCACHED] = "uncached",
};

const char *obstacle_kind_name(enum obstacle_kind kind)
{
    return kind_names[kind];
}

const char *device_kind_word(enum device_kind kind)
{
    return devices[kind].word;
}

const char *device_kind_title(enum device_kind kind)
{
    return devices[kind].title;
}

bool obstacle_blocks(const struct obstacle *obstacle)
{
    return obstacle->kind != OBSTACLE_UNCACHED;
}

/* One search in progress. Without memory it goes on, and `failed` tells. */
struct search {
    const struct system *system;
    const struct hardware *hardware;
    struct obstacles *found;
    size_t capacity;
    bool failed;
};

static const char *text(struct search *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *text(struct search *s, const char *format, ...)
{
    va_list arguments;
    char *formatted = NULL;
    va_start(arguments, format);
    int length = vasprintf(&formatted, format, arguments);
    va_end(arguments);
    char *kept = length < 0 ? NULL : arena_copy(s->system->arena, formatted, (size_t)length);
    if (length >= 0) {
        free(formatted);
    }
    s->failed |= kept == NULL;
    return kept == NULL ? "" : kept;
}

static void add(struct search *s, struct obstacle obstacle)
{
    struct obstacles *found = s->found;
    if (found->count == s->capacity) {
        size_t capacity = s->capacity == 0 ? 16 : 2 * s->capacity;
        struct obstacle *list = arena_alloc(s->system->arena, capacity * sizeof(*list));
        if (list == NULL) {
            s->failed = true;
            return;
        }
        if (found->count > 0) {
            memcpy(list, found->list, found->count * sizeof(*list));
        }
        found->list = list;
        s->capacity = capacity;
    }
    found->list[found->count++] = obstacle;
}

static bool is_x86(const struct search *s)
{
    return s->system->target->arch == ARCH_X86_64;
}

/* "'uart' (uart.elf)" */
static const char *pd_title(struct search *s, const struct protection_domain *pd)
{
    return text(s, "'%s' (%s)", pd->name, pd->program_image);
}

static bool maps_region(const struct map *maps, size_t count, const struct memory_region *region)
{
    for (size_t i = 0; i < count; i++) {
        if (maps[i].region == region) {
            return true;
        }
    }
    return false;
}

/* Who maps a region. */
struct users {
    bool pds;
    bool vms;
    const char *title; /* "for 'uart' (uart.elf) and the virtual machine 'linux'" */
};

static struct users users_of(struct search *s, const struct memory_region *region)
{
    struct users users = {0};
    for (size_t i = 0; i < s->system->pd_count; i++) {
        const struct protection_domain *pd = &s->system->pds[i];
        if (maps_region(pd->maps, pd->map_count, region)) {
            users.title =
                text(s, "%s %s", users.title == NULL ? "for" : text(s, "%s and", users.title),
                     pd_title(s, pd));
            users.pds = true;
        }
        if (pd->vm != NULL && maps_region(pd->vm->maps, pd->vm->map_count, region)) {
            users.title =
                text(s, "%s the virtual machine '%s'",
                     users.title == NULL ? "for" : text(s, "%s and", users.title), pd->vm->name);
            users.vms = true;
        }
    }
    if (users.title == NULL) {
        users.title = "mapped by nobody";
    }
    return users;
}

/* Instead of a region that is for nobody or for virtual machines alone; NULL: it is for PDs. */
static const char *instead_of_unused(const struct users *users)
{
    return users->pds ? NULL : users->vms ? "it goes away with the virtual machine" : "it can go";
}

/* --- Regions --- */

/* By its name, or else by those of the PDs that map it and of their programs. */
static enum device_kind kind_by_names(const struct search *s, const struct memory_region *region)
{
    enum device_kind kind = device_kind_of_name(region->name);
    for (size_t i = 0; i < s->system->pd_count && kind == DEVICE_UNKNOWN; i++) {
        const struct protection_domain *pd = &s->system->pds[i];
        if (maps_region(pd->maps, pd->map_count, region)) {
            kind = device_kind_of_name(pd->name);
            kind = kind == DEVICE_UNKNOWN ? device_kind_of_name(pd->program_image) : kind;
        }
    }
    return kind;
}

static void find_device(struct search *s, const struct memory_region *region)
{
    const struct device_run *run =
        s->hardware == NULL ? NULL : hardware_at(s->hardware, region->phys_addr, region->size);
    enum device_kind kind = run == NULL ? kind_by_names(s, region) : run->kind;
    const char *which = run != NULL              ? text(s, " (%s)", run->name)
                        : kind == DEVICE_UNKNOWN ? " that is not known here"
                                                 : ", as names tell";
    struct users users = users_of(s, region);
    const char *unused = instead_of_unused(&users);
    add(s, (struct obstacle){
               .at = region->at,
               .kind = OBSTACLE_DEVICE,
               .device = kind,
               .what = text(s, "memory region '%s' has registers of %s%s, %s", region->name,
                            devices[kind].title, which, users.title),
               .instead = unused == NULL ? devices[kind].region : unused,
           });
}

static bool is_asked_for_address(const struct search *s, const struct memory_region *region)
{
    for (size_t i = 0; i < s->system->pd_count; i++) {
        const struct protection_domain *pd = &s->system->pds[i];
        for (size_t j = 0; j < pd->setvar_count; j++) {
            if (pd->setvars[j].kind == SETVAR_REGION_PADDR && pd->setvars[j].region == region) {
                return true;
            }
        }
    }
    return false;
}

static void find_memory(struct search *s, const struct memory_region *region)
{
    struct users users = users_of(s, region);
    const char *instead = instead_of_unused(&users);
    if (instead == NULL) {
        instead = is_asked_for_address(s, region) ? "choose a place in the PC's memory"
                                                  : "without phys_addr it is placed anywhere";
    }
    add(s, (struct obstacle){
               .at = region->at,
               .kind = OBSTACLE_MEMORY,
               .what = text(s, "memory region '%s' has its place in the board's memory, %s",
                            region->name, users.title),
               .instead = instead,
           });
}

static void find_device_tree(struct search *s, const struct memory_region *region)
{
    add(s, (struct obstacle){
               .at = region->at,
               .kind = OBSTACLE_DEVICE_TREE,
               .what = text(s, "memory region '%s' is filled with the device tree, %s",
                            region->name, users_of(s, region).title),
               .instead = "a PC has none: fill it from a file, prefill_path, or leave it out",
           });
}

static bool is_registers(const struct search *s, const struct memory_region *region)
{
    return region->phys_addr_given &&
           (s->hardware == NULL || !hardware_is_memory(s->hardware, region->phys_addr));
}

static void find_in_region(struct search *s, const struct memory_region *region)
{
    if (region->prefill.kind == PREFILL_BOOTINFO &&
        region->prefill.bootinfo_id == SEL4_BOOTINFO_HEADER_FDT) {
        find_device_tree(s, region);
    }
    if (is_registers(s, region)) {
        find_device(s, region);
    } else if (region->phys_addr_given) {
        find_memory(s, region);
    }
}

/* --- Protection domains --- */

/* Interrupts that each core of an Arm processor has for its own timers. */
static bool is_arm_timer(const struct search *s, uint64_t irq)
{
    return s->system->target->arch == ARCH_AARCH64 && irq >= 26 && irq <= 30 && irq != 28;
}

/* The kind of device whose registers a map is of, by their address or else by their name. */
static enum device_kind kind_of_map(const struct search *s, const struct map *map)
{
    const struct memory_region *region = map->region;
    if (!is_registers(s, region)) {
        return DEVICE_UNKNOWN;
    }
    const struct device_run *run =
        s->hardware == NULL ? NULL : hardware_at(s->hardware, region->phys_addr, region->size);
    return run == NULL ? device_kind_of_name(region->name) : run->kind;
}

static bool maps_device(const struct search *s, const struct protection_domain *pd,
                        enum device_kind kind)
{
    for (size_t i = 0; i < pd->map_count; i++) {
        if (kind_of_map(s, &pd->maps[i]) == kind) {
            return true;
        }
    }
    return false;
}

static bool maps_registers(const struct search *s, const struct protection_domain *pd)
{
    for (size_t i = 0; i < pd->map_count; i++) {
        if (is_registers(s, pd->maps[i].region)) {
            return true;
        }
    }
    return false;
}

/* Of the device whose registers the PD maps, if it is one alone; else as names tell. */
static enum device_kind kind_by_pd(const struct search *s, const struct protection_domain *pd)
{
    enum device_kind kind = DEVICE_UNKNOWN;
    for (size_t i = 0; i < pd->map_count; i++) {
        enum device_kind mapped = kind_of_map(s, &pd->maps[i]);
        if (mapped != DEVICE_UNKNOWN && kind != DEVICE_UNKNOWN && mapped != kind) {
            return DEVICE_UNKNOWN;
        }
        kind = mapped == DEVICE_UNKNOWN ? kind : mapped;
    }
    kind = kind == DEVICE_UNKNOWN ? device_kind_of_name(pd->name) : kind;
    return kind == DEVICE_UNKNOWN ? device_kind_of_name(pd->program_image) : kind;
}

/*
 * The device with that interrupt, or NULL. A PD with the registers of other devices alone knows better:
 * the system may be for another board.
 */
static const struct device_run *device_of_irq(const struct search *s,
                                              const struct protection_domain *pd, uint64_t irq)
{
    const struct device_run *run = s->hardware == NULL ? NULL : hardware_of_irq(s->hardware, irq);
    bool other = run != NULL && maps_registers(s, pd) && !maps_device(s, pd, run->kind);
    return other ? NULL : run;
}

static enum device_kind kind_of_irq(const struct search *s, const struct protection_domain *pd,
                                    uint64_t irq)
{
    const struct device_run *run = device_of_irq(s, pd, irq);
    return is_arm_timer(s, irq) ? DEVICE_TIMER : run != NULL ? run->kind : kind_by_pd(s, pd);
}

static void find_irq(struct search *s, const struct protection_domain *pd, const struct irq *irq)
{
    const struct device_run *run = device_of_irq(s, pd, irq->number);
    enum device_kind kind = kind_of_irq(s, pd, irq->number);
    const char *which = is_arm_timer(s, irq->number) ? " (the processor's own)"
                        : run != NULL                ? text(s, " (%s)", run->name)
                        : kind == DEVICE_UNKNOWN     ? " that is not known here"
                                                     : "";
    const char *instead = "it goes away with its driver";
    if (pd->vm != NULL && !maps_device(s, pd, kind)) {
        instead = "it goes away with the virtual machine";
    } else if (devices[kind].irq != NULL) {
        instead = text(s, "<irq id=\"%" PRIu64 "\" %s /> is a PC's", irq->id, devices[kind].irq);
    }
    add(s, (struct obstacle){
               .at = irq->at,
               .kind = OBSTACLE_IRQ,
               .device = kind,
               .what = text(s, "irq %" PRIu64 " is of %s%s, for %s", irq->number,
                            devices[kind].title, which, pd_title(s, pd)),
               .instead = instead,
           });
}

static void find_driver(struct search *s, const struct protection_domain *pd)
{
    struct obstacles *found = s->found;
    bool has_irq = pd->irq_count > 0 && pd->irqs[0].kind == IRQ_CONVENTIONAL;
    if (!has_irq && !maps_registers(s, pd)) {
        return;
    }
    enum device_kind kind = kind_by_pd(s, pd);
    if (kind == DEVICE_UNKNOWN && !maps_registers(s, pd)) {
        kind = kind_of_irq(s, pd, pd->irqs[0].number);
    }
    found->drivers[found->driver_count++] = (struct driver){pd, kind};
}

static void find_setvars(struct search *s, const struct protection_domain *pd)
{
    for (size_t i = 0; i < pd->setvar_count; i++) {
        const struct setvar *setvar = &pd->setvars[i];
        if (setvar->kind != SETVAR_REGION_PADDR || setvar->region->phys_addr_given) {
            continue;
        }
        add(s, (struct obstacle){
                   .at = setvar->at,
                   .kind = OBSTACLE_PADDR,
                   .what = text(
                       s, "setvar '%s' of %s wants the address of '%s', which has no phys_addr",
                       setvar->symbol, pd_title(s, pd), setvar->region_name),
                   .instead = "x86-64 wants one: give it, or leave the setvar out with its device",
               });
    }
}

static void find_in_map(struct search *s, const struct protection_domain *pd, const struct map *map)
{
    uint64_t limit = target_stack_bottom(&target_x86_64, pd->stack_size);
    if (map->vaddr + map->region->size > limit) {
        add(s, (struct obstacle){
                   .at = map->at,
                   .kind = OBSTACLE_ADDRESS,
                   .what = text(s, "the map of '%s' in %s is above the addresses of x86-64",
                                map->region_name, pd_title(s, pd)),
                   .instead = text(s, "there it has to end at or below 0x%" PRIx64, limit),
               });
    }
    if (!map->cached && !map->region->phys_addr_given) {
        add(s,
            (struct obstacle){
                .at = map->at,
                .kind = OBSTACLE_UNCACHED,
                .what = text(s, "the map of '%s' in %s is uncached memory", map->region_name,
                             pd_title(s, pd)),
                .instead = "it works, but a PC's devices see its caches: cached=\"false\" can go",
            });
    }
}

static void find_vm(struct search *s, const struct protection_domain *pd)
{
    add(s, (struct obstacle){
               .at = pd->vm->at,
               .kind = OBSTACLE_VM,
               .what = text(s, "virtual machine '%s' of %s", pd->vm->name, pd_title(s, pd)),
               .instead = "x86_64_generic has none: leave it out, with its monitor",
           });
}

static void find_in_pd(struct search *s, const struct protection_domain *pd)
{
    if (pd->smc) {
        add(s, (struct obstacle){
                   .at = pd->at,
                   .kind = OBSTACLE_SMC,
                   .what = text(s, "%s calls the secure monitor, smc=\"true\"", pd_title(s, pd)),
                   .instead = "x86-64 has none: leave out the attribute and microkit_arm_smc_call",
               });
    }
    if (pd->cpu != 0) {
        add(s, (struct obstacle){
                   .at = pd->at,
                   .kind = OBSTACLE_CORE,
                   .what = text(s, "%s is on core %u", pd_title(s, pd), pd->cpu),
                   .instead = "Quoll has one core: leave out the attribute cpu",
               });
    }
    for (size_t i = 0; i < pd->irq_count; i++) {
        if (pd->irqs[i].kind == IRQ_CONVENTIONAL) {
            find_irq(s, pd, &pd->irqs[i]);
        }
    }
    for (size_t i = 0; i < pd->map_count; i++) {
        find_in_map(s, pd, &pd->maps[i]);
    }
    find_setvars(s, pd);
    if (pd->vm != NULL) {
        find_vm(s, pd);
    }
}

static void find_drivers(struct search *s)
{
    size_t size = s->system->pd_count * sizeof(*s->found->drivers);
    s->found->drivers = arena_alloc(s->system->arena, size);
    if (s->found->drivers == NULL) {
        s->failed = true;
        return;
    }
    for (size_t i = 0; i < s->system->pd_count && !is_x86(s); i++) {
        find_driver(s, &s->system->pds[i]);
    }
}

static int compare_places(const void *a, const void *b)
{
    const struct obstacle *left = a;
    const struct obstacle *right = b;
    if (left->at.line != right->at.line) {
        return left->at.line < right->at.line ? -1 : 1;
    }
    if (left->at.column != right->at.column) {
        return left->at.column < right->at.column ? -1 : 1;
    }
    return (left->kind > right->kind) - (left->kind < right->kind);
}

bool obstacles_find(const struct system *system, const struct hardware *hardware,
                    struct obstacles *obstacles)
{
    struct search s = {.system = system, .hardware = hardware, .found = obstacles};
    *obstacles = (struct obstacles){0};
    for (size_t i = 0; i < system->region_count && !is_x86(&s); i++) {
        find_in_region(&s, &system->regions[i]);
    }
    for (size_t i = 0; i < system->pd_count; i++) {
        find_in_pd(&s, &system->pds[i]);
    }
    find_drivers(&s);
    for (size_t i = 0; i < system->io_address_space_count; i++) {
        const struct io_address_space *space = &system->io_address_spaces[i];
        add(&s, (struct obstacle){
                    .at = space->at,
                    .kind = OBSTACLE_IO_SPACE,
                    .what = text(&s, "I/O address space '%s'", space->name),
                    .instead = "Quoll has no IOMMU: leave it out with its device",
                });
    }
    if (obstacles->count > 1) {
        qsort(obstacles->list, obstacles->count, sizeof(*obstacles->list), compare_places);
    }
    return !s.failed;
}

static size_t count_devices(const struct system *system, const struct hardware *hardware)
{
    size_t count = 0;
    for (size_t i = 0; i < system->region_count; i++) {
        const struct memory_region *region = &system->regions[i];
        count += region->phys_addr_given &&
                 hardware_at(hardware, region->phys_addr, region->size) != NULL;
    }
    return count;
}

const struct target *obstacles_guess_board(const struct system *system)
{
    const struct target *best = NULL;
    size_t best_count = 0;
    for (size_t i = 0; i < target_count; i++) {
        const struct target *target = &targets[i];
        if (target->arch != system->target->arch || target->hardware == NULL) {
            continue;
        }
        size_t count = count_devices(system, target->hardware);
        if (count > best_count) {
            best = target;
            best_count = count;
        }
    }
    return best;
}
