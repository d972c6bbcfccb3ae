/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Boot: the root task's world equals the real kernel's.
 *
 * The lists below were printed by seL4 16.0.0 in QEMU, `-m 512M`, booting a root task of 20 pages
 * at 0x400000: Microkit 2.3.0's debug kernel, and sel4test's.
 */
#include "tests/test.h"

#include "abi/bootinfo.h"
#include "kernel/state.h"
#include "kernel/x86/irq.h"
#include "kernel/x86/paging.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct piece {
    paddr first;
    uint8_t bits;
};

static const struct piece devices[] = {
    {0x0, 20},
    {0x1ffe0000, 17},
    {0x20000000, 29},
    {0x40000000, 30},
    {0x80000000, 30},
    {0xc0000000, 29},
    {0xe0000000, 28},
    {0xf0000000, 27},
    {0xf8000000, 26},
    {0xfc000000, 25},
    {0xfe000000, 23},
    {0xfe800000, 22},
    {0xfec01000, 12},
    {0xfec02000, 13},
    {0xfec04000, 14},
    {0xfec08000, 15},
    {0xfec10000, 16},
    {0xfec20000, 17},
    {0xfec40000, 18},
    {0xfec80000, 19},
    {0xfed00000, 20},
    {0xfee01000, 12},
    {0xfee02000, 13},
    {0xfee04000, 14},
    {0xfee08000, 15},
    {0xfee10000, 16},
    {0xfee20000, 17},
    {0xfee40000, 18},
    {0xfee80000, 19},
    {0xfef00000, 20},
    {0xff000000, 23},
    {0xff800000, 22},
    {0xffc00000, 21},
    {0xffe00000, 20},
    {0xfff00000, 19},
    {0xfff80000, 18},
    {0xfffc0000, 17},
    {0xfffe0000, 16},
    {0xffff0000, 15},
    {0xffff8000, 14},
    {0xffffc000, 13},
    {0xffffe000, 12},
    {0xfffff000, 11},
    {0xfffff800, 10},
    {0xfffffc00, 9},
    {0xfffffe00, 8},
    {0xffffff00, 7},
    {0xffffff80, 6},
    {0xffffffc0, 5},
    {0xffffffe0, 4},
    {0x100000000, 32},
    {0x200000000, 33},
    {0x400000000, 34},
    {0x800000000, 35},
    {0x1000000000, 36},
    {0x2000000000, 37},
    {0x4000000000, 38},
    {0x8000000000, 46},
    {0x408000000000, 45},
    {0x608000000000, 44},
    {0x708000000000, 43},
    {0x788000000000, 42},
    {0x7c8000000000, 41},
    {0x7e8000000000, 40},
    {0x7f8000000000, 39},
};

static const struct piece ram_microkit[] = {
    {0x100000, 20},   {0x200000, 21},   {0x400000, 22},   {0xa36000, 13},   {0xa38000, 15},
    {0xa40000, 18},   {0xa80000, 19},   {0xb00000, 20},   {0xc00000, 22},   {0x1000000, 24},
    {0x2000000, 25},  {0x4000000, 26},  {0x8000000, 27},  {0x10000000, 27}, {0x18000000, 26},
    {0x1c000000, 25}, {0x1e000000, 24}, {0x1f000000, 23}, {0x1fc08880, 7},  {0x1fc08900, 8},
    {0x1fc08a00, 9},  {0x1fc08c00, 10}, {0x1fc09000, 12}, {0x1fc0a000, 13}, {0x1fc0c000, 14},
    {0x1fc10000, 16}, {0x1fc20000, 17}, {0x1fc40000, 18}, {0x1fc80000, 19}, {0x1fd00000, 20},
    {0x1fe00000, 20}, {0x1ff00000, 19}, {0x1ff80000, 18}, {0x1ffc0000, 17},
};

