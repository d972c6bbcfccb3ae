/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reference: Intel SDM volume 2A, CPUID. Leaves and bits are named as there. */
#include "machine/cpu.h"

#include <cpuid.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define BIT(n) (1u << (n))

/* Features that guests can use. What only a kernel could, such as x2APIC or VMX, is no guest's business. */

#define LEAF_1_ECX_SSE3   BIT(0)
#define LEAF_1_ECX_PCLMUL BIT(1)
#define LEAF_1_ECX_SSSE3  BIT(9)
#define LEAF_1_ECX_FMA    BIT(12)
#define LEAF_1_ECX_CX16   BIT(13)
#define LEAF_1_ECX_SSE4_1 BIT(19)
#define LEAF_1_ECX_SSE4_2 BIT(20)
#define LEAF_1_ECX_MOVBE  BIT(22)
#define LEAF_1_ECX_POPCNT BIT(23)
#define LEAF_1_ECX_AES    BIT(25)
#define LEAF_1_ECX_XSAVE  (BIT(26) | BIT(27)) /* and OSXSAVE */
#define LEAF_1_ECX_AVX    BIT(28)
#define LEAF_1_ECX_F16C   BIT(29)
#define LEAF_1_ECX_RDRAND BIT(30)

#define LEAF_1_EDX_FPU   BIT(0)
#define LEAF_1_EDX_TSC   BIT(4)
#define LEAF_1_EDX_CX8   BIT(8)
#define LEAF_1_EDX_APIC  BIT(9)
#define LEAF_1_EDX_CMOV  BIT(15)
#define LEAF_1_EDX_CLFSH BIT(19)
#define LEAF_1_EDX_MMX   BIT(23)
#define LEAF_1_EDX_FXSR  BIT(24)
#define LEAF_1_EDX_SSE   BIT(25)
#define LEAF_1_EDX_SSE2  BIT(26)
/* VME, DE, PSE, MSR, PAE, MCE, MTRR, PGE, MCA, PAT, PSE-36: what a kernel in 64-bit mode may rely on. */
#define LEAF_1_EDX_KERNEL 0x000370eeu

#define LEAF_7_EBX_FSGSBASE BIT(0)
#define LEAF_7_EBX_BMI1     BIT(3)
#define LEAF_7_EBX_AVX2     BIT(5)
#define LEAF_7_EBX_BMI2     BIT(8)
#define LEAF_7_EBX_ERMS     BIT(9)

#define LEAF_D_1_EAX_XSAVEOPT BIT(0)

#define EXTENDED_1_ECX_LAHF    BIT(0)
#define EXTENDED_1_ECX_LZCNT   BIT(5)
#define EXTENDED_1_EDX_SYSCALL BIT(11)
#define EXTENDED_1_EDX_NX      BIT(20)
#define EXTENDED_1_EDX_1G      BIT(26)
#define EXTENDED_1_EDX_RDTSCP  BIT(27)
#define EXTENDED_1_EDX_LM      BIT(29)

#define EXTENDED_7_EDX_INVARIANT_TSC BIT(8)

/* Size of an XSAVE area with x87 and SSE state, and with AVX state too. */
#define XSAVE_BYTES 576u
#define AVX_BYTES   832u
#define AVX_STATE   256u

static bool has_xsave(const struct kernel_config *config)
{
    return config->xsave_bytes >= XSAVE_BYTES;
}

static bool has_avx(const struct kernel_config *config)
{
    return config->xsave_bytes >= AVX_BYTES;
}

/* --- Haswell --- */

#define HASWELL_BASIC_MAX    0xdu
#define HASWELL_EXTENDED_MAX 0x80000008u

