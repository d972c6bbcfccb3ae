/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The machine: put together, booted, taken apart. */
#include "machine/machine.h"

#include "machine/acpi.h"
#include "machine/boot.h"
#include "machine/gdb.h"
#include "machine/parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

static bool kernel_writes_to(void *context, paddr page)
{
    const struct machine *machine = context;
    return kernel_writes(machine->kernel, page);
}

static int open_platform(struct machine *machine, const struct machine_options *options,
                         struct machine_error *error)
{
    struct platform_error reason;
    struct platform_options platform_options = {
        .ram_fd = machine->memory.ram_fd,
        .ram_bytes = machine->memory.bytes,
        .rewrite = !options->no_rewrite,
        .writes = kernel_writes_to,
        .context = machine,
        .trap_tsc = options->time == TIME_VIRTUAL,
        .trap_cpuid = options->cpu != NULL,
        .cpu = -1,
    };
    int failure = platform_open(&platform_options, &machine->platform, &reason);
    if (failure != 0) {
        machine_error_set(error, "%s", reason.text);
        return failure;
    }
    if (options->cpu != NULL && !platform_traps_cpuid(machine->platform)) {
        machine_error_set(error,
                          "this host cannot trap cpuid, which a machine with the CPU '%s' needs\n"
                          "      Its own CPU would have to keep memory from being executed (NX).",
                          options->cpu->name);
        return -ENOTSUP;
    }
    note_reserved(machine);
    stop_on_signals(machine->platform);
    return 0;
}

static void warn_of_host_tsc(struct machine *machine)
{
    if (!platform_traps_tsc(machine->platform)) {
        console_remark(machine->console, "quoll: ",
                       "this host cannot trap rdtsc: guests that read the TSC see real time");
    }
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
        .kick = stop_kick,
    };
    uint64_t memory_end = board_memory_end(options->memory_bytes);
    machine->spare_bytes = options->gdb ? GDB_SPARE_BYTES : 0;
    int failure = memory_open(&machine->memory, memory_end + machine->spare_bytes, error);
    if (failure == 0) {
        failure = open_platform(machine, options, error);
    }
    /* After signals are caught: a socket is a file to be removed. */
    if (failure == 0) {
        failure = console_open(&console_options, &machine->console, error);
    }
    if (failure == 0 && options->gdb) {
        failure =
            gdb_open(machine, options->gdb, options->gdb_until, memory_end, &machine->gdb, error);
    }
    if (failure != 0) {
        return failure;
    }
    if (options->time == TIME_VIRTUAL) {
        clock_start_virtual(&machine->clock);
        warn_of_host_tsc(machine);
    } else {
        clock_start(&machine->clock, earlier);
    }
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
    machine->cpu = options->cpu;
    machine->cpu_host = cpu_host_read();
    machine->when_idle = options->when_idle;
    machine->quiet = options->quiet;
    machine->timeout_ns = options->timeout_ns;
    machine->region_count = board_regions(options->memory_bytes, machine->regions);
    failure = open_parts(machine, options, error);
    if (failure != 0) {
        machine_close(machine);
        return failure;
    }
    machine->deadline_host_ns =
        options->timeout_ns == 0 ? UINT64_MAX : clock_host_now_ns() + options->timeout_ns;
    machine->trap = (struct trap){
        .kernel = machine->kernel,
        .memory = &machine->memory,
        .board = &machine->board,
        .platform = machine->platform,
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
    gdb_close(machine->gdb);
    console_close(machine->console);
    stop_on_signals(NULL);
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
    if (failure == 0) {
        failure = boot_image_fits(&image, machine->reserved, machine->reserved_count, error);
    }
    if (failure != 0) {
        return failure;
    }
    struct kernel_boot boot = {
        .config = machine->config,
        .port = machine_port(machine),
        .ram = machine->memory.ram,
        .objects = machine->memory.objects,
        .memory_bytes = machine->memory.bytes - machine->spare_bytes,
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
    machine_stood_still(machine, machine->clock.start_ticks);
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

void machine_tell_ending(struct machine *machine)
{
    console_tell(machine->console, "quoll: ", machine->ending.text);
}

/* Why another run may come out otherwise; "": it will not. */
static const char *why_by_chance(struct machine *machine)
{
    if (console_had_visitors(machine->console)) {
        chance_note(machine, "input came while it ran");
    }
    return machine->chance.why;
}

void machine_tell_chance(struct machine *machine)
{
    char line[224];
    if (why_by_chance(machine)[0] != '\0') {
        snprintf(line, sizeof(line), "not repeatable: %s", machine->chance.why);
        console_tell(machine->console, "quoll: ", line);
    }
}

static void print_clock(struct machine *machine, FILE *stream)
{
    struct clock *clock = &machine->clock;
    fprintf(stream, "clock:    %" PRIu64 " ticks per us; %s, at %.6f s", clock->ticks_per_us,
            clock->is_virtual ? "virtual" : "real", (double)clock_ns(clock) / 1e9);
    if (clock->is_virtual) {
        const char *why = why_by_chance(machine);
        fprintf(stream, ", %s%s", why[0] != '\0' ? "not repeatable: " : "repeatable", why);
    }
    fprintf(stream, "\n");
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
            " rewritten system calls, %" PRIu64 " faults, %" PRIu64 " switches, %" PRIu64
            " beside the core; %" PRIu64 " maps, %" PRIu64 " unmaps\n",
            platform.runs, platform.traps, platform.rewritten, platform.faults, platform.switches,
            platform.beside, platform.maps, platform.unmaps);
    fprintf(stream,
            "cells:    %" PRIu64 " made, %" PRIu64 " live, %" PRIu64 " lost; %" PRIu64
            " host threads\n",
            platform.cells_made, platform.cells_live, platform.cells_lost, platform.threads_live);
    print_clock(machine, stream);
}
