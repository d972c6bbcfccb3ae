/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "tests/system/hostile/world.h"

#define ROOT_CNODE   seL4_CapInitThreadCNode
#define WINDOW_BASE  0x20000000
#define STACK_TOP(n) (GUEST_STACKS + ((n) + 1) * PAGE_BYTES)

/* From image.S. */
extern const char guest_image[], guest_image_end[];

static struct {
    struct pool all;
    seL4_CPtr sched_control;
    seL4_Word window_next;
    seL4_Word ticks_per_us;
} world;

void need(seL4_Error error, const char *what)
{
    if (error != seL4_NoError) {
        console_puts("hostile: ");
        console_puts(what);
        console_puts(" answered error ");
        console_put_decimal((seL4_Word)error);
        console_puts("\n");
        seL4_DebugHalt();
    }
}

static seL4_Word ticks_per_us(const seL4_BootInfo *bootinfo)
{
    const char *extra = (const char *)bootinfo + seL4_BootInfoFrameSize;
    for (seL4_Word at = 0; at < bootinfo->extraLen;) {
        const seL4_BootInfoHeader *header = (const seL4_BootInfoHeader *)(extra + at);
        if (header->id == SEL4_BOOTINFO_HEADER_X86_TSC_FREQ) {
            return *(const seL4_Uint32 *)(header + 1);
        }
        at += header->len;
    }
    need(seL4_InvalidArgument, "the search for the TSC's frequency");
    return 1;
}

void world_start(seL4_BootInfo *bootinfo)
{
    seL4_Word best = 0;
    for (seL4_Word i = 0; i < bootinfo->untyped.end - bootinfo->untyped.start; i++) {
        const seL4_UntypedDesc *untyped = &bootinfo->untypedList[i];
        if (!untyped->isDevice && untyped->sizeBits > bootinfo->untypedList[best].sizeBits) {
            best = i;
        }
    }
    world.all = (struct pool){bootinfo->untyped.start + best, bootinfo->empty.start,
                              bootinfo->empty.start, bootinfo->empty.end};
    world.sched_control = bootinfo->schedcontrol.start;
    world.window_next = WINDOW_BASE;
    world.ticks_per_us = ticks_per_us(bootinfo);
    need(seL4_X86_PageTable_Map(make(&world.all, seL4_X86_PageTableObject, 0),
                                seL4_CapInitThreadVSpace, WINDOW_BASE,
                                seL4_X86_Default_VMAttributes),
         "seL4_X86_PageTable_Map");
}

static seL4_CPtr next_slot(struct pool *pool)
{
    if (pool->next_slot == pool->end_slot) {
        need(seL4_NotEnoughMemory, "a pool's slots");
    }
    return pool->next_slot++;
}

struct pool pool_make(seL4_Word size_bits, seL4_Word slots)
{
    struct pool pool = {.untyped = make(&world.all, seL4_UntypedObject, size_bits)};
    pool.first_slot = pool.next_slot = world.all.next_slot;
    pool.end_slot = world.all.next_slot += slots;
    return pool;
}

void pool_empty(struct pool *pool)
{
    need(seL4_CNode_Revoke(ROOT_CNODE, pool->untyped, seL4_WordBits), "seL4_CNode_Revoke");
    /* Copies of caps to objects that are not of the pool are still there. */
    for (seL4_CPtr slot = pool->first_slot; slot < pool->next_slot; slot++) {
        need(seL4_CNode_Delete(ROOT_CNODE, slot, seL4_WordBits), "seL4_CNode_Delete");
    }
    pool->next_slot = pool->first_slot;
}

seL4_CPtr make(struct pool *pool, seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr slot = next_slot(pool);
    need(seL4_Untyped_Retype(pool->untyped, type, size_bits, ROOT_CNODE, 0, 0, slot, 1),
         "seL4_Untyped_Retype");
    return slot;
}

seL4_CPtr copy_of(struct pool *pool, seL4_CPtr cap)
{
    seL4_CPtr slot = next_slot(pool);
    need(seL4_CNode_Copy(ROOT_CNODE, slot, seL4_WordBits, ROOT_CNODE, cap, seL4_WordBits,
                         seL4_AllRights),
         "seL4_CNode_Copy");
    return slot;
}

seL4_CPtr badged(struct pool *pool, seL4_CPtr cap, seL4_Word badge)
{
    seL4_CPtr slot = next_slot(pool);
    need(seL4_CNode_Mint(ROOT_CNODE, slot, seL4_WordBits, ROOT_CNODE, cap, seL4_WordBits,
                         seL4_AllRights, badge),
         "seL4_CNode_Mint");
    return slot;
}

volatile seL4_Word *see(seL4_CPtr frame)
{
    seL4_Word vaddr = world.window_next;
    world.window_next += PAGE_BYTES;
    space_map(seL4_CapInitThreadVSpace, vaddr, frame, seL4_ReadWrite);
    return (volatile seL4_Word *)vaddr;
}

