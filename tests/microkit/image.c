/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Images: what is patched into programs, which objects and caps a system gets, what is refused. */
#include "microkit/image.h"

#include <assert.h>
#include <elf.h>
#include <string.h>

#include "tests/microkit/fixture_build.h"
#include "tests/microkit/fixture_program.h"
#include "tests/test.h"

static struct channel channel(struct protection_domain *a, uint64_t a_id,
                              struct protection_domain *b, uint64_t b_id)
{
    return (struct channel){
        .ends = {{.pd = a, .id = a_id, .notify = true}, {.pd = b, .id = b_id, .notify = true}}};
}

static const struct spec_objects *run_named(const struct spec *spec, const char *name)
{
    assert(spec != NULL);
    const struct spec_objects *runs = spec_records(spec, spec->objects);
    for (uint32_t i = 0; i < spec->objects.count; i++) {
        if (strcmp((const char *)spec + runs[i].name, name) == 0) {
            return &runs[i];
        }
    }
    return NULL;
}

/* What a CNode has in a slot; NULL for nothing. */
static const struct spec_cap *cap_in(const struct build *build, const char *cnode, uint32_t slot)
{
    const struct spec *spec = build->image.spec;
    const struct spec_slot *slots = spec_records(spec, spec->slots);
    for (uint32_t i = 0; i < spec->slots.count; i++) {
        if (slots[i].slot == slot && strcmp(name_of_object(spec, slots[i].cnode), cnode) == 0) {
            return &slots[i].cap;
        }
    }
    return NULL;
}

#define EXPECT_CAP(build, cnode, slot, object_name, cap_rights, cap_badge)                         \
    do {                                                                                           \
        const struct spec_cap *found_cap = cap_in(build, cnode, slot);                             \
        assert_non_null(found_cap);                                                                \
        EXPECT_STR(object_name, name_of_object((build)->image.spec, found_cap->object));           \
        EXPECT_EQ(cap_rights, found_cap->rights);                                                  \
        EXPECT_EQ(cap_badge, found_cap->badge);                                                    \
    } while (0)

enum {
    RW = SPEC_READ | SPEC_WRITE,
    RWG = SPEC_READ | SPEC_WRITE | SPEC_GRANT,
};

static const struct spec_tcb *tcb_named(const struct spec *spec, const char *name)
{
    const struct spec_tcb *tcbs = spec_records(spec, spec->tcbs);
    for (uint32_t i = 0; i < spec->tcbs.count; i++) {
        if (strcmp(name_of_object(spec, tcbs[i].object), name) == 0) {
            return &tcbs[i];
        }
    }
    return NULL;
}

static uint64_t word_at(const struct build *build, const char *vspace, uint64_t vaddr)
{
    const uint64_t *word = build_bytes_at(build, vspace, vaddr);
    assert_non_null(word);
    return *word;
}

TEST(the_image_is_the_initialiser_with_one_segment_more)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    EXPECT_BUILT(&build);

    const uint8_t *file = build.image.data;
    const Elf64_Ehdr *header = (const void *)file;
    const Elf64_Phdr *segments = (const void *)(file + header->e_phoff);
    EXPECT_EQ(INITIALISER_START, header->e_entry);
    EXPECT_EQ(3, header->e_phnum);
    EXPECT_MEM("INITIALISER", file + segments[0].p_offset, 12);
    EXPECT_EQ(INITIALISER_END, segments[2].p_vaddr);
    EXPECT_EQ(0, segments[2].p_memsz % PAGE_SMALL);
    EXPECT_EQ(build.image.memory_size,
              segments[2].p_vaddr + segments[2].p_memsz - INITIALISER_START);
    uint64_t spec_offset = segments[1].p_offset + INITIALISER_SPEC - segments[1].p_vaddr;
    EXPECT_MEM(&segments[2].p_vaddr, file + spec_offset, 8);
    EXPECT_EQ(SPEC_MAGIC, *(const uint64_t *)(file + segments[2].p_offset));
    EXPECT_EQ(SPEC_MAGIC, build.image.spec->magic);
    EXPECT_EQ((INITIALISER_END - INITIALISER_START) / PAGE_SMALL,
              build.image.spec->first_image_page);
    build_finish(&build);
}

TEST(the_same_system_makes_the_same_bytes)
{
    struct protection_domain pds[] = {plain_pd("one"), plain_pd("two")};
    struct build first = build_start(pds, 2);
    struct build second = build_start(pds, 2);
    EXPECT_BUILT(&first);
    EXPECT_BUILT(&second);
    EXPECT_EQ(first.image.size, second.image.size);
    EXPECT_MEM(first.image.data, second.image.data, first.image.size);
    build_finish(&first);
    build_finish(&second);
}

