/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The instruction that a thread is about to execute, for what has to be known before it does. */
#pragma once

#include <Zydis/Zydis.h>
#include <stdbool.h>

#include "abi/x86/registers.h"

struct cell;

struct instruction {
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* Decode what is mapped at rip. Returns false if that is no instruction, or not there. */
bool instruction_fetch(const struct cell *cell, const struct x86_registers *registers,
                       struct instruction *instruction);

/* It uses the FPU: without one it is X86_DEVICE_NOT_AVAILABLE. */
bool instruction_uses_fpu(const struct instruction *instruction);

/* An access to memory. */
struct memory_access {
    uint64_t address;
    uint64_t bytes;
    bool writes;
};

#define MEMORY_ACCESSES_MAX ZYDIS_MAX_OPERAND_COUNT

/*
 * Where it will read and write, if it gets that far. Accesses that depend on a mask count whole;
 * those of gather and scatter instructions, whose addresses are in vector registers, are not seen,
 * and of an XSAVE area only the first 576 bytes.
 *
 * Returns   how many accesses there are in `accesses`, which has room for MEMORY_ACCESSES_MAX.
 */
unsigned instruction_accesses(const struct instruction *instruction,
                              const struct x86_registers *registers,
                              struct memory_access *accesses);
