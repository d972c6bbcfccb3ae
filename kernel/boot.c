/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * From a machine and a root task's image to the root task's world.
 *
 * Memory is laid out as the real kernel lays it out, so that the same ELF finds the same untyped
 * memory: the kernel's image from 1 MiB on, the root task's image after it, and the first objects
 * at the top of the last region that is large enough. Where the real kernel's image would be lies
 * what this kernel keeps in object memory for itself.
 */
#include "kernel/kernel.h"

#include "abi/bootinfo.h"
#include "kernel/cdt.h"
#include "kernel/config_tables.h"
#include "kernel/object.h"
#include "kernel/sched.h"
#include "kernel/sched_context.h"
#include "kernel/tcb.h"
#include "kernel/x86/asid.h"
#include "kernel/x86/irq.h"
#include "kernel/x86/paging.h"

#define PAGE_BYTES (1ul << seL4_PageBits)

/* The kernel's image begins here; RAM below is not used. */
#define KERNEL_FIRST 0x100000ul

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

#define INITIAL_PRIORITY 255

#define RANGES_MAX 24

struct range {
    paddr first;
    paddr end;
};

/* Ascending, not overlapping. */
struct ranges {
    struct range list[RANGES_MAX];
    size_t count;
};

/* Where the initial thread's objects are. */
struct layout {
    paddr cnode;
    paddr extra; /* of bootinfo */
    paddr vspace;
    paddr asid_pool;
    paddr ipc_buffer;
    paddr bootinfo;
    paddr tcb;
    paddr paging;
    paddr sc;
    uint64_t bytes; /* of all */
};

/* Boot while it goes on. */
struct booting {
    struct kernel *k;
    const struct kernel_boot *boot;
    struct range image; /* of the root task, in memory */
    uint64_t ipc_buffer_vaddr;
    uint64_t bootinfo_vaddr;
    uint64_t extra_vaddr;
    uint64_t extra_bytes;
    unsigned extra_bits; /* log2 of the bytes that it gets, whole pages */
    struct ranges usable;
    struct ranges free;
    struct layout at;

    struct slot *slots; /* the root CNode */
    uint64_t slot_next;
    bool slots_overflow;
    struct abi_bootinfo_mcs *bootinfo; /* the classic struct is the same up to the two below */
    struct abi_slot_region *untyped;
    struct abi_untyped_description *untyped_list;
    unsigned untyped_count;
    unsigned untyped_dropped; /* beyond what bootinfo holds */
};

/* Ranges. */

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

static uint64_t round_down(uint64_t value, uint64_t unit)
{
    return value & ~(unit - 1);
}

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
        struct range range = {.first = round_up(region->first, PAGE_BYTES),
                              .end = round_down(region->end, PAGE_BYTES)};
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
        struct range below = {range.first, range.end < KERNEL_FIRST ? range.end : KERNEL_FIRST};
        struct range above = {range.first > b->image.end ? range.first : b->image.end, range.end};
        if (range.first <= KERNEL_FIRST && range.end >= b->image.end) {
            image_is_in_ram = true;
        }
        if (!ranges_insert(&b->free, below) || !ranges_insert(&b->free, above)) {
            return "the machine reports too many regions of RAM";
        }
    }
    return image_is_in_ram ? NULL : "the root task's image does not fit into memory";
}

/* The initial thread's objects. */

/* Tables whose entries of `level` cover all addresses from the image's first to the last of the
 * extra bootinfo. */
static uint64_t tables_count(const struct booting *b, enum paging_level level)
{
    uint64_t unit = paging_entry_bytes(level);
    uint64_t end = b->extra_vaddr + (1ul << b->extra_bits);
    return (round_up(end, unit) - round_down(b->boot->image_first, unit)) / unit;
}

static uint64_t all_tables_count(const struct booting *b)
{
    return tables_count(b, LEVEL_PD) + tables_count(b, LEVEL_PDPT) + tables_count(b, LEVEL_PML4);
}

static unsigned cnode_bits(const struct booting *b)
{
    return b->k->config.root_cnode_size_bits + seL4_SlotBits;
}

/* Objects follow one another from the largest to the smallest, so that each is aligned. */
static struct layout lay_out(const struct booting *b, paddr first)
{
    unsigned tcb_bits = b->k->config.xsave_bytes >= 832 ? TCB_BITS_LARGE_XSAVE : TCB_BITS;
    uint64_t cnode_bytes = 1ul << cnode_bits(b);
    uint64_t extra_bytes = 1ul << b->extra_bits;
    struct layout at = {0};
    paddr next = first;

