/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Emulated accesses. Reference: Intel SDM volume 2, by instruction.
 *
 * What drivers are compiled to is here: moves of all kinds, vector registers included, string
 * instructions, and integer arithmetic, bit tests and exchanges with a memory operand. What is not:
 * vector arithmetic, AVX-512, the x87 FPU, division, and jumps through device memory.
 */
#include "machine/trap.h"

#include "machine/alu.h"
#include "machine/guest.h"
#include "machine/operand.h"
#include "machine/vector.h"

#include <Zydis/Zydis.h>
#include <stdio.h>
#include <string.h>

/* Of a repeated instruction, in one go: interrupts wait no longer than for these. */
#define STRING_STEPS_MAX 64

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

/* --- Instructions --- */

static uint64_t *flags_of(const struct access *access)
{
    return &access->thread->registers->r[X86_RFLAGS];
}

static unsigned carry_of(const struct access *access)
{
    return (*flags_of(access) & FLAG_CARRY) != 0 ? 1 : 0;
}

/* Bits 1 to 3 of a condition choose what is looked at, bit 0 turns it round: SDM 2, appendix B. */
static bool condition_holds(const struct access *access)
{
    uint64_t flags = *flags_of(access);
    bool carry = (flags & FLAG_CARRY) != 0;
    bool zero = (flags & FLAG_ZERO) != 0;
    bool less = ((flags & FLAG_SIGN) != 0) != ((flags & FLAG_OVERFLOW) != 0);
    bool holds[8] = {
        (flags & FLAG_OVERFLOW) != 0, carry, zero,         carry || zero, (flags & FLAG_SIGN) != 0,
        (flags & FLAG_PARITY) != 0,   less,  less || zero,
    };
    unsigned condition = access->instruction.opcode & 15;
    return holds[condition >> 1] != ((condition & 1) != 0);
}

/* Instructions that read operand 0, write it, and set flags. An immediate is as wide as the other
 * operand, sign-extended. */