struct space space_make(struct pool *pool)
{
    struct space space = {make(pool, seL4_X64_PML4Object, 0),
                          make(pool, seL4_CapTableObject, GUEST_CNODE_BITS)};
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    need(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, space.vspace),
         "seL4_X86_ASIDPool_Assign");
    need(
        seL4_X86_PDPT_Map(make(pool, seL4_X86_PDPTObject, 0), space.vspace, GUEST_BASE, attributes),
        "seL4_X86_PDPT_Map");
    need(seL4_X86_PageDirectory_Map(make(pool, seL4_X86_PageDirectoryObject, 0), space.vspace,
                                    GUEST_BASE, attributes),
         "seL4_X86_PageDirectory_Map");
    need(seL4_X86_PageTable_Map(make(pool, seL4_X86_PageTableObject, 0), space.vspace, GUEST_BASE,
                                attributes),
         "seL4_X86_PageTable_Map");
    return space;
}

void space_map(seL4_CPtr vspace, seL4_Word vaddr, seL4_CPtr frame, seL4_CapRights_t rights)
{
    need(seL4_X86_Page_Map(frame, vspace, vaddr, rights, seL4_X86_Default_VMAttributes),
         "seL4_X86_Page_Map");
}

void space_give(struct space *space, enum guest_cap slot, seL4_CPtr cap)
{
    need(seL4_CNode_Copy(space->cnode, slot, GUEST_CNODE_BITS, ROOT_CNODE, cap, seL4_WordBits,
                         seL4_AllRights),
         "seL4_CNode_Copy into a guest's CSpace");
}

seL4_Word image_pages(void)
{
    return ((seL4_Word)(guest_image_end - guest_image) + PAGE_BYTES - 1) / PAGE_BYTES;
}

const volatile seL4_Word *image_page(seL4_Word page)
{
    return (const volatile seL4_Word *)(guest_image + page * PAGE_BYTES);
}

/* A frame that can be written nowhere any more when its thread runs, so that its call sites may be
 * rewritten. */
static void fill_page(struct pool *pool, seL4_CPtr frame, const volatile seL4_Word *words)
{
    seL4_CPtr copy = copy_of(pool, frame);
    seL4_Word window = world.window_next;
    volatile seL4_Word *page = see(copy);
    for (seL4_Word i = 0; i < PAGE_BYTES / sizeof(*page); i++) {
        page[i] = words[i];
    }
    need(seL4_X86_Page_Unmap(copy), "seL4_X86_Page_Unmap");
    world.window_next = window;
}

void space_load(struct pool *pool, struct space *space, seL4_CPtr *frames)
{
    for (seL4_Word i = 0; i < image_pages(); i++) {
        seL4_CPtr frame = make(pool, seL4_X86_4K, 0);
        fill_page(pool, frame, image_page(i));
        space_map(space->vspace, GUEST_TEXT + i * PAGE_BYTES, frame, seL4_CanRead);
        if (frames) {
            frames[i] = frame;
        }
    }
}

struct thread thread_make(struct pool *pool, struct space *space, const struct thread_plan *plan)
{
    struct thread thread = {make(pool, seL4_TCBObject, 0),
                            make(pool, seL4_SchedContextObject, seL4_MinSchedContextBits)};
    space_map(space->vspace, STACK_TOP(plan->stack) - PAGE_BYTES, make(pool, seL4_X86_4K, 0),
              seL4_ReadWrite);
    need(seL4_SchedControl_ConfigureFlags(world.sched_control, thread.sc, plan->budget_us,
                                          plan->period_us, 0, 0, 0),
         "seL4_SchedControl_ConfigureFlags");
    seL4_Word guard = seL4_CNode_CapData_new(0, seL4_WordBits - GUEST_CNODE_BITS).words[0];
    need(seL4_TCB_Configure(thread.tcb, space->cnode, guard, space->vspace, 0, 0, 0),
         "seL4_TCB_Configure");
    need(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, plan->priority, thread.sc,
                                 plan->fault_ep),
         "seL4_TCB_SetSchedParams");
    seL4_DebugNameThread(thread.tcb, plan->name);
    return thread;
}

void thread_start(struct thread thread, seL4_Word stack, const seL4_Word arguments[4])
{
    seL4_UserContext registers = {
        .rip = GUEST_TEXT,
        .rsp = STACK_TOP(stack),
        .rflags = 0x202,
        .rdi = arguments[0],
        .rsi = arguments[1],
        .rdx = arguments[2],
        .rcx = arguments[3],
    };
    need(seL4_TCB_WriteRegisters(thread.tcb, 1, 0, sizeof(registers) / sizeof(seL4_Word),
                                 &registers),
         "seL4_TCB_WriteRegisters");
}

seL4_Word now_us(void)
{
    seL4_Uint32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return ((seL4_Word)high << 32 | low) / world.ticks_per_us;
}
