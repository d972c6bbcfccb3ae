/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Clean restarts: what a parent whose program has the table of its children sees of them. */
#include "microkit/image.h"

#include <string.h>

#include "tests/microkit/fixture_build.h"
#include "tests/microkit/fixture_program.h"
#include "tests/test.h"

enum { RESTART_TABLE_SIZE = 64 * 5 * 8 };

static void put_parent(struct build *build, uint64_t table_size)
{
    struct bytes program = program_of_parent(table_size);
    program_folder_put(build->folder, "parent.elf", &program);
    bytes_free(&program);
}

static struct protection_domain child_of(struct protection_domain *parent, const char *name,
                                         uint64_t id)
{
    struct protection_domain child = plain_pd(name);
    child.parent = parent;
    child.id = id;
    parent->child_count++;
    return child;
}

/* The five words of a child in its parent's table. */
static const uint64_t *restart_record(const struct build *build, const char *vspace, uint64_t id)
{
    const uint64_t *record = build_bytes_at(build, vspace, PD_RESTART_TABLE + id * 5 * 8);
    assert_non_null(record);
    return record;
}

#define EXPECT_RESTART_RECORD(window, record)                                                      \
    do {                                                                                           \
        EXPECT_EQ(PD_TEXT, (record)[0]);                                                           \
        EXPECT_EQ(UINT64_C(0x7fffffffd000), (record)[1]);                                          \
        EXPECT_EQ(window, (record)[2]);                                                            \
        EXPECT_EQ(0x1000, (record)[3]);                                                            \
        EXPECT_EQ(0x1000, (record)[4]);                                                            \
    } while (0)

TEST(a_parent_that_restarts_clean_shares_its_childs_pages_and_has_a_copy)
{
    const uint64_t base = UINT64_C(0x600000000000);
    struct protection_domain pds[] = {plain_pd("parent"), plain_pd("child")};
    pds[0].program_image = "parent.elf";
    pds[1] = child_of(&pds[0], "child", 3);
    struct build build = build_start(pds, 2);
    put_parent(&build, RESTART_TABLE_SIZE);
    EXPECT_BUILT(&build);

    EXPECT_RESTART_RECORD(base, restart_record(&build, "pml4_parent", 3));
    EXPECT_EQ(0, restart_record(&build, "pml4_parent", 2)[0]);
    const struct spec_map *data = build_map_at(&build, "pml4_parent", base);
    EXPECT_EQ(build_map_at(&build, "pml4_child", PD_DATA)->first, data->first);
    EXPECT_EQ(1, data->count);
    EXPECT_EQ(SPEC_MAP_IMAGE | SPEC_MAP_COPY, data->flags);
    EXPECT_EQ(SPEC_READ | SPEC_WRITE, data->rights);
    const struct spec_map *bss = build_map_at(&build, "pml4_parent", base + 0x1000);
    EXPECT_EQ(build_map_at(&build, "pml4_child", PD_BSS)->first, bss->first);
    EXPECT_EQ(SPEC_MAP_COPY, bss->flags);
    EXPECT_EQ(SPEC_READ | SPEC_WRITE, bss->rights);
    const struct spec_map *copy = build_map_at(&build, "pml4_parent", base + 0x2000);
    EXPECT_TRUE(copy->first != data->first);
    EXPECT_EQ(SPEC_MAP_IMAGE, copy->flags);
    EXPECT_EQ(SPEC_READ, copy->rights);
    EXPECT_MEM(build_bytes_at(&build, "pml4_child", PD_DATA),
               build_bytes_at(&build, "pml4_parent", base + 0x2000), 0x1000);
    EXPECT_STR("child", build_bytes_at(&build, "pml4_parent", base + 0x2000 + PD_NAME - PD_DATA));
    EXPECT_TRUE(build_map_at(&build, "pml4_parent", base + 0x3000) == NULL);
    EXPECT_TRUE(build_map_at(&build, "pml4_child", base) == NULL);
    build_finish(&build);
}

TEST(children_that_are_restarted_clean_are_seen_one_after_the_other)
{
    const uint64_t base = UINT64_C(0x600000000000);
    struct protection_domain pds[] = {plain_pd("parent"), plain_pd("a"), plain_pd("b"),
                                      plain_pd("other")};
    pds[0].program_image = "parent.elf";
    pds[1] = child_of(&pds[0], "a", 63);
    pds[2] = child_of(&pds[0], "b", 0);
    struct build build = build_start(pds, 4);
    put_parent(&build, RESTART_TABLE_SIZE);
    EXPECT_BUILT(&build);

    EXPECT_RESTART_RECORD(base, restart_record(&build, "pml4_parent", 63));
    EXPECT_RESTART_RECORD(base + 0x3000, restart_record(&build, "pml4_parent", 0));
    EXPECT_STR("b", build_bytes_at(&build, "pml4_parent", base + 0x5000 + PD_NAME - PD_DATA));
    EXPECT_TRUE(build_map_at(&build, "pml4_parent", base + 0x6000) == NULL);
    EXPECT_TRUE(build_map_at(&build, "pml4_other", base) == NULL);
    build_finish(&build);
}