static void arithmetic(const struct access *access)
{
    unsigned bytes = operand_bytes(access, 0);
    uint64_t flags = *flags_of(access);
    uint64_t left = operand_get(access, 0);
    bool has_right = access->instruction.operand_count_visible > 1;
    uint64_t right = has_right ? operand_get(access, 1) : 1;
    unsigned count = (unsigned)(right & 0xff);
    struct alu result;
    switch (access->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_ADD:
        result = alu_add(left, right, 0, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_ADC:
        result = alu_add(left, right, carry_of(access), bytes, flags);
        break;
    case ZYDIS_MNEMONIC_SUB:
        result = alu_subtract(left, right, 0, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_SBB:
        result = alu_subtract(left, right, carry_of(access), bytes, flags);
        break;
    case ZYDIS_MNEMONIC_AND:
        result = alu_logic(left & right, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_OR:
        result = alu_logic(left | right, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_XOR:
        result = alu_logic(left ^ right, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_INC:
        result = alu_add(left, 1, 0, bytes, flags);
        result.flags = (result.flags & ~FLAG_CARRY) | (flags & FLAG_CARRY);
        break;
    case ZYDIS_MNEMONIC_DEC:
        result = alu_subtract(left, 1, 0, bytes, flags);
        result.flags = (result.flags & ~FLAG_CARRY) | (flags & FLAG_CARRY);
        break;
    case ZYDIS_MNEMONIC_NEG:
        result = alu_subtract(0, left, 0, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_NOT:
        result = (struct alu){~left, flags};
        break;
    case ZYDIS_MNEMONIC_SHL:
        result = alu_shift_left(left, count, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_SHR:
        result = alu_shift_right(left, count, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_SAR:
        result = alu_shift_arithmetic(left, count, bytes, flags);
        break;
    case ZYDIS_MNEMONIC_ROL:
        result = alu_rotate_left(left, count, bytes, flags);
        break;
    default: /* ror */
        result = alu_rotate_right(left, count, bytes, flags);
        break;
    }
    operand_set(access, 0, result.value);
    *flags_of(access) = result.flags;
}

/* cmp and test, which only set flags. */
static void comparison(const struct access *access)
{
    unsigned bytes = operand_bytes(access, 0);
    uint64_t left = operand_get(access, 0);
    uint64_t right = operand_get(access, 1);
    uint64_t flags = *flags_of(access);
    struct alu result = access->instruction.mnemonic == ZYDIS_MNEMONIC_CMP
                            ? alu_subtract(left, right, 0, bytes, flags)
                            : alu_logic(left & right, bytes, flags);
    *flags_of(access) = result.flags;
}

/* The last two operands are multiplied: of `imul r, m` the first is one of them. */
static void multiplication(const struct access *access)
{
    unsigned operands = access->instruction.operand_count_visible;
    struct alu result =
        alu_multiply(operand_get(access, operands - 2), operand_get(access, operands - 1),
                     operand_bytes(access, 0), *flags_of(access));
    operand_set(access, 0, result.value);
    *flags_of(access) = result.flags;
}

/* A conditional move reads its operand in any case, and clears the upper half of 64 bits. */
static void conditional_move(const struct access *access)
{
    uint64_t value = operand_get(access, 1);
    operand_set(access, 0, condition_holds(access) ? value : operand_get(access, 0));
}

static void exchange(const struct access *access)
{
    uint64_t left = operand_get(access, 0);
    operand_set(access, 0, operand_get(access, 1));
    operand_set(access, 1, left);
}

static void exchange_add(const struct access *access)
{
    uint64_t left = operand_get(access, 0);
    struct alu sum =
        alu_add(left, operand_get(access, 1), 0, operand_bytes(access, 0), *flags_of(access));
    operand_set(access, 1, left);
    operand_set(access, 0, sum.value);
    *flags_of(access) = sum.flags;
}

static void compare_exchange(const struct access *access)
{
    unsigned bytes = operand_bytes(access, 0);
    uint64_t old = operand_get(access, 0);
    uint64_t expected = access->thread->registers->r[X86_RAX];
    struct alu compared = alu_subtract(expected, old, 0, bytes, *flags_of(access));
    bool equal = (compared.flags & FLAG_ZERO) != 0;
    /* It writes in any case: what was there when they differ. */
    operand_set(access, 0, equal ? operand_get(access, 1) : old);
    if (!equal) {
        ZydisRegister accumulator = bytes == 1   ? ZYDIS_REGISTER_AL
                                    : bytes == 2 ? ZYDIS_REGISTER_AX
                                    : bytes == 4 ? ZYDIS_REGISTER_EAX
                                                 : ZYDIS_REGISTER_RAX;
        register_set(access, accumulator, bytes, old);
    }
    *flags_of(access) = compared.flags;
}

/* cmpxchg8b and cmpxchg16b: two words against rdx:rax, replaced by rcx:rbx. */
static void compare_exchange_pair(const struct access *access, unsigned bytes)
{
    uint64_t *r = access->thread->registers->r;
    uint8_t words[16];
    uint64_t low = 0;
    uint64_t high = 0;
    place_read(access, &access->places[0], words);
    memcpy(&low, words, bytes);
    memcpy(&high, words + bytes, bytes);
    bool equal = low == (r[X86_RAX] & alu_mask(bytes)) && high == (r[X86_RDX] & alu_mask(bytes));
    if (equal) {
        memcpy(words, &r[X86_RBX], bytes);
        memcpy(words + bytes, &r[X86_RCX], bytes);
    } else {
        r[X86_RAX] = low;
        r[X86_RDX] = high;
    }
    place_write(access, &access->places[0], words);
    r[X86_RFLAGS] = equal ? r[X86_RFLAGS] | FLAG_ZERO : r[X86_RFLAGS] & ~FLAG_ZERO;
}

/* The bit becomes the carry; where a register chooses it, operand.c has found its word. */
static void bit_test(const struct access *access)
{
    uint64_t value = operand_get(access, 0);
    uint64_t bit = UINT64_C(1) << (operand_get(access, 1) & (8 * operand_bytes(access, 0) - 1));
    switch (access->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_BT:
        break;
    case ZYDIS_MNEMONIC_BTS:
        operand_set(access, 0, value | bit);
        break;
    case ZYDIS_MNEMONIC_BTR:
        operand_set(access, 0, value & ~bit);
        break;
    default: /* btc */
        operand_set(access, 0, value ^ bit);
        break;
    }
    uint64_t *flags = flags_of(access);
    *flags = (value & bit) != 0 ? *flags | FLAG_CARRY : *flags & ~FLAG_CARRY;
}

enum progress { PROGRESS_DONE, PROGRESS_PART, PROGRESS_FAULT, PROGRESS_UNKNOWN };

/* An address that uses rsp means it as it is before a push and after a pop. */
static enum progress push(struct access *access)
{
    uint64_t *rsp = &access->thread->registers->r[X86_RSP];
    unsigned bytes = operand_bytes(access, 0);
    struct place stack;
    if (!operands_find(access) || !place_find(access, *rsp - bytes, bytes, true, &stack)) {
        return PROGRESS_FAULT;
    }
    uint64_t value = operand_get(access, 0);
    place_write(access, &stack, &value);
    *rsp -= bytes;
    return PROGRESS_DONE;
}

static enum progress pop(struct access *access)
{
    uint64_t *rsp = &access->thread->registers->r[X86_RSP];
    unsigned bytes = operand_bytes(access, 0);
    struct place stack;
    uint64_t value = 0;
    if (!place_find(access, *rsp, bytes, false, &stack)) {
        return PROGRESS_FAULT;
    }
    *rsp += bytes;
    if (!operands_find(access)) {
        *rsp -= bytes;
        return PROGRESS_FAULT;
    }
    place_read(access, &stack, &value);
    operand_set(access, 0, value);
    return PROGRESS_DONE;
}

static bool is_repeated(const struct access *access)
{
    return (access->instruction.attributes &
            (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)) != 0;
}

/* Whether a repetition goes on, of those that look at what they compared. */
static bool comparison_goes_on(const struct access *access)
{
    bool equal = (*flags_of(access) & FLAG_ZERO) != 0;
    if ((access->instruction.attributes & ZYDIS_ATTRIB_HAS_REPE) != 0) {
        return equal;
    }
    return (access->instruction.attributes & ZYDIS_ATTRIB_HAS_REPNE) == 0 || !equal;
}

static bool is_string_comparison(const struct access *access)
{
    switch (access->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_CMPSB:
    case ZYDIS_MNEMONIC_CMPSW:
    case ZYDIS_MNEMONIC_CMPSD:
    case ZYDIS_MNEMONIC_CMPSQ:
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_SCASD:
    case ZYDIS_MNEMONIC_SCASQ:
        return true;
    default:
        return false;
    }
}

/* One element of a string instruction. Operands 0 and 1 are the elements; those in memory move on. */
static void string_element(const struct access *access)
{
    unsigned bytes = operand_bytes(access, 0);
    bool backwards = (*flags_of(access) & FLAG_DIRECTION) != 0;
    if (is_string_comparison(access)) {
        *flags_of(access) = alu_subtract(operand_get(access, 0), operand_get(access, 1), 0, bytes,
                                         *flags_of(access))
                                .flags;
    } else {
        operand_set(access, 0, operand_get(access, 1));
    }
    for (unsigned i = 0; i < 2; i++) {
        if (access->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY) {
            *register_word(access, access->operands[i].mem.base) +=
                backwards ? -(uint64_t)bytes : bytes;
        }
    }
}

/* Every element is an instruction of its own for whoever looks from outside: a fault or an interrupt
 * between two of them leaves registers with which it can go on. */
static enum progress string(struct access *access)
{
    uint64_t *rcx = &access->thread->registers->r[X86_RCX];
    if (access->instruction.address_width != 64) {
        return PROGRESS_UNKNOWN;
    }
    if (!is_repeated(access)) {
        if (!operands_find(access)) {
            return PROGRESS_FAULT;
        }
        string_element(access);
        return PROGRESS_DONE;
    }
    for (unsigned steps = 0; steps < STRING_STEPS_MAX; steps++) {
        if (*rcx == 0) {
            return PROGRESS_DONE;
        }
        if (!operands_find(access)) {
            return steps == 0 ? PROGRESS_FAULT : PROGRESS_PART;
        }
        string_element(access);
        --*rcx;
        if (is_string_comparison(access) && !comparison_goes_on(access)) {
            return PROGRESS_DONE;
        }
    }
    return *rcx == 0 ? PROGRESS_DONE : PROGRESS_PART;
}

/* A register that general instructions cannot reach here: a segment, control or MMX register. */
static bool has_other_register(const struct access *access)
{
    for (unsigned i = 0; i < access->instruction.operand_count_visible; i++) {
        const ZydisDecodedOperand *operand = &access->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            !register_word(access, operand->reg.value)) {
            return true;
        }
    }
    return false;
}

/* Those whose operands are all found at once, before anything is changed. Returns false when it is
 * none of them, with no operand looked at: even reading a device can change it. */
static bool perform(const struct access *access)
{
    switch (access->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVZX:
    case ZYDIS_MNEMONIC_MOVNTI:
    case ZYDIS_MNEMONIC_MOVDIRI:
        operand_set(access, 0, operand_get(access, 1));
        return true;
    case ZYDIS_MNEMONIC_MOVSX:
    case ZYDIS_MNEMONIC_MOVSXD:
        operand_set(access, 0, alu_sign_extend(operand_get(access, 1), operand_bytes(access, 1)));
        return true;
    case ZYDIS_MNEMONIC_MOVBE:
        operand_set(access, 0, alu_swap(operand_get(access, 1), operand_bytes(access, 1)));
        return true;
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_ADC:
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_SBB:
    case ZYDIS_MNEMONIC_AND:
    case ZYDIS_MNEMONIC_OR:
    case ZYDIS_MNEMONIC_XOR:
    case ZYDIS_MNEMONIC_INC:
    case ZYDIS_MNEMONIC_DEC:
    case ZYDIS_MNEMONIC_NEG:
    case ZYDIS_MNEMONIC_NOT:
    case ZYDIS_MNEMONIC_SHL:
    case ZYDIS_MNEMONIC_SHR:
    case ZYDIS_MNEMONIC_SAR:
    case ZYDIS_MNEMONIC_ROL:
    case ZYDIS_MNEMONIC_ROR:
        arithmetic(access);
        return true;
    case ZYDIS_MNEMONIC_CMP:
    case ZYDIS_MNEMONIC_TEST:
        comparison(access);
        return true;
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTC:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTS:
        bit_test(access);
        return true;
    case ZYDIS_MNEMONIC_XCHG:
        exchange(access);
        return true;
    case ZYDIS_MNEMONIC_XADD:
        exchange_add(access);
        return true;
    case ZYDIS_MNEMONIC_CMPXCHG:
        compare_exchange(access);
        return true;
    case ZYDIS_MNEMONIC_CMPXCHG8B:
        compare_exchange_pair(access, 4);
        return true;
    case ZYDIS_MNEMONIC_CMPXCHG16B:
        compare_exchange_pair(access, 8);
        return true;
    case ZYDIS_MNEMONIC_IMUL:
        if (access->instruction.operand_count_visible < 2) {
            return false;
        }
        multiplication(access);
        return true;
    default:
        break;
    }
    switch (access->instruction.meta.category) {
    case ZYDIS_CATEGORY_CMOV:
        conditional_move(access);
        return true;
    case ZYDIS_CATEGORY_SETCC:
        operand_set(access, 0, condition_holds(access) ? 1 : 0);
        return true;
    default:
        return false;
    }
}

static enum progress execute(struct access *access)
{
    if (vector_is_move(access)) {
        if (!operands_find(access)) {
            return PROGRESS_FAULT;
        }
        /* Without its registers the thread has no address space either: it will be told so. */
        return vector_move(access) ? PROGRESS_DONE : PROGRESS_PART;
    }
    if (has_other_register(access)) {
        return PROGRESS_UNKNOWN;
    }
    if (access->instruction.meta.category == ZYDIS_CATEGORY_STRINGOP) {
        return string(access);
    }
    switch (access->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_PUSH:
        return push(access);
    case ZYDIS_MNEMONIC_POP:
        return pop(access);
    default:
        if (!operands_find(access)) {
            return PROGRESS_FAULT;
        }
        return perform(access) ? PROGRESS_DONE : PROGRESS_UNKNOWN;
    }
}

/* Read the bytes at rip: up to 15, fewer where the next page is not mapped. */
static size_t fetch(const struct trap *trap, const struct trap_thread *thread, uint8_t *bytes)
{
    uint64_t rip = thread->registers->r[X86_RIP];
    size_t count = ZYDIS_MAX_INSTRUCTION_LENGTH;
    if (!guest_read(trap->kernel, trap->memory, thread->vspace, rip, bytes, count)) {
        size_t left = (size_t)(4096 - rip % 4096);
        count = left < count ? left : count;
        if (!guest_read(trap->kernel, trap->memory, thread->vspace, rip, bytes, count)) {
            return 0;
        }
    }
    return count;
}

/* Returns NULL, or why there is no instruction. */
static const char *decode(struct access *access)
{
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    size_t count = fetch(access->trap, access->thread, bytes);
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (count == 0) {
        return "instructions are not fetched from devices";
    }
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, count, &access->instruction,
                                               access->operands))
               ? NULL
               : "bytes that are no instruction";
}

static void describe(const struct access *access, char *what, size_t size)
{
    ZydisFormatter formatter;
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    if (!ZYAN_SUCCESS(
            ZydisFormatterFormatInstruction(&formatter, &access->instruction, access->operands,
                                            access->instruction.operand_count_visible, what, size,
                                            access->thread->registers->r[X86_RIP], NULL))) {
        snprintf(what, size, "an instruction without a name");
    }
}

struct trap_answer trap_emulate(const struct trap *trap, const struct trap_thread *thread)
{
    struct trap_answer answer = {.result = TRAP_UNKNOWN};
    struct access access = {.trap = trap, .thread = thread};
    const char *why = decode(&access);
    if (why) {
        snprintf(answer.what, sizeof(answer.what), "%s", why);
        return answer;
    }
    switch (execute(&access)) {
    case PROGRESS_UNKNOWN:
        describe(&access, answer.what, sizeof(answer.what));
        break;
    case PROGRESS_FAULT:
        answer.result = TRAP_FAULT;
        answer.address = access.fault_address;
        answer.write = access.fault_write;
        break;
    case PROGRESS_PART:
        answer.result = TRAP_PART;
        break;
    case PROGRESS_DONE:
        thread->registers->r[X86_RIP] += access.instruction.length;
        answer.result = TRAP_DONE;
        break;
    }
    return answer;
}
