/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Emulated accesses. Reference: Intel SDM volume 2.
 *
 * What drivers are compiled to is here: moves of all kinds, string moves, and arithmetic and logic
 * with a memory operand. Vector registers, bit tests and locked exchanges are not.
 */
#include "machine/trap.h"

#include "machine/guest.h"

#include <Zydis/Zydis.h>
#include <stdio.h>
#include <string.h>

#define FLAG_CARRY     (UINT64_C(1) << 0)
#define FLAG_PARITY    (UINT64_C(1) << 2)
#define FLAG_AUXILIARY (UINT64_C(1) << 4)
#define FLAG_ZERO      (UINT64_C(1) << 6)
#define FLAG_SIGN      (UINT64_C(1) << 7)
#define FLAG_DIRECTION (UINT64_C(1) << 10)
#define FLAG_OVERFLOW  (UINT64_C(1) << 11)
#define FLAGS_RESULT                                                                               \
    (FLAG_CARRY | FLAG_PARITY | FLAG_AUXILIARY | FLAG_ZERO | FLAG_SIGN | FLAG_OVERFLOW)

/* One instruction under way. */
struct access {
    const struct trap *trap;
    paddr vspace;
    struct x86_registers *registers;
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    bool faulted; /* an operand could not be reached: nothing has been changed */
};

static uint64_t mask_of(unsigned bytes)
{
    return bytes == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * bytes) - 1;
}

static uint64_t sign_extend(uint64_t value, unsigned bytes)
{
    unsigned shift = 64 - 8 * bytes;
    return (uint64_t)((int64_t)(value << shift) >> shift);
}

/* --- Physical memory --- */

static const struct kernel_region *region_of(const struct trap *trap, paddr address)
{
    for (size_t i = 0; i < trap->region_count; i++) {
        if (address >= trap->regions[i].first && address < trap->regions[i].end) {
            return &trap->regions[i];
        }
    }
    return NULL;
}

/* The holes below 1 MiB, where firmware and adapters have their ROMs, read as memory too: software
 * searches there for the RSDP. */
#define LEGACY_END 0x100000

bool trap_is_memory(const struct trap *trap, paddr address)
{
    if (address < LEGACY_END) {
        return true;
    }
    const struct kernel_region *region = region_of(trap, address);
    return region && region->kind != REGION_TRAP && address < trap->memory->bytes;
}

bool trap_is_ram(const struct trap *trap, paddr address)
{
    const struct kernel_region *region = region_of(trap, address);
    return region && region->kind == REGION_RAM && address < trap->memory->bytes;
}

static uint64_t physical_read(const struct trap *trap, paddr address, unsigned bytes)
{
    if (!trap_is_memory(trap, address)) {
        return board_read(trap->board, address, bytes);
    }
    uint64_t value = 0;
    memcpy(&value, trap->memory->ram + address, bytes);
    return value;
}

/* Writes to ROM go nowhere. */
static void physical_write(const struct trap *trap, paddr address, unsigned bytes, uint64_t value)
{
    if (trap_is_ram(trap, address)) {
        memcpy(trap->memory->ram + address, &value, bytes);
    } else if (!trap_is_memory(trap, address)) {
        board_write(trap->board, address, bytes, value);
    }
}

/* --- Registers --- */

/* By the number that instructions use. */
static const enum x86_register general_registers[16] = {
    X86_RAX, X86_RCX, X86_RDX, X86_RBX, X86_RSP, X86_RBP, X86_RSI, X86_RDI,
    X86_R8,  X86_R9,  X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
};

static bool is_high_byte(ZydisRegister name)
{
    return name >= ZYDIS_REGISTER_AH && name <= ZYDIS_REGISTER_BH;
}

/* The place of a general register in x86_registers; NULL for all others. */
static uint64_t *register_word(struct x86_registers *registers, ZydisRegister name)
{
    ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);
    if (ZydisRegisterGetClass(whole) != ZYDIS_REGCLASS_GPR64) {
        return NULL;
    }
    return &registers->r[general_registers[ZydisRegisterGetId(whole)]];
}

static uint64_t register_get(struct access *access, ZydisRegister name, unsigned bytes)
{
    uint64_t word = *register_word(access->registers, name);
    return (is_high_byte(name) ? word >> 8 : word) & mask_of(bytes);
}

/* Writing 32 bits clears the upper half; writing fewer keeps the rest. */
static void register_set(struct access *access, ZydisRegister name, unsigned bytes, uint64_t value)
{
    uint64_t *word = register_word(access->registers, name);
    unsigned shift = is_high_byte(name) ? 8 : 0;
    uint64_t replaced = bytes == 4 ? UINT64_MAX : mask_of(bytes) << shift;
    *word = (*word & ~replaced) | ((value & mask_of(bytes)) << shift & replaced);
}

/* --- Operands --- */

static uint64_t address_part(struct access *access, ZydisRegister name)
{
    if (name == ZYDIS_REGISTER_NONE) {
        return 0;
    }
    if (name == ZYDIS_REGISTER_RIP || name == ZYDIS_REGISTER_EIP) {
        return access->registers->r[X86_RIP] + access->instruction.length;
    }
    return *register_word(access->registers, name);
}

