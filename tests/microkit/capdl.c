/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * capDL. One system has everything that capDL can say: capdl/everything.system. Beside it is what has
 * to be written of it, with the members, words and layout of Microkit 2.3.0's tool; that JSON, edited
 * in one place, is what cannot be read.
 */
#include "fixture_program.h"
#include "microkit/capdl/encode.h"
#include "microkit/image.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER  "tests/microkit/capdl"
#define PREFILL "tests/microkit/prefill"

/* A file's text, to be freed. */
static char *read_file(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, FOLDER "/%s", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s: cannot open it", path);
    }
    char *text = calloc(1, 1 << 20);
    size_t size = fread(text, 1, (1 << 20) - 1, file);
    EXPECT_TRUE(size > 0);
    fclose(file);
    return text;
}

/* everything.system, with an image of it. */
struct everything {
    char *folder;
    const char *folders[2];
    struct search_path search;
    struct bytes initialiser;
    struct bytes monitor;
    struct sdk_programs programs;
    struct diagnostics found;
    struct system *system;
    struct image image;
    struct capdl capdl;
};

static void begin(struct everything *all)
{
    *all = (struct everything){.folder = program_folder(),
                               .initialiser = program_of_initialiser(),
                               .monitor = program_of_monitor()};
    struct bytes program = program_of_pd();
    program_folder_put(all->folder, "pd.elf", &program);
    bytes_free(&program);
    all->folders[0] = all->folder;
    all->folders[1] = PREFILL;
    all->search = (struct search_path){2, all->folders};
    all->programs =
        (struct sdk_programs){{"initialiser.elf", all->initialiser.data, all->initialiser.size},
                              {"monitor.elf", all->monitor.data, all->monitor.size}};
    all->system =
        microkit_parse(FOLDER "/everything.system", &target_x86_64, &all->search, &all->found);
    struct image_request request = {.system = all->system,
                                    .search = &all->search,
                                    .programs = all->programs,
                                    .capdl = &all->capdl};
    bool built = all->system != NULL && microkit_check(all->system, &all->found) &&
                 image_build(&all->image, &request, &all->found);
    EXPECT_STR("", built ? "" : all->found.first->text);
}

static void finish(struct everything *all)
{
    capdl_free(&all->capdl);
    image_free(&all->image);
    microkit_free(all->system);
    diagnostics_free(&all->found);
    bytes_free(&all->initialiser);
    bytes_free(&all->monitor);
    program_folder_remove(all->folder);
}

/* What is written to a stream has to be a file's text. */
#define EXPECT_WRITES(file, write)                                                                 \
    do {                                                                                           \
        char *expected_ = read_file(file);                                                         \
        char *text_ = NULL;                                                                        \
        size_t size_;                                                                              \
        FILE *out = open_memstream(&text_, &size_);                                                \
        write;                                                                                     \
        fclose(out);                                                                               \
        EXPECT_STR(expected_, text_);                                                              \
        free(expected_);                                                                           \
        free(text_);                                                                               \
    } while (0)

TEST(a_system_is_written_as_upstream_writes_it)
{
    struct everything all;
    begin(&all);
    EXPECT_WRITES("everything.json", capdl_write(&all.capdl, out));
    finish(&all);
}

TEST(the_report_is_upstreams)
{
    struct everything all;
    begin(&all);
    EXPECT_WRITES("everything.report", capdl_report(&all.capdl, out));
    finish(&all);
}

TEST(the_invariants_of_each_pd_are_upstreams)
{
    struct everything all;
    begin(&all);
    EXPECT_WRITES("everything.a.vpr",
                  capdl_viper(&all.capdl, &all.system->pds[0], all.system, out));
    EXPECT_WRITES("everything.b.vpr",
                  capdl_viper(&all.capdl, &all.system->pds[2], all.system, out));
    finish(&all);
}

