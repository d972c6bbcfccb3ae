/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The machine: what it is made of, the kernel's port, and the loop. */
#include "machine/machine.h"

#include "abi/x86/exceptions.h"
#include "kernel/kernel.h"
#include "machine/acpi.h"
#include "machine/backtrace.h"
#include "machine/board.h"
#include "machine/boot.h"
#include "machine/clock.h"
#include "machine/console.h"
#include "machine/memory.h"
#include "machine/trap.h"
#include "platform/platform.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES       UINT64_C(4096)
#define FAULT_AROUND     16 /* pages to either side */
#define RESERVED_MAX     8
#define FAULTS_EXPLAINED 32 /* backtraces; more would bury the rest */
#define SAME_FAULT_MAX   16

/* A page fault that was answered by a mapping, and may come again. */
struct last_fault {
    paddr tcb;
    uint64_t rip;
    uint64_t address;
    unsigned count;
};

struct machine {
    struct memory memory;
    struct clock clock;
    struct console *console;
    struct board board;
    struct platform *platform;
    struct kernel *kernel;
    struct backtrace *backtrace;
    struct trap trap;

    struct kernel_config config;
    struct kernel_region regions[BOARD_REGIONS];
    size_t region_count;
    struct kernel_reserved reserved[RESERVED_MAX];
    size_t reserved_count;

    enum when_idle when_idle;
    bool quiet;
    bool rest_reported;
    uint64_t timeout_ns;  /* as given */
    uint64_t deadline_ns; /* on the machine's clock */
    unsigned faults_explained;
    struct last_fault last_fault;
    struct ending ending;
};

/* --- Signals --- */

/* What the signal handler reaches. One machine runs at a time. */
static struct platform *volatile signalled_platform;
static volatile sig_atomic_t signal_received;

static void on_signal(int number)
{
    signal_received = number;
    if (signalled_platform) {
        platform_kick(signalled_platform);
    }
}

/* The second signal of a kind ends quoll at once; cells die with it. */
static void catch_signals(struct platform *platform)
{
    static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    signal_received = 0;
    signalled_platform = platform;
    for (size_t i = 0; i < sizeof(ending_signals) / sizeof(ending_signals[0]); i++) {
        struct sigaction before;
        sigaction(ending_signals[i], NULL, &before);
        /* Under nohup, and in the background of a script, they are ignored on purpose. */
        if (before.sa_handler != SIG_IGN) {
            sigaction(ending_signals[i], &action, NULL);
        }
    }
}

static void kick_machine(void *context)
{
    (void)context;
    if (signalled_platform) {
        platform_kick(signalled_platform);
    }
}

/* --- The kernel's port --- */

static uint64_t port_now_ticks(void *context)
{
    const struct machine *machine = context;
    return clock_ticks(&machine->clock);
}

static bool is_ram(const struct machine *machine, paddr frame, uint64_t bytes)
{
    return trap_is_ram(&machine->trap, frame) && trap_is_ram(&machine->trap, frame + bytes - 1);
}

static bool is_memory(const struct machine *machine, paddr frame, uint64_t bytes)
{
    return trap_is_memory(&machine->trap, frame) &&
           trap_is_memory(&machine->trap, frame + bytes - 1);
}

/* ROM is mapped without the right to write: writes come to be emulated, and go nowhere. */
static void port_map(void *context, paddr vspace, uint64_t vaddr, paddr frame, uint64_t bytes,
                     bool writable)
{
    struct machine *machine = context;
    if (is_ram(machine, frame, bytes)) {
        platform_map(machine->platform, vspace, vaddr, frame, bytes, writable);
    } else if (bytes == PAGE_BYTES && is_memory(machine, frame, bytes)) {
        platform_map(machine->platform, vspace, vaddr, frame, bytes, false);
    }
}

static void port_unmap(void *context, paddr vspace, uint64_t vaddr, uint64_t bytes)
{
    struct machine *machine = context;
    platform_unmap(machine->platform, vspace, vaddr, bytes);
}

static void port_release_vspace(void *context, paddr vspace)
{
    struct machine *machine = context;
    platform_release_vspace(machine->platform, vspace);
}

static void port_release_thread(void *context, paddr tcb)
{
    struct machine *machine = context;
    platform_release_thread(machine->platform, tcb);
}

