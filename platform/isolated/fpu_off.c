/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/fpu_off.h"

#include <Zydis/Zydis.h>

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

bool fpu_off_faults(const struct cell *cell, const struct x86_registers *registers)
{
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    size_t length = fetch(cell, registers->r[X86_RIP], bytes, sizeof(bytes));

    ZydisDecoder decoder;
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, length, &instruction, operands))) {
        return false;
    }
    if (is_fpu_instruction(&instruction)) {
        return true;
    }
    for (unsigned i = 0; i < instruction.operand_count; i++) {
        if (operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            is_fpu_register(operands[i].reg.value)) {
            return true;
        }
        /* Gathers and scatters name their vector of addresses only here. */
        if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
            is_fpu_register(operands[i].mem.index)) {
            return true;
        }
    }
    return false;
}
