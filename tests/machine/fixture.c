/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The doubles, and boards for tests. */
#include "tests/machine/fixture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct doubles doubles;

struct kernel {
    char nothing;
};

void doubles_reset(void)
{
    memset(&doubles, 0, sizeof(doubles));
}

void doubles_add_page(uint64_t vaddr, paddr frame, bool writable)
{
    assert(doubles.page_count < DOUBLE_PAGES);
    doubles.pages[doubles.page_count++] = (struct kernel_mapping){
        .vaddr = vaddr, .frame = frame, .bytes = 4096, .readable = true, .writable = writable};
}

/* --- The kernel --- */

paddr kernel_image_base(const struct kernel_boot *boot)
{
    (void)boot;
    return 0x200000;
}

size_t kernel_size(void)
{
    return sizeof(struct kernel);
}

const char *kernel_boot(struct kernel *kernel, const struct kernel_boot *boot)
{
    (void)kernel;
    doubles.boot = *boot;
    doubles.port = boot->port;
    doubles.boot_ticks = boot->port.now_ticks(boot->port.context);
    return doubles.boot_refusal;
}

struct kernel_next kernel_enter(struct kernel *kernel, unsigned core,
                                const struct kernel_event *event)
{
    (void)kernel, (void)core;
    unsigned i = doubles.enters < DOUBLE_STEPS ? doubles.enters : DOUBLE_STEPS - 1;
    doubles.events[i] = *event;
    doubles.enters++;
    if (doubles.on_enter) {
        doubles.on_enter(&doubles.port, i);
    }
    return doubles.next[i];
}

bool kernel_translate(struct kernel *kernel, paddr vspace, uint64_t vaddr,
                      struct kernel_mapping *mapping)
{
    (void)kernel, (void)vspace;
    for (unsigned i = 0; i < doubles.page_count; i++) {
        if (vaddr - doubles.pages[i].vaddr < doubles.pages[i].bytes) {
            *mapping = doubles.pages[i];
            return true;
        }
    }
    return false;
}

void kernel_each_thread(struct kernel *kernel,
                        bool (*visit)(void *context, const struct kernel_thread *thread),
                        void *context)
{
    (void)kernel;
    for (unsigned i = 0; i < doubles.thread_count; i++) {
        if (!visit(context, &doubles.threads[i])) {
            return;
        }
    }
}

void kernel_set_register(struct kernel *kernel, paddr tcb, enum x86_register which, uint64_t value)
{
    (void)kernel;
    for (unsigned i = 0; i < doubles.thread_count; i++) {
        if (doubles.threads[i].tcb == tcb) {
            /* The test's own, which a reader only reads. */
            ((struct x86_registers *)doubles.threads[i].registers)->r[which] = value;
        }
    }
}

bool kernel_timer_pending(const struct kernel *kernel)
{
    (void)kernel;
    return doubles.timer_pending;
}

void kernel_stats(const struct kernel *kernel, struct kernel_stats *stats)
{
    (void)kernel;
    *stats = (struct kernel_stats){.entries = doubles.enters};
}

/* --- The platform --- */

int platform_open(const struct platform_options *options, struct platform **platform,
                  struct platform_error *error)
{
    (void)options, (void)error;
    *platform = malloc(1);
    return 0;
}

void platform_close(struct platform *platform)
{
    free(platform);
}

size_t platform_reserved(const struct platform *platform, const struct platform_range **ranges)
{
    static const struct platform_range range = {0x1000, 0x1fff, "is taken"};
    (void)platform;
    *ranges = &range;
    return 1;
}

enum run_result platform_run(struct platform *platform, struct platform_thread *thread,
                             uint64_t until_ns, struct platform_error *error)
{
    (void)platform;
    unsigned i = doubles.runs_done < doubles.run_count ? doubles.runs_done : doubles.run_count - 1;
    const struct double_run *run = &doubles.runs[i];
    if (doubles.runs_done < DOUBLE_STEPS) {
        doubles.stepped[doubles.runs_done] = thread->single_step;
    }
    doubles.runs_done++;
    thread->fault = run->fault;
    if (run->rip != 0) {
        thread->registers->r[X86_RIP] = run->rip;
    }
    while (doubles.run_late_ns != 0 && clock_host_now_ns() < until_ns + doubles.run_late_ns) {
    }
    strcpy(error->text, "the cell has gone");
    return run->result;
}

