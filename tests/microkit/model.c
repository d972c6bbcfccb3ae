/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the model holds of a system description that is accepted. */
#include "microkit/model.h"
#include "abi/bootinfo.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = {"tests/microkit"};
static const struct search_path search = {1, folders};

static void expect_no_errors(const struct diagnostics *found)
{
    if (found->errors > 0) {
        diagnostics_print(found, stdout, stdout);
    }
    EXPECT_EQ(0, found->errors);
}

/* Parse and check; to be freed. Warnings stay in `found`. */
static struct system *accepted(const char *text, struct diagnostics *found)
{
    struct system *system =
        microkit_parse_text("test.system", text, strlen(text), &target_x86_64, &search, found);
    if (system != NULL) {
        microkit_check(system, found);
    }
    expect_no_errors(found);
    return system;
}

static struct system *everything(void)
{
    struct diagnostics found = {0};
    struct system *system = microkit_parse("tests/microkit/accepted/everything.system",
                                           &target_x86_64, &search, &found);
    if (system != NULL) {
        microkit_check(system, &found);
    }
    expect_no_errors(&found);
    EXPECT_TRUE(found.first == NULL);
    return system;
}

static const struct memory_region *region(const struct system *system, const char *name)
{
    for (size_t i = 0; i < system->region_count; i++) {
        if (strcmp(system->regions[i].name, name) == 0) {
            return &system->regions[i];
        }
    }
    fail_msg("no region '%s'", name);
    return NULL;
}

/* The value of a symbol that a PD has set. */
static uint64_t value_of(const struct protection_domain *pd, const char *symbol)
{
    for (size_t i = 0; i < pd->setvar_count; i++) {
        if (strcmp(pd->setvars[i].symbol, symbol) == 0) {
            return setvar_value(&pd->setvars[i]);
        }
    }
    fail_msg("no setvar '%s'", symbol);
    return 0;
}

#define CLIENT "<protection_domain name='client'><program_image path='client.elf'/>"
#define END    "</protection_domain>"

TEST(attributes_that_are_absent_have_upstreams_defaults)
{
    struct diagnostics found = {0};
    struct system *system =
        accepted("<system><memory_region name='buffer' size='0x1000'/>" CLIENT
                 "<map mr='buffer' vaddr='0x1000000'/><irq id='1' pin='4' vector='5'/>" END
                 "<protection_domain name='server' priority='1'><program_image path='s.elf'/>" END
                 "<channel><end pd='client' id='2'/><end pd='server' id='3'/></channel></system>",
                 &found);
    const struct protection_domain *pd = &system->pds[0];

    EXPECT_EQ(0, pd->priority);
    EXPECT_EQ(1000, pd->budget_us);
    EXPECT_EQ(1000, pd->period_us);
    EXPECT_EQ(0x2000, pd->stack_size);
    EXPECT_EQ(0, pd->cpu);
    EXPECT_EQ(0, pd->domain);
    EXPECT_TRUE(pd->fpu);
    EXPECT_FALSE(pd->passive);
    EXPECT_FALSE(pd->smc);
    EXPECT_TRUE(pd->parent == NULL);
    EXPECT_TRUE(pd->program_image_for_symbols == NULL);
    EXPECT_TRUE(pd->vm == NULL);
    EXPECT_EQ(PERM_READ | PERM_WRITE, pd->maps[0].perms);
    EXPECT_TRUE(pd->maps[0].cached);
    EXPECT_EQ(TRIGGER_LEVEL, pd->irqs[0].trigger);
    EXPECT_EQ(POLARITY_HIGH, pd->irqs[0].polarity);
    EXPECT_EQ(0, pd->irqs[0].ioapic);
    EXPECT_TRUE(system->channels[0].ends[0].notify);
    EXPECT_FALSE(system->channels[0].ends[0].pp);
    EXPECT_FALSE(system->regions[0].phys_addr_given);
    EXPECT_EQ(PREFILL_NONE, system->regions[0].prefill.kind);
    EXPECT_EQ(0, system->schedule.domain_count);
    microkit_free(system);
}

