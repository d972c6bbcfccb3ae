/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Operands. Reference: Intel SDM volume 1, 3.7. */
#include "machine/operand.h"

#include "machine/alu.h"

#include <string.h>

#define BOARD_BYTES_MAX 8 /* of one access to a device: that many lines its bus has */

/* --- Physical memory --- */

/* Devices are accessed in parts whose sizes are powers of two. */
static unsigned part_of(unsigned bytes)
{
    unsigned part = BOARD_BYTES_MAX;
    while (part > bytes) {
        part /= 2;
    }
    return part;
}

static void physical_read(const struct trap *trap, paddr address, unsigned bytes, uint8_t *to)
{
    if (trap_is_memory(trap, address)) {
        memcpy(to, trap->memory->ram + address, bytes);
        return;
    }
    for (unsigned part; bytes > 0; bytes -= part, address += part, to += part) {
        part = part_of(bytes);
        uint64_t value = board_read(trap->board, address, part);
        memcpy(to, &value, part);
    }
}

/* Writes to ROM go nowhere. */
static void physical_write(const struct trap *trap, paddr address, unsigned bytes,
                           const uint8_t *from)
{
    if (trap_is_ram(trap, address)) {
        memcpy(trap->memory->ram + address, from, bytes);
        return;
    }
    for (unsigned part; !trap_is_memory(trap, address) && bytes > 0;
         bytes -= part, address += part, from += part) {
        uint64_t value = 0;
        part = part_of(bytes);
        memcpy(&value, from, part);
        board_write(trap->board, address, part, value);
    }
}

bool place_find(struct access *access, uint64_t vaddr, unsigned bytes, bool to_write,
                struct place *place)
{
    *place = (struct place){0};
    for (unsigned i = 0; bytes > 0; i++) {
        struct kernel_mapping mapping;
        if (!kernel_translate(access->trap->kernel, access->thread->vspace, vaddr, &mapping) ||
            !mapping.readable || (to_write && !mapping.writable)) {
            access->fault_address = vaddr;
            access->fault_write = to_write;
            return false;
        }
        uint64_t offset = vaddr - mapping.vaddr;
        uint64_t left = mapping.bytes - offset;
        unsigned piece = left < bytes ? (unsigned)left : bytes;
        place->pieces[i] = (struct place_piece){mapping.frame + offset, piece};
        vaddr += piece;
        bytes -= piece;
    }
    return true;
}

void place_read(const struct access *access, const struct place *place, void *bytes)
{
    const struct place_piece *pieces = place->pieces;
    physical_read(access->trap, pieces[0].address, pieces[0].bytes, bytes);
    physical_read(access->trap, pieces[1].address, pieces[1].bytes,
                  (uint8_t *)bytes + pieces[0].bytes);
}

void place_write(const struct access *access, const struct place *place, const void *bytes)
{
    const struct place_piece *pieces = place->pieces;
    physical_write(access->trap, pieces[0].address, pieces[0].bytes, bytes);
    physical_write(access->trap, pieces[1].address, pieces[1].bytes,
                   (const uint8_t *)bytes + pieces[0].bytes);
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

uint64_t *register_word(const struct access *access, ZydisRegister name)
{
    ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);
    if (ZydisRegisterGetClass(whole) != ZYDIS_REGCLASS_GPR64) {
        return NULL;
    }
    return &access->thread->registers->r[general_registers[ZydisRegisterGetId(whole)]];
}

uint64_t register_get(const struct access *access, ZydisRegister name, unsigned bytes)
{
    uint64_t word = *register_word(access, name);
    return (is_high_byte(name) ? word >> 8 : word) & alu_mask(bytes);
}

void register_set(const struct access *access, ZydisRegister name, unsigned bytes, uint64_t value)
{
    uint64_t *word = register_word(access, name);
    unsigned shift = is_high_byte(name) ? 8 : 0;
    uint64_t replaced = bytes == 4 ? UINT64_MAX : alu_mask(bytes) << shift;
    *word = (*word & ~replaced) | ((value & alu_mask(bytes)) << shift & replaced);
}

/* --- Addresses --- */

static uint64_t address_part(const struct access *access, ZydisRegister name)
{
    if (name == ZYDIS_REGISTER_NONE) {
        return 0;
    }
    if (name == ZYDIS_REGISTER_RIP || name == ZYDIS_REGISTER_EIP) {
        return access->thread->registers->r[X86_RIP] + access->instruction.length;
    }
    return *register_word(access, name);
}

static uint64_t segment_base(const struct access *access, ZydisRegister segment)
{
    switch (segment) {
    case ZYDIS_REGISTER_FS:
        return access->thread->registers->r[X86_FS_BASE];
    case ZYDIS_REGISTER_GS:
        return access->thread->registers->r[X86_GS_BASE];
    default:
        return 0;
    }
}

/* A bit test by a register reaches the whole of memory: the register's upper bits choose the word. */
static uint64_t bit_string_offset(const struct access *access)
{
    switch (access->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTC:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTS:
        break;
    default:
        return 0;
    }
    if (access->operands[1].type != ZYDIS_OPERAND_TYPE_REGISTER) {
        return 0;
    }
    unsigned bytes = operand_bytes(access, 1);
    int64_t bit = (int64_t)alu_sign_extend(operand_get(access, 1), bytes);
    unsigned word_bits_log2 = bytes == 2 ? 4 : bytes == 4 ? 5 : 6;
    return (uint64_t)(bit >> word_bits_log2) * bytes;
}

static uint64_t operand_vaddr(const struct access *access, const ZydisDecodedOperand *operand)
{
    uint64_t address = (uint64_t)operand->mem.disp.value + address_part(access, operand->mem.base) +
                       address_part(access, operand->mem.index) * operand->mem.scale +
                       bit_string_offset(access);
    if (access->instruction.address_width == 32) {
        address &= UINT32_MAX;
    }
    return address + segment_base(access, operand->mem.segment);
}

/* --- Operands --- */

/* The stack is a hidden operand of push and pop, found by those; so are all of string instructions. */
static bool is_named(const struct access *access, const ZydisDecodedOperand *operand)
{
    return operand->visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN ||
           access->instruction.meta.category == ZYDIS_CATEGORY_STRINGOP;
}

bool operands_find(struct access *access)
{
    for (unsigned i = 0; i < access->instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &access->operands[i];
        bool write = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && is_named(access, operand) &&
            !place_find(access, operand_vaddr(access, operand), operand_bytes(access, i), write,
                        &access->places[i])) {
            return false;
        }
    }
    return true;
}

unsigned operand_bytes(const struct access *access, unsigned i)
{
    return access->operands[i].size / 8u;
}

uint64_t operand_get(const struct access *access, unsigned i)
{
    const ZydisDecodedOperand *operand = &access->operands[i];
    uint64_t value = 0;
    switch (operand->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        return register_get(access, operand->reg.value, operand_bytes(access, i));
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        return operand->imm.value.u;
    default:
        place_read(access, &access->places[i], &value);
        return value;
    }
}

void operand_set(const struct access *access, unsigned i, uint64_t value)
{
    const ZydisDecodedOperand *operand = &access->operands[i];
    if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
        register_set(access, operand->reg.value, operand_bytes(access, i), value);
    } else {
        place_write(access, &access->places[i], &value);
    }
}