TEST(what_is_read_is_written_again_to_the_letter)
{
    char *text = read_file("everything.json");
    struct diagnostics found = {0};
    struct capdl capdl;
    bool valid = capdl_read(&capdl, "spec.json", text, strlen(text), &found);
    EXPECT_STR("", valid ? "" : found.first->text);
    /* Whose programs they are is not in the JSON, but in its names. */
    struct capdl_program *programs = (void *)capdl.programs.data;
    for (size_t i = 0; i < capdl.programs.size / sizeof *programs; i++) {
        programs[i].pd = "";
    }
    EXPECT_WRITES("everything.json", capdl_write(&capdl, out));
    capdl_free(&capdl);
    diagnostics_free(&found);
    free(text);
}

/* Sum of a table's bytes, which are little numbers, over an image's spec. */
static uint32_t total(const struct spec *spec, uint8_t type)
{
    const struct spec_objects *runs = spec_records(spec, spec->objects);
    uint32_t count = 0;
    for (uint32_t i = 0; i < spec->objects.count; i++) {
        count += runs[i].type == type ? runs[i].count : 0;
    }
    return count;
}

TEST(an_image_of_the_json_has_what_one_of_the_description_has)
{
    struct everything all;
    begin(&all);
    char *text = read_file("everything.json");
    struct capdl capdl;
    struct image image;
    bool built =
        capdl_read(&capdl, "spec.json", text, strlen(text), &all.found) &&
        image_build_capdl(&image, &capdl, "spec.json", &all.search, &all.programs, &all.found);
    EXPECT_STR("", built ? "" : all.found.first->text);

    const struct spec *expected = all.image.spec;
    const struct spec *actual = image.spec;
    for (uint8_t type = 0; type < SPEC_TYPES; type++) {
        /* Those of the monitor that has been replaced stay, without contents. */
        uint32_t more = type == SPEC_FRAME_4K ? 3 : 0;
        EXPECT_EQ(total(expected, type) + more, total(actual, type));
    }
    EXPECT_EQ(expected->irqs.count, actual->irqs.count);
    EXPECT_EQ(expected->ioports.count, actual->ioports.count);
    EXPECT_EQ(expected->tables.count, actual->tables.count);
    EXPECT_EQ(expected->scheds.count, actual->scheds.count);
    EXPECT_EQ(expected->tcbs.count, actual->tcbs.count);
    EXPECT_EQ(expected->slots.count, actual->slots.count);
    EXPECT_EQ(expected->domain_shift, actual->domain_shift);
    EXPECT_EQ(expected->domain_start, actual->domain_start);
    EXPECT_MEM(spec_records(expected, expected->domains), spec_records(actual, actual->domains),
               expected->domains.count * sizeof(struct spec_domain));
    const struct spec_tcb *a = spec_records(expected, expected->tcbs);
    const struct spec_tcb *b = spec_records(actual, actual->tcbs);
    for (uint32_t i = 0; i < expected->tcbs.count; i++) {
        EXPECT_EQ(a[i].priority, b[i].priority);
        EXPECT_EQ(a[i].ip, b[i].ip);
        EXPECT_EQ(a[i].sp, b[i].sp);
        EXPECT_EQ(a[i].domain, b[i].domain);
        EXPECT_EQ(a[i].flags, b[i].flags);
        EXPECT_EQ(a[i].cspace.badge, b[i].cspace.badge);
        EXPECT_EQ(a[i].fault_endpoint.badge, b[i].fault_endpoint.badge);
    }
    /* The device's region, and the interrupts in the order of their vectors. */
    const struct spec_irq *irqs = spec_records(actual, actual->irqs);
    EXPECT_EQ(SPEC_IRQ_MSI, irqs[0].kind);
    EXPECT_EQ(0, irqs[0].args[0]);
    EXPECT_EQ(3, irqs[0].args[1]);
    EXPECT_EQ(1, irqs[0].args[2]);
    EXPECT_EQ(2, irqs[0].args[3]);
    EXPECT_EQ(SPEC_IRQ_IOAPIC, irqs[1].kind);
    EXPECT_EQ(4, irqs[1].args[1]);

    image_free(&image);
    capdl_free(&capdl);
    free(text);
    finish(&all);
}

