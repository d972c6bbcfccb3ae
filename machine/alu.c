/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Integer arithmetic with flags. */
#include "machine/alu.h"

#include <stdbool.h>

static uint64_t top_bit(uint64_t value, unsigned bytes)
{
    return (value & ((alu_mask(bytes) >> 1) + 1)) != 0;
}

static uint64_t with(uint64_t flags, uint64_t flag, bool set)
{
    return set ? flags | flag : flags & ~flag;
}

uint64_t alu_sign_extend(uint64_t value, unsigned bytes)
{
    unsigned shift = 64 - 8 * bytes;
    return (uint64_t)((int64_t)(value << shift) >> shift);
}

uint64_t alu_swap(uint64_t value, unsigned bytes)
{
    return __builtin_bswap64(value) >> (64 - 8 * bytes);
}

/* Sign, zero and parity follow from the result alone. Parity is that of its lowest byte. */
static uint64_t of_result(uint64_t result, unsigned bytes, uint64_t flags)
{
    flags = with(flags, FLAG_ZERO, result == 0);
    flags = with(flags, FLAG_SIGN, top_bit(result, bytes) != 0);
    return with(flags, FLAG_PARITY, __builtin_parity((unsigned)(result & 0xff)) == 0);
}

struct alu alu_add(uint64_t left, uint64_t right, unsigned carry, unsigned bytes, uint64_t flags)
{
    uint64_t mask = alu_mask(bytes);
    left &= mask;
    right &= mask;
    uint64_t result = (left + right + carry) & mask;
    flags = of_result(result, bytes, flags);
    flags = with(flags, FLAG_CARRY, result < left || (carry != 0 && result == left));
    flags = with(flags, FLAG_AUXILIARY, ((left ^ right ^ result) & 0x10) != 0);
    flags = with(flags, FLAG_OVERFLOW, top_bit(~(left ^ right) & (left ^ result), bytes) != 0);
    return (struct alu){result, flags};
}

struct alu alu_subtract(uint64_t left, uint64_t right, unsigned borrow, unsigned bytes,
                        uint64_t flags)
{
    uint64_t mask = alu_mask(bytes);
    left &= mask;
    right &= mask;
    uint64_t result = (left - right - borrow) & mask;
    flags = of_result(result, bytes, flags);
    flags = with(flags, FLAG_CARRY, left < right || (borrow != 0 && left == right));
    flags = with(flags, FLAG_AUXILIARY, ((left ^ right ^ result) & 0x10) != 0);
    flags = with(flags, FLAG_OVERFLOW, top_bit((left ^ right) & (left ^ result), bytes) != 0);
    return (struct alu){result, flags};
}

struct alu alu_logic(uint64_t result, unsigned bytes, uint64_t flags)
{
    result &= alu_mask(bytes);
    flags &= ~(FLAG_CARRY | FLAG_OVERFLOW | FLAG_AUXILIARY);
    return (struct alu){result, of_result(result, bytes, flags)};
}

static unsigned shift_count(unsigned count, unsigned bytes)
{
    return count & (bytes == 8 ? 63 : 31);
}

struct alu alu_shift_left(uint64_t value, unsigned count, unsigned bytes, uint64_t flags)
{
    unsigned bits = 8 * bytes;
    value &= alu_mask(bytes);
    count = shift_count(count, bytes);
    if (count == 0) {
        return (struct alu){value, flags};
    }
    uint64_t result = value << count & alu_mask(bytes);
    bool carry = count <= bits && (value >> (bits - count) & 1) != 0;
    flags = with(of_result(result, bytes, flags), FLAG_CARRY, carry);
    if (count == 1) {
        flags = with(flags, FLAG_OVERFLOW, top_bit(value ^ result, bytes) != 0);
    }
    return (struct alu){result, flags};
}

struct alu alu_shift_right(uint64_t value, unsigned count, unsigned bytes, uint64_t flags)
{
    value &= alu_mask(bytes);
    count = shift_count(count, bytes);
    if (count == 0) {
        return (struct alu){value, flags};
    }
    uint64_t result = value >> count;
    flags = with(of_result(result, bytes, flags), FLAG_CARRY, (value >> (count - 1) & 1) != 0);
    if (count == 1) {
        flags = with(flags, FLAG_OVERFLOW, top_bit(value, bytes) != 0);
    }
    return (struct alu){result, flags};
}

struct alu alu_shift_arithmetic(uint64_t value, unsigned count, unsigned bytes, uint64_t flags)
{
    int64_t extended = (int64_t)alu_sign_extend(value, bytes);
    count = shift_count(count, bytes);
    if (count == 0) {
        return (struct alu){value & alu_mask(bytes), flags};
    }
    uint64_t result = (uint64_t)(extended >> count) & alu_mask(bytes);
    flags = with(of_result(result, bytes, flags), FLAG_CARRY, (extended >> (count - 1) & 1) != 0);
    if (count == 1) {
        flags &= ~FLAG_OVERFLOW;
    }
    return (struct alu){result, flags};
}

static uint64_t rotated_left(uint64_t value, unsigned count, unsigned bits)
{
    return count == 0 ? value : value << count | value >> (bits - count);
}

/* A count that is a multiple of the width leaves the operand and still sets the carry. */
struct alu alu_rotate_left(uint64_t value, unsigned count, unsigned bytes, uint64_t flags)
{
    unsigned bits = 8 * bytes;
    value &= alu_mask(bytes);
    count = shift_count(count, bytes);
    if (count == 0) {
        return (struct alu){value, flags};
    }
    uint64_t result = rotated_left(value, count % bits, bits) & alu_mask(bytes);
    flags = with(flags, FLAG_CARRY, (result & 1) != 0);
    if (count == 1) {
        flags = with(flags, FLAG_OVERFLOW, (top_bit(result, bytes) ^ (result & 1)) != 0);
    }
    return (struct alu){result, flags};
}

struct alu alu_rotate_right(uint64_t value, unsigned count, unsigned bytes, uint64_t flags)
{
    unsigned bits = 8 * bytes;
    value &= alu_mask(bytes);
    count = shift_count(count, bytes);
    if (count == 0) {
        return (struct alu){value, flags};
    }
    uint64_t result = rotated_left(value, (bits - count % bits) % bits, bits) & alu_mask(bytes);
    flags = with(flags, FLAG_CARRY, top_bit(result, bytes) != 0);
    if (count == 1) {
        flags = with(flags, FLAG_OVERFLOW, top_bit(result ^ result << 1, bytes) != 0);
    }
    return (struct alu){result, flags};
}

struct alu alu_multiply(uint64_t left, uint64_t right, unsigned bytes, uint64_t flags)
{
    __int128 product =
        (__int128)(int64_t)alu_sign_extend(left, bytes) * (int64_t)alu_sign_extend(right, bytes);
    uint64_t result = (uint64_t)product & alu_mask(bytes);
    bool lost = product != (int64_t)alu_sign_extend(result, bytes);
    flags = with(flags, FLAG_CARRY, lost);
    return (struct alu){result, with(flags, FLAG_OVERFLOW, lost)};
}
