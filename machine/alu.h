/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Integer arithmetic as a processor does it: on operands of 1, 2, 4 or 8 bytes, with its flags.
 * Reference: Intel SDM volume 1, 3.4.3.1, and volume 2 by instruction.
 *
 * Operands may have anything above their width; results have zeros there. `flags` is RFLAGS before
 * the instruction; that of the result is RFLAGS after it. Flags that the manual calls undefined
 * stay as they were.
 */
#pragma once

#include <stdint.h>

#define FLAG_CARRY     (UINT64_C(1) << 0)
#define FLAG_PARITY    (UINT64_C(1) << 2)
#define FLAG_AUXILIARY (UINT64_C(1) << 4)
#define FLAG_ZERO      (UINT64_C(1) << 6)
#define FLAG_SIGN      (UINT64_C(1) << 7)
#define FLAG_DIRECTION (UINT64_C(1) << 10)
#define FLAG_OVERFLOW  (UINT64_C(1) << 11)
#define FLAGS_RESULT                                                                               \
    (FLAG_CARRY | FLAG_PARITY | FLAG_AUXILIARY | FLAG_ZERO | FLAG_SIGN | FLAG_OVERFLOW)

struct alu {
    uint64_t value;
    uint64_t flags;
};

/* All ones, so many bytes wide. */
static inline uint64_t alu_mask(unsigned bytes)
{
    return bytes == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * bytes) - 1;
}

uint64_t alu_sign_extend(uint64_t value, unsigned bytes);

/* The order of its bytes reversed. */
uint64_t alu_swap(uint64_t value, unsigned bytes);

/* Carry or borrow is 0 or 1. */
struct alu alu_add(uint64_t left, uint64_t right, unsigned carry, unsigned bytes, uint64_t flags);
struct alu alu_subtract(uint64_t left, uint64_t right, unsigned borrow, unsigned bytes,
                        uint64_t flags);

/* What and, or, xor and test make of their result. */
struct alu alu_logic(uint64_t result, unsigned bytes, uint64_t flags);

/* The shifts and rotations by `count`, of which the processor looks at the low 5 bits, or 6 when
 * the operand has 8 bytes. */
struct alu alu_shift_left(uint64_t value, unsigned count, unsigned bytes, uint64_t flags);
struct alu alu_shift_right(uint64_t value, unsigned count, unsigned bytes, uint64_t flags);
struct alu alu_shift_arithmetic(uint64_t value, unsigned count, unsigned bytes, uint64_t flags);
struct alu alu_rotate_left(uint64_t value, unsigned count, unsigned bytes, uint64_t flags);
struct alu alu_rotate_right(uint64_t value, unsigned count, unsigned bytes, uint64_t flags);

/* The signed product, as far as it fits. */
struct alu alu_multiply(uint64_t left, uint64_t right, unsigned bytes, uint64_t flags);