TEST(period_is_the_budget_unless_given)
{
    struct diagnostics found = {0};
    struct system *system = accepted("<system><protection_domain name='a' budget='70'>"
                                     "<program_image path='a.elf'/>" END "</system>",
                                     &found);
    EXPECT_EQ(70, system->pds[0].budget_us);
    EXPECT_EQ(70, system->pds[0].period_us);
    microkit_free(system);
}

TEST(attributes_of_a_pd_are_all_there)
{
    struct system *system = everything();
    const struct protection_domain *pd = &system->pds[0];

    EXPECT_STR("driver", pd->name);
    EXPECT_STR("driver.elf", pd->program_image);
    EXPECT_STR("driver.debug", pd->program_image_for_symbols);
    EXPECT_EQ(254, pd->priority);
    EXPECT_EQ(500, pd->budget_us);
    EXPECT_EQ(1000, pd->period_us);
    EXPECT_EQ(0x3000, pd->stack_size);
    EXPECT_TRUE(pd->passive);
    EXPECT_FALSE(pd->fpu);
    EXPECT_EQ(8, pd->map_count);
    EXPECT_EQ(3, pd->irq_count);
    EXPECT_EQ(1, pd->ioport_count);
    EXPECT_EQ(3, pd->user_cap_count);
    microkit_free(system);
}

TEST(pds_are_numbered_parents_first_each_family_together)
{
    struct system *system = everything();

    EXPECT_EQ(4, system->pd_count);
    EXPECT_STR("driver", system->pds[0].name);
    EXPECT_STR("child", system->pds[1].name);
    EXPECT_STR("grandchild", system->pds[2].name);
    EXPECT_STR("client", system->pds[3].name);
    EXPECT_TRUE(system->pds[0].parent == NULL);
    EXPECT_TRUE(system->pds[1].parent == &system->pds[0]);
    EXPECT_TRUE(system->pds[2].parent == &system->pds[1]);
    EXPECT_TRUE(system->pds[3].parent == NULL);
    EXPECT_EQ(1, system->pds[0].child_count);
    EXPECT_EQ(1, system->pds[1].child_count);
    EXPECT_EQ(0, system->pds[2].child_count);
    EXPECT_EQ(9, system->pds[2].id);
    EXPECT_EQ(2, pd_index(system, &system->pds[2]));
    microkit_free(system);
}

TEST(maps_know_their_region_and_permissions)
{
    struct system *system = everything();
    const struct map *maps = system->pds[0].maps;

    EXPECT_TRUE(maps[0].region == region(system, "registers"));
    EXPECT_EQ(0x1000000, maps[0].vaddr);
    EXPECT_FALSE(maps[0].cached);
    EXPECT_EQ(PERM_READ, maps[2].perms);
    EXPECT_EQ(PERM_READ | PERM_EXECUTE, maps[3].perms);
    EXPECT_TRUE(system->pds[3].maps[0].region == region(system, "heap"));
    microkit_free(system);
}

TEST(region_gets_large_pages_if_size_and_every_address_allow)
{
    struct system *system = everything();

    EXPECT_EQ(PAGE_LARGE, region(system, "heap")->page_size);
    EXPECT_EQ(PAGE_SMALL, region(system, "odd_heap")->page_size);
    EXPECT_EQ(PAGE_SMALL, region(system, "small_heap")->page_size);
    EXPECT_EQ(PAGE_LARGE, region(system, "large")->page_size);
    EXPECT_EQ(PAGE_SMALL, region(system, "dma")->page_size);
    EXPECT_EQ(PAGE_SMALL, region(system, "sized_file")->page_size);
    microkit_free(system);
}

TEST(region_with_an_odd_physical_address_keeps_small_pages)
{
    struct diagnostics found = {0};
    struct system *system =
        accepted("<system><memory_region name='r' size='0x200000' phys_addr='0x80001000'/>" CLIENT
                 "<map mr='r' vaddr='0x400000'/>" END "</system>",
                 &found);
    EXPECT_EQ(PAGE_SMALL, system->regions[0].page_size);
    EXPECT_TRUE(system->regions[0].phys_addr_given);
    microkit_free(system);
}