/* The text with `find`, which it has, replaced where it is first. To be freed. */
static char *edit(char *text, const char *find, const char *replace)
{
    char *at = strstr(text, find);
    EXPECT_TRUE(at != NULL);
    size_t before = (size_t)(at - text);
    char *edited;
    int length = asprintf(&edited, "%.*s%s%s", (int)before, text, replace, at + strlen(find));
    EXPECT_TRUE(length > 0);
    free(text);
    return edited;
}

/* Such as one that upstream's tool has made with the monitor of its SDK. */
TEST(the_monitor_of_the_json_gives_way_to_that_of_the_sdk)
{
    struct everything all;
    begin(&all);
    char *text = read_file("everything.json");
    text = edit(text, "\"elf_id\": 3,\n                      \"elf_seg_idx\": 1",
                "\"elf_id\": 3,\n                      \"elf_seg_idx\": 9");
    text = edit(text, "\"domain\": 0,\n            \"ip\": 2097152",
                "\"domain\": 0,\n            \"ip\": 4194304");
    struct capdl capdl;
    struct image image;
    bool built =
        capdl_read(&capdl, "spec.json", text, strlen(text), &all.found) &&
        image_build_capdl(&image, &capdl, "spec.json", &all.search, &all.programs, &all.found);
    EXPECT_STR("", built ? "" : all.found.first->text);
    const struct spec_tcb *tcbs = spec_records(image.spec, image.spec->tcbs);
    for (uint32_t i = 0; i < image.spec->tcbs.count; i++) {
        EXPECT_EQ(0x200000, tcbs[i].ip);
    }
    image_free(&image);
    capdl_free(&capdl);
    free(text);
    finish(&all);
}

static void expect_refusal(const char *find, const char *replace, const char *message)
{
    struct everything all;
    struct capdl capdl;
    struct image image = {0};
    begin(&all);
    char *text = edit(read_file("everything.json"), find, replace);
    bool built =
        capdl_read(&capdl, "spec.json", text, strlen(text), &all.found) &&
        image_build_capdl(&image, &capdl, "spec.json", &all.search, &all.programs, &all.found);
    EXPECT_FALSE(built);
    EXPECT_EQ(1, all.found.errors);
    char *said = strndup(all.found.first->text, strcspn(all.found.first->text, "\n"));
    if (strstr(said, all.folder) != NULL) {
        said = edit(said, all.folder, "FOLDER");
    }
    EXPECT_STR(message, said);
    free(said);
    capdl_free(&capdl);
    free(text);
    finish(&all);
}

TEST(text_that_is_cut_off_is_told_with_line_and_column)
{
    struct capdl capdl;
    struct diagnostics found = {0};
    static const char text[] = "{\n  \"objects\": [\n";
    EXPECT_FALSE(capdl_read(&capdl, "spec.json", text, sizeof text - 1, &found));
    EXPECT_TRUE(found.first != NULL);
    EXPECT_MEM("Error: spec.json:3:1: is no JSON: it ends in the middle", found.first->text, 55);
    capdl_free(&capdl);
    diagnostics_free(&found);
}

#define REFUSES(find, replace, message)                                                            \
    {                                                                                              \
        expect_refusal(find, replace, message);                                                    \
    }