TEST(objects_are_numbered_by_address_then_size_then_name)
{
    struct memory_region regions[] = {
        {.name = "high",
         .size = 0x2000,
         .page_size = PAGE_SMALL,
         .phys_addr = 0x9000,
         .phys_addr_given = true},
        {.name = "low",
         .size = 0x1000,
         .page_size = PAGE_SMALL,
         .phys_addr = 0x1000,
         .phys_addr_given = true},
        {.name = "large", .size = 0x400000, .page_size = PAGE_LARGE},
    };
    struct protection_domain pds[] = {plain_pd("zebra"), plain_pd("ant")};
    struct build build = build_start(pds, 2);
    build.system.regions = regions;
    build.system.region_count = 3;
    EXPECT_BUILT(&build);

    const struct spec *spec = build.image.spec;
    const struct spec_objects *runs = spec_records(spec, spec->objects);
    uint32_t next = 0;
    for (uint32_t i = 0; i < spec->objects.count; i++) {
        EXPECT_EQ(next, runs[i].first);
        next += runs[i].count;
        if (i > 3) {
            EXPECT_TRUE(runs[i].size_bits <= runs[i - 1].size_bits);
        }
    }
    EXPECT_EQ(spec->objects_total, next);
    EXPECT_STR("frame_mr_low_000000000", name_of_object(spec, 0));
    EXPECT_STR("frame_mr_high", name_of_object(spec, 1));
    EXPECT_STR("frame_mr_large", name_of_object(spec, 3));
    EXPECT_EQ(2, run_named(spec, "frame_mr_large")->count);
    EXPECT_EQ(SPEC_FRAME_2M, run_named(spec, "frame_mr_large")->type);
    EXPECT_TRUE(run_named(spec, "ntfn_ant")->first < run_named(spec, "ntfn_zebra")->first);
    build_finish(&build);
}

/* Microkit 2.3.0 resumes TCBs in the order of their names; the kernel runs the last one first. */
TEST(threads_start_in_the_order_of_their_names)
{
    struct protection_domain pds[] = {plain_pd("delta"), plain_pd("alpha"), plain_pd("zulu"),
                                      plain_pd("bravo")};
    struct build build = build_start(pds, 4);
    EXPECT_BUILT(&build);

    const char *const order[] = {"tcb_alpha", "tcb_bravo", "tcb_delta", "tcb_monitor", "tcb_zulu"};
    const struct spec *spec = build.image.spec;
    const struct spec_tcb *tcbs = spec_records(spec, spec->tcbs);
    EXPECT_EQ(5, spec->tcbs.count);
    for (uint32_t i = 0; i < 5; i++) {
        EXPECT_STR(order[i], name_of_object(spec, tcbs[i].object));
        EXPECT_EQ(SPEC_TCB_START, tcbs[i].flags);
    }
    build_finish(&build);
}

TEST(a_thread_gets_its_parameters_and_the_top_of_its_address_space)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].priority = 7;
    pds[0].budget_us = 50;
    pds[0].period_us = 200;
    pds[0].fpu = false;
    pds[0].stack_size = 0x3000;
    struct build build = build_start(pds, 1);
    EXPECT_BUILT(&build);

    const struct spec *spec = build.image.spec;
    const struct spec_tcb *tcb = tcb_named(spec, "tcb_hello");
    EXPECT_EQ(PD_TEXT, tcb->ip);
    EXPECT_EQ(UINT64_C(0x7fffffffd000), tcb->sp);
    EXPECT_EQ(UINT64_C(0x7fffffffe000), tcb->ipc_buffer);
    EXPECT_EQ(7, tcb->priority);
    EXPECT_EQ(7, tcb->mcp);
    EXPECT_EQ(SPEC_NO_DOMAIN, tcb->domain);
    EXPECT_EQ(SPEC_TCB_START | SPEC_TCB_FPU_OFF, tcb->flags);
    EXPECT_STR("cnode_hello_root", name_of_object(spec, tcb->cspace.object));
    EXPECT_EQ(0, tcb->cspace.badge);
    EXPECT_STR("ntfn_hello", name_of_object(spec, tcb->notification));
    EXPECT_STR("ep_fault_monitor", name_of_object(spec, tcb->fault_endpoint.object));
    EXPECT_EQ(1, tcb->fault_endpoint.badge);
    EXPECT_EQ(RWG, tcb->fault_endpoint.rights);

    EXPECT_TRUE(build_map_at(&build, "pml4_hello", 0x7fffffffd000) == NULL);
    EXPECT_EQ(3, build_map_at(&build, "pml4_hello", 0x7fffffffa000)->count);
    EXPECT_TRUE(build_map_at(&build, "pml4_hello", 0x7fffffff9fff) == NULL);
    EXPECT_EQ(tcb->ipc_buffer_frame, build_map_at(&build, "pml4_hello", 0x7fffffffe000)->first);

    const struct spec_sched *scheds = spec_records(spec, spec->scheds);
    EXPECT_EQ(2, spec->scheds.count);
    EXPECT_EQ(50, scheds[0].budget_us);
    EXPECT_EQ(200, scheds[0].period_us);
    EXPECT_EQ(0x100, scheds[0].badge);
    EXPECT_EQ(tcb->sched, scheds[0].object);
    EXPECT_STR("sched_context_monitor", name_of_object(spec, scheds[1].object));
    EXPECT_EQ(1000, scheds[1].budget_us);
    EXPECT_EQ(0, scheds[1].badge);
    EXPECT_EQ(8, run_of_object(spec, tcb->sched)->size_bits);
    build_finish(&build);
}