    if (b->extra_bits >= cnode_bits(b)) {
        at.extra = next;
        next += extra_bytes;
    }
    at.cnode = next;
    next += cnode_bytes;
    if (!at.extra) {
        at.extra = next;
        next += extra_bytes;
    }
    paddr *const pages[] = {&at.vspace, &at.asid_pool, &at.ipc_buffer, &at.bootinfo};
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        *pages[i] = next;
        next += PAGE_BYTES;
    }
    if (tcb_bits >= seL4_PageTableBits) {
        at.tcb = next;
        next += 1ul << tcb_bits;
    }
    at.paging = next;
    next += all_tables_count(b) * PAGE_BYTES;
    if (!at.tcb) {
        at.tcb = next;
        next += 1ul << tcb_bits;
    }
    if (b->k->config.mcs) {
        at.sc = next;
        next += 1ul << seL4_MinSchedContextBits;
    }
    at.bytes = next - first;
    return at;
}

/* Take them from the top of the last region that has room; what is left of it stays free. */
static const char *place_objects(struct booting *b)
{
    uint64_t bytes = lay_out(b, 0).bytes;
    unsigned largest_bits = b->extra_bits > cnode_bits(b) ? b->extra_bits : cnode_bits(b);
    for (size_t i = b->free.count; i-- > 0;) {
        struct range *range = &b->free.list[i];
        if (range->end - range->first < bytes) {
            continue;
        }
        paddr first = round_down(range->end - bytes, 1ul << largest_bits);
        if (first < range->first) {
            continue;
        }
        b->at = lay_out(b, first);
        struct range rest = {first + bytes, range->end};
        range->end = first;
        return ranges_insert(&b->free, rest) ? NULL : "memory is in too many pieces";
    }
    return "the first objects, among them the root CNode, do not fit into memory";
}

/* Caps. */

static void write_slot(struct slot *slot, struct cap cap)
{
    *slot = (struct slot){.cap = cap, .is_revocable = true, .is_first_badged = true};
}

static void provide_cap(struct booting *b, struct cap cap)
{
    if (b->slot_next >> b->k->config.root_cnode_size_bits) {
        b->slots_overflow = true;
        return;
    }
    write_slot(&b->slots[b->slot_next++], cap);
}

static void make_cnode(struct booting *b)
{
    unsigned radix = b->k->config.root_cnode_size_bits;
    b->slots = slot_at(b->k, b->at.cnode);
    b->slot_next = seL4_NumInitialCaps;
    write_slot(&b->slots[seL4_CapInitThreadCNode],
               (struct cap){.cnode = {.type = CAP_CNODE,
                                      .object_16 = b->at.cnode >> 4,
                                      .radix = radix & 63,
                                      .guard_bits = (seL4_WordBits - radix) & 63}});
}

static void provide_control_caps(struct booting *b)
{
    static const struct {
        uint8_t slot;
        uint8_t type;
    } controls[] = {{seL4_CapIOPortControl, CAP_IO_PORT_CONTROL},
                    {seL4_CapDomain, CAP_DOMAIN},
                    {seL4_CapIRQControl, CAP_IRQ_CONTROL},
                    {seL4_CapASIDControl, CAP_ASID_CONTROL}};
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        write_slot(&b->slots[controls[i].slot], (struct cap){.type = controls[i].type & 31});
    }
    if (b->k->config.mcs) {
        b->bootinfo->schedcontrol.start = b->slot_next;
        provide_cap(b, (struct cap){.sched_control = {.type = CAP_SCHED_CONTROL, .core = 0}});
        b->bootinfo->schedcontrol.end = b->slot_next;
    }
}

/* The VSpace. */

static void make_tables(struct booting *b, enum cap_type type, enum paging_level level,
                        paddr *table)
{
    uint64_t unit = paging_entry_bytes(level);
    uint64_t vaddr = round_down(b->boot->image_first, unit);
    for (uint64_t left = tables_count(b, level); left > 0; left--, vaddr += unit) {
        *paging_walk(b->k, b->at.vspace, vaddr, level).entry = paging_table_entry(*table, 0);
        provide_cap(b, (struct cap){.table = {.type = type,
                                              .object_16 = *table >> 4,
                                              .is_mapped = true,
                                              .vaddr = vaddr & 0xffffffffffff,
                                              .asid = ASID_INITIAL}});
        *table += PAGE_BYTES;
    }
}