static void port_clear(void *context, paddr base, uint64_t bytes)
{
    struct machine *machine = context;
    memory_clear(&machine->memory, base, bytes);
}

static uint32_t port_port_in(void *context, uint16_t port, unsigned width)
{
    struct machine *machine = context;
    return board_in(&machine->board, port, width);
}

static void port_port_out(void *context, uint16_t port, unsigned width, uint32_t value)
{
    struct machine *machine = context;
    board_out(&machine->board, port, width, value);
}

/* The kernel asks in the middle of long operations: devices go on meanwhile. */
static bool port_interrupt_pending(void *context)
{
    struct machine *machine = context;
    board_advance(&machine->board, clock_ns(&machine->clock));
    return ioapic_pending(&machine->board.ioapic);
}

static int port_interrupt_take(void *context)
{
    struct machine *machine = context;
    return ioapic_take(&machine->board.ioapic);
}

static void port_interrupt_mask(void *context, unsigned irq, bool masked)
{
    struct machine *machine = context;
    ioapic_mask(&machine->board.ioapic, irq, masked);
}

static void port_ioapic_route(void *context, unsigned ioapic, unsigned pin, bool level, bool low,
                              unsigned irq)
{
    struct machine *machine = context;
    (void)low; /* see ioapic.h */
    if (ioapic == 0) {
        ioapic_route(&machine->board.ioapic, pin, level, irq);
    }
}

static void port_put_char(void *context, char c)
{
    struct machine *machine = context;
    console_put(machine->console, c);
}

static void port_report(void *context, const char *line)
{
    struct machine *machine = context;
    console_remark(machine->console, "kernel: ", line);
}

/* Faults that have a handler are part of how many systems work: only where somebody has said what
 * the thread runs do they deserve a backtrace. */
static void port_fault(void *context, const struct kernel_fault *fault)
{
    struct machine *machine = context;
    bool wanted = !fault->handled || backtrace_knows(machine->backtrace, fault->name);
    if (machine->quiet || !wanted || machine->faults_explained > FAULTS_EXPLAINED) {
        return;
    }
    if (machine->faults_explained++ == FAULTS_EXPLAINED) {
        port_report(machine, "fault: and more; they are not explained one by one any longer");
        return;
    }
    backtrace_fault(machine->backtrace, fault, port_report, machine);
}

static struct kernel_port make_port(struct machine *machine)
{
    return (struct kernel_port){
        .context = machine,
        .now_ticks = port_now_ticks,
        .map = port_map,
        .unmap = port_unmap,
        .release_vspace = port_release_vspace,
        .release_thread = port_release_thread,
        .clear = port_clear,
        .port_in = port_port_in,
        .port_out = port_port_out,
        .interrupt_pending = port_interrupt_pending,
        .interrupt_take = port_interrupt_take,
        .interrupt_mask = port_interrupt_mask,
        .ioapic_route = port_ioapic_route,
        .put_char = port_put_char,
        .report = port_report,
        .fault = port_fault,
    };
}

/* --- Faults --- */

/* It went on after this fault before, at the same instruction, so often that nothing has changed:
 * the platform cannot make the page appear, or the cell makes its faults up. */
static bool repeats_for_ever(struct machine *machine, const struct kernel_next *next,
                             uint64_t address)
{
    struct last_fault *last = &machine->last_fault;
    uint64_t rip = next->registers->r[X86_RIP];
    if (last->tcb != next->tcb || last->rip != rip || last->address != address) {
        *last = (struct last_fault){.tcb = next->tcb, .rip = rip, .address = address};
    }
    return ++last->count > SAME_FAULT_MAX;
}

static bool extends(struct machine *machine, paddr vspace, uint64_t vaddr, paddr frame,
                    bool writable)
{
    struct kernel_mapping mapping;
    return kernel_translate(machine->kernel, vspace, vaddr, &mapping) &&
           mapping.bytes == PAGE_BYTES && mapping.readable && mapping.frame == frame &&
           mapping.writable == writable && is_ram(machine, frame, PAGE_BYTES);
}