TEST(the_monitor_runs_at_255_in_a_cspace_of_one_level)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    EXPECT_BUILT(&build);

    const struct spec_tcb *tcb = tcb_named(build.image.spec, "tcb_monitor");
    EXPECT_EQ(255, tcb->priority);
    EXPECT_EQ(255, tcb->mcp);
    EXPECT_EQ(55, tcb->cspace.badge);
    EXPECT_EQ(SPEC_NONE, tcb->fault_endpoint.object);
    EXPECT_EQ(SPEC_NONE, tcb->notification);
    EXPECT_EQ(14, run_of_object(build.image.spec, tcb->cspace.object)->size_bits);
    EXPECT_CAP(&build, "cnode_monitor", 1, "ep_fault_monitor", RWG, 0);
    EXPECT_CAP(&build, "cnode_monitor", 2, "reply_monitor", SPEC_ALL_RIGHTS, 0);
    EXPECT_CAP(&build, "cnode_monitor", 10, "tcb_hello", SPEC_ALL_RIGHTS, 0);
    EXPECT_TRUE(cap_in(&build, "cnode_monitor", 138) == NULL);
    EXPECT_TRUE(cap_in(&build, "cnode_monitor", 202) == NULL);
    build_finish(&build);
}

TEST(a_pd_has_its_own_caps_where_libmicrokit_looks)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    EXPECT_BUILT(&build);

    EXPECT_CAP(&build, "cnode_hello", 1, "ntfn_hello", RW, 0);
    EXPECT_CAP(&build, "cnode_hello", 2, "ep_fault_monitor", RWG, 1);
    EXPECT_CAP(&build, "cnode_hello", 3, "pml4_hello", SPEC_ALL_RIGHTS, 0);
    EXPECT_CAP(&build, "cnode_hello", 4, "reply_hello", SPEC_ALL_RIGHTS, 0);
    EXPECT_TRUE(cap_in(&build, "cnode_hello", 5) == NULL);
    EXPECT_CAP(&build, "cnode_hello_root", 0, "cnode_hello", SPEC_ALL_RIGHTS, 49);
    EXPECT_EQ(14, run_named(build.image.spec, "cnode_hello")->size_bits);
    EXPECT_EQ(11, run_named(build.image.spec, "cnode_hello_root")->size_bits);
    EXPECT_TRUE(run_named(build.image.spec, "ep_hello") == NULL);
    build_finish(&build);
}

TEST(a_channel_gives_each_end_the_badge_that_the_other_knows)
{
    struct protection_domain pds[] = {plain_pd("client"), plain_pd("server")};
    struct channel channels[] = {channel(&pds[0], 3, &pds[1], 5)};
    channels[0].ends[0].pp = true;
    channels[0].ends[1].notify = false;
    struct build build = build_start(pds, 2);
    build.system.channels = channels;
    build.system.channel_count = 1;
    EXPECT_BUILT(&build);

    EXPECT_CAP(&build, "cnode_client", 10 + 3, "ntfn_server", RW, 1 << 5);
    EXPECT_CAP(&build, "cnode_client", 74 + 3, "ep_server", RWG, (UINT64_C(1) << 63) | 5);
    EXPECT_TRUE(cap_in(&build, "cnode_server", 10 + 5) == NULL);
    EXPECT_TRUE(cap_in(&build, "cnode_server", 74 + 5) == NULL);
    EXPECT_CAP(&build, "cnode_server", 1, "ep_server", RWG, 0);
    EXPECT_STR(
        "ntfn_server",
        name_of_object(build.image.spec, tcb_named(build.image.spec, "tcb_server")->notification));
    EXPECT_EQ(1 << 3, word_at(&build, "pml4_client", PD_NOTIFICATIONS));
    EXPECT_EQ(1 << 3, word_at(&build, "pml4_client", PD_PPS));
    EXPECT_EQ(0, word_at(&build, "pml4_server", PD_NOTIFICATIONS));
    EXPECT_EQ(0, word_at(&build, "pml4_server", PD_PPS));
    build_finish(&build);
}