static const struct piece ram_sel4test[] = {
    {0x100000, 20},   {0x200000, 21},   {0x400000, 22},   {0xa27000, 12},   {0xa28000, 15},
    {0xa30000, 16},   {0xa40000, 18},   {0xa80000, 19},   {0xb00000, 20},   {0xc00000, 22},
    {0x1000000, 24},  {0x2000000, 25},  {0x4000000, 26},  {0x8000000, 27},  {0x10000000, 27},
    {0x18000000, 26}, {0x1c000000, 25}, {0x1e000000, 24}, {0x1f000000, 23}, {0x1f800000, 22},
    {0x1fc00000, 21}, {0x1fe00000, 20}, {0x1ff00000, 19}, {0x1ffc8880, 7},  {0x1ffc8900, 8},
    {0x1ffc8a00, 9},  {0x1ffc8c00, 10}, {0x1ffc9000, 12}, {0x1ffca000, 13}, {0x1ffcc000, 14},
    {0x1ffd0000, 16},
};

#define MEMORY_BYTES  0x20000000ul
#define IMAGE_FIRST   0x400000ul
#define IMAGE_END     0x414000ul
#define ENTRY         0x401c00ul
#define IPC_BUFFER    IMAGE_END
#define BOOTINFO      (IMAGE_END + 0x1000)
#define EXTRA         (IMAGE_END + 0x2000)
#define ROOT_TASK_END (IMAGE_END + 0x3000)

/* As QEMU's firmware reports it to a CPU of AMD's. */
static const struct kernel_region qemu_pc[] = {
    {0, 0x9fc00, REGION_RAM},
    {0x9fc00, 0xa0000, REGION_ROM},
    {0xf0000, 0x100000, REGION_ROM},
    {0x100000, 0x1ffe0000, REGION_RAM},
    {0x1ffe0000, 0x20000000, REGION_ROM},
    {0xfed00000, 0xfed01000, REGION_TRAP},
    {0xfffc0000, 0x100000000, REGION_ROM},
    {0xfd00000000, 0x10000000000, REGION_ROM},
};

static const uint8_t rsdp[36] = "RSD PTR CBOCHS \0\xd8\x1a\xfe\x1f\0\0\0\0\0\0\0\0\0\0\0\0_SM";

struct machine {
    struct kernel *k;
    uint8_t *ram;
    uint8_t *objects;
    struct kernel_boot boot;
    char report[320];
    unsigned calls; /* of the port, but the clock */
};

static uint64_t now_ticks(void *context)
{
    (void)context;
    return 12345;
}

static bool nothing_pending(void *context)
{
    (void)context;
    return false;
}

static void report(void *context, const char *line)
{
    struct machine *m = context;
    strncpy(m->report, line, sizeof(m->report) - 1);
}

static void map(void *context, paddr vspace, uint64_t vaddr, paddr frame, uint64_t bytes,
                bool writable)
{
    (void)vspace, (void)vaddr, (void)frame, (void)bytes, (void)writable;
    ((struct machine *)context)->calls++;
}

static void clear(void *context, paddr base, uint64_t bytes)
{
    (void)base, (void)bytes;
    ((struct machine *)context)->calls++;
}

static uint64_t used(void *context, paddr base, uint64_t bytes)
{
    (void)base;
    ((struct machine *)context)->calls++;
    return bytes;
}

static uint8_t *reserve(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(MAP_FAILED, memory);
    return memory;
}

static struct machine *machine_new(const char *config)
{
    struct machine *m = calloc(1, sizeof(*m));
    m->k = aligned_alloc(64, (kernel_size() + 63) & ~63ul);
    memset(m->k, 0, kernel_size());
    m->ram = reserve(MEMORY_BYTES);
    m->objects = reserve(MEMORY_BYTES);
    m->boot = (struct kernel_boot){
        .config = *kernel_config_named(config),
        .port = {.context = m,
                 .now_ticks = now_ticks,
                 .interrupt_pending = nothing_pending,
                 .report = report,
                 .map = map,
                 .clear = clear,
                 .used = used},
        .ram = m->ram,
        .objects = m->objects,
        .memory_bytes = MEMORY_BYTES,
        .regions = qemu_pc,
        .region_count = sizeof(qemu_pc) / sizeof(qemu_pc[0]),
        .ticks_per_us = 2596,
        .acpi_rsdp = rsdp,
        .image_first = IMAGE_FIRST,
        .image_end = IMAGE_END,
        .entry = ENTRY,
    };
    m->boot.image_base = kernel_image_base(&m->boot);
    return m;
}

