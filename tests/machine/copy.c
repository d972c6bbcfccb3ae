/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Pages that string instructions fill before anybody else touches them, with doubles of the kernel and
 * the platform. */
#include "abi/x86/debug.h"
#include "abi/x86/exceptions.h"
#include "machine/alu.h"
#include "machine/machine.h"
#include "machine/parts.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <string.h>

/* So much that the devices below 4 GiB lie within. */
#define MEMORY_BYTES (UINT64_C(5) << 30)

#define VSPACE       0x5000u
#define RIP          0x400000u
#define CODE_FRAME   0x200000u
#define WINDOW       0x600000u
#define WINDOW_FRAME 0x300000u
#define SOURCE       0x800000u
#define SOURCE_FRAME 0x400000u

static struct x86_registers registers;
static struct kernel_next next;
static const struct kernel_config config = {.name = "test"};

#define REP_MOVSB "\xf3\xa4"
#define REP_MOVSD "\xf3\xa5"
#define REP_MOVSQ "\xf3\x48\xa5"
#define REP_STOSB "\xf3\xaa"
#define REP_STOSD "\xf3\xab"
#define REP_STOSQ "\xf3\x48\xab"

/* What the kernel tells of a page that it maps. */
static void map_window(struct machine *machine, uint64_t vaddr)
{
    struct kernel_port port = machine_port(machine);
    port.map(port.context, VSPACE, vaddr, WINDOW_FRAME, 0x1000, true);
}

/* A guest that stands at an instruction which is to write a page to the window. */
static struct machine *open_at(const char *code)
{
    struct machine_options options = {
        .config = &config, .memory_bytes = MEMORY_BYTES, .serial = "null", .quiet = true};
    struct machine *machine = NULL;
    struct machine_error error;
    doubles_reset();
    EXPECT_EQ(0, machine_open(&options, &machine, &error));
    doubles_add_page(RIP, CODE_FRAME, false);
    doubles_add_page(WINDOW, WINDOW_FRAME, true);
    doubles_add_page(SOURCE, SOURCE_FRAME, false);
    doubles_add_page(SOURCE + 0x1000, SOURCE_FRAME + 0x5000, false);
    strcpy((char *)machine->memory.ram + CODE_FRAME, code);
    for (unsigned i = 0; i < 0x1000; i++) {
        machine->memory.ram[SOURCE_FRAME + i] = (uint8_t)(i % 251);
        machine->memory.ram[SOURCE_FRAME + 0x5000 + i] = (uint8_t)(i % 241);
    }
    registers = (struct x86_registers){.r = {
                                           [X86_RIP] = RIP,
                                           [X86_RDI] = WINDOW,
                                           [X86_RSI] = SOURCE,
                                           [X86_RCX] = 0x1000,
                                           [X86_RAX] = 0x1122334455667788,
                                           [X86_RFLAGS] = 0x202 | X86_FLAG_RESUME,
                                       }};
    next = (struct kernel_next){.kind = NEXT_RUN, .vspace = VSPACE, .registers = &registers};
    map_window(machine, WINDOW);
    return machine;
}

/* The guest has met the fault of its write. Returns whether it can go on without a mapping. */
static bool carried_out(struct machine *machine)
{
    struct kernel_event event;
    struct platform_fault fault = {.vector = X86_PAGE_FAULT,
                                   .error = X86_FAULT_USER | X86_FAULT_WRITE,
                                   .address = registers.r[X86_RDI]};
    unsigned maps = doubles.maps;
    EXPECT_TRUE(machine_resolve_fault(machine, &next, &fault, &event));
    return doubles.maps == maps;
}

static uint8_t *window(struct machine *machine)
{
    return machine->memory.ram + WINDOW_FRAME;
}

TEST(a_page_that_is_copied_to_an_untouched_window_needs_no_mapping)
{
    static const struct {
        const char *code;
        unsigned element;
    } cases[] = {{REP_MOVSB, 1}, {REP_MOVSD, 4}, {REP_MOVSQ, 8}};
    for (size_t i = 0; i < 3; i++) {
        struct machine *machine = open_at(cases[i].code);
        registers.r[X86_RCX] /= cases[i].element;

        EXPECT_TRUE(carried_out(machine));

        EXPECT_MEM(machine->memory.ram + SOURCE_FRAME, window(machine), 0x1000);
        EXPECT_EQ(WINDOW_FRAME, doubles.written_page);
        EXPECT_EQ(RIP + strlen(cases[i].code), registers.r[X86_RIP]);
        EXPECT_EQ(WINDOW + 0x1000, registers.r[X86_RDI]);
        EXPECT_EQ(SOURCE + 0x1000, registers.r[X86_RSI]);
        EXPECT_EQ(0, registers.r[X86_RCX]);
        EXPECT_EQ(0x202, registers.r[X86_RFLAGS]);
        machine_close(machine);
    }
}