/* Map a page of RAM with those of its neighbours that are consecutive in both spaces. */
static void map_around(struct machine *machine, paddr vspace, const struct kernel_mapping *page)
{
    uint64_t first = 0;
    uint64_t end = page->bytes;
    if (page->bytes == PAGE_BYTES) {
        while (first < FAULT_AROUND * PAGE_BYTES && page->vaddr >= first + PAGE_BYTES &&
               page->frame >= first + PAGE_BYTES &&
               extends(machine, vspace, page->vaddr - first - PAGE_BYTES,
                       page->frame - first - PAGE_BYTES, page->writable)) {
            first += PAGE_BYTES;
        }
        while (end < FAULT_AROUND * PAGE_BYTES &&
               extends(machine, vspace, page->vaddr + end, page->frame + end, page->writable)) {
            end += PAGE_BYTES;
        }
    }
    platform_map(machine->platform, vspace, page->vaddr - first, page->frame - first, first + end,
                 page->writable);
}

/* The 4 KiB of a larger page that an address lies in. */
static struct kernel_mapping small_part(const struct kernel_mapping *page, uint64_t address)
{
    uint64_t offset = (address - page->vaddr) & ~(PAGE_BYTES - 1);
    struct kernel_mapping part = *page;
    part.vaddr += offset;
    part.frame += offset;
    part.bytes = PAGE_BYTES;
    return part;
}

/* Returns true when the guest can go on. */
static bool emulate(struct machine *machine, const struct kernel_next *next,
                    const struct kernel_mapping *page, uint64_t address)
{
    struct trap_answer answer = trap_emulate(&machine->trap, next->vspace, next->registers);
    if (answer.result == TRAP_UNKNOWN) {
        char line[320];
        snprintf(line, sizeof(line),
                 "'%s' touched the device at 0x%" PRIx64 " (physical 0x%" PRIx64
                 ") with an instruction that is not emulated: %s. It faults instead; use plain "
                 "moves of 1, 2, 4 or 8 bytes.",
                 next->name, address, page->frame + (address - page->vaddr), answer.what);
        port_report(machine, line);
    }
    return answer.result == TRAP_DONE;
}

/* Make a page fault go away that a real processor would not have seen. */
static bool resolve_page_fault(struct machine *machine, const struct kernel_next *next,
                               const struct kernel_mapping *page,
                               const struct platform_fault *fault)
{
    bool write = (fault->error & X86_FAULT_WRITE) != 0;
    struct kernel_mapping part = *page;
    if (!is_ram(machine, part.frame, part.bytes)) {
        part = small_part(page, fault->address);
    }
    bool ram = is_ram(machine, part.frame, part.bytes);
    if (!ram && (write || !is_memory(machine, part.frame, part.bytes))) {
        return emulate(machine, next, page, fault->address);
    }
    if (repeats_for_ever(machine, next, fault->address)) {
        return false;
    }
    if (ram) {
        map_around(machine, next->vspace, &part);
    } else {
        platform_map(machine->platform, next->vspace, part.vaddr, part.frame, part.bytes, false);
    }
    return true;
}

/*
 * Returns true when the thread can go on without the kernel. Else *event is what the kernel is to
 * hear: the error code is the one that the kernel's page tables would have caused, whatever the
 * host had mapped.
 */
static bool resolve_fault(struct machine *machine, const struct kernel_next *next,
                          const struct platform_fault *fault, struct kernel_event *event)
{
    *event = (struct kernel_event){
        .kind = EVENT_EXCEPTION,
        .vector = fault->vector,
        .error = fault->error,
        .address = fault->address,
    };
    if (fault->vector != X86_PAGE_FAULT) {
        return false;
    }
    struct kernel_mapping page;
    bool mapped = kernel_translate(machine->kernel, next->vspace, fault->address, &page);
    bool write = (fault->error & X86_FAULT_WRITE) != 0;
    event->error =
        X86_FAULT_USER | (write ? X86_FAULT_WRITE : 0) | (mapped ? X86_FAULT_PRESENT : 0);
    if (!mapped || !page.readable || (write && !page.writable)) {
        return false;
    }
    return resolve_page_fault(machine, next, &page, fault);
}

/* --- The loop --- */

