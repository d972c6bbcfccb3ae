/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* CPUs of a machine's own: what CPUID says of them, and the instruction. */
#include "abi/x86/exceptions.h"
#include "machine/cpu.h"
#include "machine/parts.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <errno.h>
#include <string.h>

#define RIP   0x400000u
#define FRAME 0x2000u

static const struct kernel_config fxsave = {.name = "fxsave", .xsave_bytes = 512};
static const struct kernel_config xsave = {
    .name = "xsave", .xsave_bytes = 576, .fsgsbase_inst = true, .huge_page = true};
static const struct kernel_config avx = {.name = "avx", .xsave_bytes = 832};

static const struct cpu_host everything = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
static const struct cpu_host nothing = {0};

static struct cpuid_leaf ask(const struct kernel_config *config, const struct cpu_host *host,
                             uint32_t leaf, uint32_t subleaf)
{
    return cpu_named("haswell")->answer(config, host, leaf, subleaf);
}

#define EXPECT_LEAF(eax_, ebx_, ecx_, edx_, leaf)                                                  \
    do {                                                                                           \
        struct cpuid_leaf leaf_ = (leaf);                                                          \
        EXPECT_EQ(eax_, leaf_.eax);                                                                \
        EXPECT_EQ(ebx_, leaf_.ebx);                                                                \
        EXPECT_EQ(ecx_, leaf_.ecx);                                                                \
        EXPECT_EQ(edx_, leaf_.edx);                                                                \
    } while (0)

TEST(cpus_are_known_by_name)
{
    EXPECT_STR("haswell", cpu_named("haswell")->name);
    EXPECT_STR("haswell", cpu_name(0));
    EXPECT_TRUE(cpu_name(1) == NULL);
    EXPECT_TRUE(cpu_named("host") == NULL);
    EXPECT_TRUE(cpu_named("") == NULL);
}

TEST(haswell_is_a_genuine_intel_of_family_6_model_3c)
{
    struct cpuid_leaf leaf = ask(&fxsave, &everything, 0, 0);
    char vendor[13] = {0};
    memcpy(vendor, &leaf.ebx, 4);
    memcpy(vendor + 4, &leaf.edx, 4);
    memcpy(vendor + 8, &leaf.ecx, 4);
    EXPECT_STR("GenuineIntel", vendor);
    EXPECT_EQ(0xd, leaf.eax);
    leaf = ask(&fxsave, &everything, 1, 0);
    EXPECT_EQ(6, leaf.eax >> 8 & 0xf);
    EXPECT_EQ(0x3c, (leaf.eax >> 4 & 0xf) | (leaf.eax >> 12 & 0xf0));
}

TEST(haswell_has_eight_counters_of_48_bits_and_no_event_for_them)
{
    EXPECT_LEAF(0x07300802, 0x7f, 0, 0, ask(&fxsave, &everything, 0xa, 0));
}

/* What a bit of the host's is masked with, leaf by leaf. */
static const struct feature_leaf {
    uint32_t leaf, subleaf;
    size_t result, host; /* offsets */
    uint32_t always;     /* emulated */
} feature_leaves[] = {
    {1, 0, offsetof(struct cpuid_leaf, ecx), offsetof(struct cpu_host, leaf_1_ecx), 0},
    {1, 0, offsetof(struct cpuid_leaf, edx), offsetof(struct cpu_host, leaf_1_edx), 0},
    {7, 0, offsetof(struct cpuid_leaf, ebx), offsetof(struct cpu_host, leaf_7_ebx), 0},
    {0xd, 1, offsetof(struct cpuid_leaf, eax), offsetof(struct cpu_host, leaf_d_1_eax), 0},
    {0x80000001, 0, offsetof(struct cpuid_leaf, ecx), offsetof(struct cpu_host, extended_1_ecx), 0},
    {0x80000001, 0, offsetof(struct cpuid_leaf, edx), offsetof(struct cpu_host, extended_1_edx),
     1u << 27},
};