TEST(so_does_one_that_is_filled_with_a_value)
{
    static const struct {
        const char *code;
        unsigned element;
        uint8_t expected[9];
    } cases[] = {
        {REP_STOSB, 1, {0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88}},
        {REP_STOSD, 4, {0x88, 0x77, 0x66, 0x55, 0x88, 0x77, 0x66, 0x55, 0x88}},
        {REP_STOSQ, 8, {0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x88}},
    };
    for (size_t i = 0; i < 3; i++) {
        struct machine *machine = open_at(cases[i].code);
        registers.r[X86_RCX] /= cases[i].element;

        EXPECT_TRUE(carried_out(machine));

        EXPECT_MEM(cases[i].expected, window(machine), sizeof(cases[i].expected));
        EXPECT_EQ(cases[i].expected[7], window(machine)[0xfff]);
        EXPECT_EQ(WINDOW + 0x1000, registers.r[X86_RDI]);
        EXPECT_EQ(SOURCE, registers.r[X86_RSI]);
        EXPECT_EQ(0, registers.r[X86_RCX]);
        machine_close(machine);
    }
}

TEST(a_part_of_a_page_is_written_and_no_more_than_that)
{
    struct machine *machine = open_at(REP_MOVSB);
    registers.r[X86_RDI] = WINDOW + 0x103;
    registers.r[X86_RSI] = SOURCE + 0xf01; /* over the end of one page of the source */
    registers.r[X86_RCX] = 0x234;
    memset(window(machine), 0xee, 0x1000);

    EXPECT_TRUE(carried_out(machine));

    EXPECT_EQ(0xee, window(machine)[0x102]);
    EXPECT_MEM(machine->memory.ram + SOURCE_FRAME + 0xf01, window(machine) + 0x103, 0xff);
    EXPECT_MEM(machine->memory.ram + SOURCE_FRAME + 0x5000, window(machine) + 0x202, 0x135);
    EXPECT_EQ(0xee, window(machine)[0x337]);
    EXPECT_EQ(WINDOW + 0x337, registers.r[X86_RDI]);
    EXPECT_EQ(SOURCE + 0x1135, registers.r[X86_RSI]);
    machine_close(machine);
}

TEST(who_fills_the_same_page_again_and_again_gets_it_mapped)
{
    struct machine *machine = open_at(REP_STOSB);
    struct x86_registers before = registers;
    for (unsigned i = 0; i < 3; i++) {
        registers = before;
        EXPECT_TRUE(carried_out(machine));
    }
    registers = before;
    EXPECT_FALSE(carried_out(machine));
    EXPECT_EQ(WINDOW, doubles.mapped.vaddr);
    EXPECT_EQ(WINDOW_FRAME, doubles.mapped.frame);
    EXPECT_MEM(&before, &registers, sizeof(before));
    machine_close(machine);
}

TEST(a_page_that_the_kernel_maps_again_is_fresh_again)
{
    struct machine *machine = open_at(REP_STOSB);
    struct x86_registers before = registers;
    for (unsigned i = 0; i < 10; i++) {
        registers = before;
        EXPECT_TRUE(carried_out(machine));
        map_window(machine, WINDOW);
    }
    EXPECT_EQ(0, doubles.maps);
    EXPECT_EQ(11, doubles.offers);
    machine_close(machine);
}

/* However they are spread: who fills a buffer again and again gets it. */
TEST(pages_that_the_kernel_mapped_once_are_not_filled_here_for_ever)
{
    struct machine *machine = open_at(REP_STOSB);
    struct x86_registers before = registers;
    unsigned copies = 0;
    doubles_add_page(WINDOW + 64 * 0x1000, WINDOW_FRAME + 0x1000, true);
    map_window(machine, WINDOW + 64 * 0x1000);
    for (unsigned i = 0; i < 1000; i++) {
        registers = before;
        registers.r[X86_RDI] += i % 2 * 64 * 0x1000;
        copies += carried_out(machine);
    }
    EXPECT_TRUE(copies <= 6);
    machine_close(machine);
}