static void machine_free(struct machine *m)
{
    munmap(m->ram, MEMORY_BYTES);
    munmap(m->objects, MEMORY_BYTES);
    free(m->k);
    free(m);
}

static struct machine *machine_booted(const char *config)
{
    struct machine *m = machine_new(config);
    const char *why = kernel_boot(m->k, &m->boot);
    if (why) {
        fail_msg("%s", why);
    }
    return m;
}

static struct tcb *initial_thread(struct machine *m)
{
    return tcb_at(m->k, m->k->threads.first);
}

static struct slot *root_slot(struct machine *m, uint64_t number)
{
    return slot_at(m->k, cap_object(initial_thread(m)->slots[TCB_CSPACE].cap)) + number;
}

static const void *frame_bytes(struct machine *m, uint64_t slot)
{
    return m->ram + cap_object(root_slot(m, slot)->cap);
}

static const struct abi_bootinfo_mcs *bootinfo(struct machine *m)
{
    return frame_bytes(m, seL4_CapBootInfoFrame);
}

static void expect_region(uint64_t start, uint64_t end, struct abi_slot_region region)
{
    EXPECT_EQ(start, region.start);
    EXPECT_EQ(end, region.end);
}

static unsigned expect_pieces(struct machine *m, unsigned index, const struct piece *pieces,
                              size_t count, bool is_device)
{
    const struct abi_bootinfo_mcs *info = bootinfo(m);
    for (size_t i = 0; i < count; i++, index++) {
        const struct abi_untyped_description *untyped = &info->untyped_list[index];
        struct cap cap = root_slot(m, info->untyped.start + index)->cap;
        EXPECT_EQ(pieces[i].first, untyped->paddr);
        EXPECT_EQ(pieces[i].bits, untyped->size_bits);
        EXPECT_EQ(is_device, untyped->is_device);
        EXPECT_EQ(CAP_UNTYPED, cap.type);
        EXPECT_EQ(pieces[i].first, cap_object(cap));
        EXPECT_EQ(pieces[i].bits, cap.untyped.size_bits);
        EXPECT_EQ(is_device, cap.untyped.is_device);
    }
    return index;
}

#define PIECES(list) (list), sizeof(list) / sizeof((list)[0])

TEST(bootinfo_of_the_microkit_kernel_equals_the_real_one)
{
    struct machine *m = machine_booted("microkit");
    const struct abi_bootinfo_mcs *info = bootinfo(m);

    EXPECT_EQ(1292, info->extra_length);
    EXPECT_EQ(0, info->node_id);
    EXPECT_EQ(1, info->nodes);
    EXPECT_EQ(0, info->io_page_table_levels);
    EXPECT_EQ(0x414000, info->ipc_buffer);
    EXPECT_EQ(17, info->init_cnode_size_bits);
    EXPECT_EQ(0, info->init_domain);
    expect_region(140, 131072, info->empty);
    expect_region(0, 0, info->shared_frames);
    expect_region(21, 41, info->user_image_frames);
    expect_region(17, 20, info->user_image_paging);
    expect_region(0, 0, info->io_space_caps);
    expect_region(20, 21, info->extra_bootinfo_pages);
    expect_region(16, 17, info->schedcontrol);
    expect_region(41, 140, info->untyped);
    unsigned count = expect_pieces(m, 0, PIECES(devices), true);
    count = expect_pieces(m, count, PIECES(ram_microkit), false);
    EXPECT_EQ(99, count);
    machine_free(m);
}