static uint32_t features(const struct feature_leaf *of, const struct cpu_host *host)
{
    struct cpuid_leaf leaf = ask(&avx, host, of->leaf, of->subleaf);
    uint32_t bits;
    memcpy(&bits, (const char *)&leaf + of->result, sizeof(bits));
    return bits;
}

TEST(no_feature_is_shown_that_the_host_lacks_but_rdtscp)
{
    for (size_t i = 0; i < sizeof(feature_leaves) / sizeof(feature_leaves[0]); i++) {
        const struct feature_leaf *of = &feature_leaves[i];
        uint32_t shown = features(of, &everything);
        EXPECT_EQ(of->always, features(of, &nothing));
        for (unsigned bit = 0; bit < 32; bit++) {
            uint32_t only = 1u << bit;
            struct cpu_host host = nothing;
            memcpy((char *)&host + of->host, &only, sizeof(only));
            EXPECT_EQ((shown & only) | of->always, features(of, &host));
        }
    }
}

/* Haswell's, of which nobody makes more: adx, rdseed, AVX-512, sha, SSE4a, 3DNow. */
TEST(no_feature_is_shown_that_haswell_lacks)
{
    EXPECT_EQ(0, features(&feature_leaves[0], &everything) & ~0x7ffafbffu);
    EXPECT_EQ(0, features(&feature_leaves[1], &everything) & ~0xbfebfbffu);
    EXPECT_EQ(0, features(&feature_leaves[2], &everything) & ~0x00002fbbu);
    EXPECT_EQ(0, features(&feature_leaves[3], &everything) & ~0x00000001u);
    EXPECT_EQ(0, features(&feature_leaves[4], &everything) & ~0x00000021u);
    EXPECT_EQ(0, features(&feature_leaves[5], &everything) & ~0x2c100800u);
}

TEST(xsave_and_avx_are_what_the_kernel_saves)
{
    const uint32_t xsave_bits = 3u << 26;
    const uint32_t avx_bits = 1u << 28 | 1u << 29 | 1u << 12;
    EXPECT_EQ(0, ask(&fxsave, &everything, 1, 0).ecx & (xsave_bits | avx_bits));
    EXPECT_EQ(xsave_bits, ask(&xsave, &everything, 1, 0).ecx & (xsave_bits | avx_bits));
    EXPECT_EQ(xsave_bits | avx_bits, ask(&avx, &everything, 1, 0).ecx & (xsave_bits | avx_bits));
    EXPECT_EQ(0, ask(&xsave, &everything, 7, 0).ebx & 1u << 5);
    EXPECT_NE(0, ask(&avx, &everything, 7, 0).ebx & 1u << 5);
    EXPECT_LEAF(0, 0, 0, 0, ask(&fxsave, &everything, 0xd, 0));
    EXPECT_LEAF(3, 576, 576, 0, ask(&xsave, &everything, 0xd, 0));
    EXPECT_LEAF(7, 832, 832, 0, ask(&avx, &everything, 0xd, 0));
    EXPECT_LEAF(0, 0, 0, 0, ask(&xsave, &everything, 0xd, 2));
    EXPECT_LEAF(256, 576, 0, 0, ask(&avx, &everything, 0xd, 2));
}

TEST(fsgsbase_and_pages_of_1_gib_are_the_kernels_to_allow)
{
    EXPECT_EQ(0, ask(&fxsave, &everything, 7, 0).ebx & 1);
    EXPECT_EQ(1, ask(&xsave, &everything, 7, 0).ebx & 1);
    EXPECT_EQ(0, ask(&fxsave, &everything, 0x80000001, 0).edx & 1u << 26);
    EXPECT_NE(0, ask(&xsave, &everything, 0x80000001, 0).edx & 1u << 26);
}

