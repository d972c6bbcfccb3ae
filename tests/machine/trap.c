/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Emulated accesses: instructions as drivers have them, against the HPET's registers. */
#include "machine/trap.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <string.h>

#define CODE       0x400000u
#define CODE_FRAME 0x200000u
#define DATA       0x401000u /* a page of RAM */
#define DATA_FRAME 0x201000u
#define HPET       0x500000u /* where the guest has the HPET */
#define READ_ONLY  0x501000u /* and once more, without the right to write */
#define ROM        0x502000u
#define ROM_FRAME  0xf5000u
#define CAPS_LOW   0x8086a201u
#define CAPS_HIGH  0x00989680u
#define COMPARATOR 0x108 /* of timer 0: all 64 bits can be written */

struct fixture {
    struct board_fixture board;
    struct memory memory;
    struct kernel_region regions[BOARD_REGIONS];
    struct trap trap;
    struct x86_registers registers;
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
    doubles_add_page(CODE, CODE_FRAME, false);
    doubles_add_page(DATA, DATA_FRAME, true);
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
    return trap_emulate(&f->trap, 0x1000, &f->registers).result;
}
#define EXECUTE(f, bytes) execute(f, bytes, sizeof(bytes) - 1)

static uint64_t comparator(struct fixture *f)
{
    return board_read(&f->board.board, 0xfed00000 + COMPARATOR, 8);
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

TEST(a_string_move_copies_an_element_at_a_time)
{
    struct fixture f;
    open_fixture(&f);
    f.registers.r[X86_RSI] = HPET;
    f.registers.r[X86_RDI] = DATA;
    f.registers.r[X86_RCX] = 2;

    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\xf3\xa5")); /* rep movsd */
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    EXPECT_EQ(1, f.registers.r[X86_RCX]);
    EXPECT_EQ(TRAP_DONE, EXECUTE(&f, "\xf3\xa5"));

    EXPECT_EQ(CODE + 2, f.registers.r[X86_RIP]);
    EXPECT_EQ(0, f.registers.r[X86_RCX]);
    EXPECT_EQ(HPET + 8, f.registers.r[X86_RSI]);
    uint64_t copied;
    memcpy(&copied, f.memory.ram + DATA_FRAME, sizeof(copied));
    EXPECT_EQ((uint64_t)CAPS_HIGH << 32 | CAPS_LOW, copied);
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

TEST(a_vector_access_is_named_and_not_carried_out)
{
    struct fixture f;
    open_fixture(&f);
    memcpy(f.memory.ram + CODE_FRAME, "\x0f\x10\x03", 3); /* movups xmm0, [rbx] */

    struct trap_answer answer = trap_emulate(&f.trap, 0x1000, &f.registers);

    EXPECT_EQ(TRAP_UNKNOWN, answer.result);
    EXPECT_STR("movups xmm0, [rbx]", answer.what);
    EXPECT_EQ(CODE, f.registers.r[X86_RIP]);
    close_fixture(&f);
}

TEST(an_instruction_at_the_end_of_mapped_memory_is_decoded)
{
    struct fixture f;
    open_fixture(&f);
    memcpy(f.memory.ram + ROM_FRAME + 4093, "\x8b\x43\x04", 3);
    f.registers.r[X86_RIP] = ROM + 4093;

    EXPECT_EQ(TRAP_DONE, trap_emulate(&f.trap, 0x1000, &f.registers).result);

    EXPECT_EQ(CAPS_HIGH, f.registers.r[X86_RAX]);
    close_fixture(&f);
}