static void notice_ending(struct machine *machine, uint64_t now_ns)
{
    if (signal_received != 0) {
        machine->ending.signal = signal_received;
        ending_set(&machine->ending, ENDING_SIGNAL, "ended by %s", strsignal(signal_received));
    } else if (now_ns >= machine->deadline_ns) {
        ending_set(&machine->ending, ENDING_TIMEOUT, "time-out: it still ran after %.3g s",
                   (double)machine->timeout_ns / 1e9);
    } else if (console_error(machine->console) != 0) {
        ending_set(&machine->ending, ENDING_HOST,
                   "the serial port's output cannot be written any more: %s",
                   strerror(-console_error(machine->console)));
    }
}

static bool ended(const struct machine *machine)
{
    return machine->ending.kind != ENDING_NONE;
}

/* Bring devices up to now. Returns whether the kernel has an interrupt or a deadline to see to. */
static bool interrupt_due(struct machine *machine, uint64_t deadline_ticks)
{
    uint64_t ticks = clock_ticks(&machine->clock);
    uint64_t now_ns = clock_ns_of_ticks(&machine->clock, ticks);
    notice_ending(machine, now_ns);
    board_advance(&machine->board, now_ns);
    return ticks >= deadline_ticks || ioapic_pending(&machine->board.ioapic);
}

/* When to look again, on the host's clock. */
static uint64_t wake_host_ns(const struct machine *machine, uint64_t deadline_ticks)
{
    uint64_t wake_ns = clock_ns_of_ticks(&machine->clock, deadline_ticks);
    if (machine->board.next_event_ns < wake_ns) {
        wake_ns = machine->board.next_event_ns;
    }
    if (machine->deadline_ns < wake_ns) {
        wake_ns = machine->deadline_ns;
    }
    return wake_ns == UINT64_MAX ? RUN_FOREVER : clock_host_ns(&machine->clock, wake_ns);
}

static const struct kernel_event interrupt_event = {.kind = EVENT_INTERRUPT};

/* Run a thread until there is something to tell the kernel, or the machine has ended. */
static struct kernel_event run_thread(struct machine *machine, const struct kernel_next *next)
{
    struct platform_error error;
    struct platform_thread thread = {
        .tcb = next->tcb,
        .vspace = next->vspace,
        .fpu_off = next->fpu_off,
        .single_step = next->single_step,
        .name = next->name,
        .registers = next->registers,
    };
    struct kernel_event event = interrupt_event;
    while (!interrupt_due(machine, next->deadline_ticks) && !ended(machine)) {
        uint64_t until_ns = wake_host_ns(machine, next->deadline_ticks);
        enum run_result result = platform_run(machine->platform, &thread, until_ns, &error);
        clock_lose(&machine->clock, thread.stolen_ns);
        switch (result) {
        case RUN_SYSCALL:
            return (struct kernel_event){.kind = EVENT_SYSCALL};
        case RUN_FAULT:
            if (!resolve_fault(machine, next, &thread.fault, &event)) {
                return event;
            }
            break;
        case RUN_KICKED:
            board_refresh(&machine->board);
            break;
        case RUN_LOST:
            console_remark(machine->console, "quoll: ", error.text);
            return (struct kernel_event){.kind = EVENT_LOST};
        }
    }
    return interrupt_event;
}

/* Without a VSpace not even the first instruction can be fetched. */
static struct kernel_event fault_without_vspace(const struct kernel_next *next)
{
    return (struct kernel_event){
        .kind = EVENT_EXCEPTION,
        .vector = X86_PAGE_FAULT,
        .error = X86_FAULT_USER,
        .address = next->registers->r[X86_RIP],
    };
}

/* Nothing runs, and nothing will of its own accord. */
static void come_to_rest(struct machine *machine)
{
    struct ending rest = {.kind = ENDING_NONE};
    ending_of_rest(machine->kernel, &rest);
    bool person = machine->when_idle == IDLE_AT_PERSON && console_is_terminal(machine->console);
    if (rest.kind == ENDING_STUCK || !person) {
        machine->ending = rest;
    } else if (!machine->rest_reported) {
        machine->rest_reported = true;
        console_remark(machine->console, "quoll: ", rest.text);
        console_remark(machine->console, "quoll: ", "Ctrl-C ends it.");
    }
}

