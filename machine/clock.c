/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The machine's time. */
#include "machine/clock.h"

#include <cpuid.h>
#include <time.h>
#include <x86intrin.h>

#define NEVER              UINT64_MAX
#define INTERRUPT_GAP_NS   400000
#define VIRTUAL_EPOCH_S    1767225600 /* 2026-01-01 00:00:00 UTC */
#define CALIBRATION_NS_MIN 2000000u
#define SAMPLE_ATTEMPTS    8
/* A machine that was stopped for an hour does not rush through an hour's work, and a person who is given some
 * seconds for something gets a part of them at least. */
#define OWED_NS_MAX        UINT64_C(5000000000)
#define EARLY_OF_4         3          /* so much of a wait may be left out */
#define CPUID_1_HYPERVISOR (1u << 31) /* ecx */

uint64_t clock_host_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Of several attempts the one in which the two readings lie closest together: we, or our whole
 * virtual machine, can be put aside between them. */
struct clock_sample clock_sample(void)
{
    struct clock_sample best = {.ticks = 0};
    uint64_t best_gap = UINT64_MAX;
    for (int i = 0; i < SAMPLE_ATTEMPTS; i++) {
        uint64_t before = __rdtsc();
        uint64_t host_ns = clock_host_now_ns();
        uint64_t gap = __rdtsc() - before;
        if (gap < best_gap) {
            best_gap = gap;
            best = (struct clock_sample){.ticks = before + gap / 2, .host_ns = host_ns};
        }
    }
    return best;
}

/* Intel SDM, CPUID leaf 0x15: the crystal's frequency times a ratio. 0: the processor is silent. */
static uint64_t frequency_from_crystal(void)
{
    unsigned denominator, numerator, crystal_hz, unused;
    if (__get_cpuid_count(0x15, 0, &denominator, &numerator, &crystal_hz, &unused) == 0 ||
        denominator == 0 || numerator == 0) {
        return 0;
    }
    return (uint64_t)crystal_hz * numerator / denominator;
}

/* Leaf 0x40000010, which several hypervisors share: eax is the TSC's frequency in kHz. */
static uint64_t frequency_from_hypervisor(void)
{
    unsigned eax, ebx, ecx, edx;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & CPUID_1_HYPERVISOR) == 0) {
        return 0;
    }
    __cpuid(0x40000000, eax, ebx, ecx, edx);
    if (eax < 0x40000010) {
        return 0;
    }
    __cpuid(0x40000010, eax, ebx, ecx, edx);
    return (uint64_t)eax * 1000;
}

static uint64_t frequency_by_comparison(struct clock_sample earlier)
{
    struct clock_sample now = clock_sample();
    while (now.host_ns - earlier.host_ns < CALIBRATION_NS_MIN) {
        now = clock_sample();
    }
    unsigned __int128 ticks = now.ticks - earlier.ticks;
    return (uint64_t)(ticks * 1000000000u / (now.host_ns - earlier.host_ns));
}

static void set_rate(struct clock *clock, uint64_t hz)
{
    clock->ticks_per_us = hz / 1000000;
    clock->ns_per_tick_q32 = (uint64_t)(((unsigned __int128)1000000000u << 32) / hz);
}

void clock_start(struct clock *clock, struct clock_sample earlier)
{
    uint64_t hz = frequency_from_crystal();
    if (hz == 0) {
        hz = frequency_from_hypervisor();
    }
    if (hz == 0) {
        hz = frequency_by_comparison(earlier);
    }
    uint64_t now_ticks = __rdtsc();
    *clock = (struct clock){
        .start_ticks = now_ticks, .shown_ticks = now_ticks, .interrupt_gap_ns = INTERRUPT_GAP_NS};
    set_rate(clock, hz);
}

void clock_start_virtual(struct clock *clock)
{
    *clock = (struct clock){.is_virtual = true};
    set_rate(clock, 1000000000);
}

/* What it would show, had it not gone ahead. */
static uint64_t true_ticks(const struct clock *clock)
{
    return clock->is_virtual ? clock->virtual_ns : __rdtsc() - clock->stolen_ticks;
}

uint64_t clock_ticks(struct clock *clock)
{
    uint64_t ticks = true_ticks(clock);
    if (ticks > clock->shown_ticks) {
        clock->shown_ticks = ticks;
    }
    return clock->shown_ticks;
}

void clock_spend(struct clock *clock, uint64_t ns)
{
    clock->virtual_ns += ns;
}

void clock_jump(struct clock *clock, uint64_t ns)
{
    clock->virtual_ns = ns > clock->virtual_ns ? ns : clock->virtual_ns;
}

static uint64_t ticks_of_ns(const struct clock *clock, uint64_t ns)
{
    return (uint64_t)(((unsigned __int128)ns << 32) / clock->ns_per_tick_q32);
}

void clock_lose(struct clock *clock, uint64_t ns)
{
    clock->stolen_ticks += ticks_of_ns(clock, ns);
    clock->owed_ns = ns < OWED_NS_MAX - clock->owed_ns ? clock->owed_ns + ns : OWED_NS_MAX;
}

uint64_t clock_early_ns(const struct clock *clock, uint64_t until_ns)
{
    uint64_t now_ns = clock_host_now_ns();
    uint64_t wait_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    if (clock->is_virtual || until_ns == NEVER) {
        return 0;
    }
    uint64_t most_ns = wait_ns / 4 * EARLY_OF_4;
    return most_ns < clock->owed_ns ? most_ns : clock->owed_ns;
}

void clock_make_up(struct clock *clock, uint64_t ns)
{
    clock->stolen_ticks -= ticks_of_ns(clock, ns);
    clock->owed_ns -= ns;
}

void clock_stood_still(struct clock *clock, uint64_t ticks)
{
    if (!clock->is_virtual) {
        clock->stolen_ticks += true_ticks(clock) - ticks;
        clock->shown_ticks = ticks;
    }
}

int64_t clock_wall_s(const struct clock *clock)
{
    return clock->is_virtual ? VIRTUAL_EPOCH_S + (int64_t)(clock->virtual_ns / 1000000000u)
                             : (int64_t)time(NULL);
}

uint64_t clock_ns_of_ticks(const struct clock *clock, uint64_t ticks)
{
    if (ticks == NEVER) {
        return NEVER;
    }
    if (ticks < clock->start_ticks) {
        return 0;
    }
    unsigned __int128 product =
        (unsigned __int128)(ticks - clock->start_ticks) * clock->ns_per_tick_q32;
    return (product >> 96) != 0 ? NEVER : (uint64_t)(product >> 32);
}

uint64_t clock_ns(struct clock *clock)
{
    return clock_ns_of_ticks(clock, clock_ticks(clock));
}

uint64_t clock_host_ns(const struct clock *clock, uint64_t ns)
{
    if (ns == NEVER) {
        return NEVER;
    }
    uint64_t now_ns = clock_ns_of_ticks(clock, true_ticks(clock));
    uint64_t wait_ns = ns > now_ns ? ns - now_ns : 0;
    uint64_t host_ns = clock_host_now_ns();
    return wait_ns > NEVER - host_ns ? NEVER : host_ns + wait_ns;
}
