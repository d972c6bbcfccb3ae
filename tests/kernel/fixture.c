/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A small machine for tests of the kernel. */
#include "tests/kernel/fixture.h"

#include "abi/x86/exceptions.h"
#include "kernel/product.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MEMORY_BYTES (64ul * 1024 * 1024)
#define IMAGE_FIRST  0x400000ul
#define IMAGE_BYTES  0x2000ul
#define UNTYPED_BITS 22

static uint64_t now_ticks(void *context)
{
    return ((struct fixture *)context)->now_ticks;
}

static void map(void *context, paddr vspace, uint64_t vaddr, paddr frame, uint64_t bytes,
                bool writable)
{
    struct fixture *f = context;
    f->map_count++;
    f->last_map = (struct fixture_mapping){vspace, vaddr, frame, bytes, writable};
}

static void unmap(void *context, paddr vspace, uint64_t vaddr, uint64_t bytes)
{
    struct fixture *f = context;
    f->unmap_count++;
    f->last_unmap = (struct fixture_mapping){.vspace = vspace, .vaddr = vaddr, .bytes = bytes};
}

static void writes(void *context, paddr page)
{
    struct fixture *f = context;
    f->last_written_page = page;
}

static void release_vspace(void *context, paddr vspace)
{
    (void)vspace;
    ((struct fixture *)context)->released_vspaces++;
}

static void release_thread(void *context, paddr tcb)
{
    (void)tcb;
    ((struct fixture *)context)->released_threads++;
}

static void clear(void *context, paddr base, uint64_t bytes)
{
    struct fixture *f = context;
    assert_true(base + bytes <= MEMORY_BYTES);
    memset(f->ram + base, 0, bytes);
    memset(f->objects + base, 0, bytes);
    f->cleared_bytes += bytes;
}

/* As a host that gives memory a page at a time would tell it. */
static uint64_t used(void *context, paddr base, uint64_t bytes)
{
    struct fixture *f = context;
    static const uint8_t zeros[0x1000];
    assert_true(base % 0x1000 == 0 && bytes % 0x1000 == 0);
    while (!f->tells_no_use && bytes > 0 &&
           memcmp(f->objects + base + bytes - 0x1000, zeros, 0x1000) == 0) {
        bytes -= 0x1000;
    }
    return bytes;
}

static uint32_t port_in(void *context, uint16_t port, unsigned width)
{
    struct fixture *f = context;
    f->last_out.port = port;
    f->last_out.width = width;
    return f->in_value;
}

static void port_out(void *context, uint16_t port, unsigned width, uint32_t value)
{
    struct fixture *f = context;
    f->last_out.count++;
    f->last_out.port = port;
    f->last_out.width = width;
    f->last_out.value = value;
}

static bool interrupt_pending(void *context)
{
    struct fixture *f = context;
    f->pending_asked++;
    return f->preempt_always || f->pending_irq >= 0;
}

static int interrupt_take(void *context)
{
    struct fixture *f = context;
    int irq = f->pending_irq;
    f->pending_irq = -1;
    return irq;
}

static void interrupt_mask(void *context, unsigned irq, bool masked)
{
    ((struct fixture *)context)->irq_masked[irq] = masked;
}

static void ioapic_route(void *context, unsigned ioapic, unsigned pin, bool level, bool low,
                         unsigned irq)
{
    struct fixture *f = context;
    f->route.ioapic = ioapic;
    f->route.pin = pin;
    f->route.level = level;
    f->route.low = low;
    f->route.irq = irq;
    f->route.count++;
}

static void put_char(void *context, char c)
{
    struct fixture *f = context;
    if (f->console_length + 1 < sizeof(f->console)) {
        f->console[f->console_length++] = c;
    }
}

static void report(void *context, const char *line)
{
    struct fixture *f = context;
    strncpy(f->report, line, sizeof(f->report) - 1);
    f->report_count++;
}

static void fault(void *context, const struct kernel_fault *kernel_fault)
{
    struct fixture *f = context;
    assert_non_null(kernel_fault->registers);
    f->fault_count++;
    f->last_fault_registers = *kernel_fault->registers;
    f->last_fault = *kernel_fault;
    f->last_fault.registers = &f->last_fault_registers;
}

static const struct kernel_region regions[] = {
    {0, 0x9fc00, REGION_RAM},
    {0x100000, MEMORY_BYTES, REGION_RAM},
};

static const struct kernel_reserved reserved[] = {
    {0x7ff000000000, 0x7ff000ffffff, "is reserved by the test"},
};

static void enter(struct fixture *f, struct kernel_event event)
{
    f->next = kernel_enter(f->k, 0, &event);
}

