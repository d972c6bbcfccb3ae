/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Where things lie in memory at boot, and what becomes of the rest. */
#include "kernel/boot.h"

#include "kernel/product.h"
#include "kernel/say.h"

/* Above what the kernel's window maps, RAM is only device memory. */
#define WINDOW_END 0x7f80000000ul

/* Device memory ends where user addresses do. */
#define DEVICES_END 0x800000000000ul

/* The window's address of physical address 0. Untyped memory is aligned by addresses there, which
 * matters above WINDOW_END only. */
#define WINDOW_BASE 0xffffff8000000000ul

#define LOCAL_APIC 0xfee00000ul
#define IO_APIC    0xfec00000ul
/* Writes here are interrupts. */
#define MSI_FIRST 0xfffffff8ul
#define MSI_END   0x100000000ul

/* Ranges. */

/* Put a range in its place; an empty one has none. Returns false when there are too many. */
static bool ranges_insert(struct ranges *ranges, struct range range)
{
    if (range.first >= range.end) {
        return true;
    }
    if (ranges->count == RANGES_MAX) {
        return false;
    }
    size_t i = ranges->count++;
    for (; i > 0 && ranges->list[i - 1].first > range.first; i--) {
        ranges->list[i] = ranges->list[i - 1];
    }
    ranges->list[i] = range;
    return true;
}

/* RAM that the kernel can use, in whole pages. */
static const char *find_usable(struct booting *b)
{
    const struct kernel_boot *boot = b->boot;
    for (size_t i = 0; i < boot->region_count; i++) {
        const struct kernel_region *region = &boot->regions[i];
        if (region->kind != REGION_RAM || region->first < KERNEL_FIRST ||
            region->first >= WINDOW_END) {
            continue;
        }
        struct range range = {.first = boot_round_up(region->first, PAGE_BYTES),
                              .end = boot_round_down(region->end, PAGE_BYTES)};
        if (range.end > WINDOW_END) {
            range.end = WINDOW_END;
        }
        if (range.end > boot->memory_bytes) {
            return "a region of RAM lies beyond the end of memory";
        }
        if (!ranges_insert(&b->usable, range)) {
            return "the machine reports too many regions of RAM";
        }
    }
    return NULL;
}

/* Usable RAM without the kernel and the root task's image. */
static const char *find_free(struct booting *b)
{
    bool image_is_in_ram = false;
    for (size_t i = 0; i < b->usable.count; i++) {
        struct range range = b->usable.list[i];
        struct range rest = {range.first > b->image.end ? range.first : b->image.end, range.end};
        if (range.first <= KERNEL_FIRST && range.end >= b->image.end) {
            image_is_in_ram = true;
        }
        if (!ranges_insert(&b->free, rest)) {
            return "the machine reports too many regions of RAM";
        }
    }
    return image_is_in_ram
               ? NULL
               : "the root task's image does not fit into memory: give the machine more";
}

/* The initial thread's objects. */

uint64_t boot_tables_count(const struct booting *b, enum paging_level level)
{
    uint64_t unit = paging_entry_bytes(level);
    uint64_t end = b->extra_vaddr + PAGE_BYTES;
    return (boot_round_up(end, unit) - boot_round_down(b->boot->image_first, unit)) / unit;
}

static uint64_t all_tables_count(const struct booting *b)
{
    return boot_tables_count(b, LEVEL_PD) + boot_tables_count(b, LEVEL_PDPT) +
           boot_tables_count(b, LEVEL_PML4);
}

static unsigned cnode_bits(const struct booting *b)
{
    return b->k->config.root_cnode_size_bits + seL4_SlotBits;
}

static paddr take(paddr *next, uint64_t bytes)
{
    paddr object = *next;
    *next += bytes;
    return object;
}

/* Objects follow one another from the largest to the smallest, so that each is aligned. */
static struct layout lay_out(const struct booting *b, paddr first)
{
    const struct kernel_config *config = &b->k->config;
    bool has_large_tcb = config->xsave_bytes >= 832;
    struct layout at = {0};
    paddr next = first;

    at.cnode = take(&next, 1ul << cnode_bits(b));
    at.extra = take(&next, PAGE_BYTES);
    at.vspace = take(&next, PAGE_BYTES);
    at.asid_pool = take(&next, PAGE_BYTES);
    at.ipc_buffer = take(&next, PAGE_BYTES);
    at.bootinfo = take(&next, PAGE_BYTES);
    if (has_large_tcb) {
        at.tcb = take(&next, 1ul << TCB_BITS_LARGE_XSAVE);
    }
    at.paging = take(&next, all_tables_count(b) * PAGE_BYTES);
    if (!has_large_tcb) {
        at.tcb = take(&next, 1ul << TCB_BITS);
    }
    at.sc = take(&next, product_numbers.initial_sc_bytes);
    at.bytes = next - first;
    return at;
}