TEST(subleaves_above_the_last_end_the_lists)
{
    EXPECT_EQ(3, ask(&fxsave, &everything, 4, 3).eax & 0x1f);
    EXPECT_LEAF(0, 0, 0, 0, ask(&fxsave, &everything, 4, 4));
    EXPECT_LEAF(0, 0, 0, 0, ask(&fxsave, &everything, 7, 1));
    EXPECT_LEAF(0, 1, 0x100, 0, ask(&fxsave, &everything, 0xb, 0));
    EXPECT_LEAF(0, 1, 0x201, 0, ask(&fxsave, &everything, 0xb, 1));
    EXPECT_LEAF(0, 0, 2, 0, ask(&fxsave, &everything, 0xb, 2));
}

TEST(the_sizes_of_its_caches_come_out_of_their_geometry)
{
    static const uint32_t kib[] = {32, 32, 256, 8192};
    for (uint32_t i = 0; i < 4; i++) {
        struct cpuid_leaf leaf = ask(&fxsave, &everything, 4, i);
        uint32_t ways = (leaf.ebx >> 22) + 1;
        uint32_t line = (leaf.ebx & 0xfff) + 1;
        EXPECT_EQ(kib[i] * 1024, ways * line * (leaf.ecx + 1));
    }
}

TEST(leaves_above_the_maximum_are_the_highest_basic_one)
{
    static const uint32_t leaves[] = {0xe, 0x40000000, 0x7fffffff, 0x80000009, 0xffffffff};
    EXPECT_EQ(0x80000008, ask(&avx, &everything, 0x80000000, 0).eax);
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        EXPECT_LEAF(7, 832, 832, 0, ask(&avx, &everything, leaves[i], 0));
        EXPECT_LEAF(256, 576, 0, 0, ask(&avx, &everything, leaves[i], 2));
    }
}

TEST(its_name_says_who_it_is)
{
    char name[48];
    for (uint32_t i = 0; i < 3; i++) {
        struct cpuid_leaf leaf = ask(&fxsave, &everything, 0x80000002 + i, 0);
        memcpy(name + 16 * i, &leaf, 16);
    }
    EXPECT_EQ(0, name[47]);
    EXPECT_STR("Quoll, with the CPUID of an Intel Haswell", name);
}

/* --- The instruction --- */

static struct x86_registers registers;

/* A guest that stands at these bytes. */
struct guest {
    struct machine machine;
    struct machine_error error;
    struct kernel_next next;
    struct kernel_event event;
};