TEST(a_page_that_is_filled_need_not_come_with_the_next_batch)
{
    struct machine *machine = open_at(REP_STOSB);
    EXPECT_TRUE(carried_out(machine));
    EXPECT_EQ(WINDOW, doubles.unmapped);
    machine_close(machine);
}

TEST(with_gdb_every_page_that_is_touched_is_mapped)
{
    struct machine *machine = open_at(REP_STOSB);
    struct kernel_mapping page = doubles.pages[1];
    machine->gdb = (struct gdb *)&page; /* any will do: it is not asked */
    EXPECT_FALSE(copy_carry_out(machine, &next, &page));
    machine->gdb = NULL;
    EXPECT_TRUE(copy_carry_out(machine, &next, &page));
    machine_close(machine);
}

static const struct x86_breakpoint breakpoints[X86_BREAKPOINTS];

static void crosses_the_end(void)
{
    registers.r[X86_RDI]++;
}

static void writes_nothing(void)
{
    registers.r[X86_RCX] = 0;
}

static void counts_beyond_all(void)
{
    registers.r[X86_RCX] = UINT64_MAX;
}

static void goes_backwards(void)
{
    registers.r[X86_RFLAGS] |= FLAG_DIRECTION;
}

static void traps_itself(void)
{
    registers.r[X86_RFLAGS] |= X86_FLAG_TRAP;
}

static void is_stepped(void)
{
    next.single_step = true;
}

static void is_watched(void)
{
    next.breakpoints = breakpoints;
}

static void reads_what_is_not_mapped(void)
{
    registers.r[X86_RSI] = SOURCE + 0x1001;
}

static void reads_a_device(void)
{
    doubles.pages[2].frame = 0xfed00000;
}

static void reads_what_it_writes(void)
{
    doubles.pages[3].frame = WINDOW_FRAME;
    registers.r[X86_RSI] = SOURCE + 1;
}

static void reads_first_what_it_writes(void)
{
    doubles.pages[2].frame = WINDOW_FRAME;
    registers.r[X86_RSI] = SOURCE + 1;
}

static void reads_a_large_page_with_what_it_writes(void)
{
    doubles.pages[2].frame = WINDOW_FRAME - 0x10000;
    doubles.pages[2].bytes = 0x200000;
}

static void has_a_large_page(void)
{
    doubles.pages[1].bytes = 0x200000;
}

static void nothing(void)
{
}

TEST(whatever_is_not_plain_gets_its_page_mapped_and_nothing_else_happens)
{
    static const struct {
        const char *code;
        void (*change)(void);
    } cases[] = {
        {REP_MOVSB, crosses_the_end},
        {REP_STOSB, writes_nothing},
        {REP_MOVSB, counts_beyond_all},
        {REP_MOVSQ, counts_beyond_all},
        {REP_MOVSB, goes_backwards},
        {REP_MOVSB, traps_itself},
        {REP_MOVSB, is_stepped},
        {REP_MOVSB, is_watched},
        {REP_MOVSB, reads_what_is_not_mapped},
        {REP_MOVSB, reads_a_device},
        {REP_MOVSB, reads_what_it_writes},
        {REP_MOVSB, reads_first_what_it_writes},
        {REP_MOVSB, reads_a_large_page_with_what_it_writes},
        {REP_MOVSB, has_a_large_page},
        {"\xa4", nothing},         /* movsb */
        {"\x67\xf3\xa4", nothing}, /* of 32-bit addresses */
        {"\x64\xf3\xa4", nothing}, /* from FS */
        {"\xf3\x90", nothing},     /* pause */
        {"\x88\x07", nothing},     /* mov %al,(%rdi) */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct machine *machine = open_at(cases[i].code);
        cases[i].change();
        struct x86_registers before = registers;
        memset(window(machine), 0xee, 0x1000);

        EXPECT_FALSE(carried_out(machine));

        EXPECT_MEM(&before, &registers, sizeof(before));
        EXPECT_EQ(0xee, window(machine)[0]);
        EXPECT_EQ(0xee, window(machine)[0xfff]);
        EXPECT_EQ(0, doubles.written_page);
        machine_close(machine);
    }
}

TEST(code_at_the_end_of_what_is_mapped_is_read_no_further)
{
    struct machine *machine = open_at("");
    registers.r[X86_RIP] = RIP + 0xffe;
    memcpy(machine->memory.ram + CODE_FRAME + 0xffe, REP_STOSB, 2);
    EXPECT_FALSE(carried_out(machine));
    machine_close(machine);
}