static struct cpuid_leaf haswell_features(const struct kernel_config *config,
                                          const struct cpu_host *host)
{
    uint32_t ecx = LEAF_1_ECX_SSE3 | LEAF_1_ECX_PCLMUL | LEAF_1_ECX_SSSE3 | LEAF_1_ECX_CX16 |
                   LEAF_1_ECX_SSE4_1 | LEAF_1_ECX_SSE4_2 | LEAF_1_ECX_MOVBE | LEAF_1_ECX_POPCNT |
                   LEAF_1_ECX_AES | LEAF_1_ECX_RDRAND;
    if (has_xsave(config)) {
        ecx |= LEAF_1_ECX_XSAVE;
    }
    if (has_avx(config)) {
        ecx |= LEAF_1_ECX_AVX | LEAF_1_ECX_FMA | LEAF_1_ECX_F16C;
    }
    uint32_t edx = LEAF_1_EDX_FPU | LEAF_1_EDX_TSC | LEAF_1_EDX_CX8 | LEAF_1_EDX_APIC |
                   LEAF_1_EDX_CMOV | LEAF_1_EDX_CLFSH | LEAF_1_EDX_MMX | LEAF_1_EDX_FXSR |
                   LEAF_1_EDX_SSE | LEAF_1_EDX_SSE2 | LEAF_1_EDX_KERNEL;
    return (struct cpuid_leaf){
        .eax = 0x306c3, /* family 6, model 3c, stepping 3 */
        .ebx = 8 << 8,  /* clflush: 64 bytes; APIC ID 0 */
        .ecx = ecx & host->leaf_1_ecx,
        .edx = edx & host->leaf_1_edx,
    };
}

/* Leaf 4. 64-byte lines, one partition; caches that nobody shares. */
static struct cpuid_leaf cache(uint32_t type, uint32_t level, uint32_t ways, uint32_t sets)
{
    return (struct cpuid_leaf){
        .eax = type | level << 5 | BIT(8), .ebx = (ways - 1) << 22 | 63, .ecx = sets - 1};
}

static struct cpuid_leaf haswell_cache(uint32_t subleaf)
{
    switch (subleaf) {
    case 0:
        return cache(1, 1, 8, 64); /* data, 32 KiB */
    case 1:
        return cache(2, 1, 8, 64); /* instructions, 32 KiB */
    case 2:
        return cache(3, 2, 8, 512); /* 256 KiB */
    case 3:
        return cache(3, 3, 16, 8192); /* 8 MiB */
    default:
        return (struct cpuid_leaf){0};
    }
}

static struct cpuid_leaf haswell_features_7(const struct kernel_config *config,
                                            const struct cpu_host *host, uint32_t subleaf)
{
    if (subleaf != 0) {
        return (struct cpuid_leaf){0};
    }
    uint32_t ebx = LEAF_7_EBX_BMI1 | LEAF_7_EBX_BMI2 | LEAF_7_EBX_ERMS;
    ebx |= config->fsgsbase_inst ? LEAF_7_EBX_FSGSBASE : 0;
    ebx |= has_avx(config) ? LEAF_7_EBX_AVX2 : 0;
    return (struct cpuid_leaf){.ebx = ebx & host->leaf_7_ebx};
}

/* Leaf b: one thread of one core, x2APIC ID 0. ecx repeats the subleaf and names the level. */
static struct cpuid_leaf haswell_topology(uint32_t subleaf)
{
    static const uint32_t levels[] = {1, 2}; /* thread, core */
    if (subleaf >= sizeof(levels) / sizeof(levels[0])) {
        return (struct cpuid_leaf){.ecx = subleaf & 0xff};
    }
    return (struct cpuid_leaf){.ebx = 1, .ecx = levels[subleaf] << 8 | subleaf};
}

/* Leaf d. */
static struct cpuid_leaf haswell_xsave(const struct kernel_config *config,
                                       const struct cpu_host *host, uint32_t subleaf)
{
    if (!has_xsave(config)) {
        return (struct cpuid_leaf){0};
    }
    uint32_t bytes = has_avx(config) ? AVX_BYTES : XSAVE_BYTES;
    if (subleaf == 0) {
        return (struct cpuid_leaf){.eax = has_avx(config) ? 7 : 3, .ebx = bytes, .ecx = bytes};
    }
    if (subleaf == 1) {
        return (struct cpuid_leaf){.eax = LEAF_D_1_EAX_XSAVEOPT & host->leaf_d_1_eax};
    }
    if (subleaf == 2 && has_avx(config)) {
        return (struct cpuid_leaf){.eax = AVX_STATE, .ebx = XSAVE_BYTES};
    }
    return (struct cpuid_leaf){0};
}

