/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Emulated accesses: instructions as drivers have them, against the HPET's registers. */
#include "machine/trap.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <string.h>

#define CODE         0x400000u
#define CODE_FRAME   0x200000u
#define DATA         0x401000u /* a page of RAM */
#define DATA_FRAME   0x201000u
#define HPET         0x500000u /* where the guest has the HPET */
#define READ_ONLY    0x501000u /* and once more, without the right to write */
#define ROM          0x502000u
#define ROM_FRAME    0xf5000u
#define BEFORE       (HPET - 4096) /* RAM */
#define BEFORE_FRAME 0x203000u
#define CAPS_LOW     0x8086a201u
#define CAPS_HIGH    0x00989680u
#define CAPS         ((uint64_t)CAPS_HIGH << 32 | CAPS_LOW)
#define COMPARATOR   0x108 /* of timer 0: all 64 bits can be written */

struct fixture {
    struct board_fixture board;
    struct memory memory;
    struct kernel_region regions[BOARD_REGIONS];
    struct trap trap;
    struct x86_registers registers;
    struct trap_thread thread;
};

static void open_fixture(struct fixture *f)
{
    struct machine_error error;
    memset(f, 0, sizeof(*f));
    doubles_reset();
    board_fixture_open(&f->board);
    EXPECT_EQ(0, memory_open(&f->memory, 16 << 20, &error));
    f->trap = (struct trap){.memory = &f->memory, .board = &f->board.board, .regions = f->regions};
    f->trap.region_count = board_regions(16 << 20, f->regions);
    f->thread = (struct trap_thread){.tcb = 0x2000, .vspace = 0x1000, .registers = &f->registers};
    doubles_add_page(CODE, CODE_FRAME, false);
    doubles_add_page(DATA, DATA_FRAME, true);
    doubles_add_page(BEFORE, BEFORE_FRAME, true);
    doubles_add_page(HPET, 0xfed00000, true);
    doubles_add_page(READ_ONLY, 0xfed00000, false);
    doubles_add_page(ROM, ROM_FRAME, true);
    f->registers.r[X86_RIP] = CODE;
    f->registers.r[X86_RBX] = HPET;
}

static void close_fixture(struct fixture *f)
{
    memory_close(&f->memory);
    board_fixture_close(&f->board);
}

static enum trap_result execute(struct fixture *f, const char *bytes, size_t size)
{
    memcpy(f->memory.ram + CODE_FRAME, bytes, size);
    return trap_emulate(&f->trap, &f->thread).result;
}
#define EXECUTE(f, bytes) execute(f, bytes, sizeof(bytes) - 1)

static uint64_t comparator(struct fixture *f)
{
    return board_read(&f->board.board, 0xfed00000 + COMPARATOR, 8);
}

static uint64_t data_word(struct fixture *f, unsigned i)
{
    uint64_t word;
    memcpy(&word, f->memory.ram + DATA_FRAME + 8 * (size_t)i, sizeof(word));
    return word;
}

TEST(a_load_of_32_bits_clears_the_upper_half_and_moves_on)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RAX] = UINT64_MAX;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x8b\x43\x04")); /* mov eax, [rbx + 4] */

    EXPECT_EQ(CAPS_HIGH, f.registers.r[X86_RAX]);
    EXPECT_EQ(CODE + 3, f.registers.r[X86_RIP]);
    close_fixture(&f);
}

TEST(a_load_of_64_bits_with_an_index)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RBX] = HPET - 16;
    f.registers.r[X86_R9] = 2;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x4e\x8b\x04\xcb")); /* mov r8, [rbx + r9 * 8] */

    EXPECT_EQ((uint64_t)CAPS_HIGH << 32 | CAPS_LOW, f.registers.r[X86_R8]);
    close_fixture(&f);
}

TEST(a_store_reaches_the_register)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RCX] = UINT64_C(0x1122334455667788);

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x48\x89\x8b\x08\x01\x00\x00")); /* mov [rbx+0x108], rcx */

    EXPECT_EQ(UINT64_C(0x1122334455667788), comparator(&f));
    close_fixture(&f);
}

TEST(a_store_of_an_immediate_is_sign_extended)
{
    struct fixture f;
    open_fixture(&f);

    /* mov qword [rbx + 0x108], -2 */
    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x48\xc7\x83\x08\x01\x00\x00\xfe\xff\xff\xff"));

    EXPECT_EQ(UINT64_MAX - 1, comparator(&f));
    EXPECT_EQ(CODE + 11, f.registers.r[X86_RIP]);
    close_fixture(&f);
}

TEST(an_or_reads_writes_and_sets_flags)
{
    struct fixture f;
    open_fixture(&f);
    board_write(&f.board.board, 0xfed00000 + COMPARATOR, 8, 0x10);
    f.registers.r[X86_RFLAGS] = 0x202 | 0x41; /* zero and carry, which it clears */

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x83\x8b\x08\x01\x00\x00\x03")); /* or dword [..], 3 */

    EXPECT_EQ(0x13, comparator(&f));
    EXPECT_EQ(0x202, f.registers.r[X86_RFLAGS]);
    close_fixture(&f);
}