/* clang-format off */
TEST(text_that_lacks_a_comma_is_told_with_line_and_column)
REFUSES("\"name\": \"frame_mr_device_000000000\",", "\"name\": \"frame_mr_device_000000000\"", "Error: spec.json:5:7: is no JSON: object value separator ',' expected")
TEST(text_that_goes_on_after_its_end_is_no_json)
REFUSES("\"log_level\": null,", "\"log_level\": null}, {", "Error: spec.json:2717:21: is no JSON: unexpected character")
TEST(root_lacks_objects)
REFUSES("\"objects\": [", "\"subjects\": [", "Error: spec.json: has no 'objects'")
TEST(objects_are_no_list)
REFUSES("\"objects\": [", "\"objects\": 5, \"more\": [", "Error: spec.json: objects is a number, and a list is wanted")
TEST(irqs_are_missing)
REFUSES("\"irqs\": [", "\"interrupts\": [", "Error: spec.json: has no 'irqs'")
TEST(object_lacks_its_name)
REFUSES("\"name\": \"frame_mr_large_000000000\",", "", "Error: spec.json: objects[2] has no 'name'")
TEST(object_is_of_another_architecture)
REFUSES("\"name\": \"irq_9_a\",\n      \"object\": {\n        \"IrqIOApic\"", "\"name\": \"irq_9_a\",\n      \"object\": {\n        \"ArmIrq\"", "Error: spec.json: objects[86].object is of the kind 'ArmIrq', which no system of Microkit has on x86-64 without an IOMMU and virtual machines")
TEST(object_is_of_a_virtual_machine)
REFUSES("\"object\": \"Reply\"", "\"object\": \"VCpu\"", "Error: spec.json: objects[77].object is of the kind 'VCpu', which no system of Microkit has on x86-64 without an IOMMU and virtual machines")
TEST(object_has_members_and_should_not)
REFUSES("\"object\": \"Reply\"", "\"object\": {\"Reply\": {}}", "Error: spec.json: objects[77].object is Reply, and has members")
TEST(object_has_no_members_and_should)
REFUSES("\"name\": \"ioports_0x3f8_a\",\n      \"object\": {", "\"name\": \"ioports_0x3f8_a\",\n      \"object\": \"IOPorts\", \"other\": {", "Error: spec.json: objects[84].object is IOPorts, and has nothing in it")
TEST(object_is_two_at_once)
REFUSES("\"object\": \"Reply\"", "\"object\": {\"Reply\": 1, \"Endpoint\": 2}", "Error: spec.json: objects[77].object is neither a word nor an object with one member, its word")
TEST(frame_has_an_unknown_size)
REFUSES("\"size_bits\": 12,", "\"size_bits\": 13,", "Error: spec.json: objects[0].object.Frame has 13 'size_bits'; a frame has 12 or 21")
TEST(frame_size_is_a_string)
REFUSES("\"size_bits\": 12,", "\"size_bits\": \"12\",", "Error: spec.json: objects[0].object.Frame.size_bits is a string, and a number is wanted")
TEST(frame_size_is_negative)
REFUSES("\"size_bits\": 12,", "\"size_bits\": -12,", "Error: spec.json: objects[0].object.Frame.size_bits is -12; it can be from 0 to 63")
TEST(frame_address_is_not_aligned)
REFUSES("\"paddr\": 4275044352,", "\"paddr\": 4275044353,", "Error: spec.json: objects[0] ('frame_mr_device_000000000') has a 'paddr' that is no multiple of its size")
TEST(frame_lacks_init)
REFUSES("\"init\": {", "\"contents\": {", "Error: spec.json: objects[0].object.Frame has no 'init'")
TEST(fill_is_larger_than_its_frame)
REFUSES("\"start\": 0,\n                  \"end\": 5\n", "\"start\": 0,\n                  \"end\": 4097\n", "Error: spec.json: objects[12].object.Frame.init.entries[0] fills up to byte 4097 of a frame with 4096")
TEST(fill_ends_before_it_starts)
REFUSES("\"start\": 0,\n                  \"end\": 5\n", "\"start\": 6,\n                  \"end\": 5\n", "Error: spec.json: objects[12].object.Frame.init.entries[0].range ends before it starts")
TEST(fill_is_not_as_long_as_its_range_of_an_elf)
REFUSES("\"start\": 0,\n                  \"end\": 5\n", "\"start\": 0,\n                  \"end\": 6\n", "Error: spec.json: objects[12].object.Frame.init.entries[0].content.Data.ElfContent has an 'elf_seg_data_range' that is not as long as 'range'")
TEST(fill_has_fewer_bytes_than_its_range)
REFUSES("\"start\": 0,\n                  \"end\": 100\n", "\"start\": 0,\n                  \"end\": 101\n", "Error: spec.json: objects[29].object.Frame.init.entries[0].content.Data.BytesContent has 100 'bytes', and its range 101")
TEST(byte_is_larger_than_a_byte)
REFUSES("                        99\n", "                        256\n", "Error: spec.json: objects[29].object.Frame.init.entries[0].content.Data.BytesContent.bytes[99] is 256; it can be from 0 to 255")
TEST(fill_is_of_an_unknown_kind)
REFUSES("\"BytesContent\": {", "\"FileContent\": {", "Error: spec.json: objects[29].object.Frame.init.entries[0].content.Data.FileContent is none of ElfContent, BytesContent and BootInfo")
TEST(bootinfo_block_is_unknown)
REFUSES("\"id\": \"X86TscFreq\"", "\"id\": \"X86Weather\"", "Error: spec.json: objects[31].object.Frame.init.entries[0].content.BootInfo has the id 'X86Weather', which no block of bootinfo has")
TEST(elf_has_no_such_segment)
REFUSES("\"elf_seg_idx\": 0,", "\"elf_seg_idx\": 7,", "Error: spec.json: objects[12] ('frame_elf_a_000000000') holds bytes 0 to 5 of segment 7 of 'FOLDER/pd.elf', which has no such bytes")
TEST(elf_is_shorter_than_its_range)
REFUSES("\"start\": 4096,\n                        \"end\": 8192\n", "\"start\": 8192,\n                        \"end\": 12288\n", "Error: spec.json: objects[14] ('frame_elf_a_000000002') holds bytes 8192 to 12288 of segment 1 of 'FOLDER/pd.elf', which has no such bytes")
TEST(elf_is_of_no_pd)
REFUSES("\"elf_id\": 0,\n                      \"elf_seg_idx\": 1", "\"elf_id\": 40,\n                      \"elf_seg_idx\": 1", "Error: spec.json: objects[13] ('frame_elf_a_000000001') is of a program that no TCB is named after")
TEST(elf_starts_elsewhere)
REFUSES("\"ip\": 2097152", "\"ip\": 2097153", "Error: PD 'a' starts at 0x200001, and 'FOLDER/pd.elf' at 0x200000")
TEST(program_is_missing)
REFUSES("\"path\": \"pd.elf\"", "\"path\": \"nope.elf\"", "Error: \"unable to find program image: 'nope.elf'\"")
TEST(variable_is_in_no_program)
REFUSES("\"symbol\": \"counter\"", "\"symbol\": \"clock\"", "ERROR: could not patch symbol 'clock' in program image for PD 'a' (pd.elf): no symbol named 'clock' found")
TEST(cap_is_of_an_unknown_kind)
REFUSES("\"Endpoint\": {", "\"Beginpoint\": {", "Error: spec.json: objects[3].object.CNode.slots[0].cap is of the kind 'Beginpoint', which no system of Microkit has on x86-64 without an IOMMU and virtual machines")
TEST(cap_lacks_its_badge)
REFUSES("\"badge\": 0,", "\"bridge\": 0,", "Error: spec.json: objects[3].object.CNode.slots[0].cap.Endpoint has no 'badge'")
TEST(cap_lacks_a_right)
REFUSES("\"grant_reply\": false", "\"reply\": false", "Error: spec.json: objects[3].object.CNode.slots[0].cap.Endpoint.rights has no 'grant_reply'")
TEST(cap_is_to_no_object)
REFUSES("\"object\": 83,", "\"object\": 830,", "Error: spec.json: objects[3] ('cnode_a') has a cap in slot 2 to object 830; the last object is 86")
TEST(cap_is_to_an_object_of_another_type)
REFUSES("\"object\": 83,", "\"object\": 80,", "Error: spec.json: objects[3] ('cnode_a') has a cap Endpoint in slot 2 to object 80, which is a Reply")
TEST(cap_is_in_no_slot_of_its_cnode)
REFUSES("\"slot\": 1,", "\"slot\": 512,", "Error: spec.json: objects[3] ('cnode_a') has a cap in slot 512; its slots are 0 to 511")
TEST(slot_has_two_caps)
REFUSES("\"slot\": 1,", "\"slot\": 2,", "Error: spec.json: objects[3] ('cnode_a') has two caps in slot 2")
TEST(tcb_lacks_its_vspace)
REFUSES("\"slot\": 1,\n              \"cap\": {\n                \"PageTable\": {\n                  \"object\": 48", "\"slot\": 7,\n              \"cap\": {\n                \"PageTable\": {\n                  \"object\": 48", "Error: spec.json: objects[66] ('tcb_a') has no cap to a PageTable in slot 1")
TEST(tcb_has_a_cap_that_no_tcb_of_microkit_has)
REFUSES("\"slot\": 6,\n              \"cap\": {\n                \"SchedContext\"", "\"slot\": 7,\n              \"cap\": {\n                \"SchedContext\"", "Error: spec.json: objects[66] ('tcb_a') has a cap in slot 7, which no TCB of Microkit uses")
TEST(tcb_has_another_cap_in_a_slot)
REFUSES("\"slot\": 6,\n              \"cap\": {\n                \"SchedContext\"", "\"slot\": 0,\n              \"cap\": {\n                \"SchedContext\"", "Error: spec.json: objects[66] ('tcb_a') has two caps in slot 0")
TEST(tcb_has_general_registers)
REFUSES("\"gprs\": []", "\"gprs\": [1]", "Error: spec.json: objects[66].object.Tcb.extra has 'gprs', which no system of Microkit has")
TEST(tcb_has_too_high_a_priority)
REFUSES("\"prio\": 5", "\"prio\": 256", "Error: spec.json: objects[66].object.Tcb.extra.prio is 256; it can be from 0 to 255")
TEST(tcb_is_on_a_core_that_is_not_there)
REFUSES("\"affinity\": 0", "\"affinity\": 1", "Error: spec.json: objects[66].object.Tcb.extra.affinity is 1; it can be from 0 to 0")
TEST(table_level_does_not_exist)
REFUSES("\"level\": 2,", "\"level\": 4,", "Error: spec.json: objects[32].object.PageTable.level is 4; it can be from 0 to 3")
TEST(root_table_is_of_another_level)
REFUSES("\"is_root\": true,\n          \"level\": 0,", "\"is_root\": true,\n          \"level\": 1,", "Error: spec.json: objects[48].object.PageTable has level 1, and is_root says otherwise")
TEST(table_is_for_a_virtual_machine)
REFUSES("\"x86_ept\": false", "\"x86_ept\": true", "Error: spec.json: objects[32].object.PageTable is one of a virtual machine, which is not supported")
TEST(frame_is_in_a_table_of_another_level)
REFUSES("\"is_root\": false,\n          \"level\": 3,", "\"is_root\": false,\n          \"level\": 2,", "Error: spec.json: objects[32] ('pd_a_vaddr_0x200000') has object 52 ('pt_a_vaddr_0x200000') in slot 1, which cannot be in a table of level 2")
TEST(table_is_in_two_tables)
REFUSES("\"PageTable\": {\n                  \"object\": 53\n", "\"PageTable\": {\n                  \"object\": 52\n", "Error: spec.json: objects[32] ('pd_a_vaddr_0x200000') has object 52 ('pt_a_vaddr_0x200000'), which another table has, too")
TEST(irq_handler_is_no_irq)
REFUSES("\"handler\": 85", "\"handler\": 84", "Error: spec.json: irqs[0].handler is 84, which is no interrupt")
TEST(irq_has_two_vectors)
REFUSES("\"handler\": 85", "\"handler\": 86", "Error: spec.json: objects[85] ('irq_7_a') is the handler of 0 entries of 'irqs', and not of one")
TEST(irq_vector_is_too_large)
REFUSES("\"irq\": 9,", "\"irq\": 108,", "Error: spec.json: irqs[1].irq is 108; it can be from 0 to 107")
TEST(irq_lacks_its_notification)
REFUSES("\"slots\": [\n            {\n              \"slot\": 0,\n              \"cap\": {\n                \"Notification\": {", "\"slots\": [], \"others\": [\n            {\n              \"slot\": 0,\n              \"cap\": {\n                \"Notification\": {", "Error: spec.json: objects[85] ('irq_7_a') has no cap to a Notification in slot 0")
TEST(ports_end_before_they_start)
REFUSES("\"start_port\": 1016", "\"start_port\": 1024", "Error: spec.json: objects[84] ('ioports_0x3f8_a') ends before it starts")
TEST(scheduling_context_is_too_small)
REFUSES("\"SchedContext\": {\n          \"size_bits\": 8", "\"SchedContext\": {\n          \"size_bits\": 6", "Error: spec.json: objects[70] ('sched_context_a') has 6 'size_bits'; the least is 7")
TEST(schedule_duration_is_of_an_unknown_unit)
REFUSES("\"Us\": 500", "\"Ms\": 500", "Error: spec.json: domain_schedule[0].duration is 'Ms', and none of Ticks, Us and EndMarker")
TEST(schedule_starts_beyond_its_end)
REFUSES("\"domain_set_start\": 1", "\"domain_set_start\": 3", "Error: spec.json: domain_set_start is 3; the schedule has entries 0 to 2")
TEST(asid_pools_are_made)
REFUSES("\"asid_slots\": []", "\"asid_slots\": [1]", "Error: spec.json: 'asid_slots' is not empty, as it is in every system of Microkit")
TEST(untyped_has_children)
REFUSES("\"untyped_covers\": []", "\"untyped_covers\": [{}]", "Error: spec.json: 'untyped_covers' is not empty, as it is in every system of Microkit")
/* clang-format on */

