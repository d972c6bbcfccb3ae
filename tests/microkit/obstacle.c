/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What stands in the way of systems for other boards: a description for each finding. In
 * porting/BOARD.WHAT.system is one that is right for the board, and in porting/BOARD.WHAT.expected
 * are the obstacles of it, to the letter.
 */
#include "microkit/obstacle.h"
#include "tests/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/microkit/porting/"

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s: cannot open it", path);
    }
    static char bytes[64 * 1024];
    bytes[fread(bytes, 1, sizeof bytes - 1, file)] = '\0';
    fclose(file);
    return bytes;
}

static struct system *read_system(const char *path, const struct target *target)
{
    const struct search_path search = {0};
    struct diagnostics found = {0};
    struct system *system = microkit_parse(path, target, &search, &found);
    bool accepted = system != NULL && microkit_check(system, &found);
    if (!accepted) {
        diagnostics_print(&found, stdout, stdout);
    }
    EXPECT_TRUE(accepted);
    diagnostics_free(&found);
    return system;
}

/* All obstacles and then all drivers, a line each, in a buffer of the caller's to free. */
static char *printed(const struct obstacles *obstacles)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < obstacles->count; i++) {
        const struct obstacle *o = &obstacles->list[i];
        fprintf(out, "%u:%u: %s %s %s: %s: %s\n", o->at.line, o->at.column,
                obstacle_kind_name(o->kind),
                device_kind_word(o->device) == NULL ? "-" : device_kind_word(o->device),
                obstacle_blocks(o) ? "blocks" : "is noted", o->what, o->instead);
    }
    for (size_t i = 0; i < obstacles->driver_count; i++) {
        const struct driver *driver = &obstacles->drivers[i];
        fprintf(out, "'%s' drives %s\n", driver->pd->name, device_kind_title(driver->device));
    }
    fclose(out);
    return text;
}

static void expect_obstacles(const char *board, const char *what)
{
    char path[512];
    const struct target *target = target_of_board(board);
    EXPECT_TRUE(target != NULL);
    snprintf(path, sizeof path, FOLDER "%s.%s.system", board, what);
    struct system *system = read_system(path, target);
    struct obstacles obstacles;
    EXPECT_TRUE(obstacles_find(system, target->hardware, &obstacles));
    char *text = printed(&obstacles);
    snprintf(path, sizeof path, FOLDER "%s.%s.expected", board, what);
    EXPECT_STR(read_file(path), text);
    free(text);
    microkit_free(system);
}

#define FINDS(board)                                                                               \
    {                                                                                              \
        expect_obstacles(board, __func__);                                                         \
    }

/* clang-format off */
TEST(serial_port_and_its_irq_are_told_by_address) FINDS("qemu_virt_aarch64")
TEST(arms_own_timer_is_told_by_its_irq) FINDS("qemu_virt_aarch64")
TEST(other_devices_have_nothing_in_their_place) FINDS("qemu_virt_aarch64")
TEST(an_irq_is_of_the_device_that_is_mapped) FINDS("qemu_virt_aarch64")
TEST(devices_elsewhere_are_told_by_names) FINDS("qemu_virt_aarch64")
TEST(a_virtual_machine_takes_its_devices_along) FINDS("qemu_virt_aarch64")
TEST(a_device_of_the_monitors_own_stays) FINDS("qemu_virt_aarch64")
TEST(memory_at_a_fixed_place_can_move) FINDS("qemu_virt_aarch64")
TEST(a_setvar_wants_an_address_that_the_tool_chooses) FINDS("qemu_virt_aarch64")
TEST(secure_monitor_calls_have_no_counterpart) FINDS("qemu_virt_aarch64")
TEST(uncached_memory_is_only_noted) FINDS("qemu_virt_aarch64")
TEST(a_pc_has_no_device_tree) FINDS("qemu_virt_aarch64")
TEST(what_has_no_device_has_nothing_in_its_way) FINDS("qemu_virt_aarch64")
TEST(maps_end_lower_on_x86_64) FINDS("qemu_virt_aarch64_el1")
TEST(riscv_has_irqs_of_its_own) FINDS("qemu_virt_riscv64")
TEST(what_quoll_does_not_have_of_a_pc) FINDS("x86_64_generic_vtx")
    /* clang-format on */

    TEST(every_description_here_is_listed_above)
{
    char *source = strdup(read_file("tests/microkit/obstacle.c"));
    DIR *folder = opendir(FOLDER);
    EXPECT_TRUE(folder != NULL);
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char board[256];
        char what[256];
        char line[600];
        if (sscanf(entry->d_name, "%255[^.].%255[^.].system", board, what) != 2) {
            continue;
        }
        snprintf(line, sizeof line, "\nTEST(%s) FINDS(\"%s\")\n", what, board);
        if (strstr(source, line) == NULL) {
            fail_msg("%s is tested nowhere", entry->d_name);
        }
        count++;
    }
    closedir(folder);
    free(source);
    EXPECT_TRUE(count >= 30);
}