TEST(a_compare_sets_carry_and_changes_nothing)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RAX] = CAPS_LOW - 1;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x3b\x03")); /* cmp eax, [rbx] */

    EXPECT_EQ(0x1, f.registers.r[X86_RFLAGS] & 0x41);
    EXPECT_EQ(CAPS_LOW - 1, f.registers.r[X86_RAX]);
    f.registers.r[X86_RIP] = CODE;
    f.registers.r[X86_RAX] = CAPS_LOW;
    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x3b\x03"));
    EXPECT_EQ(0x40, f.registers.r[X86_RFLAGS] & 0x41);
    close_fixture(&f);
}

TEST(movzx_and_movsx_extend)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RBX] = ROM;
    f.memory.ram[ROM_FRAME] = 0x86;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x0f\xb6\x03")); /* movzx eax, byte [rbx] */
    EXPECT_EQ(0x86, f.registers.r[X86_RAX]);
    f.registers.r[X86_RIP] = CODE;
    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x48\x0f\xbe\x03")); /* movsx rax, byte [rbx] */
    EXPECT_EQ(UINT64_MAX - 0x79, f.registers.r[X86_RAX]);
    close_fixture(&f);
}

TEST(a_high_byte_register_is_stored)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RBX] = DATA;
    f.registers.r[X86_RCX] = 0xabcd;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x88\x2b")); /* mov [rbx], ch */

    EXPECT_EQ(0xab, f.memory.ram[DATA_FRAME]);
    close_fixture(&f);
}

TEST(a_repeated_string_move_copies_from_a_device)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RSI] = HPET;
    f.registers.r[X86_RDI] = DATA;
    f.registers.r[X86_RCX] = 2;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\xf3\xa5")); /* rep movsd */

    EXPECT_EQ(CODE + 2, f.registers.r[X86_RIP]);
    EXPECT_EQ(0, f.registers.r[X86_RCX]);
    EXPECT_EQ(HPET + 8, f.registers.r[X86_RSI]);
    EXPECT_EQ(CAPS, data_word(&f, 0));
    close_fixture(&f);
}

/* An interrupt can come in between: registers say how far it is, as on a processor. */
TEST(a_long_string_move_is_done_in_parts)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RSI] = DATA;
    f.registers.r[X86_RDI] = HPET;
    f.registers.r[X86_RCX] = 100;

    EXPECT_EQ(TRAP_PART, EXECUTE(&f, "\xf3\x48\xa5")); /* rep movsq */
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    uint64_t done = 100 - f.registers.r[X86_RCX];
    EXPECT_TRUE(done > 0);
    EXPECT_EQ(DATA + 8 * done, f.registers.r[X86_RSI]);
    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\xf3\x48\xa5"));

    EXPECT_EQ(0, f.registers.r[X86_RCX]);
    EXPECT_EQ(HPET + 800, f.registers.r[X86_RDI]);
    close_fixture(&f);
}

TEST(a_string_move_that_runs_into_unmapped_memory_faults_there_with_the_rest_to_do)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RSI] = HPET;
    f.registers.r[X86_RDI] = ROM + 4096 - 8; /* the last page there is */
    f.registers.r[X86_RCX] = 3;

    EXPECT_EQ(TRAP_PART, EXECUTE(&f, "\xf3\xa5"));
    EXPECT_EQ(1, f.registers.r[X86_RCX]);
    struct trap_answer answer = trap_emulate(&f.trap, &f.thread);

    EXPECT_EQ(TRAP_FAULT, answer.result);
    EXPECT_EQ(ROM + 4096, answer.address);
    EXPECT_TRUE(answer.write);
    EXPECT_EQ(1, f.registers.r[X86_RCX]);
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    close_fixture(&f);
}

TEST(a_string_comparison_ends_at_the_first_difference)
{
    struct fixture f;
    open_fixture(&f);
    uint64_t capabilities = CAPS;
    memcpy(f.memory.ram + DATA_FRAME, &capabilities, 8);
    f.memory.ram[DATA_FRAME + 8] = 1;
    f.registers.r[X86_RSI] = HPET;
    f.registers.r[X86_RDI] = DATA;
    f.registers.r[X86_RCX] = 10;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\xf3\xa7")); /* repe cmpsd */

    EXPECT_EQ(HPET + 12, f.registers.r[X86_RSI]);
    EXPECT_EQ(7, f.registers.r[X86_RCX]);
    close_fixture(&f);
}

TEST(an_access_of_more_than_a_page_reaches_reads_from_both)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RBX] = HPET - 4;
    memcpy(f.memory.ram + BEFORE_FRAME + 4092, "abcd", 4);

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x48\x8b\x03")); /* mov rax, [rbx] */

    EXPECT_EQ((uint64_t)CAPS_LOW << 32 | 0x64636261, f.registers.r[X86_RAX]);
    close_fixture(&f);
}