/* --- Memory --- */

static uint32_t add_object(struct capdl *capdl, enum capdl_type type, const char *name,
                           uint8_t size_bits)
{
    return capdl_add(capdl,
                     &(struct capdl_object){.name = name, .type = type, .size_bits = size_bits});
}

/* A thread with a VSpace of four page tables, whose last one maps the frames in its first slots. */
static uint32_t add_thread(struct capdl *capdl, const char *name, uint32_t private_frame,
                           uint32_t shared_frame)
{
    uint32_t table[4];
    uint32_t tcb = add_object(capdl, CAPDL_TCB, name, 0);
    for (size_t level = 0; level < 4; level++) {
        table[level] = add_object(capdl, CAPDL_PAGE_TABLE, "table", 0);
        if (level > 0) {
            capdl_put(capdl, table[level - 1], 0,
                      (struct capdl_cap){.type = CAPDL_PAGE_TABLE, .object = table[level]});
        }
    }
    capdl_put(capdl, table[3], 0, (struct capdl_cap){.type = CAPDL_FRAME, .object = private_frame});
    capdl_put(capdl, table[2], 1, (struct capdl_cap){.type = CAPDL_FRAME, .object = shared_frame});
    capdl_put(capdl, tcb, CAPDL_TCB_VSPACE,
              (struct capdl_cap){.type = CAPDL_PAGE_TABLE, .object = table[0]});
    capdl_put(capdl, tcb, CAPDL_TCB_IPC_BUFFER,
              (struct capdl_cap){.type = CAPDL_FRAME, .object = private_frame});
    capdl_put(capdl, tcb, CAPDL_TCB_SCHED_CONTEXT,
              (struct capdl_cap){.type = CAPDL_SCHED_CONTEXT,
                                 .object = add_object(capdl, CAPDL_SCHED_CONTEXT, "sc", 8)});
    return tcb;
}

