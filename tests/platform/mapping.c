/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a guest can reach, and since when. */
#include "tests/platform/fixture.h"

#include <string.h>

static const struct fixture_options trapped = {.rewrite = false};

/* 0: mov (%rdi),%rax; syscall   5: mov %rax,(%rdi); syscall */
static void open_with_accesses(struct fixture *f)
{
    fixture_open(f, trapped);
    CODE_IS(f, 0x48, 0x8b, 0x07, 0x0f, 0x05, 0x48, 0x89, 0x07, 0x0f, 0x05);
}

static enum run_result load(struct fixture *f, uint64_t address)
{
    f->registers.r[X86_RIP] = CODE;
    f->registers.r[X86_RDI] = address;
    return fixture_run(f);
}

static enum run_result store(struct fixture *f, uint64_t address)
{
    f->registers.r[X86_RIP] = CODE + 5;
    f->registers.r[X86_RDI] = address;
    return fixture_run(f);
}

static struct platform_stats stats(const struct fixture *f)
{
    struct platform_stats answer;
    platform_stats(f->platform, &answer);
    return answer;
}

TEST(what_is_unmapped_cannot_be_reached)
{
    struct fixture f;
    open_with_accesses(&f);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x4000, true);
    EXPECT_EQ(RUN_SYSCALL, store(&f, DATA + 0x1000));
    platform_unmap(f.platform, VSPACE_A, DATA + 0x1000, 0x1000);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA + 0x1000));
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA));
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA + 0x2000));
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA + 0x3000));
    fixture_close(&f);
}

TEST(what_was_never_applied_needs_no_unmapping)
{
    struct fixture f;
    open_with_accesses(&f);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA));
    uint64_t unmaps = stats(&f).unmaps;
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x3000, true);
    platform_unmap(f.platform, VSPACE_A, DATA + 0x1000, 0x1000);
    EXPECT_EQ(unmaps, stats(&f).unmaps);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA + 0x1000));
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA));
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA + 0x2000));
    fixture_close(&f);
}

TEST(what_is_offered_to_a_cell_that_runs_comes_with_the_next_mapping)
{
    struct fixture f;
    open_with_accesses(&f);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA));
    uint64_t maps = stats(&f).maps;
    platform_offer(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    platform_offer(f.platform, VSPACE_A, DATA + 0x2000, DATA_FRAME, 0x1000, true);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA));
    EXPECT_EQ(DATA, f.thread.fault.address);
    EXPECT_EQ(maps, stats(&f).maps);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    EXPECT_EQ(RUN_SYSCALL, store(&f, DATA));
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA + 0x2000));
    fixture_close(&f);
}

TEST(what_was_offered_before_a_cell_runs_is_there_at_once)
{
    struct fixture f;
    fixture_open(&f, trapped);
    CODE_IS(&f, 0x48, 0x8b, 0x07, 0x0f, 0x05);
    platform_offer(f.platform, VSPACE_B, CODE, CODE_FRAME, 0x1000, false);
    platform_offer(f.platform, VSPACE_B, DATA, DATA_FRAME, 0x1000, true);
    f.thread.vspace = VSPACE_B;
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA));
    fixture_close(&f);
}

TEST(what_is_offered_and_unmapped_untouched_costs_no_order)
{
    struct fixture f;
    open_with_accesses(&f);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA));
    struct platform_stats before = stats(&f);
    for (uint64_t i = 0; i < 100; i++) {
        platform_offer(f.platform, VSPACE_A, DATA, DATA_FRAME + i * 0x1000, 0x1000, true);
        EXPECT_EQ(RUN_FAULT, load(&f, DATA + 0x1000));
        platform_unmap(f.platform, VSPACE_A, DATA, 0x1000);
    }
    EXPECT_EQ(before.maps, stats(&f).maps);
    EXPECT_EQ(before.unmaps, stats(&f).unmaps);
    fixture_close(&f);
}