static void open_guest(struct guest *g, const void *code, size_t bytes)
{
    memset(g, 0, sizeof(*g));
    doubles_reset();
    doubles_add_page(RIP, FRAME, false);
    EXPECT_EQ(0, memory_open(&g->machine.memory, 1 << 20, &g->error));
    memcpy(g->machine.memory.ram + FRAME, code, bytes);
    clock_start_virtual(&g->machine.clock);
    g->machine.config = fxsave;
    g->machine.cpu = cpu_named("haswell");
    registers = (struct x86_registers){.r = {[X86_RIP] = RIP}};
    g->next = (struct kernel_next){.registers = &registers};
}
#define OPEN_GUEST(g, ...)                                                                         \
    open_guest(g, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static bool goes_on(struct guest *g)
{
    struct platform_fault fault = {.vector = X86_INVALID_OPCODE};
    return machine_resolve_fault(&g->machine, &g->next, &fault, &g->event);
}

TEST(cpuid_is_answered_and_stepped_over)
{
    struct guest g;
    OPEN_GUEST(&g, 0x0f, 0xa2);
    registers.r[X86_RAX] = UINT64_C(0xffffffff00000004); /* the upper halves do not count */
    registers.r[X86_RCX] = UINT64_C(0xffffffff00000002);
    registers.r[X86_RBX] = registers.r[X86_RDX] = UINT64_MAX;
    EXPECT_TRUE(goes_on(&g));
    EXPECT_EQ(RIP + 2, registers.r[X86_RIP]);
    EXPECT_EQ(0x143, registers.r[X86_RAX]);
    EXPECT_EQ(0x01c0003f, registers.r[X86_RBX]);
    EXPECT_EQ(511, registers.r[X86_RCX]);
    EXPECT_EQ(0, registers.r[X86_RDX]);
    memory_close(&g.machine.memory);
}

TEST(text_that_a_guest_has_copied_is_answered_too)
{
    struct guest g;
    OPEN_GUEST(&g, 0x06, 0xa2);
    EXPECT_TRUE(goes_on(&g));
    EXPECT_EQ(RIP + 2, registers.r[X86_RIP]);
    EXPECT_EQ(0xd, registers.r[X86_RAX]);
    memory_close(&g.machine.memory);
}

TEST(rdtscp_reads_the_clock_where_the_host_has_none)
{
    struct guest g;
    OPEN_GUEST(&g, 0x0f, 0x01, 0xf9);
    registers.r[X86_RCX] = registers.r[X86_RDX] = UINT64_MAX;
    clock_spend(&g.machine.clock, UINT64_C(0x500000000));
    EXPECT_TRUE(goes_on(&g));
    EXPECT_EQ(RIP + 3, registers.r[X86_RIP]);
    EXPECT_EQ(CLOCK_TSC_NS, registers.r[X86_RAX]);
    EXPECT_EQ(5, registers.r[X86_RDX]);
    EXPECT_EQ(0, registers.r[X86_RCX]);
    memory_close(&g.machine.memory);
}

TEST(one_of_them_is_a_single_step)
{
    struct guest g;
    OPEN_GUEST(&g, 0x0f, 0xa2);
    g.next.single_step = true;
    EXPECT_FALSE(goes_on(&g));
    EXPECT_EQ(X86_DEBUG, g.event.vector);
    EXPECT_EQ(X86_DEBUG_STEP, g.event.debug);
    EXPECT_EQ(RIP + 2, registers.r[X86_RIP]);
    memory_close(&g.machine.memory);
}

static void expect_invalid_opcode(struct guest *g)
{
    EXPECT_FALSE(goes_on(g));
    EXPECT_EQ(X86_INVALID_OPCODE, g->event.vector);
    EXPECT_EQ(RIP, registers.r[X86_RIP]);
    EXPECT_EQ(0, registers.r[X86_RAX]);
    memory_close(&g->machine.memory);
}

TEST(other_invalid_opcodes_are_the_guests)
{
    struct guest g;
    OPEN_GUEST(&g, 0x0f, 0x0b); /* ud2 */
    expect_invalid_opcode(&g);
    OPEN_GUEST(&g, 0x06, 0x06);
    expect_invalid_opcode(&g);
}

TEST(without_a_cpu_of_its_own_the_machine_answers_nothing)
{
    struct guest g;
    OPEN_GUEST(&g, 0x06, 0xa2);
    g.machine.cpu = NULL;
    expect_invalid_opcode(&g);
    OPEN_GUEST(&g, 0x0f, 0x01, 0xf9);
    g.machine.cpu = NULL;
    expect_invalid_opcode(&g);
}

TEST(a_machine_with_a_cpu_wants_a_host_that_traps_cpuid)
{
    struct machine_options options = {
        .config = &fxsave, .memory_bytes = 16 << 20, .serial = "null", .quiet = true};
    struct machine *machine = NULL;
    struct machine_error error;
    doubles_reset();
    doubles.no_cpuid_traps = true;
    EXPECT_EQ(0, machine_open(&options, &machine, &error));
    machine_close(machine);
    options.cpu = cpu_named("haswell");
    EXPECT_EQ(-ENOTSUP, machine_open(&options, &machine, &error));
    EXPECT_TRUE(strstr(error.text, "'haswell'") != NULL);
    doubles.no_cpuid_traps = false;
    EXPECT_EQ(0, machine_open(&options, &machine, &error));
    machine_close(machine);
}
