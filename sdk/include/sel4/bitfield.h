/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Types whose bits have names.
 *
 *   SEL4_BITFIELD_TYPE(type, n)  declares type_t: n words
 *   SEL4_BITFIELD(type, field, index, shift, bits)
 *       declares type_get_field(), type_set_field() and type_ptr_…(): `bits` bits of words[index]
 *
 * A value that does not fit its field fails a debug assertion, and is cut off without one.
 */
#pragma once

#include <sel4/debug_assert.h>
#include <sel4/simple_types.h>

#define SEL4_BITFIELD_TYPE(type, n)                                                                \
    struct type {                                                                                  \
        seL4_Uint64 words[n];                                                                      \
    };                                                                                             \
    typedef struct type type##_t;

#define SEL4_BITFIELD_MASK(bits) (~0ul >> (64 - (bits)))

#define SEL4_BITFIELD(type, field, index, shift, bits)                                             \
    LIBSEL4_INLINE_FUNC seL4_Uint64 type##_ptr_get_##field(const type##_t *value)                  \
    {                                                                                              \
        return (value->words[index] >> (shift)) & SEL4_BITFIELD_MASK(bits);                        \
    }                                                                                              \
                                                                                                   \
    LIBSEL4_INLINE_FUNC void type##_ptr_set_##field(type##_t *value, seL4_Uint64 field)            \
    {                                                                                              \
        seL4_DebugAssert((field & ~SEL4_BITFIELD_MASK(bits)) == 0);                                \
        value->words[index] &= ~(SEL4_BITFIELD_MASK(bits) << (shift));                             \
        value->words[index] |= (field & SEL4_BITFIELD_MASK(bits)) << (shift);                      \
    }                                                                                              \
                                                                                                   \
    LIBSEL4_INLINE_FUNC seL4_Uint64 type##_get_##field(type##_t value)                             \
    {                                                                                              \
        return type##_ptr_get_##field(&value);                                                     \
    }                                                                                              \
                                                                                                   \
    LIBSEL4_INLINE_FUNC type##_t type##_set_##field(type##_t value, seL4_Uint64 field)             \
    {                                                                                              \
        type##_ptr_set_##field(&value, field);                                                     \
        return value;                                                                              \
    }