TEST(bootinfo_of_the_sel4test_kernel_equals_the_real_one)
{
    struct machine *m = machine_booted("sel4test");
    const struct abi_bootinfo_mcs *info = bootinfo(m);

    EXPECT_EQ(UINT64_MAX, info->io_page_table_levels);
    EXPECT_EQ(13, info->init_cnode_size_bits);
    expect_region(137, 8192, info->empty);
    expect_region(21, 41, info->user_image_frames);
    expect_region(41, 137, info->untyped);
    unsigned count = expect_pieces(m, 0, PIECES(devices), true);
    count = expect_pieces(m, count, PIECES(ram_sel4test), false);
    EXPECT_EQ(96, count);
    machine_free(m);
}

TEST(every_named_mcs_kernel_boots_a_root_task)
{
    const char *name;
    for (unsigned i = 0; (name = kernel_config_name(i)) != NULL; i++) {
        if (!kernel_config_named(name)->mcs) {
            continue;
        }
        struct machine *m = machine_booted(name);
        EXPECT_EQ(m->boot.config.kernel_end,
                  cap_object(root_slot(m, bootinfo(m)->user_image_frames.start)->cap));
        machine_free(m);
    }
}

/* What DebugCapIdentify said of the first slots. */
TEST(the_first_caps_are_those_of_the_real_kernel)
{
    static const uint8_t types[] = {0,  12, 10, 9,  14, 11, 13, 31, 0, 1, 1,
                                    20, 0,  0,  22, 0,  24, 7,  5,  3, 1, 1};
    struct machine *m = machine_booted("microkit");
    for (unsigned i = 0; i < sizeof(types); i++) {
        EXPECT_EQ(types[i], root_slot(m, i)->cap.type);
    }
    machine_free(m);
}

