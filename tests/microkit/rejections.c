/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * One bad system description for each rule: NAME.system is refused with what NAME.expected says, to
 * the letter. The first line or lines are those of Microkit 2.3.0's tool, where it refuses as well.
 */
#include "microkit/model.h"
#include "tests/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/microkit"

#define PC                                                                                         \
    .name = "pc", .arch = ARCH_X86_64, .smc = SMC_NONE, .iommu = true, .domains_max = 16,          \
    .domain_schedule_max = 100, .user_top = UINT64_C(0x7fffffffefff)

static const struct target pc = {PC, .cores = 1};
static const struct target pc_with_cores = {PC, .cores = 4};
static const struct target pc_with_hypervisor = {PC, .cores = 1, .hypervisor = true};
static const struct target pc_without_iommu = {
    .name = "pc", .arch = ARCH_X86_64, .cores = 1, .user_top = UINT64_C(0x7fffffffefff)};
static const struct target arm_board = {.name = "arm",
                                        .arch = ARCH_AARCH64,
                                        .smc = SMC_OFF,
                                        .cores = 1,
                                        .user_top = UINT64_C(0xffffffffff)};

static const struct target arm_with_iommu = {
    .name = "arm", .arch = ARCH_AARCH64, .cores = 1, .iommu = true, .user_top = 0xffffffffff};
static const struct target riscv_with_iommu = {
    .name = "riscv", .arch = ARCH_RISCV64, .cores = 1, .iommu = true, .user_top = 0x3fffffefff};

/* The targets that quoll check --board has. */
#define BOARD(name) (*target_of_board(name))

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s: cannot open it", path);
    }
    static char bytes[256 * 1024];
    *size = fread(bytes, 1, sizeof bytes - 1, file);
    fclose(file);
    bytes[*size] = '\0';
    return bytes;
}

/* All messages, as diagnostics_print prints them, in a buffer of the caller's to free. */
static char *printed(const struct diagnostics *found)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    diagnostics_print(found, out, out);
    fclose(out);
    return text;
}

static void expect_rejection(const char *rule, const struct target *target)
{
    static const char *const folders[] = {FOLDER};
    const struct search_path search = {1, folders};
    struct diagnostics found = {0};
    char name[256];
    char path[512];
    size_t size;

    snprintf(name, sizeof name, "%s.system", rule);
    snprintf(path, sizeof path, FOLDER "/%s", name);
    const char *text = read_file(path, &size);
    struct system *system = microkit_parse_text(name, text, size, target, &search, &found);
    bool accepted = system != NULL && microkit_check(system, &found);
    char *messages = printed(&found);

    EXPECT_FALSE(accepted);
    EXPECT_EQ(1, found.errors);
    snprintf(path, sizeof path, FOLDER "/%s.expected", rule);
    EXPECT_STR(read_file(path, &size), messages);

    free(messages);
    microkit_free(system);
    diagnostics_free(&found);
}

#define REJECTS(target)                                                                            \
    {                                                                                              \
        expect_rejection(__func__, &(target));                                                     \
    }

TEST(every_system_description_here_is_listed_above)
{
    size_t size;
    char *source = strdup(read_file(FOLDER "/rejections.c", &size));
    DIR *folder = opendir(FOLDER);
    EXPECT_TRUE(folder != NULL);
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        const char *end = strstr(entry->d_name, ".system");
        char line[512];
        if (end == NULL) {
            continue;
        }
        snprintf(line, sizeof line, "\nTEST(%.*s) REJECTS(", (int)(end - entry->d_name),
                 entry->d_name);
        if (strstr(source, line) == NULL) {
            fail_msg("%s is tested nowhere", entry->d_name);
        }
        count++;
    }
    closedir(folder);
    free(source);
    EXPECT_TRUE(count > 100);
}