TEST(a_child_faults_to_its_parent_which_has_its_tcb)
{
    struct protection_domain pds[] = {plain_pd("parent"), plain_pd("child")};
    pds[0].child_count = 1;
    pds[1].parent = &pds[0];
    pds[1].id = 9;
    struct build build = build_start(pds, 2);
    EXPECT_BUILT(&build);

    EXPECT_CAP(&build, "cnode_child", 2, "ep_parent", RWG, (UINT64_C(1) << 62) | 9);
    EXPECT_CAP(&build, "cnode_parent", 202 + 9, "tcb_child", SPEC_ALL_RIGHTS, 0);
    EXPECT_CAP(&build, "cnode_parent", 1, "ep_parent", RWG, 0);
    const struct spec_tcb *tcb = tcb_named(build.image.spec, "tcb_child");
    EXPECT_STR("ep_parent", name_of_object(build.image.spec, tcb->fault_endpoint.object));
    EXPECT_EQ((UINT64_C(1) << 62) | 9, tcb->fault_endpoint.badge);
    EXPECT_CAP(&build, "cnode_monitor", 11, "tcb_child", SPEC_ALL_RIGHTS, 0);
    build_finish(&build);
}

TEST(a_passive_pd_can_ask_the_monitor_which_has_its_scheduling_context)
{
    struct protection_domain pds[] = {plain_pd("active"), plain_pd("server")};
    pds[1].passive = true;
    struct build build = build_start(pds, 2);
    EXPECT_BUILT(&build);

    EXPECT_CAP(&build, "cnode_server", 5, "ep_fault_monitor", RWG, 2);
    EXPECT_CAP(&build, "cnode_monitor", 138 + 1, "sched_context_server", SPEC_ALL_RIGHTS, 0);
    EXPECT_CAP(&build, "cnode_monitor", 202 + 1, "ntfn_server", RW, 0);
    EXPECT_TRUE(cap_in(&build, "cnode_monitor", 138) == NULL);
    EXPECT_EQ(1, *(const uint8_t *)build_bytes_at(&build, "pml4_server", PD_PASSIVE));
    EXPECT_EQ(0, *(const uint8_t *)build_bytes_at(&build, "pml4_active", PD_PASSIVE));
    build_finish(&build);
}

TEST(interrupts_and_ports_come_from_their_controls)
{
    struct irq irqs[] = {
        {.kind = IRQ_IOAPIC,
         .id = 2,
         .number = 40,
         .ioapic = 1,
         .pin = 4,
         .trigger = TRIGGER_LEVEL,
         .polarity = POLARITY_LOW},
        {.kind = IRQ_MSI, .id = 6, .number = 41, .pci = {3, 4, 5}, .handle = 7},
    };
    struct ioport ports[] = {{.id = 1, .addr = 0x3f8, .size = 8}};
    struct protection_domain pds[] = {plain_pd("driver")};
    pds[0].irqs = irqs;
    pds[0].irq_count = 2;
    pds[0].ioports = ports;
    pds[0].ioport_count = 1;
    struct build build = build_start(pds, 1);
    EXPECT_BUILT(&build);

    const struct spec *spec = build.image.spec;
    const struct spec_irq *irq = spec_records(spec, spec->irqs);
    EXPECT_EQ(2, spec->irqs.count);
    EXPECT_EQ(SPEC_IRQ_IOAPIC, irq[0].kind);
    EXPECT_EQ(40, irq[0].vector);
    EXPECT_MEM(((uint32_t[]){1, 4, 1, 1}), irq[0].args, sizeof irq[0].args);
    EXPECT_STR("ntfn_driver", name_of_object(spec, irq[0].notification.object));
    EXPECT_EQ(1 << 2, irq[0].notification.badge);
    EXPECT_EQ(SPEC_IRQ_MSI, irq[1].kind);
    EXPECT_MEM(((uint32_t[]){3, 4, 5, 7}), irq[1].args, sizeof irq[1].args);
    EXPECT_CAP(&build, "cnode_driver", 138 + 2, "irq_40_driver", SPEC_ALL_RIGHTS, 0);
    EXPECT_CAP(&build, "cnode_driver", 138 + 6, "irq_41_driver", SPEC_ALL_RIGHTS, 0);

    const struct spec_ioports *ioports = spec_records(spec, spec->ioports);
    EXPECT_EQ(1, spec->ioports.count);
    EXPECT_EQ(0x3f8, ioports[0].first_port);
    EXPECT_EQ(0x3ff, ioports[0].last_port);
    EXPECT_CAP(&build, "cnode_driver", 394 + 1, "ioports_0x3f8_driver", SPEC_ALL_RIGHTS, 0);
    EXPECT_EQ(1 << 2 | 1 << 6, word_at(&build, "pml4_driver", PD_IRQS));
    EXPECT_EQ(1 << 1, word_at(&build, "pml4_driver", PD_IOPORTS));
    build_finish(&build);
}