static uint64_t segment_base(const struct access *access, ZydisRegister segment)
{
    switch (segment) {
    case ZYDIS_REGISTER_FS:
        return access->registers->r[X86_FS_BASE];
    case ZYDIS_REGISTER_GS:
        return access->registers->r[X86_GS_BASE];
    default:
        return 0;
    }
}

static uint64_t operand_vaddr(struct access *access, const ZydisDecodedOperand *operand)
{
    uint64_t address = (uint64_t)operand->mem.disp.value + address_part(access, operand->mem.base) +
                       address_part(access, operand->mem.index) * operand->mem.scale;
    if (access->instruction.address_width == 32) {
        address &= UINT32_MAX;
    }
    return address + segment_base(access, operand->mem.segment);
}

/* Where a memory operand lies. An operand that crosses into another page is refused. */
static bool operand_physical(struct access *access, const ZydisDecodedOperand *operand,
                             bool to_write, paddr *address)
{
    uint64_t vaddr = operand_vaddr(access, operand);
    struct kernel_mapping mapping;
    if (!kernel_translate(access->trap->kernel, access->vspace, vaddr, &mapping) ||
        !mapping.readable || (to_write && !mapping.writable) ||
        mapping.bytes - (vaddr - mapping.vaddr) < operand->size / 8) {
        access->faulted = true;
        return false;
    }
    *address = mapping.frame + (vaddr - mapping.vaddr);
    return true;
}

static uint64_t operand_get(struct access *access, unsigned i)
{
    const ZydisDecodedOperand *operand = &access->operands[i];
    unsigned bytes = operand->size / 8u;
    paddr address;
    switch (operand->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        return register_get(access, operand->reg.value, bytes);
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        return operand->imm.value.u;
    default:
        return operand_physical(access, operand, false, &address)
                   ? physical_read(access->trap, address, bytes)
                   : 0;
    }
}

static void operand_set(struct access *access, unsigned i, uint64_t value)
{
    const ZydisDecodedOperand *operand = &access->operands[i];
    unsigned bytes = operand->size / 8u;
    paddr address;
    if (access->faulted) {
        return;
    }
    if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
        register_set(access, operand->reg.value, bytes, value);
    } else if (operand_physical(access, operand, true, &address)) {
        physical_write(access->trap, address, bytes, value & mask_of(bytes));
    }
}

/* --- Flags --- */

static uint64_t flags_of_result(uint64_t result, unsigned bytes)
{
    uint64_t flags = 0;
    result &= mask_of(bytes);
    if (result == 0) {
        flags |= FLAG_ZERO;
    }
    if ((result >> (8 * bytes - 1) & 1) != 0) {
        flags |= FLAG_SIGN;
    }
    if (__builtin_parity((unsigned)(result & 0xff)) == 0) {
        flags |= FLAG_PARITY;
    }
    return flags;
}

static uint64_t top_bit(uint64_t value, unsigned bytes)
{
    return value >> (8 * bytes - 1) & 1;
}

static uint64_t flags_of_add(uint64_t left, uint64_t right, uint64_t result, unsigned bytes)
{
    uint64_t flags = flags_of_result(result, bytes);
    flags |= (result & mask_of(bytes)) < (left & mask_of(bytes)) ? FLAG_CARRY : 0;
    flags |= ((left ^ right ^ result) & 0x10) != 0 ? FLAG_AUXILIARY : 0;
    flags |= top_bit(~(left ^ right) & (left ^ result), bytes) != 0 ? FLAG_OVERFLOW : 0;
    return flags;
}

static uint64_t flags_of_subtract(uint64_t left, uint64_t right, uint64_t result, unsigned bytes)
{
    uint64_t flags = flags_of_result(result, bytes);
    flags |= (left & mask_of(bytes)) < (right & mask_of(bytes)) ? FLAG_CARRY : 0;
    flags |= ((left ^ right ^ result) & 0x10) != 0 ? FLAG_AUXILIARY : 0;
    flags |= top_bit((left ^ right) & (left ^ result), bytes) != 0 ? FLAG_OVERFLOW : 0;
    return flags;
}

static void set_flags(struct access *access, uint64_t flags)
{
    if (!access->faulted) {
        uint64_t *word = &access->registers->r[X86_RFLAGS];
        *word = (*word & ~FLAGS_RESULT) | flags;
    }
}

/* --- Instructions --- */

/* An immediate is as wide as the other operand, sign-extended. */
static void arithmetic(struct access *access)
{
    unsigned bytes = access->operands[0].size / 8u;
    uint64_t left = operand_get(access, 0);
    uint64_t right = operand_get(access, 1);
    uint64_t result;
    switch (access->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_ADD:
        result = left + right;
        operand_set(access, 0, result);
        set_flags(access, flags_of_add(left, right, result, bytes));
        return;
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_CMP:
        result = left - right;
        if (access->instruction.mnemonic == ZYDIS_MNEMONIC_SUB) {
            operand_set(access, 0, result);
        }
        set_flags(access, flags_of_subtract(left, right, result, bytes));
        return;
    case ZYDIS_MNEMONIC_AND:
    case ZYDIS_MNEMONIC_TEST:
        result = left & right;
        break;
    case ZYDIS_MNEMONIC_OR:
        result = left | right;
        break;
    default:
        result = left ^ right;
        break;
    }
    if (access->instruction.mnemonic != ZYDIS_MNEMONIC_TEST) {
        operand_set(access, 0, result);
    }
    set_flags(access, flags_of_result(result, bytes));
}

