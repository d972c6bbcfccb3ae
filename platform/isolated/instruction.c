/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/instruction.h"

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"

/* Reads up to `bytes` of what is mapped at an address; returns how many. */
static size_t fetch(const struct cell *cell, uint64_t address, uint8_t *to, size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        const struct mapping *mapping = cache_find(cell, address + done);
        if (mapping == NULL) {
            break;
        }
        uint64_t left = mapping->end - (address + done);
        size_t part = left < bytes - done ? (size_t)left : bytes - done;
        paddr frame = mapping->frame + (address + done - mapping->first);
        if (host.pread(cell->platform->options.ram_fd, to + done, part, (off_t)frame) !=
            (ssize_t)part) {
            break;
        }
        done += part;
    }
    return done;
}

bool instruction_fetch(const struct cell *cell, const struct x86_registers *registers,
                       struct instruction *instruction)
{
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    size_t length = fetch(cell, registers->r[X86_RIP], bytes, sizeof(bytes));
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, length, &instruction->decoded,
                                               instruction->operands));
}

/* The FPU. */

static bool is_fpu_register(ZydisRegister name)
{
    switch (ZydisRegisterGetClass(name)) {
    case ZYDIS_REGCLASS_X87:
    case ZYDIS_REGCLASS_MMX:
    case ZYDIS_REGCLASS_XMM:
    case ZYDIS_REGCLASS_YMM:
    case ZYDIS_REGCLASS_ZMM:
    case ZYDIS_REGCLASS_MASK:
        return true;
    default:
        return false;
    }
}

/* Those that use the FPU without naming a register of it. */
static bool is_fpu_instruction(const ZydisDecodedInstruction *instruction)
{
    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_FXSAVE:
    case ZYDIS_MNEMONIC_FXSAVE64:
    case ZYDIS_MNEMONIC_FXRSTOR:
    case ZYDIS_MNEMONIC_FXRSTOR64:
    case ZYDIS_MNEMONIC_LDMXCSR:
    case ZYDIS_MNEMONIC_STMXCSR:
    case ZYDIS_MNEMONIC_VLDMXCSR:
    case ZYDIS_MNEMONIC_VSTMXCSR:
    case ZYDIS_MNEMONIC_VZEROALL:
    case ZYDIS_MNEMONIC_VZEROUPPER:
        return true;
    case ZYDIS_MNEMONIC_XGETBV:
        return false;
    default:
        break;
    }
    switch (instruction->meta.isa_ext) {
    case ZYDIS_ISA_EXT_X87:
    case ZYDIS_ISA_EXT_MMX:
    case ZYDIS_ISA_EXT_XSAVE:
    case ZYDIS_ISA_EXT_XSAVEC:
    case ZYDIS_ISA_EXT_XSAVEOPT:
        return true;
    default:
        return false;
    }
}

bool instruction_uses_fpu(const struct instruction *instruction)
{
    if (is_fpu_instruction(&instruction->decoded)) {
        return true;
    }
    for (unsigned i = 0; i < instruction->decoded.operand_count; i++) {
        const ZydisDecodedOperand *operand = &instruction->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER && is_fpu_register(operand->reg.value)) {
            return true;
        }
        /* Gathers and scatters name their vector of addresses only here. */
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && is_fpu_register(operand->mem.index)) {
            return true;
        }
    }
    return false;
}

/* Operands in memory. */

/* By the number that instructions use. */
static const enum x86_register general_registers[16] = {
    X86_RAX, X86_RCX, X86_RDX, X86_RBX, X86_RSP, X86_RBP, X86_RSI, X86_RDI,
    X86_R8,  X86_R9,  X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
};

/* Of a general register, or of rip behind the instruction. */
static uint64_t value_of(const struct instruction *instruction,
                         const struct x86_registers *registers, ZydisRegister name)
{
    if (name == ZYDIS_REGISTER_RIP || name == ZYDIS_REGISTER_EIP) {
        return registers->r[X86_RIP] + instruction->decoded.length;
    }
    ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);
    if (ZydisRegisterGetClass(whole) != ZYDIS_REGCLASS_GPR64) {
        return 0;
    }
    return registers->r[general_registers[ZydisRegisterGetId(whole)]];
}