TEST(caps_of_other_pds_go_into_the_root_cnode)
{
    struct protection_domain pds[] = {plain_pd("user"), plain_pd("other")};
    struct user_cap caps[] = {
        {.kind = USER_CAP_TCB, .pd = &pds[1], .slot = 1},
        {.kind = USER_CAP_SC, .pd = &pds[1], .slot = 2},
        {.kind = USER_CAP_VSPACE, .pd = &pds[0], .slot = 63},
    };
    pds[0].user_caps = caps;
    pds[0].user_cap_count = 3;
    struct build build = build_start(pds, 2);
    EXPECT_BUILT(&build);
    EXPECT_CAP(&build, "cnode_user_root", 1, "tcb_other", SPEC_ALL_RIGHTS, 0);
    EXPECT_CAP(&build, "cnode_user_root", 2, "sched_context_other", SPEC_ALL_RIGHTS, 0);
    EXPECT_CAP(&build, "cnode_user_root", 63, "pml4_user", SPEC_ALL_RIGHTS, 0);
    build_finish(&build);
}

TEST(programs_are_pages_of_the_image_but_zeros_are_not)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    EXPECT_BUILT(&build);

    EXPECT_MEM("TEXT", build_bytes_at(&build, "pml4_hello", PD_TEXT), 5);
    EXPECT_EQ(SPEC_READ, build_map_at(&build, "pml4_hello", PD_TEXT)->rights);
    EXPECT_EQ(RW, build_map_at(&build, "pml4_hello", PD_DATA)->rights);
    const struct spec_map *zeros = build_map_at(&build, "pml4_hello", PD_BSS);
    EXPECT_EQ(0, zeros->flags);
    EXPECT_EQ(1, zeros->count);
    EXPECT_EQ(SPEC_FRAME_4K, run_of_object(build.image.spec, zeros->first)->type);
    EXPECT_TRUE(build_map_at(&build, "pml4_hello", PD_END) == NULL);
    build_finish(&build);
}

TEST(every_map_has_its_page_tables)
{
    struct memory_region regions[] = {
        {.name = "large", .size = 0x200000, .page_size = PAGE_LARGE},
        {.name = "small", .size = 0x3000, .page_size = PAGE_SMALL},
    };
    struct map maps[] = {
        {.region = &regions[0],
         .region_name = "large",
         .vaddr = UINT64_C(0x8000000000),
         .perms = PERM_READ,
         .cached = true},
        /* From one page table into the next. */
        {.region = &regions[1],
         .region_name = "small",
         .vaddr = 0x3ff000,
         .perms = PERM_READ,
         .cached = true},
    };
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].maps = maps;
    pds[0].map_count = 2;
    struct build build = build_start(pds, 1);
    build.system.regions = regions;
    build.system.region_count = 2;
    EXPECT_BUILT(&build);

    const struct spec *spec = build.image.spec;
    const struct spec_objects *root = run_named(spec, "pml4_hello");
    const struct spec_page_table *tables = spec_records(spec, spec->tables);
    uint32_t counts[SPEC_TYPES] = {0};
    for (uint32_t i = 0; i < spec->tables.count; i++) {
        if (tables[i].vspace == root->first) {
            counts[run_of_object(spec, tables[i].object)->type]++;
        }
    }
    EXPECT_EQ(3, counts[SPEC_PDPT]);
    EXPECT_EQ(3, counts[SPEC_PAGE_DIRECTORY]);
    EXPECT_EQ(3, counts[SPEC_PAGE_TABLE]);
    EXPECT_EQ(21, build_map_at(&build, "pml4_hello", 0x8000000000)->size_bits);
    EXPECT_EQ(3, build_map_at(&build, "pml4_hello", 0x401000)->count);
    build_finish(&build);
}