TEST(an_access_that_reaches_into_an_unmapped_page_faults_there_and_changes_nothing)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RBX] = ROM + 4092;
    memcpy(f.memory.ram + CODE_FRAME, "\x48\x8b\x03", 3);

    struct trap_answer answer = trap_emulate(&f.trap, &f.thread);

    EXPECT_EQ(TRAP_FAULT, answer.result);
    EXPECT_EQ(ROM + 4096, answer.address);
    EXPECT_FALSE(answer.write);
    close_fixture(&f);
}

TEST(a_write_to_rom_goes_nowhere)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RBX] = ROM;
    f.memory.ram[ROM_FRAME] = 0x55;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\xc6\x03\xaa")); /* mov byte [rbx], 0xaa */

    EXPECT_EQ(0x55, f.memory.ram[ROM_FRAME]);
    close_fixture(&f);
}

TEST(a_write_through_a_read_only_mapping_faults_and_changes_nothing)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RBX] = READ_ONLY;
    uint64_t before = comparator(&f);

    EXPECT_EQ(TRAP_FAULT, EXECUTE(&f, "\x48\x89\x8b\x08\x01\x00\x00"));

    EXPECT_EQ(before, comparator(&f));
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    close_fixture(&f);
}

TEST(a_vector_register_takes_what_a_device_has)
{
    struct fixture f;
    open_fixture(&f);

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x0f\x10\x13")); /* movups xmm2, [rbx] */

    uint64_t low;
    memcpy(&low, doubles.fpu + 160 + 2 * 16, sizeof(low));
    EXPECT_EQ(CAPS, low);
    EXPECT_EQ(2, doubles.fpu[512] & 2); /* in use from now on */
    close_fixture(&f);
}

/* Never used, its registers are zeros, whatever the memory that would hold them has. */
TEST(a_vector_register_in_its_initial_state_stores_zeros)
{
    struct fixture f;
    open_fixture(&f);
    memset(doubles.fpu + 160, 0xaa, 256);
    board_write(&f.board.board, 0xfed00000 + COMPARATOR, 8, 7);

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\x0f\x13\x83\x08\x01\x00\x00")); /* movlps [..], xmm0 */

    EXPECT_EQ(0, comparator(&f));
    close_fixture(&f);
}

TEST(a_thread_whose_vector_registers_are_lost_stays_where_it_is)
{
    struct fixture f;
    open_fixture(&f);
    doubles.no_fpu = true;

    EXPECT_EQ(TRAP_PART, EXECUTE(&f, "\x0f\x10\x13"));

    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    close_fixture(&f);
}

static void expect_unknown(const char *bytes, size_t size, const char *text)
{
    struct fixture f;
    open_fixture(&f);
    uint64_t before = comparator(&f);
    memcpy(f.memory.ram + CODE_FRAME, bytes, size);
    struct x86_registers registers = f.registers;

    struct trap_answer answer = trap_emulate(&f.trap, &f.thread);

    EXPECT_EQ(TRAP_UNKNOWN, answer.result);
    EXPECT_MEM(text, answer.what, strlen(text));
    EXPECT_MEM(&registers, &f.registers, sizeof(registers));
    EXPECT_EQ(before, comparator(&f));
    close_fixture(&f);
}
#define EXPECT_UNKNOWN(bytes, text) expect_unknown(bytes, sizeof(bytes) - 1, text)

TEST(what_is_not_emulated_is_named_and_changes_nothing)
{
    EXPECT_UNKNOWN("\x0f\x58\x03", "addps xmm0");
    EXPECT_UNKNOWN("\x62\xf1\x7c\x48\x10\x03", "vmovups zmm0");
    EXPECT_UNKNOWN("\x0f\x6f\x03", "movq mm0");
    EXPECT_UNKNOWN("\xd8\x03", "fadd");
    EXPECT_UNKNOWN("\xf7\x33", "div");
    EXPECT_UNKNOWN("\xf7\x2b", "imul");
    EXPECT_UNKNOWN("\xff\x23", "jmp");
    EXPECT_UNKNOWN("\x8c\x1b", "mov");
    EXPECT_UNKNOWN("\xd3\x13", "rcl");
    EXPECT_UNKNOWN("\x67\xf3\xa5", "rep movsd");
    EXPECT_UNKNOWN("\x06", "bytes that are no instruction");
}

TEST(code_in_a_device_is_named_as_such)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RIP] = HPET;

    struct trap_answer answer = trap_emulate(&f.trap, &f.thread);

    EXPECT_EQ(TRAP_UNKNOWN, answer.result);
    EXPECT_STR("instructions are not fetched from devices", answer.what);
    close_fixture(&f);
}

TEST(an_instruction_at_the_end_of_mapped_memory_is_decoded)
{
    struct fixture f;
    open_fixture(&f);
    memcpy(f.memory.ram + ROM_FRAME + 4093, "\x8b\x43\x04", 3);
    f.registers.r[X86_RIP] = ROM + 4093;

    EXPECT_EQ(TRAP_DONE, trap_emulate(&f.trap, &f.thread).result);

    EXPECT_EQ(CAPS_HIGH, f.registers.r[X86_RAX]);
    close_fixture(&f);
}
