/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a machine and a root task's image to the root task's world. */
#include "kernel/boot.h"

#include "kernel/cdt.h"
#include "kernel/config_tables.h"
#include "kernel/object.h"
#include "kernel/product.h"
#include "kernel/tcb.h"
#include "kernel/x86/asid.h"
#include "kernel/x86/irq.h"

#define INITIAL_PRIORITY 255

/* At least a page, so that all after it is aligned, and the most that seL4 can be built for. */
#define ROOT_CNODE_BITS_MIN 7
#define ROOT_CNODE_BITS_MAX 26

/* Caps. */

void boot_write_slot(struct slot *slot, struct cap cap)
{
    *slot = (struct slot){.cap = cap, .is_revocable = true, .is_first_badged = true};
}

void boot_provide_cap(struct booting *b, struct cap cap)
{
    if (b->slot_next >> b->k->config.root_cnode_size_bits) {
        b->slots_overflow = true;
        return;
    }
    boot_write_slot(&b->slots[b->slot_next++], cap);
}

static void make_cnode(struct booting *b)
{
    unsigned radix = b->k->config.root_cnode_size_bits;
    b->slots = slot_at(b->k, b->at.cnode);
    b->slot_next = seL4_NumInitialCaps;
    boot_write_slot(&b->slots[seL4_CapInitThreadCNode],
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
        boot_write_slot(&b->slots[controls[i].slot], (struct cap){.type = controls[i].type & 31});
    }
}

/* The VSpace. */

static void make_tables(struct booting *b, enum cap_type type, enum paging_level level,
                        paddr *table)
{
    uint64_t unit = paging_entry_bytes(level);
    uint64_t vaddr = boot_round_down(b->boot->image_first, unit);
    for (uint64_t left = boot_tables_count(b, level); left > 0; left--, vaddr += unit) {
        *paging_walk(b->k, b->at.vspace, vaddr, level).entry = paging_table_entry(*table, 0);
        boot_provide_cap(b, (struct cap){.table = {.type = type,
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
    boot_write_slot(
        &b->slots[seL4_CapInitThreadASIDPool],
        (struct cap){.asid_pool = {.type = CAP_ASID_POOL, .object_16 = b->at.asid_pool >> 4}});
    boot_write_slot(&b->slots[seL4_CapInitThreadVSpace],
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
        boot_provide_cap(b, map_frame(b, first + offset, vaddr + offset));
    }
    region.end = b->slot_next;
    return region;
}

static void map_frames(struct booting *b)
{
    boot_write_slot(&b->slots[seL4_CapBootInfoFrame],
                    map_frame(b, b->at.bootinfo, b->bootinfo_vaddr));
    b->bootinfo->extra_bootinfo_pages = provide_frames(b, b->at.extra, b->extra_vaddr, PAGE_BYTES);
    boot_write_slot(&b->slots[seL4_CapInitThreadIPCBuffer],
                    map_frame(b, b->at.ipc_buffer, b->ipc_buffer_vaddr));
    b->bootinfo->user_image_frames =
        provide_frames(b, b->image.first, b->boot->image_first, b->image.end - b->image.first);
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
        boot_copy(tcb->name, "rootserver", sizeof("rootserver"));
    }
    boot_write_slot(&b->slots[seL4_CapInitThreadTCB],
                    (struct cap){.type = CAP_TCB, .object_16 = b->at.tcb >> 4});
    boot_start_thread(b, tcb);
}

static void finish_bootinfo(struct booting *b)
{
    b->bootinfo->empty = (struct abi_slot_region){.start = b->slot_next,
                                                  .end = 1ul << b->k->config.root_cnode_size_bits};
}

/* Checks of what the caller passes. */

static const char *check(const struct kernel_boot *boot)
{
    if (boot->config.mcs != product_numbers.mcs) {
        return "the configuration is for the other of the two kernels";
    }
    if (boot->config.kernel_end <= boot->config.kernel_boot_end ||
        boot->config.kernel_boot_end <= KERNEL_FIRST) {
        return "the configuration does not say where the kernel's image lies";
    }
    if (boot->config.root_cnode_size_bits < ROOT_CNODE_BITS_MIN ||
        boot->config.root_cnode_size_bits > ROOT_CNODE_BITS_MAX) {
        return "the configuration's root CNode has fewer than 2^7 or more than 2^26 slots";
    }
    if (boot->config.domains < 1 || boot->config.domains > DOMAINS_MAX) {
        return "the configuration has no domain or more than 16";
    }
    if (boot->config.domain_schedules < SCHEDULES_MIN ||
        boot->config.domain_schedules > SCHEDULES_MAX) {
        return "the configuration's domain schedule has fewer than 2 or more than 256 entries";
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
    return (struct booting){
        .k = k,
        .boot = boot,
        .image = {boot->image_base, boot->image_base + boot->image_end - boot->image_first},
        .ipc_buffer_vaddr = boot->image_end,
        .bootinfo_vaddr = boot->image_end + PAGE_BYTES,
        .extra_vaddr = boot->image_end + 2 * PAGE_BYTES,
        .extra_bytes = bootinfo_extra_bytes(boot)};
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
    why = boot_claim_memory(&b);
    if (why) {
        return why;
    }
    make_cnode(&b);
    bootinfo_write(&b);
    provide_control_caps(&b);
    make_vspace(&b);
    map_frames(&b);
    make_thread(&b);
    why = boot_provide_memory(&b);
    if (why) {
        return why;
    }
    finish_bootinfo(&b);
    return b.slots_overflow ? "the root CNode has too few slots for the initial caps" : NULL;
}