TEST(prefill_file_is_read_and_sizes_its_region)
{
    struct system *system = everything();
    const struct memory_region *file = region(system, "file");

    EXPECT_EQ(PREFILL_FILE, file->prefill.kind);
    EXPECT_EQ(100, file->prefill.size);
    EXPECT_EQ(0, file->prefill.bytes[0]);
    EXPECT_EQ(99, file->prefill.bytes[99]);
    EXPECT_EQ(0x1000, file->size);
    EXPECT_EQ(0x3000, region(system, "sized_file")->size);
    EXPECT_EQ(100, region(system, "sized_file")->prefill.size);
    microkit_free(system);
}

TEST(prefill_from_bootinfo_has_the_headers_id_and_one_page)
{
    struct system *system = everything();
    const struct memory_region *clock = region(system, "clock");

    EXPECT_EQ(PREFILL_BOOTINFO, clock->prefill.kind);
    EXPECT_EQ(SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, clock->prefill.bootinfo_id);
    EXPECT_EQ(0x1000, clock->size);
    microkit_free(system);
}

TEST(prefill_takes_every_kind_of_bootinfo)
{
    static const struct {
        const char *word;
        uint64_t id;
    } kinds[] = {
        {"x86_vbe", 1},         {"x86_mbmmap", 2},   {"x86_acpi_rsdp", 3},
        {"x86_framebuffer", 4}, {"x86_tsc_freq", 5}, {"fdt", 6},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char text[512];
        struct diagnostics found = {0};
        snprintf(text, sizeof text,
                 "<system><memory_region name='told' prefill_bootinfo='%s' size='0x2000'/>" CLIENT
                 "<map mr='told' vaddr='0x4000000' perms='r'/>" END "</system>",
                 kinds[i].word);
        struct system *system = accepted(text, &found);

        EXPECT_EQ(PREFILL_BOOTINFO, system->regions[0].prefill.kind);
        EXPECT_EQ(kinds[i].id, system->regions[0].prefill.bootinfo_id);
        EXPECT_EQ(0x2000, system->regions[0].size);
        microkit_free(system);
        diagnostics_free(&found);
    }
}

TEST(irqs_come_from_ioapic_pins_and_pci_messages)
{
    struct system *system = everything();
    const struct irq *irqs = system->pds[0].irqs;

    EXPECT_EQ(IRQ_IOAPIC, irqs[0].kind);
    EXPECT_EQ(0, irqs[0].id);
    EXPECT_EQ(4, irqs[0].pin);
    EXPECT_EQ(7, irqs[0].number);
    EXPECT_EQ(IRQ_IOAPIC, irqs[1].kind);
    EXPECT_EQ(1, irqs[1].ioapic);
    EXPECT_EQ(TRIGGER_EDGE, irqs[1].trigger);
    EXPECT_EQ(POLARITY_LOW, irqs[1].polarity);
    EXPECT_EQ(IRQ_MSI, irqs[2].kind);
    EXPECT_EQ(0, irqs[2].pci.bus);
    EXPECT_EQ(31, irqs[2].pci.device);
    EXPECT_EQ(7, irqs[2].pci.function);
    EXPECT_EQ(2, irqs[2].handle);
    EXPECT_EQ(107, irqs[2].number);
    microkit_free(system);
}

TEST(setvars_have_the_value_of_what_they_stand_on)
{
    struct system *system = everything();
    const struct protection_domain *driver = &system->pds[0];

    EXPECT_EQ(0x1000000, value_of(driver, "regs"));
    EXPECT_EQ(0x400000, value_of(driver, "heap_size"));
    EXPECT_EQ(100, value_of(driver, "file_size"));
    EXPECT_EQ(0, value_of(driver, "uart_irq"));
    EXPECT_EQ(3, value_of(driver, "uart_port"));
    EXPECT_EQ(0x3f8, value_of(driver, "uart_addr"));
    EXPECT_EQ(0xfee00000, value_of(driver, "regs_paddr"));
    EXPECT_EQ(9, value_of(driver, "child_id"));
    EXPECT_EQ(3, value_of(driver, "client_channel"));
    EXPECT_EQ(9, driver->setvar_count);
    EXPECT_EQ(0, system->pds[3].setvar_count);
    microkit_free(system);
}