TEST(the_copy_of_a_child_that_is_a_parent_has_its_table)
{
    const uint64_t base = UINT64_C(0x600000000000);
    struct protection_domain pds[] = {plain_pd("top"), plain_pd("middle"), plain_pd("leaf")};
    pds[0].program_image = "parent.elf";
    pds[1] = child_of(&pds[0], "middle", 1);
    pds[1].program_image = "parent.elf";
    pds[2] = child_of(&pds[1], "leaf", 2);
    struct build build = build_start(pds, 3);
    put_parent(&build, RESTART_TABLE_SIZE);
    EXPECT_BUILT(&build);

    EXPECT_RESTART_RECORD(base, restart_record(&build, "pml4_middle", 2));
    const uint64_t *middle = restart_record(&build, "pml4_top", 1);
    EXPECT_EQ(0x2000, middle[3]);
    EXPECT_EQ(0, middle[4]);
    EXPECT_MEM(build_bytes_at(&build, "pml4_middle", PD_RESTART_TABLE),
               build_bytes_at(&build, "pml4_top", base + 0x2000 + PD_RESTART_TABLE - PD_DATA),
               RESTART_TABLE_SIZE);
    build_finish(&build);
}

TEST(a_parent_that_does_not_restart_clean_sees_nothing_of_its_child)
{
    struct protection_domain pds[] = {plain_pd("parent"), plain_pd("child")};
    pds[1] = child_of(&pds[0], "child", 3);
    struct build build = build_start(pds, 2);
    EXPECT_BUILT(&build);
    EXPECT_TRUE(build_map_at(&build, "pml4_parent", UINT64_C(0x600000000000)) == NULL);
    build_finish(&build);
}

/* A parent of one child that restarts it clean, with two pages of its own at `vaddr`. */
struct parent_with_map {
    struct memory_region region;
    struct map map;
    struct protection_domain pds[2];
    struct build build;
};

static void parent_with_map_start(struct parent_with_map *it, uint64_t vaddr)
{
    it->region = (struct memory_region){.name = "m", .size = 0x2000, .page_size = PAGE_SMALL};
    it->map = (struct map){.region = &it->region, .region_name = "m", .vaddr = vaddr};
    it->pds[0] = plain_pd("parent");
    it->pds[0].program_image = "parent.elf";
    it->pds[0].maps = &it->map;
    it->pds[0].map_count = 1;
    it->pds[1] = child_of(&it->pds[0], "child", 3);
    it->build = build_start(it->pds, 2);
    put_parent(&it->build, RESTART_TABLE_SIZE);
    it->build.system.regions = &it->region;
    it->build.system.region_count = 1;
}

TEST(a_map_where_children_are_to_be_seen_is_refused)
{
    struct parent_with_map it;
    parent_with_map_start(&it, UINT64_C(0x5ffffffff000));
    EXPECT_REFUSED("Error: PD 'parent' calls quoll_pd_restart_clean(), so it sees its children's "
                   "memory at [0x600000000000..0x600000003000): its map of 'm' "
                   "[0x5ffffffff000..0x600000001000) is in the way",
                   &it.build);
    build_finish(&it.build);
}

TEST(a_map_behind_the_children_that_are_seen_is_fine)
{
    struct parent_with_map it;
    parent_with_map_start(&it, UINT64_C(0x600000003000));
    EXPECT_BUILT(&it.build);
    build_finish(&it.build);
}

TEST(a_program_where_children_are_to_be_seen_is_refused)
{
    uint8_t text[16] = "TEXT";
    struct elf_segment segments[] = {
        {PD_DATA, PD_END - PD_DATA, 0, NULL, ELF_READ | ELF_WRITE},
        {UINT64_C(0x600000000000), 16, 16, text, ELF_READ | ELF_EXECUTE},
    };
    const struct elf_symbol symbols[] = {
        {"microkit_ioports", PD_IOPORTS, 8},
        {"microkit_irqs", PD_IRQS, 8},
        {"microkit_name", PD_NAME, 64},
        {"microkit_pps", PD_PPS, 8},
        {"microkit_notifications", PD_NOTIFICATIONS, 8},
        {"microkit_passive", PD_PASSIVE, 1},
        {"quoll_restart_children", PD_RESTART_TABLE, RESTART_TABLE_SIZE},
    };
    const struct program_parts parts = {UINT64_C(0x600000000000), 2, segments, 7, symbols};
    struct bytes program = program_make(&parts);
    struct protection_domain pds[] = {plain_pd("parent"), plain_pd("child")};
    pds[0].program_image = "high.elf";
    pds[1] = child_of(&pds[0], "child", 3);
    struct build build = build_start(pds, 2);
    program_folder_put(build.folder, "high.elf", &program);
    bytes_free(&program);
    EXPECT_REFUSED("Error: PD 'parent' calls quoll_pd_restart_clean(), so it sees its children's "
                   "memory at [0x600000000000..0x600000003000): a segment of its program "
                   "(high.elf) [0x600000000000..0x600000000010) is in the way",
                   &build);
    build_finish(&build);
}

TEST(a_restart_table_of_another_size_is_refused)
{
    struct protection_domain pds[] = {plain_pd("parent"), plain_pd("child")};
    pds[0].program_image = "parent.elf";
    pds[1] = child_of(&pds[0], "child", 3);
    struct build build = build_start(pds, 2);
    put_parent(&build, RESTART_TABLE_SIZE - 8);
    EXPECT_REFUSED("ERROR: could not patch symbol 'quoll_restart_children' in program image for PD "
                   "'parent' (parent.elf): it is smaller than what has to be written",
                   &build);
    build_finish(&build);
}
