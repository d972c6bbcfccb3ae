/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Vector registers, in XSAVE's standard format.
 * Reference: Intel SDM volume 1, 13.4; volume 2 by instruction.
 */
#include "machine/vector.h"

#include "platform/platform.h"

#include <cpuid.h>
#include <string.h>

#define XMM_BYTES 16
#define YMM_BYTES 32

/* The states of the XSAVE area: their numbers, and where the first ones lie. */
#define STATE_SSE     1
#define STATE_AVX     2
#define STATE_ZMM     6 /* upper halves of zmm0 to zmm15 */
#define SSE_OFFSET    160
#define HEADER_OFFSET 512 /* bit n: state n is not in its initial configuration */
#define ZMM_REST      32  /* of a register in STATE_ZMM */

/* One of 16 registers: where its parts are kept. */
struct vector {
    uint8_t *low;  /* xmm: 16 bytes */
    uint8_t *high; /* the rest of ymm: 16 bytes; NULL: the CPU has none */
    uint8_t *rest; /* the rest of zmm: 32 bytes; NULL: the CPU has none */
};

/* Where the CPU keeps a state, and how large it is. Returns 0 when it has no such state. */
static unsigned state_offset(unsigned state, unsigned *size)
{
    unsigned size_, offset, flags, unused;
    __cpuid_count(13, state, size_, offset, flags, unused);
    *size = size_;
    return size_ == 0 ? 0 : offset;
}

/* A state in its initial configuration is all zeros, whatever its place holds. */
static uint8_t *state_at(uint8_t *fpu, unsigned state)
{
    unsigned size = 16 * XMM_BYTES;
    unsigned offset = state == STATE_SSE ? SSE_OFFSET : state_offset(state, &size);
    if (offset == 0) {
        return NULL;
    }
    uint64_t in_use;
    memcpy(&in_use, fpu + HEADER_OFFSET, sizeof(in_use));
    if ((in_use >> state & 1) == 0) {
        memset(fpu + offset, 0, size);
    }
    return fpu + offset;
}

static void mark_used(uint8_t *fpu, unsigned state)
{
    uint64_t in_use;
    memcpy(&in_use, fpu + HEADER_OFFSET, sizeof(in_use));
    in_use |= UINT64_C(1) << state;
    memcpy(fpu + HEADER_OFFSET, &in_use, sizeof(in_use));
}

static struct vector vector_at(uint8_t *fpu, unsigned number)
{
    uint8_t *high = state_at(fpu, STATE_AVX);
    uint8_t *rest = state_at(fpu, STATE_ZMM);
    return (struct vector){
        .low = state_at(fpu, STATE_SSE) + (size_t)number * XMM_BYTES,
        .high = high ? high + (size_t)number * XMM_BYTES : NULL,
        .rest = rest ? rest + (size_t)number * ZMM_REST : NULL,
    };
}

static void vector_get(const struct vector *vector, uint8_t bytes[YMM_BYTES])
{
    memcpy(bytes, vector->low, XMM_BYTES);
    if (vector->high) {
        memcpy(bytes + XMM_BYTES, vector->high, XMM_BYTES);
    }
}

static void vector_set(uint8_t *fpu, const struct vector *vector, const uint8_t bytes[YMM_BYTES])
{
    memcpy(vector->low, bytes, XMM_BYTES);
    mark_used(fpu, STATE_SSE);
    if (vector->high) {
        memcpy(vector->high, bytes + XMM_BYTES, XMM_BYTES);
        mark_used(fpu, STATE_AVX);
    }
}

/* A VEX encoding clears the register beyond what it writes; the older ones keep that. */
static void clear_rest(const struct vector *vector)
{
    if (vector->rest) {
        memset(vector->rest, 0, ZMM_REST);
    }
}

enum move {
    MOVE_NONE,
    MOVE_WHOLE, /* a load clears the rest of xmm */
    MOVE_LOW,   /* the lower 8 bytes; a load keeps the upper ones */
    MOVE_HIGH,  /* the upper 8 bytes; a load keeps the lower ones */
};

