/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/breakpoints.h"

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <string.h>
#include <unistd.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/instruction.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/rewrite.h"
#include "platform/isolated/stop.h"
#include "platform/isolated/thread.h"

/* Perf events. */

static uint32_t perf_type(enum x86_break_on on)
{
    switch (on) {
    case X86_BREAK_ON_EXECUTE:
        return HW_BREAKPOINT_X;
    case X86_BREAK_ON_WRITE:
        return HW_BREAKPOINT_W;
    default:
        return HW_BREAKPOINT_RW;
    }
}

static struct perf_event_attr perf_attributes(const struct x86_breakpoint *breakpoint)
{
    return (struct perf_event_attr){
        .type = PERF_TYPE_BREAKPOINT,
        .size = sizeof(struct perf_event_attr),
        .bp_type = perf_type((enum x86_break_on)breakpoint->on),
        .bp_addr = breakpoint->address,
        /* Linux wants a long for instructions, and means one byte. */
        .bp_len = breakpoint->on == X86_BREAK_ON_EXECUTE ? sizeof(long) : breakpoint->bytes,
        .sample_period = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };
}

static uint64_t read_count(int fd)
{
    uint64_t count;
    return host.read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/* Virtual machines are known that take breakpoints and never see one hit, so try: on this thread,
 * without a signal. */
static bool try_one(void)
{
    volatile uint64_t watched = 0;
    struct perf_event_attr attributes = perf_attributes(&(struct x86_breakpoint){
        .address = (uint64_t)(uintptr_t)&watched, .bytes = 8, .on = X86_BREAK_ON_WRITE});
    int fd = host.perf_event_open(&attributes, 0);
    if (fd < 0) {
        return false;
    }
    watched = 1;
    bool works = read_count(fd) == 1;
    close(fd);
    return works;
}

static bool host_has_breakpoints(struct platform *platform)
{
    if (platform->breakpoints == BREAKPOINTS_UNTRIED) {
        platform->breakpoints = try_one() ? BREAKPOINTS_WORK : BREAKPOINTS_FAIL;
    }
    return platform->breakpoints == BREAKPOINTS_WORK;
}

static int open_event(const struct thread *thread, const struct x86_breakpoint *breakpoint)
{
    struct perf_event_attr attributes = perf_attributes(breakpoint);
    attributes.sigtrap = 1;
    attributes.remove_on_exec = 1; /* Linux insists, with signals */
    return host.perf_event_open(&attributes, thread->cell->slots[thread->slot].thread_id);
}

/* Guests have nothing where the stub is, so nothing of theirs is ever hit there. */
static struct x86_breakpoint wanted(struct x86_breakpoint breakpoint)
{
    return breakpoint.enabled && !stop_in_stub(breakpoint.address) ? breakpoint
                                                                   : (struct x86_breakpoint){0};
}

static bool same(const struct x86_breakpoint *a, const struct x86_breakpoint *b)
{
    return a->enabled == b->enabled && a->address == b->address && a->bytes == b->bytes &&
           a->on == b->on;
}

static void close_event(struct breakpoint_events *events, unsigned i)
{
    if (events->set[i].enabled) {
        close(events->fd[i]);
        events->set[i] = (struct x86_breakpoint){0};
    }
}

/* Make one what it is to be. Returns false if Linux has none left, or does not allow it. */
static bool set_event(struct thread *thread, unsigned i, struct x86_breakpoint breakpoint)
{
    struct breakpoint_events *events = &thread->breakpoints;
    if (!same(&events->set[i], &breakpoint)) {
        close_event(events, i);
    }
    if (breakpoint.enabled && !events->set[i].enabled) {
        events->fd[i] = open_event(thread, &breakpoint);
        if (events->fd[i] < 0) {
            return false;
        }
        events->count[i] = 0;
        events->set[i] = breakpoint;
    }
    if (breakpoint.enabled && breakpoint.on == X86_BREAK_ON_EXECUTE) {
        rewrite_keep(thread->cell, breakpoint.address);
    }
    return true;
}

void breakpoints_clear(struct thread *thread)
{
    for (unsigned i = 0; i < X86_BREAKPOINTS; i++) {
        close_event(&thread->breakpoints, i);
    }
}

bool breakpoints_set(struct thread *thread, const struct x86_breakpoint *breakpoints)
{
    if (breakpoints == NULL) {
        breakpoints_clear(thread);
        return true;
    }
    if (!host_has_breakpoints(thread->cell->platform)) {
        return false;
    }
    for (unsigned i = 0; i < X86_BREAKPOINTS; i++) {
        if (!set_event(thread, i, wanted(breakpoints[i]))) {
            breakpoints_clear(thread);
            return false;
        }
    }
    return true;
}

uint64_t breakpoints_hit(struct thread *thread)
{
    struct breakpoint_events *events = &thread->breakpoints;
    uint64_t hits = 0;
    for (unsigned i = 0; i < X86_BREAKPOINTS; i++) {
        if (events->set[i].enabled) {
            uint64_t count = read_count(events->fd[i]);
            if (count != events->count[i]) {
                events->count[i] = count;
                hits |= X86_DEBUG_HIT(i);
            }
        }
    }
    return hits;
}

/* In steps. */

uint64_t breakpoints_before(const struct x86_breakpoint *breakpoints,
                            const struct x86_registers *registers)
{
    uint64_t hits = 0;
    for (unsigned i = 0; breakpoints != NULL && i < X86_BREAKPOINTS; i++) {
        if (breakpoints[i].enabled && breakpoints[i].on == X86_BREAK_ON_EXECUTE &&
            breakpoints[i].address == registers->r[X86_RIP]) {
            hits |= X86_DEBUG_HIT(i);
        }
    }
    return hits;
}

static bool watches(const struct x86_breakpoint *breakpoint, const struct memory_access *access)
{
    bool kind = breakpoint->on == X86_BREAK_ON_ACCESS ||
                (breakpoint->on == X86_BREAK_ON_WRITE && access->writes);
    return breakpoint->enabled && kind &&
           access->address < breakpoint->address + breakpoint->bytes &&
           breakpoint->address < access->address + access->bytes;
}

uint64_t breakpoints_behind(const struct x86_breakpoint *breakpoints,
                            const struct instruction *instruction,
                            const struct x86_registers *registers)
{
    struct memory_access accesses[MEMORY_ACCESSES_MAX];
    unsigned count = instruction_accesses(instruction, registers, accesses);
    uint64_t hits = 0;
    for (unsigned i = 0; i < X86_BREAKPOINTS; i++) {
        for (unsigned j = 0; j < count; j++) {
            hits |= watches(&breakpoints[i], &accesses[j]) ? X86_DEBUG_HIT(i) : 0;
        }
    }
    return hits;
}