/* The first RAM untyped that holds the block which the tests take from. */
static cptr find_untyped(struct fixture *f, const void *bootinfo)
{
    struct abi_slot_region slots;
    const struct abi_untyped_description *list = fixture_untyped_list(f, bootinfo, &slots);
    for (uint64_t i = 0; slots.start + i < slots.end; i++) {
        if (!list[i].is_device && list[i].size_bits >= UNTYPED_BITS) {
            return slots.start + i;
        }
    }
    fail_msg("no untyped of 4 MiB");
    return 0;
}

static void *memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(MAP_FAILED, memory);
    return memory;
}

struct fixture *fixture_new(const char *config)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->ram = memory(MEMORY_BYTES);
    f->objects = memory(MEMORY_BYTES);
    f->k = aligned_alloc(64, (kernel_size() + 63) & ~63ul);
    memset(f->k, 0, kernel_size());
    f->pending_irq = -1;
    f->now_ticks = 1000 * TICKS_PER_US;

    const struct kernel_config *named = kernel_config_named(config);
    assert_non_null(named);
    struct kernel_boot boot = {
        .config = *named,
        .port = {.context = f,
                 .now_ticks = now_ticks,
                 .map = map,
                 .unmap = unmap,
                 .writes = writes,
                 .release_vspace = release_vspace,
                 .release_thread = release_thread,
                 .clear = clear,
                 .used = used,
                 .port_in = port_in,
                 .port_out = port_out,
                 .interrupt_pending = interrupt_pending,
                 .interrupt_take = interrupt_take,
                 .interrupt_mask = interrupt_mask,
                 .ioapic_route = ioapic_route,
                 .put_char = put_char,
                 .report = report,
                 .fault = fault},
        .ram = f->ram,
        .objects = f->objects,
        .memory_bytes = MEMORY_BYTES,
        .regions = regions,
        .region_count = sizeof(regions) / sizeof(regions[0]),
        .reserved = reserved,
        .reserved_count = sizeof(reserved) / sizeof(reserved[0]),
        .ticks_per_us = TICKS_PER_US,
        .image_first = IMAGE_FIRST,
        .image_end = IMAGE_FIRST + IMAGE_BYTES,
        .entry = IMAGE_FIRST,
    };
    boot.config.mcs = product_numbers.mcs;
    boot.image_base = kernel_image_base(&boot);
    const char *why = kernel_boot(f->k, &boot);
    if (why) {
        fail_msg("the kernel does not boot: %s", why);
    }
    enter(f, (struct kernel_event){.kind = EVENT_START});
    EXPECT_EQ(NEXT_RUN, f->next.kind);

    const struct abi_bootinfo *bootinfo =
        (const void *)(f->ram + cap_object(fixture_slot(f, seL4_CapBootInfoFrame)->cap));
    f->free_slot = bootinfo->empty.start;
    f->untyped = find_untyped(f, bootinfo);
    return f;
}

void fixture_free(struct fixture *f)
{
    munmap(f->ram, MEMORY_BYTES);
    munmap(f->objects, MEMORY_BYTES);
    free(f->k);
    free(f);
}

struct tcb *fixture_current(struct fixture *f)
{
    EXPECT_EQ(NEXT_RUN, f->next.kind);
    return tcb_at(f->k, f->next.tcb);
}

uint64_t *fixture_register(struct fixture *f, enum x86_register which)
{
    return &fixture_current(f)->registers.r[which];
}

void fixture_syscall(struct fixture *f, int64_t number)
{
    *fixture_register(f, SYSCALL_NUMBER) = (uint64_t)number;
    enter(f, (struct kernel_event){.kind = EVENT_SYSCALL});
}

void fixture_exception(struct fixture *f, uint8_t vector, uint64_t error, uint64_t address)
{
    enter(f, (struct kernel_event){
                 .kind = EVENT_EXCEPTION, .vector = vector, .error = error, .address = address});
}

void fixture_debug_exception(struct fixture *f, uint64_t debug)
{
    enter(f, (struct kernel_event){.kind = EVENT_EXCEPTION, .vector = X86_DEBUG, .debug = debug});
}

void fixture_lost(struct fixture *f)
{
    enter(f, (struct kernel_event){.kind = EVENT_LOST});
}

void fixture_interrupt(struct fixture *f)
{
    enter(f, (struct kernel_event){.kind = EVENT_INTERRUPT});
}

struct abi_ipc_buffer *fixture_buffer(struct fixture *f, struct tcb *tcb)
{
    struct cap frame = tcb->slots[TCB_IPC_BUFFER].cap;
    if (!cap_is(frame, CAP_FRAME)) {
        return NULL;
    }
    return (void *)(f->ram + cap_object(frame) + (tcb->ipc_buffer & 0xfff));
}

uint64_t fixture_label(struct fixture *f, enum invocation label)
{
    for (unsigned i = 0; i < f->k->label_count; i++) {
        if (f->k->invocation_of_label[i] == label) {
            return i;
        }
    }
    fail_msg("this configuration has no invocation %u", label);
    return 0;
}