TEST(a_pd_on_another_core_is_found_in_an_smp_configuration)
{
    static const char text[] = "<system><protection_domain name='a' cpu='1'>"
                               "<program_image path='a.elf'/></protection_domain></system>";
    const struct search_path search = {0};
    struct diagnostics found = {0};
    struct target smp = target_smp(target_of_board("odroidc4"));
    struct system *system =
        microkit_parse_text("test.system", text, strlen(text), &smp, &search, &found);
    EXPECT_TRUE(system != NULL && microkit_check(system, &found));
    struct obstacles obstacles;
    EXPECT_TRUE(obstacles_find(system, smp.hardware, &obstacles));
    EXPECT_EQ(1, obstacles.count);
    EXPECT_EQ(OBSTACLE_CORE, obstacles.list[0].kind);
    EXPECT_STR("'a' (a.elf) is on core 1", obstacles.list[0].what);
    microkit_free(system);
}

/* The list of obstacles starts with place for 16. */
TEST(a_hundred_obstacles_are_all_found_and_in_order)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "<system>\n");
    for (unsigned i = 0; i < 100; i++) {
        fprintf(out, "<memory_region name='r%u' size='0x1000' phys_addr='0x%x'/>\n", i,
                0xff000000 + 0x1000 * i);
    }
    fprintf(out, "<protection_domain name='a'><program_image path='a.elf'/></protection_domain>\n"
                 "</system>");
    fclose(out);
    const struct search_path search = {0};
    struct diagnostics found = {0};
    const struct target *target = target_of_board("odroidc4");
    struct system *system = microkit_parse_text("test.system", text, size, target, &search, &found);
    EXPECT_TRUE(system != NULL && microkit_check(system, &found));
    struct obstacles obstacles;
    EXPECT_TRUE(obstacles_find(system, target->hardware, &obstacles));
    EXPECT_EQ(100, obstacles.count);
    for (unsigned i = 0; i < 100; i++) {
        EXPECT_EQ(i + 2, obstacles.list[i].at.line);
    }
    diagnostics_free(&found);
    microkit_free(system);
    free(text);
}

static const struct target *guess(const char *address, const char *board)
{
    char text[512];
    snprintf(text, sizeof text,
             "<system><memory_region name='r' size='0x1000' phys_addr='%s'/>"
             "<protection_domain name='a'><program_image path='a.elf'/></protection_domain>"
             "</system>",
             address);
    const struct search_path search = {0};
    struct diagnostics found = {0};
    struct system *system = microkit_parse_text("test.system", text, strlen(text),
                                                target_of_board(board), &search, &found);
    EXPECT_TRUE(system != NULL && microkit_check(system, &found));
    const struct target *target = obstacles_guess_board(system);
    diagnostics_free(&found);
    microkit_free(system);
    return target;
}

TEST(a_board_is_told_by_the_addresses_of_its_devices)
{
    EXPECT_STR("odroidc4", guess("0xff803000", "qemu_virt_aarch64")->name);
    EXPECT_STR("rpi4b_1gb", guess("0xfe215000", "qemu_virt_aarch64")->name);
    EXPECT_STR("qemu_virt_aarch64", guess("0x9000000", "qemu_virt_aarch64")->name);
    EXPECT_STR("qemu_virt_riscv64", guess("0x10000000", "qemu_virt_riscv64")->name);
    EXPECT_TRUE(guess("0x1000", "qemu_virt_aarch64") == NULL);
    EXPECT_TRUE(guess("0x9000000", "x86_64_generic") == NULL);
}
