/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Operands of an instruction under emulation: registers, immediates, and memory as the guest's page
 * tables have it, which may be RAM, ROM or registers of a device.
 *
 * They are found before anything is changed: operands_find() may fail, and what comes after cannot.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <Zydis/Zydis.h>

#include "machine/trap.h"

/* Where a memory operand lies: in one piece, or in two where it crosses into another page. */
struct place {
    struct place_piece {
        paddr address;
        unsigned bytes; /* 0: there is no such piece */
    } pieces[2];
};

/* An instruction under way. */
struct access {
    const struct trap *trap;
    const struct trap_thread *thread;
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    struct place places[ZYDIS_MAX_OPERAND_COUNT]; /* of those in memory */
    uint64_t fault_address;                       /* what place_find() could not reach */
    bool fault_write;
};

/* Find bytes of the guest's memory. Returns false, and notes the fault, when they are not mapped or
 * do not allow what is to be done. */
bool place_find(struct access *access, uint64_t vaddr, unsigned bytes, bool to_write,
                struct place *place);
void place_read(const struct access *access, const struct place *place, void *bytes);
void place_write(const struct access *access, const struct place *place, const void *bytes);

/* Find all operands that the instruction names in memory. */
bool operands_find(struct access *access);

/* A word of the thread's registers; NULL for those that are no general registers. */
uint64_t *register_word(const struct access *access, ZydisRegister name);
uint64_t register_get(const struct access *access, ZydisRegister name, unsigned bytes);

/* Writing 32 bits clears the upper half; writing fewer keeps the rest. */
void register_set(const struct access *access, ZydisRegister name, unsigned bytes, uint64_t value);

/* Width of an operand in bytes. */
unsigned operand_bytes(const struct access *access, unsigned i);

/* The value of an operand of at most 8 bytes: zero-extended, but immediates are sign-extended. */
uint64_t operand_get(const struct access *access, unsigned i);
void operand_set(const struct access *access, unsigned i, uint64_t value);