static struct kernel_event wait_idle(struct machine *machine, const struct kernel_next *next)
{
    console_flush(machine->console);
    while (!interrupt_due(machine, next->deadline_ticks) && !ended(machine)) {
        if (!kernel_timer_pending(machine->kernel) && !board_can_wake(&machine->board)) {
            come_to_rest(machine);
            if (ended(machine)) {
                break;
            }
        }
        platform_idle(machine->platform, wake_host_ns(machine, next->deadline_ticks));
        board_refresh(&machine->board);
    }
    return interrupt_event;
}

static struct kernel_event follow(struct machine *machine, const struct kernel_next *next)
{
    switch (next->kind) {
    case NEXT_RUN:
        return next->vspace != 0 ? run_thread(machine, next) : fault_without_vspace(next);
    case NEXT_IDLE:
        return wait_idle(machine, next);
    case NEXT_HALT:
        ending_set(&machine->ending, ENDING_HALTED, "halted");
        break;
    }
    return interrupt_event;
}

const struct ending *machine_run(struct machine *machine)
{
    struct kernel_event event = {.kind = EVENT_START};
    while (!ended(machine)) {
        struct kernel_next next = kernel_enter(machine->kernel, 0, &event);
        event = follow(machine, &next);
    }
    console_flush(machine->console);
    return &machine->ending;
}

/* --- Making one --- */

static void note_reserved(struct machine *machine)
{
    const struct platform_range *ranges;
    size_t count = platform_reserved(machine->platform, &ranges);
    machine->reserved_count = count < RESERVED_MAX ? count : RESERVED_MAX;
    for (size_t i = 0; i < machine->reserved_count; i++) {
        machine->reserved[i] =
            (struct kernel_reserved){ranges[i].first, ranges[i].last, ranges[i].why};
    }
}

static int open_platform(struct machine *machine, const struct machine_options *options,
                         struct machine_error *error)
{
    struct platform_error reason;
    struct platform_options platform_options = {
        .ram_fd = machine->memory.ram_fd,
        .ram_bytes = machine->memory.bytes,
        .rewrite = !options->no_rewrite,
        .cpu = -1,
    };
    int failure = platform_open(&platform_options, &machine->platform, &reason);
    if (failure != 0) {
        machine_error_set(error, "%s", reason.text);
        return failure;
    }
    note_reserved(machine);
    catch_signals(machine->platform);
    return 0;
}

static int refuse_memory_size(uint64_t bytes, struct machine_error *error)
{
    if (bytes >= BOARD_MEMORY_MIN && bytes <= BOARD_MEMORY_MAX && bytes % PAGE_BYTES == 0) {
        return 0;
    }
    machine_error_set(
        error,
        "a machine cannot have %" PRIu64 " bytes of memory\n"
        "      It takes whole pages of 4 KiB, from %" PRIu64 " MiB to %" PRIu64 " GiB.",
        bytes, (uint64_t)(BOARD_MEMORY_MIN >> 20), (uint64_t)(BOARD_MEMORY_MAX >> 30));
    return -EINVAL;
}

static int open_parts(struct machine *machine, const struct machine_options *options,
                      struct machine_error *error)
{
    struct clock_sample earlier = clock_sample();
    struct console_options console_options = {
        .serial = options->serial,
        .quiet = options->quiet,
        .kick = kick_machine,
    };
    int failure = console_open(&console_options, &machine->console, error);
    if (failure == 0) {
        failure = memory_open(&machine->memory, board_memory_end(options->memory_bytes), error);
    }
    if (failure == 0) {
        failure = open_platform(machine, options, error);
    }
    if (failure != 0) {
        return failure;
    }
    clock_start(&machine->clock, earlier);
    machine->kernel = aligned_alloc(64, (kernel_size() + 63) / 64 * 64);
    if (machine->kernel) {
        memset(machine->kernel, 0, kernel_size());
        machine->backtrace = backtrace_open(machine->kernel, &machine->memory);
    }
    failure = board_open(&machine->board, &machine->clock, machine->console);
    if (failure != 0 || !machine->kernel || !machine->backtrace) {
        machine_error_set(error, "cannot make the machine: out of memory");
        return -ENOMEM;
    }
    return 0;
}