TEST(the_second_map_of_a_region_uses_copies_of_its_caps)
{
    struct memory_region regions[] = {{.name = "ring", .size = 0x1000, .page_size = PAGE_SMALL}};
    struct map maps[] = {
        {.region = &regions[0],
         .region_name = "ring",
         .vaddr = 0x4000000,
         .perms = PERM_READ | PERM_WRITE,
         .cached = true},
        {.region = &regions[0], .region_name = "ring", .vaddr = 0x5000000, .perms = PERM_READ},
    };
    struct protection_domain pds[] = {plain_pd("one"), plain_pd("two")};
    pds[0].maps = &maps[0];
    pds[0].map_count = 1;
    pds[1].maps = &maps[1];
    pds[1].map_count = 1;
    struct build build = build_start(pds, 2);
    build.system.regions = regions;
    build.system.region_count = 1;
    EXPECT_BUILT(&build);

    const struct spec_map *first = build_map_at(&build, "pml4_one", 0x4000000);
    const struct spec_map *second = build_map_at(&build, "pml4_two", 0x5000000);
    EXPECT_EQ(first->first, second->first);
    EXPECT_EQ(0, first->flags);
    EXPECT_EQ(RW, first->rights);
    EXPECT_EQ(SPEC_MAP_COPY | SPEC_MAP_UNCACHED, second->flags);
    EXPECT_EQ(SPEC_READ, second->rights);
    build_finish(&build);
}

TEST(prefilled_small_pages_are_pages_of_the_image)
{
    uint8_t contents[0x1001] = "first";
    contents[0x1000] = 'x';
    struct memory_region regions[] = {
        {.name = "filled",
         .size = 0x4000,
         .page_size = PAGE_SMALL,
         .prefill = {.kind = PREFILL_FILE, .bytes = contents, .size = sizeof contents}},
    };
    struct map map = {.region = &regions[0],
                      .region_name = "filled",
                      .vaddr = 0x4000000,
                      .perms = PERM_READ,
                      .cached = true};
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].maps = &map;
    pds[0].map_count = 1;
    struct build build = build_start(pds, 1);
    build.system.regions = regions;
    build.system.region_count = 1;
    EXPECT_BUILT(&build);

    EXPECT_MEM("first", build_bytes_at(&build, "pml4_hello", 0x4000000), 6);
    EXPECT_MEM("x\0", build_bytes_at(&build, "pml4_hello", 0x4001000), 2);
    EXPECT_TRUE(build_bytes_at(&build, "pml4_hello", 0x4002000) == NULL);
    EXPECT_EQ(2, run_named(build.image.spec, "frame_mr_filled")->count);
    EXPECT_EQ(0, build.image.spec->fills.count);
    build_finish(&build);
}

TEST(what_cannot_be_a_page_of_the_image_is_filled_at_boot)
{
    const uint8_t contents[] = "contents";
    struct memory_region regions[] = {
        {.name = "large",
         .size = 0x200000,
         .page_size = PAGE_LARGE,
         .prefill = {.kind = PREFILL_FILE, .bytes = contents, .size = sizeof contents}},
        {.name = "tsc",
         .size = 0x1000,
         .page_size = PAGE_SMALL,
         .prefill = {.kind = PREFILL_BOOTINFO, .bootinfo_id = 5}},
    };
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    build.system.regions = regions;
    build.system.region_count = 2;
    EXPECT_BUILT(&build);

    const struct spec *spec = build.image.spec;
    const struct spec_fill *fills = spec_records(spec, spec->fills);
    EXPECT_EQ(2, spec->fills.count);
    EXPECT_STR("frame_mr_large_000000000", name_of_object(spec, fills[0].object));
    EXPECT_EQ(SPEC_FILL_FROM_IMAGE, fills[0].source);
    EXPECT_EQ(sizeof contents, fills[0].length);
    EXPECT_MEM(contents, (const char *)spec + fills[0].offset, sizeof contents);
    EXPECT_STR("frame_mr_tsc_000000000", name_of_object(spec, fills[1].object));
    EXPECT_EQ(5, fills[1].source);
    EXPECT_EQ(0x1000, fills[1].length);
    build_finish(&build);
}