static uint64_t segment_base(const struct x86_registers *registers, ZydisRegister segment)
{
    switch (segment) {
    case ZYDIS_REGISTER_FS:
        return registers->r[X86_FS_BASE];
    case ZYDIS_REGISTER_GS:
        return registers->r[X86_GS_BASE];
    default:
        return 0;
    }
}

/* bt and its kin, with the number of a bit in a register, reach far beyond their operand. */
static uint64_t bit_offset(const struct instruction *instruction,
                           const struct x86_registers *registers)
{
    const ZydisDecodedOperand *number = &instruction->operands[1];
    if (instruction->decoded.meta.category != ZYDIS_CATEGORY_BITBYTE ||
        number->type != ZYDIS_OPERAND_TYPE_REGISTER) {
        return 0;
    }
    unsigned unused = 64 - number->size;
    uint64_t value = value_of(instruction, registers, number->reg.value);
    int64_t bit = (int64_t)(value << unused) >> unused;
    return (uint64_t)((bit >> 3) & ~(int64_t)(number->size / 8 - 1));
}

/* What the encoding does not say of an operand's address. */
static uint64_t implied_offset(const struct instruction *instruction,
                               const struct x86_registers *registers,
                               const ZydisDecodedOperand *operand)
{
    bool on_stack = operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
                    operand->mem.base == ZYDIS_REGISTER_RSP;
    if (on_stack && (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)) {
        return -(uint64_t)(operand->size / 8); /* a push moves rsp first */
    }
    if (!on_stack && instruction->decoded.mnemonic == ZYDIS_MNEMONIC_POP &&
        operand->mem.base == ZYDIS_REGISTER_RSP) {
        return operand->size / 8; /* and a pop to memory before it computes the address */
    }
    if (instruction->decoded.mnemonic == ZYDIS_MNEMONIC_XLAT) {
        return registers->r[X86_RAX] & 0xff;
    }
    return bit_offset(instruction, registers);
}

static uint64_t address_of(const struct instruction *instruction,
                           const struct x86_registers *registers,
                           const ZydisDecodedOperand *operand)
{
    uint64_t address = value_of(instruction, registers, operand->mem.base) +
                       value_of(instruction, registers, operand->mem.index) * operand->mem.scale +
                       (uint64_t)operand->mem.disp.value +
                       implied_offset(instruction, registers, operand);
    if (instruction->decoded.address_width == 32) {
        address &= UINT32_MAX;
    }
    return address + segment_base(registers, operand->mem.segment);
}

/* Instructions that name memory and leave it alone. */
static bool only_names_memory(const ZydisDecodedInstruction *instruction)
{
    switch (instruction->meta.category) {
    case ZYDIS_CATEGORY_WIDENOP:
    case ZYDIS_CATEGORY_PREFETCH:
    case ZYDIS_CATEGORY_CLFLUSHOPT:
        return true;
    default:
        return instruction->mnemonic == ZYDIS_MNEMONIC_CLFLUSH ||
               instruction->mnemonic == ZYDIS_MNEMONIC_CLWB;
    }
}

static bool repeats_never(const struct instruction *instruction,
                          const struct x86_registers *registers)
{
    const ZydisInstructionAttributes repeats =
        ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE;
    uint64_t times = registers->r[X86_RCX];
    if (instruction->decoded.address_width == 32) {
        times &= UINT32_MAX;
    }
    return (instruction->decoded.attributes & repeats) && times == 0;
}

unsigned instruction_accesses(const struct instruction *instruction,
                              const struct x86_registers *registers, struct memory_access *accesses)
{
    unsigned count = 0;
    if (only_names_memory(&instruction->decoded) || repeats_never(instruction, registers)) {
        return 0;
    }
    for (unsigned i = 0; i < instruction->decoded.operand_count; i++) {
        const ZydisDecodedOperand *operand = &instruction->operands[i];
        if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY ||
            operand->mem.type != ZYDIS_MEMOP_TYPE_MEM || is_fpu_register(operand->mem.index)) {
            continue;
        }
        accesses[count++] = (struct memory_access){
            .address = address_of(instruction, registers, operand),
            .bytes = operand->size / 8,
            .writes = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0,
        };
    }
    return count;
}