TEST(channel_may_stand_before_its_pds)
{
    struct system *system = everything();
    const struct channel_end *ends = system->channels[0].ends;

    EXPECT_TRUE(ends[0].pd == &system->pds[0]);
    EXPECT_TRUE(ends[1].pd == &system->pds[3]);
    EXPECT_EQ(3, ends[0].id);
    EXPECT_EQ(61, ends[1].id);
    EXPECT_TRUE(ends[1].pp);
    EXPECT_FALSE(ends[1].notify);
    EXPECT_TRUE(ends[0].notify);
    microkit_free(system);
}

TEST(pd_may_have_a_channel_to_itself)
{
    struct diagnostics found = {0};
    struct system *system =
        accepted("<system>" CLIENT END "<channel><end pd='client' id='1'/><end pd='client' id='2'/>"
                 "</channel></system>",
                 &found);
    EXPECT_TRUE(system->channels[0].ends[0].pd == system->channels[0].ends[1].pd);
    microkit_free(system);
}

TEST(pd_receives_on_an_endpoint_if_it_has_children_or_is_called)
{
    struct system *system = everything();

    EXPECT_TRUE(pd_needs_endpoint(system, &system->pds[0]));
    EXPECT_TRUE(pd_needs_endpoint(system, &system->pds[1]));
    EXPECT_FALSE(pd_needs_endpoint(system, &system->pds[2]));
    EXPECT_FALSE(pd_needs_endpoint(system, &system->pds[3]));
    microkit_free(system);
}

TEST(user_caps_know_their_pd)
{
    struct system *system = everything();
    const struct user_cap *caps = system->pds[0].user_caps;

    EXPECT_EQ(USER_CAP_TCB, caps[0].kind);
    EXPECT_TRUE(caps[0].pd == &system->pds[3]);
    EXPECT_EQ(USER_CAP_SC, caps[1].kind);
    EXPECT_EQ(USER_CAP_VSPACE, caps[2].kind);
    EXPECT_EQ(127, caps[2].slot);
    EXPECT_TRUE(caps[2].pd == &system->pds[2]);
    microkit_free(system);
}

TEST(domain_without_an_id_gets_the_lowest_that_is_free)
{
    struct system *system = everything();
    const struct domain_schedule *schedule = &system->schedule;

    EXPECT_EQ(2, schedule->domain_count);
    EXPECT_EQ(1, schedule->domains[0].id);
    EXPECT_EQ(0, schedule->domains[1].id);
    EXPECT_EQ(1, system->pds[0].domain);
    EXPECT_EQ(0, system->pds[3].domain);
    microkit_free(system);
}

TEST(schedule_has_its_entries_units_and_indices)
{
    struct system *system = everything();
    const struct domain_schedule *schedule = &system->schedule;

    EXPECT_EQ(3, schedule->entry_count);
    EXPECT_EQ(1, schedule->start_index);
    EXPECT_EQ(4, schedule->index_shift);
    EXPECT_EQ(SCHEDULE_US, schedule->entries[0].unit);
    EXPECT_EQ(1000, schedule->entries[0].duration);
    EXPECT_EQ(1, schedule->entries[0].domain);
    EXPECT_EQ(SCHEDULE_TICKS, schedule->entries[1].unit);
    EXPECT_EQ(32, schedule->entries[1].duration);
    EXPECT_EQ(SCHEDULE_END, schedule->entries[2].unit);
    microkit_free(system);
}

TEST(io_address_space_has_its_device_and_maps)
{
    struct system *system = everything();
    const struct io_address_space *space = &system->io_address_spaces[0];

    EXPECT_STR("nic", space->name);
    EXPECT_EQ(3, space->device.device);
    EXPECT_EQ(17, space->domain_id);
    EXPECT_EQ(2, space->iomap_count);
    EXPECT_EQ(PERM_WRITE, space->iomaps[0].perms);
    EXPECT_TRUE(space->iomaps[0].region == region(system, "dma"));
    EXPECT_EQ(PERM_READ | PERM_WRITE, space->iomaps[1].perms);
    microkit_free(system);
}