/* One line a rule, to the end. */
/* clang-format off */
TEST(text_is_not_xml) REJECTS(pc)
TEST(file_is_empty) REJECTS(pc)
TEST(end_tag_is_missing) REJECTS(pc)
TEST(end_tag_is_of_another_element) REJECTS(pc)
TEST(quote_is_missing) REJECTS(pc)
TEST(attribute_is_given_twice) REJECTS(pc)
TEST(document_type_brings_entities) REJECTS(pc)
TEST(external_entity_is_refused) REJECTS(pc)
TEST(entity_is_unknown) REJECTS(pc)
TEST(bytes_are_not_utf8) REJECTS(pc)
TEST(text_has_a_nul) REJECTS(pc)
TEST(elements_are_nested_too_deeply) REJECTS(pc)
TEST(root_is_not_system) REJECTS(pc)
TEST(system_has_text) REJECTS(pc)
TEST(system_has_text_after_elements) REJECTS(pc)
TEST(system_has_unknown_element) REJECTS(pc)
TEST(system_has_no_pd) REJECTS(pc)
TEST(pds_are_too_many) REJECTS(pc)
TEST(region_lacks_name) REJECTS(pc)
TEST(region_has_unknown_attribute) REJECTS(pc)
TEST(region_lacks_size) REJECTS(pc)
TEST(region_size_is_no_number) REJECTS(pc)
TEST(region_size_is_empty) REJECTS(pc)
TEST(region_size_is_negative) REJECTS(pc)
TEST(region_size_does_not_fit_a_word) REJECTS(pc)
TEST(region_size_is_no_multiple_of_its_page) REJECTS(pc)
TEST(region_page_size_is_unknown) REJECTS(pc)
TEST(region_address_is_not_aligned) REJECTS(pc)
TEST(region_overlaps_region) REJECTS(pc)
TEST(region_address_overflows) REJECTS(pc)
TEST(region_name_is_taken) REJECTS(pc)
TEST(prefill_file_is_missing) REJECTS(pc)
TEST(prefill_file_is_empty) REJECTS(pc)
TEST(prefill_file_is_a_folder) REJECTS(pc)
TEST(prefill_file_exceeds_region) REJECTS(pc)
TEST(prefill_bootinfo_is_unknown) REJECTS(pc)
TEST(prefill_is_both_file_and_bootinfo) REJECTS(pc)
TEST(pd_lacks_name) REJECTS(pc)
TEST(pd_has_unknown_attribute) REJECTS(pc)
TEST(pd_has_unknown_element) REJECTS(pc)
TEST(pd_lacks_program_image) REJECTS(pc)
TEST(pd_has_two_program_images) REJECTS(pc)
TEST(pd_name_is_taken) REJECTS(pc)
TEST(pd_name_is_the_monitors) REJECTS(pc)
TEST(pd_priority_is_above_the_maximum) REJECTS(pc)
TEST(pd_budget_exceeds_period) REJECTS(pc)
TEST(pd_default_budget_exceeds_period) REJECTS(pc)
TEST(pd_passive_is_no_bool) REJECTS(pc)
TEST(pd_fpu_is_no_bool) REJECTS(pc)
TEST(pd_smc_is_no_bool) REJECTS(pc)
TEST(pd_smc_is_for_arm) REJECTS(pc)
TEST(pd_smc_is_turned_off) REJECTS(arm_board)
TEST(pd_cpu_is_not_there) REJECTS(pc)
TEST(pd_cpu_is_above_a_byte) REJECTS(pc)
TEST(pd_stack_is_too_small) REJECTS(pc)
TEST(pd_stack_is_too_large) REJECTS(pc)
TEST(pd_stack_is_not_aligned) REJECTS(pc)
TEST(pd_has_an_id_but_no_parent) REJECTS(pc)
TEST(child_lacks_id) REJECTS(pc)
TEST(child_id_is_taken) REJECTS(pc)
TEST(child_id_has_no_place) REJECTS(pc)
TEST(program_image_lacks_path) REJECTS(pc)
TEST(program_image_has_unknown_attribute) REJECTS(pc)
TEST(map_lacks_region) REJECTS(pc)
TEST(map_lacks_vaddr) REJECTS(pc)
TEST(map_has_unknown_attribute) REJECTS(pc)
TEST(map_names_no_region) REJECTS(pc)
TEST(map_vaddr_is_in_the_stack) REJECTS(pc)
TEST(map_range_reaches_the_stack) REJECTS(pc)
TEST(map_range_overflows) REJECTS(pc)
TEST(map_vaddr_is_not_aligned) REJECTS(pc)
TEST(map_overlaps_map) REJECTS(pc)
TEST(map_perms_have_an_unknown_letter) REJECTS(pc)
TEST(map_is_write_only) REJECTS(pc)
TEST(map_cached_is_no_bool) REJECTS(pc)
TEST(setvar_lacks_symbol) REJECTS(pc)
TEST(setvar_lacks_region) REJECTS(pc)
TEST(setvar_symbol_is_set_twice) REJECTS(pc)
TEST(setvar_of_channel_is_set_twice) REJECTS(pc)
TEST(setvar_of_child_is_set_twice) REJECTS(pc)
TEST(setvar_names_no_region) REJECTS(pc)
TEST(setvar_of_region_without_address) REJECTS(pc)
TEST(setvar_prefill_size_without_prefill) REJECTS(pc)
TEST(irq_lacks_id) REJECTS(pc)
TEST(irq_is_of_no_kind) REJECTS(pc)
TEST(irq_id_is_no_number) REJECTS(pc)
TEST(irq_id_is_too_large) REJECTS(pc)
TEST(irq_id_is_negative) REJECTS(pc)
TEST(irq_is_for_arm) REJECTS(pc)
TEST(irq_has_unknown_attribute) REJECTS(pc)
TEST(irq_ioapic_is_negative) REJECTS(pc)
TEST(irq_pin_is_negative) REJECTS(pc)
TEST(irq_vector_is_missing) REJECTS(pc)
TEST(irq_vector_is_too_large) REJECTS(pc)
TEST(irq_trigger_is_unknown) REJECTS(pc)
TEST(irq_polarity_is_unknown) REJECTS(pc)
TEST(msi_address_is_malformed) REJECTS(pc)
TEST(msi_bus_is_no_number) REJECTS(pc)
TEST(msi_bus_is_too_large) REJECTS(pc)
TEST(msi_device_is_no_number) REJECTS(pc)
TEST(msi_device_is_too_large) REJECTS(pc)
TEST(msi_function_is_no_number) REJECTS(pc)
TEST(msi_function_is_too_large) REJECTS(pc)
TEST(msi_function_is_negative) REJECTS(pc)
TEST(msi_lacks_handle) REJECTS(pc)
TEST(msi_handle_is_negative) REJECTS(pc)
TEST(irq_vector_is_taken) REJECTS(pc)
TEST(irq_id_is_taken) REJECTS(pc)
TEST(aarch64_irq_is_of_no_kind) REJECTS(arm_board)
TEST(aarch64_irq_is_a_pin) REJECTS(arm_board)
TEST(aarch64_irq_is_a_message) REJECTS(arm_board)
TEST(aarch64_has_no_ports) REJECTS(arm_board)
TEST(ioport_lacks_addr) REJECTS(pc)
TEST(ioport_id_is_too_large) REJECTS(pc)
TEST(ioport_id_is_negative) REJECTS(pc)
TEST(ioport_size_is_zero) REJECTS(pc)
TEST(ioport_size_is_hexadecimal) REJECTS(pc)
TEST(ioport_is_beyond_the_last_port) REJECTS(pc)
TEST(ioport_id_is_taken) REJECTS(pc)
TEST(ioport_overlaps_ioport) REJECTS(pc)
TEST(cspace_is_given_twice) REJECTS(pc)
TEST(cspace_has_unknown_attribute) REJECTS(pc)
TEST(cspace_has_unknown_cap) REJECTS(pc)
TEST(cspace_has_unknown_element) REJECTS(pc)
TEST(cap_slot_is_zero) REJECTS(pc)
TEST(cap_slot_is_too_large) REJECTS(pc)
TEST(cap_lacks_pd) REJECTS(pc)
TEST(cap_names_no_pd) REJECTS(pc)
TEST(cap_slot_is_taken) REJECTS(pc)
TEST(channel_has_one_end) REJECTS(pc)
TEST(channel_has_three_ends) REJECTS(pc)
TEST(channel_has_unknown_attribute) REJECTS(pc)
TEST(channel_has_unknown_element) REJECTS(pc)
TEST(end_lacks_pd) REJECTS(pc)
TEST(end_lacks_id) REJECTS(pc)
TEST(end_id_is_too_large) REJECTS(pc)
TEST(end_id_is_negative) REJECTS(pc)
TEST(end_pp_is_no_bool) REJECTS(pc)
TEST(end_notify_is_no_bool) REJECTS(pc)
TEST(end_names_no_pd) REJECTS(pc)
TEST(channel_calls_both_ways) REJECTS(pc)
TEST(call_goes_down_in_priority) REJECTS(pc)
TEST(call_stays_at_its_priority) REJECTS(pc)
TEST(channel_id_is_taken) REJECTS(pc)
TEST(channel_id_is_an_irqs) REJECTS(pc)
TEST(io_space_needs_an_iommu) REJECTS(pc_without_iommu)
TEST(io_space_lacks_domain) REJECTS(pc)
TEST(io_space_has_unknown_element) REJECTS(pc)
TEST(io_space_name_is_taken) REJECTS(pc)
TEST(io_space_domain_is_taken) REJECTS(pc)
TEST(io_space_device_is_taken) REJECTS(pc)
TEST(io_space_device_is_malformed) REJECTS(pc)
TEST(iomap_names_no_region) REJECTS(pc)
TEST(iomap_address_is_too_high) REJECTS(pc)
TEST(iomap_range_is_too_high) REJECTS(pc)
TEST(iomap_perms_are_unknown) REJECTS(pc)
TEST(iomap_pages_are_large) REJECTS(pc)
TEST(iomap_overlaps_iomap) REJECTS(pc)
TEST(domains_are_given_twice) REJECTS(pc)
TEST(domains_lack_a_schedule) REJECTS(pc)
TEST(domains_have_two_schedules) REJECTS(pc)
TEST(domains_have_unknown_element) REJECTS(pc)
TEST(domains_need_one_core) REJECTS(pc_with_cores)
TEST(domains_are_too_many) REJECTS(pc)
TEST(domain_id_is_too_large) REJECTS(pc)
TEST(domain_name_is_taken) REJECTS(pc)
TEST(domain_id_is_taken) REJECTS(pc)
TEST(schedule_is_empty) REJECTS(pc)
TEST(schedule_is_too_long) REJECTS(pc)
TEST(schedule_has_unknown_element) REJECTS(pc)
TEST(schedule_start_is_beyond_its_end) REJECTS(pc)
TEST(schedule_shift_is_too_large) REJECTS(pc)
TEST(schedule_entry_names_no_domain) REJECTS(pc)
TEST(schedule_duration_lacks_a_unit) REJECTS(pc)
TEST(schedule_duration_is_zero) REJECTS(pc)
TEST(schedule_duration_has_unknown_unit) REJECTS(pc)
TEST(pd_lacks_its_domain) REJECTS(pc)
TEST(pd_domain_is_unknown) REJECTS(pc)
TEST(pd_domain_without_domains) REJECTS(pc)
TEST(vm_needs_a_hypervisor) REJECTS(pc)
TEST(vm_is_in_no_pd) REJECTS(pc_with_hypervisor)
TEST(vm_is_given_twice) REJECTS(pc_with_hypervisor)
TEST(vm_lacks_vcpu) REJECTS(pc_with_hypervisor)
TEST(vm_has_unknown_element) REJECTS(pc_with_hypervisor)
TEST(vm_has_attribute_of_arm) REJECTS(pc_with_hypervisor)
TEST(vm_name_is_taken) REJECTS(pc_with_hypervisor)
TEST(vm_vcpu_id_is_too_large) REJECTS(pc_with_hypervisor)
TEST(vm_vcpu_id_is_taken) REJECTS(pc_with_hypervisor)
TEST(vm_vcpu_id_is_a_childs) REJECTS(pc_with_hypervisor)
TEST(vm_map_has_a_setvar) REJECTS(pc_with_hypervisor)
TEST(vm_maps_overlap) REJECTS(pc_with_hypervisor)
TEST(vm_has_a_pd_with_children) REJECTS(pc_with_hypervisor)
TEST(vm_has_a_pd_that_is_called) REJECTS(pc_with_hypervisor)
TEST(aarch64_io_space_needs_an_iommu) REJECTS(BOARD("qemu_virt_aarch64"))
TEST(aarch64_io_space_is_of_no_kind) REJECTS(arm_with_iommu)
TEST(riscv64_io_space_is_of_no_kind) REJECTS(riscv_with_iommu)
TEST(riscv64_has_no_virtual_machines) REJECTS(BOARD("qemu_virt_riscv64"))
TEST(el1_has_no_virtual_machines) REJECTS(BOARD("qemu_virt_aarch64_el1"))
TEST(riscv64_has_no_secure_monitor) REJECTS(BOARD("qemu_virt_riscv64"))
TEST(riscv64_has_no_ports) REJECTS(BOARD("qemu_virt_riscv64"))
TEST(aarch64_map_is_in_the_stack) REJECTS(BOARD("qemu_virt_aarch64"))
TEST(riscv64_map_is_in_the_stack) REJECTS(BOARD("qemu_virt_riscv64"))
TEST(aarch64_vm_priority_is_above_a_byte) REJECTS(BOARD("qemu_virt_aarch64"))
TEST(aarch64_vm_budget_exceeds_period) REJECTS(BOARD("qemu_virt_aarch64"))
TEST(aarch64_irq_trigger_is_unknown) REJECTS(BOARD("qemu_virt_aarch64"))