TEST(extra_bootinfo_has_the_headers_of_the_real_kernel_in_its_order)
{
    struct machine *m = machine_booted("microkit");
    const uint8_t *extra = frame_bytes(m, bootinfo(m)->extra_bootinfo_pages.start);

    static const uint8_t rsdp_header[] = {3, 0, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_MEM(rsdp_header, extra, 16);
    EXPECT_MEM(rsdp, extra + 16, 36);

    static const uint8_t map_header[] = {2, 0, 0, 0, 0, 0, 0,    0, 0xc4, 4,
                                         0, 0, 0, 0, 0, 0, 0xa8, 0, 0,    0};
    EXPECT_MEM(map_header, extra + 52, sizeof(map_header));
    static const uint8_t ram_entry[] = {0x14, 0, 0,    0,    0, 0, 0x10, 0, 0, 0, 0, 0,
                                        0,    0, 0xee, 0x1f, 0, 0, 0,    0, 1, 0, 0, 0};
    EXPECT_MEM(ram_entry, extra + 52 + 20 + 3 * 24, sizeof(ram_entry));
    static const uint8_t last_entry[] = {0x14, 0, 0, 0, 0, 0, 0, 0, 0xfd, 0, 0, 0,
                                         0,    0, 0, 0, 3, 0, 0, 0, 2,    0, 0, 0};
    EXPECT_MEM(last_entry, extra + 52 + 20 + 6 * 24, sizeof(last_entry));
    static const uint8_t no_entry[24] = {0};
    EXPECT_MEM(no_entry, extra + 52 + 20 + 7 * 24, sizeof(no_entry));

    static const uint8_t tsc[] = {5, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0x24, 0xa, 0, 0};
    EXPECT_MEM(tsc, extra + 52 + 1220, sizeof(tsc));
    machine_free(m);
}

TEST(without_acpi_the_extra_bootinfo_begins_with_the_memory_map)
{
    struct machine *m = machine_new("microkit");
    m->boot.acpi_rsdp = NULL;

    assert_null(kernel_boot(m->k, &m->boot));

    const struct abi_bootinfo_header *extra =
        frame_bytes(m, bootinfo(m)->extra_bootinfo_pages.start);
    EXPECT_EQ(SEL4_BOOTINFO_HEADER_X86_MBMMAP, extra->id);
    EXPECT_EQ(1240, bootinfo(m)->extra_length);
    machine_free(m);
}

static void expect_mapped(struct machine *m, uint64_t vaddr, paddr frame)
{
    paddr vspace = cap_object(root_slot(m, seL4_CapInitThreadVSpace)->cap);
    struct kernel_mapping mapping;
    EXPECT_TRUE(kernel_translate(m->k, vspace, vaddr, &mapping));
    EXPECT_EQ(vaddr, mapping.vaddr);
    EXPECT_EQ(frame, mapping.frame);
    EXPECT_EQ(0x1000, mapping.bytes);
    EXPECT_TRUE(mapping.readable);
    EXPECT_TRUE(mapping.writable);
}

TEST(the_image_the_ipc_buffer_and_bootinfo_are_mapped_and_nothing_else)
{
    struct machine *m = machine_booted("microkit");
    uint64_t first_frame = bootinfo(m)->user_image_frames.start;
    for (uint64_t i = 0; IMAGE_FIRST + i * 0x1000 < IMAGE_END; i++) {
        expect_mapped(m, IMAGE_FIRST + i * 0x1000, 0xa22000 + i * 0x1000);
        EXPECT_EQ(0xa22000 + i * 0x1000, cap_object(root_slot(m, first_frame + i)->cap));
    }
    expect_mapped(m, IPC_BUFFER, cap_object(root_slot(m, seL4_CapInitThreadIPCBuffer)->cap));
    expect_mapped(m, BOOTINFO, cap_object(root_slot(m, seL4_CapBootInfoFrame)->cap));
    expect_mapped(m, EXTRA, cap_object(root_slot(m, 20)->cap));

    paddr vspace = cap_object(root_slot(m, seL4_CapInitThreadVSpace)->cap);
    struct kernel_mapping mapping;
    EXPECT_FALSE(kernel_translate(m->k, vspace, IMAGE_FIRST - 1, &mapping));
    EXPECT_FALSE(kernel_translate(m->k, vspace, ROOT_TASK_END, &mapping));
    EXPECT_FALSE(kernel_translate(m->k, vspace, 0, &mapping));
    EXPECT_FALSE(kernel_translate(m->k, vspace, 0xffffff8000100000, &mapping));
    machine_free(m);
}

TEST(the_initial_thread_starts_at_the_entry_with_bootinfo_in_its_first_argument)
{
    struct machine *m = machine_booted("microkit");
    struct tcb *tcb = initial_thread(m);

    EXPECT_STR("rootserver", tcb->name);
    EXPECT_EQ(ENTRY, tcb->next_rip);
    EXPECT_EQ(BOOTINFO, tcb->registers.r[X86_RDI]);
    EXPECT_EQ(0x202, tcb->registers.r[X86_RFLAGS]);
    EXPECT_EQ(0, tcb->registers.r[X86_RSP]);
    EXPECT_EQ(255, tcb->priority);
    EXPECT_EQ(255, tcb->mcp);
    EXPECT_EQ(0, tcb->domain);
    EXPECT_EQ(THREAD_RUNNING, tcb->state);
    EXPECT_EQ(IPC_BUFFER, tcb->ipc_buffer);
    EXPECT_EQ(CAP_FRAME, tcb->slots[TCB_IPC_BUFFER].cap.type);
    EXPECT_FALSE(tcb->slots[TCB_IPC_BUFFER].cap.frame.is_mapped);
    EXPECT_EQ(cap_object(root_slot(m, seL4_CapInitThreadSC)->cap), tcb->sc);
    EXPECT_EQ(tcb_address(m->k, tcb), sc_at(m->k, tcb->sc)->tcb);
    EXPECT_EQ(tcb_address(m->k, tcb), cap_object(root_slot(m, seL4_CapInitThreadTCB)->cap));

    struct kernel_next next = kernel_enter(m->k, 0, &(struct kernel_event){.kind = EVENT_START});
    EXPECT_EQ(NEXT_RUN, next.kind);
    EXPECT_EQ(tcb_address(m->k, tcb), next.tcb);
    EXPECT_EQ(ENTRY, next.registers->r[X86_RIP]);
    machine_free(m);
}

TEST(boot_asks_the_host_for_no_mapping_and_clears_nothing)
{
    struct machine *m = machine_booted("microkit");
    EXPECT_EQ(0, m->calls);
    machine_free(m);
}

/* The extra bootinfo, bootinfo itself; the IPC buffer is not even read. */
TEST(boot_touches_two_pages_of_ram)
{
    struct machine *m = machine_booted("microkit");
    size_t pages = MEMORY_BYTES / 4096;
    unsigned char *resident = malloc(pages);
    EXPECT_EQ(0, mincore(m->ram, MEMORY_BYTES, resident));
    unsigned touched = 0;
    for (size_t i = 0; i < pages; i++) {
        touched += resident[i] & 1;
    }
    EXPECT_EQ(2, touched);
    free(resident);
    machine_free(m);
}

TEST(only_the_interrupts_of_users_can_be_had)
{
    struct machine *m = machine_booted("microkit");
    EXPECT_EQ(IRQ_RESERVED, m->k->irqs[0].state);
    EXPECT_EQ(IRQ_RESERVED, m->k->irqs[15].state);
    EXPECT_EQ(IRQ_INACTIVE, m->k->irqs[16].state);
    EXPECT_EQ(IRQ_INACTIVE, m->k->irqs[123].state);
    EXPECT_EQ(IRQ_RESERVED, m->k->irqs[124].state);
    EXPECT_EQ(IRQ_TIMER, m->k->irqs[125].state);
    machine_free(m);
}

TEST(what_the_kernel_keeps_lies_where_no_untyped_memory_is)
{
    struct machine *m = machine_booted("microkit");
    const struct abi_bootinfo_mcs *info = bootinfo(m);
    paddr first = m->k->irq_slots;
    paddr last = first + IRQ_COUNT * sizeof(struct slot) - 1;
    for (unsigned i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const struct abi_untyped_description *untyped = &info->untyped_list[i];
        paddr untyped_last = untyped->paddr + (1ul << untyped->size_bits) - 1;
        EXPECT_TRUE(untyped_last < first || last < untyped->paddr);
    }
    EXPECT_TRUE(last < m->boot.image_base);
    machine_free(m);
}

/* An IOMMU's or a graphics card's hole: device memory between two regions of RAM. */
TEST(ram_above_a_hole_is_used_and_the_hole_is_device_memory)
{
    static const struct kernel_region regions[] = {
        {0x100000, 0x8000000, REGION_RAM},
        {0x10000000, 0x18000000, REGION_RAM},
    };
    static const struct piece first_devices[] = {
        {0, 20}, {0x8000000, 27}, {0x18000000, 27}, {0x20000000, 29}};
    struct machine *m = machine_new("sel4test");
    m->boot.regions = regions;
    m->boot.region_count = 2;

    assert_null(kernel_boot(m->k, &m->boot));

    expect_pieces(m, 0, PIECES(first_devices), true);
    EXPECT_TRUE(cap_object(root_slot(m, seL4_CapInitThreadCNode)->cap) >= 0x10000000);
    machine_free(m);
}

TEST(an_image_across_a_boundary_of_2_mib_gets_two_page_tables)
{
    struct machine *m = machine_new("microkit");
    m->boot.image_first = 0x5fe000;
    m->boot.image_end = 0x602000;
    m->boot.entry = 0x5fe000;

    assert_null(kernel_boot(m->k, &m->boot));

    expect_region(17, 21, bootinfo(m)->user_image_paging);
    EXPECT_EQ(CAP_PAGE_TABLE, root_slot(m, 19)->cap.type);
    EXPECT_EQ(0x400000, root_slot(m, 19)->cap.table.vaddr);
    EXPECT_EQ(CAP_PAGE_TABLE, root_slot(m, 20)->cap.type);
    EXPECT_EQ(0x600000, root_slot(m, 20)->cap.table.vaddr);
    expect_mapped(m, 0x5ff000, 0xa23000);
    expect_mapped(m, 0x600000, 0xa24000);
    machine_free(m);
}

TEST(untyped_memory_beyond_what_bootinfo_describes_is_left_out_and_said)
{
    struct machine *m = machine_new("microkit");
    m->boot.config.bootinfo_untypeds = 10;

    assert_null(kernel_boot(m->k, &m->boot));

    expect_region(41, 51, bootinfo(m)->untyped);
    EXPECT_EQ(0, bootinfo(m)->untyped_list[10].size_bits);
    EXPECT_EQ(CAP_NULL, root_slot(m, 51)->cap.type);
    EXPECT_STR("89 pieces of memory are not used: bootinfo describes at most 10", m->report);
    machine_free(m);
}

static void expect_refusal(struct machine *m, const char *expected)
{
    const char *why = kernel_boot(m->k, &m->boot);
    assert_non_null(why);
    EXPECT_STR(expected, why);
    machine_free(m);
}

TEST(an_image_larger_than_memory_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.image_end = IMAGE_FIRST + MEMORY_BYTES;
    expect_refusal(m, "the root task's image does not fit into memory: give the machine more");
}

TEST(memory_without_room_for_the_root_cnode_is_refused)
{
    static const struct kernel_region regions[] = {{0x100000, 0xc00000, REGION_RAM}};
    struct machine *m = machine_new("microkit");
    m->boot.regions = regions;
    m->boot.region_count = 1;
    expect_refusal(m, "the first objects, among them the root CNode, do not fit into memory: give "
                      "the machine more");
}

TEST(ram_beyond_the_end_of_memory_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.memory_bytes = 0x10000000;
    expect_refusal(m, "a region of RAM lies beyond the end of memory");
}

TEST(more_regions_than_can_be_kept_are_refused)
{
    struct kernel_region regions[40];
    for (unsigned i = 0; i < 40; i++) {
        regions[i] = (struct kernel_region){0x100000 + i * 0x100000ul,
                                            0x100000 + i * 0x100000ul + 0x80000, REGION_RAM};
    }
    struct machine *m = machine_new("microkit");
    m->boot.regions = regions;
    m->boot.region_count = 40;
    expect_refusal(m, "the machine reports too many regions of RAM");
}

TEST(a_root_cnode_too_small_for_the_first_caps_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.config.root_cnode_size_bits = 7;
    expect_refusal(m, "the root CNode has too few slots for the initial caps");
}

TEST(a_root_cnode_of_a_size_that_seL4_cannot_have_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.config.root_cnode_size_bits = 6;
    expect_refusal(m, "the configuration's root CNode has fewer than 2^7 or more than 2^26 slots");
}

TEST(more_domains_than_there_are_queues_for_are_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.config.domains = 17;
    expect_refusal(m, "the configuration has no domain or more than 16");
}

TEST(a_domain_schedule_without_room_for_its_end_or_too_long_is_refused)
{
    static const uint32_t lengths[] = {0, 1, 257};
    for (unsigned i = 0; i < 3; i++) {
        struct machine *m = machine_new("microkit");
        m->boot.config.domain_schedules = lengths[i];
        expect_refusal(
            m, "the configuration's domain schedule has fewer than 2 or more than 256 entries");
    }
}

TEST(a_configuration_that_does_not_say_where_the_kernel_lies_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.config.kernel_end = 0;
    expect_refusal(m, "the configuration does not say where the kernel's image lies");
}

TEST(an_image_in_parts_of_pages_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.image_first += 8;
    expect_refusal(m, "the root task's image is not in whole pages");
}

TEST(an_image_so_high_that_the_ipc_buffer_has_no_room_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.image_first = X86_USER_TOP - 0x3000;
    m->boot.image_end = X86_USER_TOP - 0x1000;
    m->boot.entry = m->boot.image_first;
    expect_refusal(
        m, "the root task's image ends so high that its IPC buffer and bootinfo have no room");
}

TEST(an_entry_point_outside_the_image_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.entry = IMAGE_END;
    expect_refusal(m, "the entry point is outside the root task's image");
}

TEST(an_image_at_another_place_is_refused)
{
    struct machine *m = machine_new("microkit");
    m->boot.image_base += 0x1000;
    expect_refusal(m, "the root task's image is not where it belongs");
}