TEST(arm_irq_has_a_number_where_the_target_is_arm)
{
    static const char text[] =
        "<system>" CLIENT "<irq irq='112' id='3' trigger='edge'/>" END "</system>";
    const struct target arm = {
        .name = "arm", .arch = ARCH_AARCH64, .cores = 1, .user_top = UINT64_C(0xffffffffff)};
    struct diagnostics found = {0};
    struct system *system =
        microkit_parse_text("test.system", text, strlen(text), &arm, &search, &found);
    expect_no_errors(&found);
    EXPECT_EQ(IRQ_CONVENTIONAL, system->pds[0].irqs[0].kind);
    EXPECT_EQ(112, system->pds[0].irqs[0].number);
    EXPECT_EQ(TRIGGER_EDGE, system->pds[0].irqs[0].trigger);
    microkit_free(system);
}

TEST(virtual_machine_is_there_where_the_target_has_a_hypervisor)
{
    static const char text[] =
        "<system><memory_region name='ram' size='0x1000'/>" CLIENT
        "<virtual_machine name='guest'><vcpu id='7' setvar_id='v'/>"
        "<map mr='ram' vaddr='0x7fffffffe000'/></virtual_machine>" END "</system>";
    struct target target = target_x86_64;
    target.hypervisor = true;
    struct diagnostics found = {0};
    struct system *system =
        microkit_parse_text("test.system", text, strlen(text), &target, &search, &found);
    EXPECT_TRUE(system != NULL && microkit_check(system, &found));
    const struct virtual_machine *vm = system->pds[0].vm;
    EXPECT_STR("guest", vm->name);
    EXPECT_EQ(7, vm->vcpus[0].id);
    EXPECT_TRUE(vm->maps[0].region == &system->regions[0]);
    EXPECT_EQ(7, value_of(&system->pds[0], "v"));
    EXPECT_TRUE(pd_needs_endpoint(system, &system->pds[0]));
    microkit_free(system);
}

TEST(unused_region_is_a_warning_and_no_error)
{
    struct diagnostics found = {0};
    struct system *system = accepted(
        "<system><memory_region name='spare' size='0x1000'/>" CLIENT END "</system>", &found);
    EXPECT_EQ(SEVERITY_WARNING, found.first->severity);
    EXPECT_STR("WARNING: unused memory region 'spare'", found.first->text);
    diagnostics_free(&found);
    microkit_free(system);
}

TEST(position_is_the_start_tags_line_and_column_in_characters)
{
    struct diagnostics found = {0};
    struct system *system = accepted("<system>\r\n<!-- \xc3\xa9\xe2\x82\xac -->\t" CLIENT "\n"
                                     "  <irq\n id='1' pin='4' vector='5'/>" END "</system>",
                                     &found);
    EXPECT_EQ(2, system->pds[0].at.line);
    EXPECT_EQ(13, system->pds[0].at.column);
    EXPECT_EQ(3, system->pds[0].irqs[0].at.line);
    EXPECT_EQ(3, system->pds[0].irqs[0].at.column);
    microkit_free(system);
}

TEST(byte_order_mark_and_other_encodings_name_are_ignored)
{
    struct diagnostics found = {0};
    struct system *system = accepted("\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?>\n"
                                     "<system><protection_domain name='\xc3\xa9'>"
                                     "<program_image path='e.elf'/>" END "</system>",
                                     &found);
    EXPECT_STR("\xc3\xa9", system->pds[0].name);
    microkit_free(system);
}

/* As upstream, which looks for text in <system> alone, and for attributes everywhere else. */
TEST(text_in_a_pd_and_attributes_of_system_are_ignored)
{
    struct diagnostics found = {0};
    struct system *system = accepted("<system version='2'>" CLIENT "words" END "</system>", &found);
    EXPECT_EQ(1, system->pd_count);
    microkit_free(system);
}

TEST(numbers_are_decimal_or_hexadecimal_with_underscores)
{
    struct diagnostics found = {0};
    struct system *system =
        accepted("<system><memory_region name='a' size='1_6384'/>"
                 "<memory_region name='b' size='0x_4_000'/>"
                 "<memory_region name='c' size='+4096'/>"
                 "<memory_region name='d' size='0xFFFF_ffff_ffff_f000'/>" CLIENT END "</system>",
                 &found);
    EXPECT_EQ(16384, system->regions[0].size);
    EXPECT_EQ(0x4000, system->regions[1].size);
    EXPECT_EQ(4096, system->regions[2].size);
    EXPECT_EQ(UINT64_C(0xfffffffffffff000), system->regions[3].size);
    diagnostics_free(&found);
    microkit_free(system);
}