TEST(what_is_offered_as_it_is_mapped_stays)
{
    struct fixture f;
    open_with_accesses(&f);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x4000, true);
    EXPECT_EQ(RUN_SYSCALL, store(&f, DATA + 0x1000));
    struct platform_stats before = stats(&f);
    platform_offer(f.platform, VSPACE_A, DATA + 0x1000, DATA_FRAME + 0x1000, 0x2000, true);
    EXPECT_EQ(RUN_SYSCALL, store(&f, DATA + 0x1000));
    EXPECT_EQ(before.unmaps, stats(&f).unmaps);
    platform_offer(f.platform, VSPACE_A, DATA + 0x1000, DATA_FRAME + 0x2000, 0x1000, true);
    EXPECT_EQ(RUN_FAULT, store(&f, DATA + 0x1000));
    platform_offer(f.platform, VSPACE_A, DATA + 0x3000, DATA_FRAME + 0x3000, 0x2000, true);
    EXPECT_EQ(RUN_FAULT, store(&f, DATA + 0x3000));
    fixture_close(&f);
}

TEST(a_page_that_is_touched_comes_however_much_else_was_offered)
{
    struct fixture f;
    open_with_accesses(&f);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA));
    for (uint64_t i = 1; i <= 100; i++) {
        platform_offer(f.platform, VSPACE_A, DATA + 0x2000 * i, DATA_FRAME, 0x1000, true);
    }
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA));
    fixture_close(&f);
}

TEST(so_does_one_amidst_of_what_was_offered)
{
    struct fixture f;
    open_with_accesses(&f);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA));
    platform_offer(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x3000, true);
    for (uint64_t i = 3; i <= 100; i++) {
        platform_offer(f.platform, VSPACE_A, DATA + 0x2000 * i, DATA_FRAME, 0x1000, true);
    }
    platform_map(f.platform, VSPACE_A, DATA + 0x1000, DATA_FRAME + 0x1000, 0x1000, true);
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA + 0x1000));
    fixture_close(&f);
}

TEST(what_is_offered_takes_the_place_of_what_was_mapped)
{
    struct fixture f;
    open_with_accesses(&f);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    EXPECT_EQ(RUN_SYSCALL, store(&f, DATA));
    platform_offer(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, false);
    EXPECT_EQ(RUN_FAULT, store(&f, DATA));
    EXPECT_EQ(X86_FAULT_USER | X86_FAULT_WRITE, f.thread.fault.error);
    fixture_close(&f);
}

TEST(less_rights_hold_at_once)
{
    struct fixture f;
    open_with_accesses(&f);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    EXPECT_EQ(RUN_SYSCALL, store(&f, DATA));
    platform_unmap(f.platform, VSPACE_A, DATA, 0x1000);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, false);
    EXPECT_EQ(RUN_FAULT, store(&f, DATA));
    EXPECT_EQ(X86_FAULT_USER | X86_FAULT_WRITE | X86_FAULT_PRESENT, f.thread.fault.error);
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA));
    fixture_close(&f);
}

TEST(mapping_over_a_mapping_replaces_it)
{
    struct fixture f;
    open_with_accesses(&f);
    memcpy(f.ram + DATA_FRAME, "\1", 1);
    memcpy(f.ram + DATA_FRAME + 0x1000, "\2", 1);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME, 0x1000, true);
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA));
    EXPECT_EQ(1, f.registers.r[X86_RAX]);
    platform_map(f.platform, VSPACE_A, DATA, DATA_FRAME + 0x1000, 0x1000, true);
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA));
    EXPECT_EQ(2, f.registers.r[X86_RAX]);
    fixture_close(&f);
}

TEST(neighbours_become_one_mapping)
{
    struct fixture f;
    open_with_accesses(&f);
    EXPECT_EQ(RUN_FAULT, load(&f, DATA));
    uint64_t maps = stats(&f).maps;
    for (uint64_t page = 0; page < 64; page++) {
        platform_map(f.platform, VSPACE_A, DATA + page * 0x1000, DATA_FRAME + page * 0x1000, 0x1000,
                     true);
    }
    EXPECT_EQ(RUN_SYSCALL, load(&f, DATA + 0x3f000));
    EXPECT_EQ(maps + 1, stats(&f).maps);
    fixture_close(&f);
}