TEST(libmicrokit_learns_the_name_and_the_monitor_all_names)
{
    const char *long_name = "0123456789012345678901234567890123456789012345678901234567890123456";
    struct protection_domain pds[] = {plain_pd("hello"), plain_pd(long_name)};
    struct build build = build_start(pds, 2);
    EXPECT_BUILT(&build);

    EXPECT_STR("hello", build_bytes_at(&build, "pml4_hello", PD_NAME));
    char vspace[128];
    snprintf(vspace, sizeof vspace, "pml4_%s", long_name);
    EXPECT_MEM(long_name, build_bytes_at(&build, vspace, PD_NAME), 64);
    EXPECT_EQ(2, word_at(&build, "pml4_monitor", MONITOR_NAMES_LEN));
    EXPECT_STR("hello", build_bytes_at(&build, "pml4_monitor", MONITOR_NAMES));
    const char *second = build_bytes_at(&build, "pml4_monitor", MONITOR_NAMES + 64);
    EXPECT_EQ(63, strlen(second));
    EXPECT_EQ(UINT64_C(0x7fffffffb000), word_at(&build, "pml4_monitor", MONITOR_STACK_BOTTOMS));
    build_finish(&build);
}

TEST(setvar_writes_the_word_that_is_named)
{
    struct setvar setvar = {.kind = SETVAR_VALUE, .symbol = "counter", .value = 0x1122334455667788};
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].setvars = &setvar;
    pds[0].setvar_count = 1;
    struct build build = build_start(pds, 1);
    EXPECT_BUILT(&build);
    EXPECT_EQ(UINT64_C(0x1122334455667788), word_at(&build, "pml4_hello", PD_COUNTER));
    build_finish(&build);
}

static void expect_setvar_refused(const char *symbol, const char *message)
{
    struct setvar setvar = {.kind = SETVAR_VALUE, .symbol = symbol};
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].setvars = &setvar;
    pds[0].setvar_count = 1;
    struct build build = build_start(pds, 1);
    EXPECT_REFUSED(message, &build);
    build_finish(&build);
}

TEST(setvar_on_a_symbol_that_is_missing_is_refused)
{
    expect_setvar_refused("nosym",
                          "ERROR: could not patch symbol 'nosym' in program image for PD 'hello' "
                          "(pd.elf): no symbol named 'nosym' found");
}

TEST(setvar_on_a_symbol_that_exists_twice_is_refused)
{
    expect_setvar_refused("twice",
                          "ERROR: could not patch symbol 'twice' in program image for PD 'hello' "
                          "(pd.elf): multiple symbols with name 'twice'");
}

TEST(setvar_on_a_symbol_that_is_no_word_is_refused)
{
    expect_setvar_refused("small", "ERROR: setvar to non-word size symbol 'small' for PD 'hello', "
                                   "symbol has size '4' bytes, expected size '8' bytes");
}

TEST(setvar_on_a_symbol_outside_of_the_segments_is_refused)
{
    expect_setvar_refused("nowhere",
                          "ERROR: could not patch symbol 'nowhere' in program image for PD 'hello' "
                          "(pd.elf): it is not in a loadable segment");
}

TEST(a_program_that_is_missing_is_refused)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].program_image = "nope.elf";
    struct build build = build_start(pds, 1);
    EXPECT_REFUSED("Error: \"unable to find program image: 'nope.elf'\"", &build);
    build_finish(&build);
}

TEST(a_program_for_symbols_that_is_missing_is_refused)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].program_image_for_symbols = "nope.debug";
    struct build build = build_start(pds, 1);
    EXPECT_REFUSED("Error: \"unable to find program image for symbols: 'nope.debug'\"", &build);
    build_finish(&build);
}

TEST(a_program_that_is_not_linked_with_libmicrokit_is_refused)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].program_image = "bare.elf";
    struct build build = build_start(pds, 1);
    program_folder_put(build.folder, "bare.elf", &build.initialiser);
    EXPECT_REFUSED("ERROR: could not patch symbol 'microkit_name' in program image for PD 'hello' "
                   "(bare.elf): no symbol named 'microkit_name' found",
                   &build);
    build_finish(&build);
}

TEST(a_map_over_the_program_is_refused)
{
    struct memory_region regions[] = {{.name = "m", .size = 0x1000, .page_size = PAGE_SMALL}};
    struct map map = {.region = &regions[0], .region_name = "m", .vaddr = 0x200000};
    struct protection_domain pds[] = {plain_pd("a")};
    pds[0].maps = &map;
    pds[0].map_count = 1;
    struct build build = build_start(pds, 1);
    build.system.regions = regions;
    build.system.region_count = 1;
    EXPECT_REFUSED("Error: \"ERROR: mapping MR 'm' to PD 'a' with vaddr [0x200000..0x201000) will "
                   "overlap with an ELF segment at [0x200000..0x201000)\"",
                   &build);
    build_finish(&build);
}

