/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Performance counters, of which this machine has none that count: the host's are the host's. Where
 * the kernel's configuration lets guests read them (EXPORT_PMC_USER), they read 0, so that software
 * which measures with them runs and shows that it measured nothing. Linux makes rdpmc a general
 * protection fault, which it stays in all other configurations.
 */
#include "machine/parts.h"

#include "machine/guest.h"

#include <string.h>

bool counters_emulate(struct machine *machine, const struct kernel_next *next)
{
    static const uint8_t rdpmc[] = {0x0f, 0x33};
    uint8_t bytes[sizeof(rdpmc)];
    uint64_t *r = next->registers->r;
    if (!machine->config.export_pmc_user ||
        !guest_read(machine->kernel, &machine->memory, next->vspace, r[X86_RIP], bytes,
                    sizeof(bytes)) ||
        memcmp(bytes, rdpmc, sizeof(rdpmc)) != 0) {
        return false;
    }
    r[X86_RAX] = 0;
    r[X86_RDX] = 0;
    r[X86_RIP] += sizeof(rdpmc);
    return true;
}
