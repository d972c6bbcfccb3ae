/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The time stamp counter, where it is virtual: Linux makes rdtsc and rdtscp general protection
 * faults. And rdtscp where the host has none and the machine's CPU has: it is an invalid opcode.
 * Reference: Intel SDM volume 2.
 */
#include "machine/parts.h"

#include "machine/guest.h"

#include <Zydis/Zydis.h>
#include <x86intrin.h>

/* Bytes of the instruction at rip: up to 15, fewer where the next page is not mapped. */
static size_t fetch(struct machine *machine, const struct kernel_next *next, uint8_t *bytes)
{
    uint64_t rip = next->registers->r[X86_RIP];
    size_t count = ZYDIS_MAX_INSTRUCTION_LENGTH;
    while (count > 0 &&
           !guest_read(machine->kernel, &machine->memory, next->vspace, rip, bytes, count)) {
        size_t left = (size_t)(PAGE_BYTES - rip % PAGE_BYTES);
        count = left < count ? left : 0;
    }
    return count;
}

static bool is_rdtsc(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_RDTSC || mnemonic == ZYDIS_MNEMONIC_RDTSCP;
}

bool tsc_emulate(struct machine *machine, const struct kernel_next *next)
{
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    size_t count = fetch(machine, next, bytes);
    ZydisDecoder decoder;
    ZydisDecodedInstruction instruction;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, bytes, count, &instruction)) ||
        !is_rdtsc(instruction.mnemonic)) {
        return false;
    }
    clock_spend(&machine->clock, CLOCK_TSC_NS);
    uint64_t ticks = machine->clock.is_virtual ? clock_ticks(&machine->clock) : __rdtsc();
    uint64_t *r = next->registers->r;
    r[X86_RAX] = (uint32_t)ticks;
    r[X86_RDX] = ticks >> 32;
    if (instruction.mnemonic == ZYDIS_MNEMONIC_RDTSCP) {
        r[X86_RCX] = 0; /* IA32_TSC_AUX: the number of the one core */
    }
    r[X86_RIP] += instruction.length;
    return true;
}