static struct cpuid_leaf haswell_extended_features(const struct kernel_config *config,
                                                   const struct cpu_host *host)
{
    uint32_t ecx = EXTENDED_1_ECX_LAHF | EXTENDED_1_ECX_LZCNT;
    uint32_t edx = EXTENDED_1_EDX_SYSCALL | EXTENDED_1_EDX_NX | EXTENDED_1_EDX_LM;
    edx |= config->huge_page ? EXTENDED_1_EDX_1G : 0;
    return (struct cpuid_leaf){
        .ecx = ecx & host->extended_1_ecx,
        /* Carried out by the machine where the host has none. */
        .edx = (edx & host->extended_1_edx) | EXTENDED_1_EDX_RDTSCP,
    };
}

/* A part of the name, 16 bytes of 48. */
static struct cpuid_leaf brand(uint32_t part)
{
    static const char name[48] = "Quoll, with the CPUID of an Intel Haswell";
    struct cpuid_leaf leaf;
    memcpy(&leaf, name + (size_t)part * sizeof(leaf), sizeof(leaf));
    return leaf;
}

static struct cpuid_leaf haswell(const struct kernel_config *config, const struct cpu_host *host,
                                 uint32_t leaf, uint32_t subleaf)
{
    bool basic = leaf <= HASWELL_BASIC_MAX;
    bool extended = leaf >= 0x80000000 && leaf <= HASWELL_EXTENDED_MAX;
    switch (basic || extended ? leaf : HASWELL_BASIC_MAX) {
    case 0x0: /* GenuineIntel */
        return (struct cpuid_leaf){HASWELL_BASIC_MAX, 0x756e6547, 0x6c65746e, 0x49656e69};
    case 0x1:
        return haswell_features(config, host);
    case 0x2: /* TLBs of 4 KiB and larger pages, 64-byte prefetching; of caches leaf 4 tells */
        return (struct cpuid_leaf){0x76036301, 0x00f0b5ff, 0, 0x00c10000};
    case 0x4:
        return haswell_cache(subleaf);
    case 0x7:
        return haswell_features_7(config, host, subleaf);
    case 0xa: /* version 2; 8 counters, a single thread's; 48 bits; none of 7 events; no fixed ones */
        return (struct cpuid_leaf){.eax = 2 | 8 << 8 | 48 << 16 | 7 << 24, .ebx = 0x7f};
    case 0xb:
        return haswell_topology(subleaf);
    case 0xd:
        return haswell_xsave(config, host, subleaf);
    case 0x80000000:
        return (struct cpuid_leaf){.eax = HASWELL_EXTENDED_MAX};
    case 0x80000001:
        return haswell_extended_features(config, host);
    case 0x80000002:
    case 0x80000003:
    case 0x80000004:
        return brand(leaf - 0x80000002);
    case 0x80000006: /* L2: 256 KiB, 8 ways, 64-byte lines */
        return (struct cpuid_leaf){.ecx = 256 << 16 | 6 << 12 | 64};
    case 0x80000007:
        return (struct cpuid_leaf){.edx = EXTENDED_7_EDX_INVARIANT_TSC};
    case 0x80000008: /* 39 bits of physical addresses, 48 of virtual ones */
        return (struct cpuid_leaf){.eax = 39 | 48 << 8};
    default: /* reserved, or about power, heat and waiting */
        return (struct cpuid_leaf){0};
    }
}

/* --- All --- */

static const struct cpu cpus[] = {{"haswell", haswell}};

#define CPUS (sizeof(cpus) / sizeof(cpus[0]))

const struct cpu *cpu_named(const char *name)
{
    for (size_t i = 0; i < CPUS; i++) {
        if (strcmp(cpus[i].name, name) == 0) {
            return &cpus[i];
        }
    }
    return NULL;
}

const char *cpu_name(unsigned index)
{
    return index < CPUS ? cpus[index].name : NULL;
}

/* What is above the host's maximum it does not have. */
static struct cpuid_leaf host_leaf(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_leaf answer = {0};
    __get_cpuid_count(leaf, subleaf, &answer.eax, &answer.ebx, &answer.ecx, &answer.edx);
    return answer;
}

struct cpu_host cpu_host_read(void)
{
    struct cpuid_leaf features = host_leaf(1, 0);
    struct cpuid_leaf extended = host_leaf(0x80000001, 0);
    return (struct cpu_host){
        .leaf_1_ecx = features.ecx,
        .leaf_1_edx = features.edx,
        .leaf_7_ebx = host_leaf(7, 0).ebx,
        .leaf_d_1_eax = host_leaf(0xd, 1).eax,
        .extended_1_ecx = extended.ecx,
        .extended_1_edx = extended.edx,
    };
}
