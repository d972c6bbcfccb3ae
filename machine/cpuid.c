/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The instruction cpuid, where the machine has a CPU of its own. */
#include "machine/parts.h"

#include "abi/x86/cpuid.h"
#include "machine/guest.h"

/* Text that a guest has copied holds what the platform has put in its place. */
static bool is_cpuid(const uint8_t bytes[2])
{
    return (bytes[0] == X86_CPUID_0 || bytes[0] == X86_CPUID_TRAP_0) && bytes[1] == X86_CPUID_1;
}

bool cpuid_emulate(struct machine *machine, const struct kernel_next *next)
{
    uint64_t *r = next->registers->r;
    uint8_t bytes[2];
    if (!guest_read(machine->kernel, &machine->memory, next->vspace, r[X86_RIP], bytes,
                    sizeof(bytes)) ||
        !is_cpuid(bytes)) {
        return false;
    }
    clock_spend(&machine->clock, CLOCK_ACCESS_NS);
    struct cpuid_leaf leaf = machine->cpu->answer(&machine->config, &machine->cpu_host,
                                                  (uint32_t)r[X86_RAX], (uint32_t)r[X86_RCX]);
    r[X86_RAX] = leaf.eax;
    r[X86_RBX] = leaf.ebx;
    r[X86_RCX] = leaf.ecx;
    r[X86_RDX] = leaf.edx;
    r[X86_RIP] += sizeof(bytes);
    return true;
}