static void note_memory(void *context, const struct capdl_memory *memory)
{
    char *text = context;
    sprintf(text + strlen(text), "%s %llu %llu %llu\n", memory->component,
            (unsigned long long)memory->private_bytes, (unsigned long long)memory->shared_bytes,
            (unsigned long long)memory->kernel_bytes);
}

/*
 * Sizes are the manual's (12.0 and later, MCS, x86-64): a TCB 2^11, a CNode of 2^6 slots 2^11, one of
 * 2^9 slots 2^14, each page table 2^12, this scheduling context 2^8, an endpoint 2^4, a notification
 * 2^6, a reply object 2^5.
 */
TEST(each_component_s_memory_is_what_its_objects_take)
{
    char text[256] = "";
    struct capdl capdl = {0};
    EXPECT_TRUE(capdl_begin(&capdl));
    uint32_t one = add_object(&capdl, CAPDL_FRAME, "one", 12);
    uint32_t two = add_object(&capdl, CAPDL_FRAME, "two", 12);
    uint32_t both = add_object(&capdl, CAPDL_FRAME, "both", 21);
    uint32_t endpoint = add_object(&capdl, CAPDL_ENDPOINT, "ep", 0);
    uint32_t notification = add_object(&capdl, CAPDL_NOTIFICATION, "ntfn", 0);
    uint32_t reply = add_object(&capdl, CAPDL_REPLY, "reply", 0);
    uint32_t root = add_object(&capdl, CAPDL_CNODE, "root", 6);
    uint32_t inner = add_object(&capdl, CAPDL_CNODE, "inner", 9);
    uint32_t client_cnode = add_object(&capdl, CAPDL_CNODE, "cnode", 9);
    uint32_t server = add_thread(&capdl, "tcb_server", one, both);
    uint32_t client = add_thread(&capdl, "tcb_client", two, both);
    /* The server receives from both. */
    capdl_put(&capdl, server, CAPDL_TCB_CSPACE,
              (struct capdl_cap){.type = CAPDL_CNODE, .object = root});
    capdl_put(&capdl, server, CAPDL_TCB_NOTIFICATION,
              (struct capdl_cap){.type = CAPDL_NOTIFICATION, .object = notification});
    capdl_put(&capdl, root, 0, (struct capdl_cap){.type = CAPDL_CNODE, .object = inner});
    capdl_put(&capdl, inner, 1, (struct capdl_cap){.type = CAPDL_ENDPOINT, .object = endpoint});
    capdl_put(&capdl, inner, 4, (struct capdl_cap){.type = CAPDL_REPLY, .object = reply});
    capdl_put(&capdl, inner, 5, (struct capdl_cap){.type = CAPDL_TCB, .object = client});
    /* The client calls and signals it, and faults to it. */
    capdl_put(&capdl, client, CAPDL_TCB_CSPACE,
              (struct capdl_cap){.type = CAPDL_CNODE, .object = client_cnode});
    capdl_put(&capdl, client, CAPDL_TCB_FAULT_EP,
              (struct capdl_cap){.type = CAPDL_ENDPOINT, .object = endpoint});
    capdl_put(&capdl, client_cnode, 10,
              (struct capdl_cap){.type = CAPDL_ENDPOINT, .object = endpoint, .badge = 1});
    capdl_put(&capdl, client_cnode, 11,
              (struct capdl_cap){.type = CAPDL_NOTIFICATION, .object = notification, .badge = 2});

    EXPECT_TRUE(capdl_memory(&capdl, note_memory, text));

    /* 2048 + 4 * 4096 + 256 + 2048 + 16384 + 64 + 16 + 32; and 2048 + 4 * 4096 + 256 + 16384 */
    EXPECT_STR("server 4096 2097152 37232\nclient 4096 2097152 35072\n", text);
    capdl_free(&capdl);
}