uint8_t *platform_fpu(struct platform *platform, paddr tcb)
{
    (void)platform, (void)tcb;
    return doubles.no_fpu ? NULL : doubles.fpu;
}

uint64_t platform_stolen_ns(struct platform *platform, uint64_t now_ns)
{
    (void)platform, (void)now_ns;
    return doubles.stolen_ns;
}

void platform_excuse_fault(struct platform *platform)
{
    (void)platform;
    doubles.excused++;
}

bool platform_traps_tsc(const struct platform *platform)
{
    (void)platform;
    return true;
}

bool platform_traps_cpuid(const struct platform *platform)
{
    (void)platform;
    return !doubles.no_cpuid_traps;
}

void platform_idle(struct platform *platform, uint64_t until_ns)
{
    (void)platform;
    doubles.idles++;
    while (doubles.idle_late_ns != 0 && clock_host_now_ns() < until_ns + doubles.idle_late_ns) {
    }
}

void platform_kick(struct platform *platform)
{
    (void)platform;
    doubles.kicks++;
}

void platform_map(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                  uint64_t bytes, bool writable)
{
    (void)platform, (void)vspace;
    doubles.maps++;
    doubles.mapped = (struct kernel_mapping){vaddr, frame, .bytes = bytes, .readable = true,
                                             .writable = writable};
}

void platform_offer(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                    uint64_t bytes, bool writable)
{
    (void)platform, (void)vspace;
    doubles.offers++;
    doubles.mapped = (struct kernel_mapping){vaddr, frame, .bytes = bytes, .readable = true,
                                             .writable = writable};
}

void platform_fill(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                   uint64_t bytes, bool writable)
{
    (void)platform, (void)vspace, (void)frame;
    assert(bytes == 0x1000);
    assert(doubles.fills < DOUBLE_FILLS_MAX);
    doubles.filled[doubles.fills] = vaddr;
    doubles.filled_writable[doubles.fills++] = writable;
}

void platform_writes(struct platform *platform, paddr page)
{
    (void)platform;
    doubles.written_page = page;
}

void platform_unmap(struct platform *platform, paddr vspace, uint64_t vaddr, uint64_t bytes)
{
    (void)platform, (void)vspace, (void)bytes;
    doubles.unmapped = vaddr;
}

void platform_release_vspace(struct platform *platform, paddr vspace)
{
    (void)platform, (void)vspace;
}

void platform_release_thread(struct platform *platform, paddr tcb)
{
    (void)platform, (void)tcb;
}

void platform_stats(const struct platform *platform, struct platform_stats *stats)
{
    (void)platform;
    *stats = (struct platform_stats){.runs = doubles.runs_done};
}

bool kernel_writes(struct kernel *kernel, paddr page)
{
    (void)kernel, (void)page;
    return false;
}

/* --- Boards --- */

static void no_kick(void *context)
{
    (void)context;
}

void board_fixture_open(struct board_fixture *fixture)
{
    struct machine_error error;
    struct console_options options = {.serial = "null", .quiet = true, .kick = no_kick};
    clock_start_virtual(&fixture->clock);
    int failure = console_open(&options, &fixture->console, &error);
    assert(failure == 0);
    failure = board_open(&fixture->board, &fixture->clock, fixture->console);
    assert(failure == 0);
}

void board_fixture_close(struct board_fixture *fixture)
{
    board_close(&fixture->board);
    console_close(fixture->console);
}

void board_fixture_advance(struct board_fixture *fixture, uint64_t now_ns)
{
    fixture->clock.virtual_ns = now_ns;
    board_advance(&fixture->board, now_ns);
}

void board_fixture_route(struct board_fixture *fixture, unsigned pin, unsigned irq)
{
    ioapic_route(&fixture->board.ioapic, pin, false, irq);
    ioapic_mask(&fixture->board.ioapic, irq, false);
}