static void expect_segment_refused(struct elf_segment segment, const char *message)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    struct bytes program = program_of_pd_and(segment);
    program_folder_put(build.folder, "pd.elf", &program);
    bytes_free(&program);
    EXPECT_FALSE(build_image(&build));
    EXPECT_EQ(1, build.found.errors);
    EXPECT_TRUE(strstr(build.found.first->text, message) != NULL);
    build_finish(&build);
}

TEST(a_program_that_reaches_into_the_stack_is_refused)
{
    uint8_t byte = 1;
    expect_segment_refused((struct elf_segment){0x7fffffffb000, 1, 1, &byte, ELF_READ},
                           "has a segment at [0x7fffffffb000..0x7fffffffb001), above the bottom of "
                           "the stack, 0x7fffffffb000");
}

TEST(two_segments_in_one_page_are_refused)
{
    uint8_t byte = 1;
    expect_segment_refused((struct elf_segment){PD_TEXT + 0x800, 1, 1, &byte, ELF_READ},
                           "share a page: [0x200000..0x200005) and [0x200800..0x200801)");
}

TEST(a_cspace_slot_beyond_the_root_cnode_is_refused)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    struct user_cap cap = {.kind = USER_CAP_TCB, .pd = &pds[0], .slot = 64};
    pds[0].user_caps = &cap;
    pds[0].user_cap_count = 1;
    struct build build = build_start(pds, 1);
    EXPECT_REFUSED("Error: slot 64 of PD 'hello' does not exist", &build);
    build_finish(&build);
}

TEST(a_region_with_more_pages_than_slots_is_refused)
{
    struct memory_region regions[] = {
        {.name = "huge", .size = UINT64_C(1) << 46, .page_size = PAGE_SMALL}};
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    build.system.regions = regions;
    build.system.region_count = 1;
    EXPECT_REFUSED("Error: memory region 'huge' has 17179869184 pages, more than the 131072 slots "
                   "of the initialiser's CNode",
                   &build);
    build_finish(&build);
}

TEST(io_address_spaces_are_refused)
{
    struct io_address_space space = {.name = "nic"};
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    build.system.io_address_spaces = &space;
    build.system.io_address_space_count = 1;
    EXPECT_REFUSED("Error: I/O address spaces are not supported yet", &build);
    build_finish(&build);
}

TEST(an_initialiser_without_its_variable_is_refused)
{
    struct protection_domain pds[] = {plain_pd("hello")};
    struct build build = build_start(pds, 1);
    bytes_free(&build.initialiser);
    build.initialiser = program_of_monitor();
    EXPECT_REFUSED("ERROR: the initialiser (initialiser.elf) has no variable 'initialiser_spec'",
                   &build);
    build_finish(&build);
}

TEST(the_domain_schedule_is_shifted_and_started)
{
    struct domain domains[] = {{.name = "a", .id = 1}};
    struct schedule_entry entries[] = {
        {.unit = SCHEDULE_US, .domain = 1, .duration = 500},
        {.unit = SCHEDULE_TICKS, .domain = 0, .duration = 9},
        {.unit = SCHEDULE_END},
    };
    struct protection_domain pds[] = {plain_pd("hello")};
    pds[0].domain = 1;
    struct build build = build_start(pds, 1);
    build.system.schedule = (struct domain_schedule){.domain_count = 1,
                                                     .domains = domains,
                                                     .entry_count = 3,
                                                     .entries = entries,
                                                     .start_index = 1,
                                                     .index_shift = 4};
    EXPECT_BUILT(&build);

    const struct spec *spec = build.image.spec;
    const struct spec_domain *records = spec_records(spec, spec->domains);
    EXPECT_EQ(3, spec->domains.count);
    EXPECT_EQ(SPEC_DOMAIN_US, records[0].unit);
    EXPECT_EQ(500, records[0].duration);
    EXPECT_EQ(9, records[1].duration);
    EXPECT_EQ(0, records[2].duration);
    EXPECT_EQ(4, spec->domain_shift);
    EXPECT_EQ(5, spec->domain_start);
    EXPECT_EQ(1, tcb_named(spec, "tcb_hello")->domain);
    EXPECT_EQ(0, tcb_named(spec, "tcb_monitor")->domain);
    build_finish(&build);
}
