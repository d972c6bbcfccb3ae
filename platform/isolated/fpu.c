/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reference: Intel SDM volume 1, chapter 13, "Managing state using the XSAVE feature set". */
#include "platform/isolated/fpu.h"

#include <cpuid.h>
#include <errno.h>
#include <string.h>

#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/stub/layout.h"

#define FCW_OFFSET      0
#define MXCSR_OFFSET    24
#define SOFTWARE_OFFSET 464 /* Linux keeps notes of its own here */
#define XSTATE_BV       512
#define HEADER_REST     520
#define HEADER_END      576

#define FCW_FRESH   0x037f
#define MXCSR_FRESH 0x1f80
#define MXCSR_VALID 0xffff

/* AMX tiles: Linux grants them on request, and no guest can ask. */
#define STATE_TILES (3ull << 17)

#define CPUID_OSXSAVE (1u << 27)

int fpu_probe(struct platform *platform, struct platform_error *error)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & CPUID_OSXSAVE)) {
        return host_refused(error, ENOSYS, "save the FPU state of threads",
                            "The CPU has no XSAVE, or Linux does not enable it.");
    }
    __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    platform->fpu_mask = (((uint64_t)d << 32) | a) & ~STATE_TILES;
    __get_cpuid_count(13, 0, &a, &b, &c, &d);
    if (b > SLOT_FPU_BYTES) {
        return host_refused(error, ENOSYS, "save the FPU state of threads",
                            "It is larger on this CPU than Quoll has room for.");
    }
    platform->fpu_bytes = b;
    return 0;
}

void fpu_fresh(uint8_t *to)
{
    memcpy(to + FCW_OFFSET, &(uint16_t){FCW_FRESH}, sizeof(uint16_t));
    memcpy(to + MXCSR_OFFSET, &(uint32_t){MXCSR_FRESH}, sizeof(uint32_t));
}

void fpu_copy(const struct platform *platform, uint8_t *to, const uint8_t *from)
{
    memcpy(to, from, platform->fpu_bytes);

    uint32_t mxcsr;
    memcpy(&mxcsr, to + MXCSR_OFFSET, sizeof(mxcsr));
    mxcsr &= MXCSR_VALID;
    memcpy(to + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));

    uint64_t states;
    memcpy(&states, to + XSTATE_BV, sizeof(states));
    states &= platform->fpu_mask;
    memcpy(to + XSTATE_BV, &states, sizeof(states));

    memset(to + SOFTWARE_OFFSET, 0, XSTATE_BV - SOFTWARE_OFFSET);
    memset(to + HEADER_REST, 0, HEADER_END - HEADER_REST);
}