static void exchange(struct access *access)
{
    uint64_t left = operand_get(access, 0);
    uint64_t right = operand_get(access, 1);
    unsigned memory = access->operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY ? 0 : 1;
    /* Memory first: it is the one that can fault. */
    operand_set(access, memory, memory == 0 ? right : left);
    operand_set(access, 1 - memory, memory == 0 ? left : right);
}

/* One element of a string instruction. Returns whether a repetition has more to do. */
static bool string_step(struct access *access)
{
    bool repeats = (access->instruction.attributes & ZYDIS_ATTRIB_HAS_REP) != 0;
    uint64_t *r = access->registers->r;
    if (repeats && r[X86_RCX] == 0) {
        return false;
    }
    unsigned bytes = access->operands[0].size / 8u;
    uint64_t step = (r[X86_RFLAGS] & FLAG_DIRECTION) != 0 ? -(uint64_t)bytes : bytes;
    operand_set(access, 0, operand_get(access, 1));
    if (access->faulted) {
        return false;
    }
    for (unsigned i = 0; i < 2; i++) {
        if (access->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY) {
            *register_word(access->registers, access->operands[i].mem.base) += step;
        }
    }
    return repeats && --r[X86_RCX] != 0;
}

/* A register that we cannot reach: a vector or a segment register. */
static bool has_other_register(struct access *access)
{
    for (unsigned i = 0; i < access->instruction.operand_count_visible; i++) {
        const ZydisDecodedOperand *operand = &access->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            !register_word(access->registers, operand->reg.value)) {
            return true;
        }
    }
    return false;
}

enum progress { PROGRESS_DONE, PROGRESS_AGAIN, PROGRESS_UNKNOWN };

static enum progress execute(struct access *access)
{
    if (has_other_register(access)) {
        return PROGRESS_UNKNOWN;
    }
    switch (access->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVZX:
        operand_set(access, 0, operand_get(access, 1));
        return PROGRESS_DONE;
    case ZYDIS_MNEMONIC_MOVSX:
    case ZYDIS_MNEMONIC_MOVSXD:
        operand_set(access, 0, sign_extend(operand_get(access, 1), access->operands[1].size / 8u));
        return PROGRESS_DONE;
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_CMP:
    case ZYDIS_MNEMONIC_AND:
    case ZYDIS_MNEMONIC_TEST:
    case ZYDIS_MNEMONIC_OR:
    case ZYDIS_MNEMONIC_XOR:
        arithmetic(access);
        return PROGRESS_DONE;
    case ZYDIS_MNEMONIC_XCHG:
        exchange(access);
        return PROGRESS_DONE;
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
        return string_step(access) ? PROGRESS_AGAIN : PROGRESS_DONE;
    default:
        return PROGRESS_UNKNOWN;
    }
}

/* Read the bytes at rip: up to 15, fewer where the next page is not mapped. */
static size_t fetch(const struct trap *trap, paddr vspace, uint64_t rip, uint8_t *bytes)
{
    size_t count = ZYDIS_MAX_INSTRUCTION_LENGTH;
    if (!guest_read(trap->kernel, trap->memory, vspace, rip, bytes, count)) {
        size_t left = (size_t)(4096 - rip % 4096);
        count = left < count ? left : count;
        if (!guest_read(trap->kernel, trap->memory, vspace, rip, bytes, count)) {
            return 0;
        }
    }
    return count;
}

static void describe(const struct access *access, uint64_t rip, char *what, size_t size)
{
    ZydisFormatter formatter;
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
            &formatter, &access->instruction, access->operands,
            access->instruction.operand_count_visible, what, size, rip, NULL))) {
        snprintf(what, size, "an instruction without a name");
    }
}

struct trap_answer trap_emulate(const struct trap *trap, paddr vspace,
                                struct x86_registers *registers)
{
    struct trap_answer answer = {.result = TRAP_UNKNOWN, .what = "bytes that are no instruction"};
    struct access access = {.trap = trap, .vspace = vspace, .registers = registers};
    uint64_t rip = registers->r[X86_RIP];
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    size_t count = fetch(trap, vspace, rip, bytes);
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder, bytes, count, &access.instruction, access.operands))) {
        return answer;
    }
    switch (execute(&access)) {
    case PROGRESS_UNKNOWN:
        describe(&access, rip, answer.what, sizeof(answer.what));
        return answer;
    case PROGRESS_DONE:
        registers->r[X86_RIP] = access.faulted ? rip : rip + access.instruction.length;
        break;
    case PROGRESS_AGAIN:
        break;
    }
    answer.result = access.faulted ? TRAP_FAULT : TRAP_DONE;
    return answer;
}