int machine_open(const struct machine_options *options, struct machine **result,
                 struct machine_error *error)
{
    int failure = refuse_memory_size(options->memory_bytes, error);
    if (failure != 0) {
        return failure;
    }
    struct machine *machine = calloc(1, sizeof(*machine));
    if (!machine) {
        machine_error_set(error, "cannot make the machine: out of memory");
        return -ENOMEM;
    }
    machine->memory.ram_fd = -1;
    machine->config = *options->config;
    machine->when_idle = options->when_idle;
    machine->quiet = options->quiet;
    machine->timeout_ns = options->timeout_ns;
    machine->region_count = board_regions(options->memory_bytes, machine->regions);
    failure = open_parts(machine, options, error);
    if (failure != 0) {
        machine_close(machine);
        return failure;
    }
    machine->deadline_ns =
        options->timeout_ns == 0 ? UINT64_MAX : clock_ns(&machine->clock) + options->timeout_ns;
    machine->trap = (struct trap){
        .kernel = machine->kernel,
        .memory = &machine->memory,
        .board = &machine->board,
        .regions = machine->regions,
        .region_count = machine->region_count,
    };
    acpi_write(machine->memory.ram, board_low_memory_end(options->memory_bytes));
    *result = machine;
    return 0;
}

void machine_close(struct machine *machine)
{
    if (!machine) {
        return;
    }
    console_close(machine->console);
    signalled_platform = NULL;
    platform_close(machine->platform);
    board_close(&machine->board);
    backtrace_close(machine->backtrace);
    free(machine->kernel);
    memory_close(&machine->memory);
    free(machine);
}

int machine_boot(struct machine *machine, const char *path, const void *elf, size_t elf_bytes,
                 struct machine_error *error)
{
    struct boot_image image;
    int failure = boot_image_open(&image, path, elf, elf_bytes, error);
    if (failure != 0) {
        return failure;
    }
    struct kernel_boot boot = {
        .config = machine->config,
        .port = make_port(machine),
        .ram = machine->memory.ram,
        .objects = machine->memory.objects,
        .memory_bytes = machine->memory.bytes,
        .regions = machine->regions,
        .region_count = machine->region_count,
        .reserved = machine->reserved,
        .reserved_count = machine->reserved_count,
        .ticks_per_us = machine->clock.ticks_per_us,
        .acpi_rsdp = machine->memory.ram + ACPI_RSDP_ADDRESS,
    };
    failure = boot_image_load(&image, &machine->memory, &boot, error);
    if (failure != 0) {
        return failure;
    }
    const char *why = kernel_boot(machine->kernel, &boot);
    if (why) {
        machine_error_set(error, "%s: cannot boot: %s", path, why);
        return -ENOSPC;
    }
    return 0;
}

const struct kernel_reserved *machine_reserved(const struct machine *machine, size_t *count)
{
    *count = machine->reserved_count;
    return machine->reserved;
}

void machine_add_program(struct machine *machine, const char *thread, const char *path)
{
    /* For lack of memory a backtrace goes without symbols, which is all there is to it. */
    backtrace_add_program(machine->backtrace, thread, path);
}

void machine_print_stats(struct machine *machine, FILE *stream)
{
    struct kernel_stats kernel;
    struct platform_stats platform;
    kernel_stats(machine->kernel, &kernel);
    platform_stats(machine->platform, &platform);
    fprintf(stream,
            "kernel:   %" PRIu64 " entries: %" PRIu64 " system calls, %" PRIu64
            " exceptions, %" PRIu64 " interrupts; %" PRIu64 " refusals, %" PRIu64
            " preempted operations\n",
            kernel.entries, kernel.syscalls, kernel.exceptions, kernel.interrupts, kernel.refusals,
            kernel.preemptions);
    fprintf(stream,
            "platform: %" PRIu64 " runs: %" PRIu64 " trapped and %" PRIu64
            " rewritten system calls, %" PRIu64 " faults, %" PRIu64 " switches; %" PRIu64
            " maps, %" PRIu64 " unmaps\n",
            platform.runs, platform.traps, platform.rewritten, platform.faults, platform.switches,
            platform.maps, platform.unmaps);
    fprintf(stream,
            "cells:    %" PRIu64 " made, %" PRIu64 " live, %" PRIu64 " lost; %" PRIu64
            " host threads\n",
            platform.cells_made, platform.cells_live, platform.cells_lost, platform.threads_live);
    fprintf(stream, "clock:    %" PRIu64 " ticks per us\n", machine->clock.ticks_per_us);
}