TEST(a_guest_with_thousands_of_mappings_may_lose_some_but_works)
{
    struct fixture f;
    open_with_accesses(&f);
    uint64_t faults = 0;
    /* Every other page, so that no two can be joined. */
    for (uint64_t i = 0; i < 6000; i++) {
        uint64_t address = 0x10000000 + i * 0x2000;
        platform_map(f.platform, VSPACE_A, address, DATA_FRAME, 0x1000, true);
        while (load(&f, address) == RUN_FAULT) {
            uint64_t missing = f.thread.fault.address & ~0xfffull;
            faults++;
            EXPECT_TRUE(missing == CODE || missing == address);
            platform_map(f.platform, VSPACE_A, missing, missing == CODE ? CODE_FRAME : DATA_FRAME,
                         0x1000, missing != CODE);
        }
    }
    EXPECT_TRUE(faults > 0);
    EXPECT_TRUE(faults < 100);
    fixture_close(&f);
}

TEST(the_last_page_of_the_address_space_can_be_mapped)
{
    struct fixture f;
    open_with_accesses(&f);
    platform_map(f.platform, VSPACE_A, 0x7fffffffe000, DATA_FRAME, 0x1000, true);
    EXPECT_EQ(RUN_SYSCALL, store(&f, 0x7fffffffeff8));
    EXPECT_EQ(RUN_SYSCALL, load(&f, 0x7fffffffeff8));
    fixture_close(&f);
}

TEST(the_reserved_ranges_are_few_small_and_leave_out_what_microkit_uses)
{
    struct fixture f;
    open_with_accesses(&f);
    const struct platform_range *ranges;
    size_t count = platform_reserved(f.platform, &ranges);
    EXPECT_EQ(3, count);
    EXPECT_EQ(0, ranges[0].first);
    for (size_t i = 0; i < count; i++) {
        EXPECT_TRUE(ranges[i].last - ranges[i].first < 0x4000000);
        EXPECT_TRUE(ranges[i].last < 0x7ff000000000);
        EXPECT_TRUE(ranges[i].last < 0x200000 || ranges[i].first > 0x7d0000000000);
        EXPECT_TRUE(strlen(ranges[i].why) > 10);
    }
    fixture_close(&f);
}

/* A model of what the kernel's page tables say: 0 or the frame's number. */
#define WINDOW      48u
#define FRAMES      32u
#define FRAME_FIRST 0x40000u

struct model {
    unsigned frame[WINDOW];
    bool writable[WINDOW];
};

static uint64_t random_below(uint64_t *state, uint64_t bound)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state % bound;
}

static void map_some(struct fixture *f, struct model *model, uint64_t *state)
{
    unsigned page = (unsigned)random_below(state, WINDOW);
    unsigned count = 1 + (unsigned)random_below(state, WINDOW - page < 8 ? WINDOW - page : 8);
    unsigned frame = 1 + (unsigned)random_below(state, FRAMES - count);
    bool writable = random_below(state, 2) != 0;
    bool offered = random_below(state, 2) != 0;
    (offered ? platform_offer : platform_map)(f->platform, VSPACE_A, DATA + page * 0x1000,
                                              FRAME_FIRST + frame * 0x1000, count * 0x1000,
                                              writable);
    for (unsigned i = 0; i < count; i++) {
        model->frame[page + i] = frame + i;
        model->writable[page + i] = writable;
    }
}

static void unmap_some(struct fixture *f, struct model *model, uint64_t *state)
{
    unsigned page = (unsigned)random_below(state, WINDOW);
    unsigned count = 1 + (unsigned)random_below(state, WINDOW - page);
    platform_unmap(f->platform, VSPACE_A, DATA + page * 0x1000, count * 0x1000);
    for (unsigned i = 0; i < count; i++) {
        model->frame[page + i] = 0;
    }
}