static void make_vspace(struct booting *b)
{
    struct kernel *k = b->k;
    asid_install_pool(k, 0, b->at.asid_pool);
    asid_assign(k, ASID_INITIAL, b->at.vspace);
    write_slot(
        &b->slots[seL4_CapInitThreadASIDPool],
        (struct cap){.asid_pool = {.type = CAP_ASID_POOL, .object_16 = b->at.asid_pool >> 4}});
    write_slot(&b->slots[seL4_CapInitThreadVSpace],
               (struct cap){.table = {.type = CAP_PML4,
                                      .object_16 = b->at.vspace >> 4,
                                      .is_mapped = true,
                                      .asid = ASID_INITIAL}});
    paddr table = b->at.paging;
    b->bootinfo->user_image_paging.start = b->slot_next;
    make_tables(b, CAP_PDPT, LEVEL_PML4, &table);
    make_tables(b, CAP_PAGE_DIRECTORY, LEVEL_PDPT, &table);
    make_tables(b, CAP_PAGE_TABLE, LEVEL_PD, &table);
    b->bootinfo->user_image_paging.end = b->slot_next;
}

static struct cap map_frame(struct booting *b, paddr frame, uint64_t vaddr)
{
    *paging_walk(b->k, b->at.vspace, vaddr, LEVEL_PT).entry =
        paging_page_entry(frame, LEVEL_PT, FRAME_READ_WRITE, 0);
    return (struct cap){.frame = {.type = CAP_FRAME,
                                  .object_16 = frame >> 4,
                                  .size = FRAME_4K,
                                  .rights = FRAME_READ_WRITE,
                                  .is_mapped = true,
                                  .vaddr = vaddr & 0xffffffffffff,
                                  .asid = ASID_INITIAL}};
}

static struct abi_slot_region provide_frames(struct booting *b, paddr first, uint64_t vaddr,
                                             uint64_t bytes)
{
    struct abi_slot_region region = {.start = b->slot_next};
    for (uint64_t offset = 0; offset < bytes; offset += PAGE_BYTES) {
        provide_cap(b, map_frame(b, first + offset, vaddr + offset));
    }
    region.end = b->slot_next;
    return region;
}

static void map_frames(struct booting *b)
{
    write_slot(&b->slots[seL4_CapBootInfoFrame], map_frame(b, b->at.bootinfo, b->bootinfo_vaddr));
    b->bootinfo->extra_bootinfo_pages =
        provide_frames(b, b->at.extra, b->extra_vaddr, 1ul << b->extra_bits);
    write_slot(&b->slots[seL4_CapInitThreadIPCBuffer],
               map_frame(b, b->at.ipc_buffer, b->ipc_buffer_vaddr));
    b->bootinfo->user_image_frames =
        provide_frames(b, b->image.first, b->boot->image_first, b->image.end - b->image.first);
}

/* Bootinfo. */

/* The multiboot memory map, as a boot loader passes it. */
#define MULTIBOOT_ENTRIES_MAX 50
#define MULTIBOOT_RAM         1
#define MULTIBOOT_RESERVED    2

struct multiboot_entry {
    uint32_t bytes; /* of the rest */
    uint64_t first;
    uint64_t length;
    uint32_t type;
} __attribute__((packed));

struct extra_memory_map {
    struct abi_bootinfo_header header;
    uint32_t bytes; /* of the entries that there are */
    struct multiboot_entry entries[MULTIBOOT_ENTRIES_MAX];
} __attribute__((packed));
_Static_assert(sizeof(struct extra_memory_map) == 1220, "seL4_X86_BootInfo_mmap_t");

#define RSDP_BYTES 36

struct extra_rsdp {
    struct abi_bootinfo_header header;
    uint8_t rsdp[RSDP_BYTES];
} __attribute__((packed));

struct extra_tsc_frequency {
    struct abi_bootinfo_header header;
    uint32_t mhz;
} __attribute__((packed));

static void copy_bytes(void *target, const void *source, size_t bytes)
{
    uint8_t *to = target;
    const uint8_t *from = source;
    for (size_t i = 0; i < bytes; i++) {
        to[i] = from[i];
    }
}

static struct extra_memory_map memory_map(const struct kernel_boot *boot)
{
    struct extra_memory_map map = {
        .header = {.id = SEL4_BOOTINFO_HEADER_X86_MBMMAP, .length = sizeof(map)}};
    unsigned count = 0;
    for (size_t i = 0; i < boot->region_count && count < MULTIBOOT_ENTRIES_MAX; i++) {
        const struct kernel_region *region = &boot->regions[i];
        if (region->kind == REGION_TRAP) {
            continue; /* Firmware does not report registers. */
        }
        map.entries[count++] = (struct multiboot_entry){
            .bytes = sizeof(struct multiboot_entry) - sizeof(uint32_t),
            .first = region->first,
            .length = region->end - region->first,
            .type = region->kind == REGION_RAM ? MULTIBOOT_RAM : MULTIBOOT_RESERVED};
    }
    map.bytes = count * (uint32_t)sizeof(struct multiboot_entry);
    return map;
}