/* Take them from the top of the last region that has room; what is left of it stays free. */
static const char *place_objects(struct booting *b)
{
    uint64_t bytes = lay_out(b, 0).bytes;
    for (size_t i = b->free.count; i-- > 0;) {
        struct range *range = &b->free.list[i];
        if (range->end - range->first < bytes) {
            continue;
        }
        paddr first = boot_round_down(range->end - bytes, 1ul << cnode_bits(b));
        if (first < range->first) {
            continue;
        }
        b->at = lay_out(b, first);
        struct range rest = {first + bytes, range->end};
        range->end = first;
        return ranges_insert(&b->free, rest) ? NULL : "memory is in too many pieces";
    }
    return "the first objects, among them the root CNode, do not fit into memory: give the machine "
           "more";
}

const char *boot_claim_memory(struct booting *b)
{
    const char *why = find_usable(b);
    if (!why) {
        why = find_free(b);
    }
    return why ? why : place_objects(b);
}

/* Untyped memory. */

enum memory_kind { MEMORY_RAM, MEMORY_DEVICE };

/* All of it is zeros, so RAM counts as free and its first use has nothing to clear. */
static void provide_untyped(struct booting *b, enum memory_kind kind, paddr base, unsigned bits)
{
    unsigned count_max = b->k->config.bootinfo_untypeds;
    if (count_max > BOOTINFO_UNTYPED_MAX) {
        count_max = BOOTINFO_UNTYPED_MAX;
    }
    if (b->untyped_count == count_max) {
        b->untyped_dropped++;
        return;
    }
    b->untyped_list[b->untyped_count++] = (struct abi_untyped_description){
        .paddr = base, .size_bits = (uint8_t)bits, .is_device = kind == MEMORY_DEVICE};
    boot_provide_cap(b, (struct cap){.untyped = {.type = CAP_UNTYPED,
                                                 .object_16 = base >> 4,
                                                 .size_bits = bits & 63,
                                                 .is_device = kind == MEMORY_DEVICE}});
}

/* Cut a range into the largest aligned powers of two, from its first byte on. */
static void provide_untypeds(struct booting *b, enum memory_kind kind, struct range range)
{
    uint64_t end = range.end + WINDOW_BASE;
    for (uint64_t next = range.first + WINDOW_BASE; next != end;) {
        unsigned bits = 63 - (unsigned)__builtin_clzl(end - next);
        if (bits > seL4_MaxUntypedBits) {
            bits = seL4_MaxUntypedBits;
        }
        if (next != 0 && bits > (unsigned)__builtin_ctzl(next)) {
            bits = (unsigned)__builtin_ctzl(next);
        }
        if (bits >= seL4_MinUntypedBits) {
            provide_untyped(b, kind, next - WINDOW_BASE, bits);
        }
        next += 1ul << bits;
    }
}

/* Everything that is neither usable RAM nor the kernel's own devices. */
static const char *provide_device_memory(struct booting *b)
{
    struct ranges taken = b->usable;
    bool fits = ranges_insert(&taken, (struct range){IO_APIC, IO_APIC + PAGE_BYTES}) &&
                ranges_insert(&taken, (struct range){LOCAL_APIC, LOCAL_APIC + PAGE_BYTES}) &&
                ranges_insert(&taken, (struct range){MSI_FIRST, MSI_END}) &&
                ranges_insert(&taken, (struct range){DEVICES_END, UINT64_MAX});
    if (!fits) {
        return "the machine reports too many regions of RAM";
    }
    paddr first = 0;
    for (size_t i = 0; i < taken.count; i++) {
        if (first < taken.list[i].first) {
            provide_untypeds(b, MEMORY_DEVICE, (struct range){first, taken.list[i].first});
        }
        if (first < taken.list[i].end) {
            first = taken.list[i].end;
        }
    }
    return NULL;
}

const char *boot_provide_memory(struct booting *b)
{
    b->untyped->start = b->slot_next;
    const char *why = provide_device_memory(b);
    if (why) {
        return why;
    }
    provide_untypeds(b, MEMORY_RAM, (struct range){KERNEL_FIRST, b->k->config.kernel_boot_end});
    for (size_t i = 0; i < b->free.count; i++) {
        provide_untypeds(b, MEMORY_RAM, b->free.list[i]);
    }
    b->untyped->end = b->slot_next;
    if (b->untyped_dropped) {
        say_why(b->k, WHY("%u pieces of memory are not used: bootinfo describes at most %u",
                          b->untyped_dropped, b->untyped_count));
    }
    return NULL;
}