/* A mapping may be forgotten; then it is mapped again, and has to work. */
static void expect_as_modelled(struct fixture *f, const struct model *model, unsigned page)
{
    uint64_t address = DATA + page * 0x1000;
    unsigned frame = model->frame[page];
    if (frame == 0) {
        EXPECT_EQ(RUN_FAULT, load(f, address));
        EXPECT_EQ(X86_FAULT_USER, f->thread.fault.error);
        return;
    }
    if (load(f, address) == RUN_FAULT) {
        EXPECT_EQ(X86_FAULT_USER, f->thread.fault.error);
        platform_map(f->platform, VSPACE_A, address, FRAME_FIRST + frame * 0x1000, 0x1000,
                     model->writable[page]);
        EXPECT_EQ(RUN_SYSCALL, load(f, address));
    }
    EXPECT_EQ(frame, f->registers.r[X86_RAX]);
    EXPECT_EQ(model->writable[page] ? RUN_SYSCALL : RUN_FAULT, store(f, address));
}

TEST(any_sequence_of_mappings_is_what_the_guest_sees)
{
    struct fixture f;
    open_with_accesses(&f);
    for (unsigned frame = 0; frame < FRAMES; frame++) {
        f.ram[FRAME_FIRST + frame * 0x1000] = (uint8_t)frame;
    }
    struct model model = {0};
    uint64_t state = 0x2545f4914f6cdd1d;
    print_message("# seed %#lx\n", state);
    for (unsigned step = 0; step < 1500; step++) {
        if (random_below(&state, 3) == 0) {
            unmap_some(&f, &model, &state);
        } else {
            map_some(&f, &model, &state);
        }
        if (random_below(&state, 2) == 0) {
            expect_as_modelled(&f, &model, (unsigned)random_below(&state, WINDOW));
        }
    }
    for (unsigned page = 0; page < WINDOW; page++) {
        expect_as_modelled(&f, &model, page);
    }
    fixture_close(&f);
}

TEST(filling_maps_what_is_not_mapped_and_leaves_the_rest)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.rewrite = false});
    /* 1: mov (%rsi),%rax; syscall; add $0x1000,%rsi; jmp 1b */
    CODE_IS(&f, 0x48, 0x8b, 0x06, 0x0f, 0x05, 0x48, 0x81, 0xc6, 0, 0x10, 0, 0, 0xeb, 0xf2);
    for (uint64_t page = 0; page < 4; page++) {
        f.ram[DATA_FRAME + page * 0x1000] = (uint8_t)(10 + page);
        f.ram[DATA_FRAME + 0x8000 + page * 0x1000] = (uint8_t)(20 + page);
    }
    platform_map(f.platform, VSPACE_A, DATA + 0x1000, DATA_FRAME + 0x1000, 0x1000, true);
    f.registers.r[X86_RSI] = DATA + 0x1000;
    EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
    EXPECT_EQ(11, f.registers.r[X86_RAX]);

    uint64_t maps = stats(&f).maps;
    platform_fill(f.platform, VSPACE_A, DATA, DATA_FRAME + 0x8000, 0x4000, true);
    f.registers.r[X86_RSI] = DATA;
    f.registers.r[X86_RIP] = CODE;
    EXPECT_EQ(RUN_FAULT, fixture_run(&f));
    EXPECT_EQ(maps, stats(&f).maps);
    platform_map(f.platform, VSPACE_A, DATA + 0x5000, DATA_FRAME, 0x1000, true);

    static const uint64_t expected[] = {20, 11, 22, 23};
    f.registers.r[X86_RSI] = DATA;
    f.registers.r[X86_RIP] = CODE;
    for (int page = 0; page < 4; page++) {
        EXPECT_EQ(RUN_SYSCALL, fixture_run(&f));
        EXPECT_EQ(expected[page], f.registers.r[X86_RAX]);
        f.registers.r[X86_RIP] += 2;
    }
    fixture_close(&f);
}