static uint64_t extra_length(const struct kernel_boot *boot)
{
    return (boot->acpi_rsdp ? sizeof(struct extra_rsdp) : 0) + sizeof(struct extra_memory_map) +
           sizeof(struct extra_tsc_frequency);
}

static void write_extra(struct booting *b)
{
    const struct kernel_boot *boot = b->boot;
    uint8_t *next = b->k->ram + b->at.extra;
    if (boot->acpi_rsdp) {
        struct extra_rsdp rsdp = {
            .header = {.id = SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, .length = sizeof(rsdp)}};
        copy_bytes(rsdp.rsdp, boot->acpi_rsdp, sizeof(rsdp.rsdp));
        copy_bytes(next, &rsdp, sizeof(rsdp));
        next += sizeof(rsdp);
    }
    struct extra_memory_map map = memory_map(boot);
    copy_bytes(next, &map, sizeof(map));
    next += sizeof(map);

    struct extra_tsc_frequency tsc = {
        .header = {.id = SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, .length = sizeof(tsc)},
        .mhz = (uint32_t)boot->ticks_per_us};
    copy_bytes(next, &tsc, sizeof(tsc));
}

static void begin_bootinfo(struct booting *b)
{
    const struct kernel_config *config = &b->k->config;
    void *frame = b->k->ram + b->at.bootinfo;
    b->bootinfo = frame;
    if (config->mcs) {
        b->untyped = &b->bootinfo->untyped;
        b->untyped_list = b->bootinfo->untyped_list;
    } else {
        struct abi_bootinfo_classic *classic = frame;
        b->untyped = &classic->untyped;
        b->untyped_list = classic->untyped_list;
    }
    b->bootinfo->extra_length = b->extra_bytes;
    b->bootinfo->nodes = 1;
    b->bootinfo->io_page_table_levels = config->iommu ? 0 : UINT64_MAX;
    b->bootinfo->ipc_buffer = b->ipc_buffer_vaddr;
    b->bootinfo->init_cnode_size_bits = config->root_cnode_size_bits;
}