uint64_t fixture_type(struct fixture *f, enum object_type type)
{
    for (unsigned i = 0; i < f->k->type_count; i++) {
        if (f->k->type_of_number[i] == type) {
            return i;
        }
    }
    fail_msg("this configuration has no object type %u", type);
    return 0;
}

static const enum x86_register message_registers[MESSAGE_REGISTERS] = {SYSCALL_MR0, SYSCALL_MR1,
                                                                       SYSCALL_MR2, SYSCALL_MR3};

struct result fixture_invoke(struct fixture *f, struct invocation_of what)
{
    struct tcb *caller = fixture_current(f);
    struct abi_ipc_buffer *buffer = fixture_buffer(f, caller);
    uint64_t *registers = caller->registers.r;

    registers[SYSCALL_CAP] = what.cap;
    registers[SYSCALL_INFO] = fixture_label(f, what.label) << MESSAGE_LABEL_SHIFT |
                              what.caps_length << MESSAGE_EXTRA_CAPS_SHIFT | what.length;
    for (unsigned i = 0; i < what.length; i++) {
        if (i < MESSAGE_REGISTERS) {
            registers[message_registers[i]] = what.args[i];
        } else {
            buffer->msg[i] = what.args[i];
        }
    }
    for (unsigned i = 0; i < what.caps_length; i++) {
        buffer->caps_or_badges[i] = what.caps[i];
    }
    fixture_syscall(f, SYS_Call);

    struct result result = {.error = registers[SYSCALL_INFO] >> MESSAGE_LABEL_SHIFT,
                            .length = registers[SYSCALL_INFO] & 0x7f};
    for (unsigned i = 0; i < result.length && i < 8; i++) {
        result.words[i] = i < MESSAGE_REGISTERS ? registers[message_registers[i]] : buffer->msg[i];
    }
    return result;
}

struct slot *fixture_slot(struct fixture *f, cptr address)
{
    struct cap root = fixture_current(f)->slots[TCB_CSPACE].cap;
    EXPECT_EQ(CAP_CNODE, root.type);
    assert_true(address < 1ul << root.cnode.radix);
    return slot_at(f->k, cap_object(root)) + address;
}

cptr fixture_slots(struct fixture *f, unsigned count)
{
    cptr first = f->free_slot;
    f->free_slot += count;
    return first;
}

cptr fixture_make(struct fixture *f, enum object_type type, uint64_t size_bits)
{
    cptr slot = fixture_slots(f, 1);
    struct result result =
        CALL(f, f->untyped, UntypedRetype, ARGS(fixture_type(f, type), size_bits, 0, 0, slot, 1),
             CAPS(seL4_CapInitThreadCNode));
    EXPECT_EQ(seL4_NoError, result.error);
    return slot;
}

#define BUFFER_AREA 0x10000000ul

struct fixture_thread fixture_thread(struct fixture *f, uint8_t priority, enum fixture_time time)
{
    struct fixture_thread thread = {.cap = fixture_make(f, seL4_TCBObject, 0)};
    thread.tcb = tcb_at(f->k, cap_object(fixture_slot(f, thread.cap)->cap));
    cptr frame = fixture_make(f, seL4_X86_4K, 0);

    /* The kernel finds an IPC buffer by its frame cap; it need not be mapped for that. */
    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBSetIPCBuffer, ARGS(BUFFER_AREA), CAPS(frame)).error);
    fixture_set_space(f, thread.cap, seL4_CapInitThreadVSpace, 0);
    EXPECT_EQ(
        seL4_NoError,
        CALL(f, thread.cap, TCBSetPriority, ARGS(priority), CAPS(seL4_CapInitThreadTCB)).error);
    if (time == FIXTURE_ACTIVE) {
        fixture_give_time(f, &thread);
    }
    return thread;
}

void fixture_start(struct fixture *f, struct fixture_thread thread)
{
    fixture_invoke(f, (struct invocation_of){.cap = thread.cap, .label = TCBResume});
}

void fixture_expect_tree_sound(struct fixture *f)
{
    struct cap root = fixture_slot(f, seL4_CapInitThreadCNode)->cap;
    struct slot *slots = slot_at(f->k, cap_object(root));
    for (uint64_t i = 0; i < 1ul << root.cnode.radix; i++) {
        struct slot *slot = &slots[i];
        if (cap_is_null(slot->cap)) {
            EXPECT_EQ(0, slot->next_32);
            EXPECT_EQ(0, slot->previous_32);
            continue;
        }
        struct slot *next = slot_at(f->k, (paddr)slot->next_32 << seL4_SlotBits);
        if (next) {
            EXPECT_EQ(slot_address(f->k, slot), (paddr)next->previous_32 << seL4_SlotBits);
        }
        struct slot *previous = slot_at(f->k, (paddr)slot->previous_32 << seL4_SlotBits);
        if (previous) {
            EXPECT_EQ(slot_address(f->k, slot), (paddr)previous->next_32 << seL4_SlotBits);
        }
    }
}