static enum move move_of(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_MOVAPD:
    case ZYDIS_MNEMONIC_MOVAPS:
    case ZYDIS_MNEMONIC_MOVD:
    case ZYDIS_MNEMONIC_MOVDQA:
    case ZYDIS_MNEMONIC_MOVDQU:
    case ZYDIS_MNEMONIC_LDDQU:
    case ZYDIS_MNEMONIC_MOVNTDQ:
    case ZYDIS_MNEMONIC_MOVNTDQA:
    case ZYDIS_MNEMONIC_MOVNTPD:
    case ZYDIS_MNEMONIC_MOVNTPS:
    case ZYDIS_MNEMONIC_MOVQ:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSS:
    case ZYDIS_MNEMONIC_MOVUPD:
    case ZYDIS_MNEMONIC_MOVUPS:
    case ZYDIS_MNEMONIC_VMOVAPD:
    case ZYDIS_MNEMONIC_VMOVAPS:
    case ZYDIS_MNEMONIC_VMOVD:
    case ZYDIS_MNEMONIC_VMOVDQA:
    case ZYDIS_MNEMONIC_VMOVDQU:
    case ZYDIS_MNEMONIC_VLDDQU:
    case ZYDIS_MNEMONIC_VMOVNTDQ:
    case ZYDIS_MNEMONIC_VMOVNTDQA:
    case ZYDIS_MNEMONIC_VMOVNTPD:
    case ZYDIS_MNEMONIC_VMOVNTPS:
    case ZYDIS_MNEMONIC_VMOVQ:
    case ZYDIS_MNEMONIC_VMOVSD:
    case ZYDIS_MNEMONIC_VMOVSS:
    case ZYDIS_MNEMONIC_VMOVUPD:
    case ZYDIS_MNEMONIC_VMOVUPS:
        return MOVE_WHOLE;
    case ZYDIS_MNEMONIC_MOVLPD:
    case ZYDIS_MNEMONIC_MOVLPS:
    case ZYDIS_MNEMONIC_VMOVLPD:
    case ZYDIS_MNEMONIC_VMOVLPS:
        return MOVE_LOW;
    case ZYDIS_MNEMONIC_MOVHPD:
    case ZYDIS_MNEMONIC_MOVHPS:
    case ZYDIS_MNEMONIC_VMOVHPD:
    case ZYDIS_MNEMONIC_VMOVHPS:
        return MOVE_HIGH;
    default:
        return MOVE_NONE;
    }
}

/* The string move movsd shares its name with the vector one, and has no vector register. */
static bool is_vector(const ZydisDecodedOperand *operand)
{
    if (operand->type != ZYDIS_OPERAND_TYPE_REGISTER) {
        return false;
    }
    ZydisRegisterClass class = ZydisRegisterGetClass(operand->reg.value);
    return class == ZYDIS_REGCLASS_XMM || class == ZYDIS_REGCLASS_YMM;
}

static bool is_memory(const ZydisDecodedOperand *operand)
{
    return operand->type == ZYDIS_OPERAND_TYPE_MEMORY;
}

bool vector_is_move(const struct access *access)
{
    const ZydisDecodedOperand *operands = access->operands;
    unsigned count = access->instruction.operand_count_visible;
    if (access->instruction.encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX ||
        move_of(access->instruction.mnemonic) == MOVE_NONE || count < 2) {
        return false;
    }
    unsigned last = count - 1;
    return (is_vector(&operands[0]) && is_memory(&operands[last])) ||
           (is_memory(&operands[0]) && is_vector(&operands[last]));
}

static uint8_t number_of(const ZydisDecodedOperand *operand)
{
    return (uint8_t)ZydisRegisterGetId(operand->reg.value);
}

/* VEX loads of one half take the other from a register of its own, between the two operands. */
static void load(const struct access *access, uint8_t *fpu, enum move move, unsigned last)
{
    struct vector target = vector_at(fpu, number_of(&access->operands[0]));
    bool vex = access->instruction.encoding == ZYDIS_INSTRUCTION_ENCODING_VEX;
    uint8_t loaded[YMM_BYTES] = {0};
    uint8_t kept[YMM_BYTES] = {0};
    place_read(access, &access->places[last], loaded);
    vector_get(&target, kept);
    if (last == 2) {
        struct vector other = vector_at(fpu, number_of(&access->operands[1]));
        vector_get(&other, kept);
    }
    if (move == MOVE_LOW) {
        memcpy(loaded + 8, kept + 8, 8);
    } else if (move == MOVE_HIGH) {
        memcpy(loaded + 8, loaded, 8);
        memcpy(loaded, kept, 8);
    }
    if (vex) {
        clear_rest(&target);
    } else {
        memcpy(loaded + XMM_BYTES, kept + XMM_BYTES, XMM_BYTES);
    }
    vector_set(fpu, &target, loaded);
}

static void store(const struct access *access, uint8_t *fpu, enum move move, unsigned last)
{
    struct vector source = vector_at(fpu, number_of(&access->operands[last]));
    uint8_t bytes[YMM_BYTES] = {0};
    vector_get(&source, bytes);
    place_write(access, &access->places[0], move == MOVE_HIGH ? bytes + 8 : bytes);
}

bool vector_move(const struct access *access)
{
    uint8_t *fpu = platform_fpu(access->trap->platform, access->thread->tcb);
    if (!fpu) {
        return false;
    }
    enum move move = move_of(access->instruction.mnemonic);
    unsigned last = access->instruction.operand_count_visible - 1u;
    if (is_memory(&access->operands[0])) {
        store(access, fpu, move, last);
    } else {
        load(access, fpu, move, last);
    }
    return true;
}