static void finish_bootinfo(struct booting *b)
{
    b->bootinfo->empty = (struct abi_slot_region){.start = b->slot_next,
                                                  .end = 1ul << b->k->config.root_cnode_size_bits};
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
    provide_cap(b, (struct cap){.untyped = {.type = CAP_UNTYPED,
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
        first = taken.list[i].end;
    }
    return NULL;
}

static const char *provide_memory(struct booting *b)
{
    b->untyped->start = b->slot_next;
    const char *why = provide_device_memory(b);
    if (why) {
        return why;
    }
    provide_untypeds(b, MEMORY_RAM, (struct range){KERNEL_FIRST, b->k->config.kernel_boot_end});
    for (size_t i = 0; i < b->free.count; i++) {
        if (b->free.list[i].first < b->free.list[i].end) {
            provide_untypeds(b, MEMORY_RAM, b->free.list[i]);
        }
    }
    b->untyped->end = b->slot_next;
    return NULL;
}

/* The kernel's own state, and the thread. */

static void init_irqs(struct kernel *k)
{
    k->irq_slots = k->config.kernel_boot_end;
    for (unsigned irq = 0; irq < IRQ_COUNT; irq++) {
        bool is_user = irq >= IRQ_USER_FIRST && irq <= IRQ_USER_LAST;
        k->irqs[irq].state = irq == IRQ_KERNEL ? IRQ_TIMER : is_user ? IRQ_INACTIVE : IRQ_RESERVED;
    }
}

static void init_kernel(struct kernel *k, const struct kernel_boot *boot)
{
    k->config = boot->config;
    k->port = boot->port;
    k->ram = boot->ram;
    k->objects = boot->objects;
    k->memory_bytes = boot->memory_bytes;
    k->regions = boot->regions;
    k->region_count = boot->region_count;
    k->reserved = boot->reserved;
    k->reserved_count = boot->reserved_count;
    k->ticks_per_us = boot->ticks_per_us;
    config_number_tables(k);
    init_irqs(k);
}

/* A copy of one of the initial thread's caps goes into its TCB. */
static void install(struct booting *b, struct tcb *tcb, enum tcb_slot slot, unsigned source)
{
    struct slot *from = &b->slots[source];
    cdt_insert(b->k, object_derive(b->k, from, from->cap).cap, from, &tcb->slots[slot]);
}

static void give_time(struct booting *b, struct tcb *tcb)
{
    struct kernel *k = b->k;
    sc_at(k, b->at.sc)->tcb = b->at.tcb;
    tcb->sc = b->at.sc;
    write_slot(&b->slots[seL4_CapInitThreadSC],
               (struct cap){.sched_context = {.type = CAP_SCHED_CONTEXT,
                                              .object_16 = b->at.sc >> 4,
                                              .size_bits = seL4_MinSchedContextBits}});
}

static void make_thread(struct booting *b)
{
    struct kernel *k = b->k;
    struct tcb *tcb = tcb_at(k, b->at.tcb);
    tcb_create(k, tcb);
    install(b, tcb, TCB_CSPACE, seL4_CapInitThreadCNode);
    install(b, tcb, TCB_VSPACE, seL4_CapInitThreadVSpace);
    install(b, tcb, TCB_IPC_BUFFER, seL4_CapInitThreadIPCBuffer);
    tcb->ipc_buffer = b->ipc_buffer_vaddr;
    tcb->registers.r[SYSCALL_CAP] = b->bootinfo_vaddr;
    tcb->next_rip = b->boot->entry;
    tcb->priority = INITIAL_PRIORITY;
    tcb->mcp = INITIAL_PRIORITY;
    tcb->state = THREAD_RUNNING;
    if (k->config.debug_build) {
        copy_bytes(tcb->name, "rootserver", sizeof("rootserver"));
    }
    write_slot(&b->slots[seL4_CapInitThreadTCB],
               (struct cap){.type = CAP_TCB, .object_16 = b->at.tcb >> 4});
    if (k->config.mcs) {
        give_time(b, tcb);
    }
    sched_boot(k, tcb);
}

/* Checks of what the caller passes. */

static const char *check(const struct kernel_boot *boot)
{
    if (boot->config.kernel_end <= boot->config.kernel_boot_end ||
        boot->config.kernel_boot_end <= KERNEL_FIRST) {
        return "the configuration does not say where the kernel's image lies";
    }
    if (boot->image_first % PAGE_BYTES || boot->image_end % PAGE_BYTES ||
        boot->image_first >= boot->image_end) {
        return "the root task's image is not in whole pages";
    }
    if (boot->image_end > X86_USER_TOP - 2 * PAGE_BYTES) {
        return "the root task's image ends so high that its IPC buffer and bootinfo have no room";
    }
    if (boot->entry < boot->image_first || boot->entry >= boot->image_end) {
        return "the entry point is outside the root task's image";
    }
    if (boot->image_base != kernel_image_base(boot)) {
        return "the root task's image is not where it belongs";
    }
    return NULL;
}

static struct booting begin(struct kernel *k, const struct kernel_boot *boot)
{
    uint64_t extra_bytes = extra_length(boot);
    unsigned extra_bits = seL4_PageBits;
    while (1ul << extra_bits < extra_bytes) {
        extra_bits++;
    }
    return (struct booting){
        .k = k,
        .boot = boot,
        .image = {boot->image_base, boot->image_base + boot->image_end - boot->image_first},
        .ipc_buffer_vaddr = boot->image_end,
        .bootinfo_vaddr = boot->image_end + PAGE_BYTES,
        .extra_vaddr = boot->image_end + 2 * PAGE_BYTES,
        .extra_bytes = extra_bytes,
        .extra_bits = extra_bits};
}

static const char *claim_memory(struct booting *b)
{
    const char *why = find_usable(b);
    if (!why) {
        why = find_free(b);
    }
    return why ? why : place_objects(b);
}

/* The real kernel moves the image to the end of its own, wherever the boot module lay before. */
paddr kernel_image_base(const struct kernel_boot *boot)
{
    return boot->config.kernel_end;
}

size_t kernel_size(void)
{
    return sizeof(struct kernel);
}

const char *kernel_boot(struct kernel *kernel, const struct kernel_boot *boot)
{
    const char *why = check(boot);
    if (why) {
        return why;
    }
    init_kernel(kernel, boot);
    struct booting b = begin(kernel, boot);
    why = claim_memory(&b);
    if (why) {
        return why;
    }
    make_cnode(&b);
    begin_bootinfo(&b);
    write_extra(&b);
    provide_control_caps(&b);
    make_vspace(&b);
    map_frames(&b);
    make_thread(&b);
    why = provide_memory(&b);
    if (why) {
        return why;
    }
    finish_bootinfo(&b);
    return b.slots_overflow ? "the root CNode has too few slots for the initial caps" : NULL;
}