TEST(sixty_three_pds_and_a_thousand_regions_are_accepted)
{
    struct diagnostics found = {0};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "<system>");
    for (int i = 0; i < 1000; i++) {
        fprintf(out, "<memory_region name='region%d' size='0x1000'/>", i);
    }
    for (int i = 0; i < PD_COUNT_MAX; i++) {
        fprintf(out, "<protection_domain name='pd%d'><program_image path='p.elf'/>", i);
        for (int j = 0; j < 1000; j++) {
            fprintf(out, "<map mr='region%d' vaddr='0x%x'/>", j, 0x1000000 + j * 0x1000);
        }
        fprintf(out, END);
    }
    fprintf(out, "</system>");
    fclose(out);

    struct system *system = accepted(text, &found);
    EXPECT_EQ(63, system->pd_count);
    EXPECT_EQ(1000, system->region_count);
    EXPECT_EQ(1000, system->pds[62].map_count);
    EXPECT_TRUE(system->pds[62].maps[999].region == &system->regions[999]);
    free(text);
    microkit_free(system);
}

/* Files. */

static void expect_unreadable(const char *path, const char *message)
{
    struct diagnostics found = {0};
    EXPECT_TRUE(microkit_parse(path, &target_x86_64, &search, &found) == NULL);
    EXPECT_EQ(1, found.errors);
    EXPECT_TRUE(strncmp(message, found.first->text, strlen(message)) == 0);
    diagnostics_free(&found);
}

TEST(missing_description_is_reported)
{
    expect_unreadable("tests/microkit/nowhere.system",
                      "microkit: error: system description file 'tests/microkit/nowhere.system' "
                      "does not exist\n");
}

TEST(folder_is_no_description)
{
    expect_unreadable("tests/microkit",
                      "Error: cannot read the system description file 'tests/microkit': Is a "
                      "directory");
}

TEST(fifo_is_no_description_and_is_not_waited_for)
{
    char folder[] = "/tmp/quoll-test-XXXXXX";
    char path[64];
    EXPECT_TRUE(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/fifo", folder);
    EXPECT_EQ(0, mkfifo(path, 0600));
    struct diagnostics found = {0};
    EXPECT_TRUE(microkit_parse(path, &target_x86_64, &search, &found) == NULL);
    EXPECT_TRUE(strstr(found.first->text, "it is not a regular file") != NULL);
    diagnostics_free(&found);
    unlink(path);
    rmdir(folder);
}

TEST(description_of_a_gibibyte_is_refused_unread)
{
    char path[] = "/tmp/quoll-test-XXXXXX";
    int fd = mkstemp(path);
    EXPECT_TRUE(fd >= 0);
    EXPECT_EQ(0, ftruncate(fd, 1 << 30));
    close(fd);
    struct diagnostics found = {0};
    EXPECT_TRUE(microkit_parse(path, &target_x86_64, &search, &found) == NULL);
    EXPECT_TRUE(strstr(found.first->text, "it is too large\n      At most 16 MiB") != NULL);
    diagnostics_free(&found);
    unlink(path);
}

TEST(file_is_found_in_the_first_folder_that_has_it)
{
    static const char *const two[] = {"tests/microkit/accepted", "tests/microkit"};
    const struct search_path both = {2, two};
    char *path = microkit_find_file(&both, "everything.system");
    EXPECT_STR("tests/microkit/accepted/everything.system", path);
    free(path);
    path = microkit_find_file(&both, "prefill/hundred.bin");
    EXPECT_STR("tests/microkit/prefill/hundred.bin", path);
    free(path);
    path = microkit_find_file(&both, "/dev/null");
    EXPECT_STR("/dev/null", path);
    free(path);
    EXPECT_TRUE(microkit_find_file(&both, "nowhere") == NULL);
}
