/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Machines from settings. */
#include "cli/host.h"

#include "cli/config.h"
#include "machine/machine.h"

#include <errno.h>
#include <string.h>

/* A root task that is wrong or too large is the user's; the rest is the host's. */
static enum exit_status status_of(int failure)
{
    return failure == -EINVAL    ? EXIT_USAGE
           : failure == -ENOEXEC ? EXIT_INPUT
           : failure == -ENOSPC  ? EXIT_INPUT
                                 : EXIT_HOST;
}

static enum exit_status complain(const struct machine_error *error, enum exit_status status)
{
    fprintf(stderr, "quoll: %s\n", error->text);
    return status;
}

/* Rest is no news in a pipeline; anything else is told in any case. */
static void tell_ending(const struct settings *settings, struct machine *machine,
                        const struct ending *ending)
{
    bool expected =
        ending->kind == ENDING_HALTED || ending->kind == ENDING_IDLE || ending->kind == ENDING_LEFT;
    if (!expected || !settings->quiet) {
        machine_tell_ending(machine);
    }
}

static enum exit_status boot_and_run(const struct settings *settings,
                                     const struct host_image *image, struct machine *machine)
{
    struct machine_error error;
    size_t reserved_count;
    const struct kernel_reserved *reserved = machine_reserved(machine, &reserved_count);
    if (image->accepts && !image->accepts(image->context, reserved, reserved_count)) {
        return EXIT_INPUT;
    }
    int failure = machine_boot(machine, image->path, image->elf, image->elf_bytes, &error);
    if (failure != 0) {
        return complain(&error, status_of(failure));
    }
    for (size_t i = 0; i < image->program_count; i++) {
        machine_add_program(machine, image->programs[i].thread, image->programs[i].path);
    }
    const struct ending *ending = machine_run(machine);
    tell_ending(settings, machine, ending);
    if (!settings->quiet) {
        machine_tell_chance(machine);
    }
    if (settings->stats) {
        machine_print_stats(machine, stderr);
    }
    return ending_exit_status(ending);
}

static enum exit_status choose_time(const struct settings *settings, enum machine_time *time)
{
    if (strcmp(settings->time, "real") == 0) {
        *time = TIME_REAL;
    } else if (strcmp(settings->time, "virtual") == 0) {
        *time = TIME_VIRTUAL;
    } else {
        fprintf(stderr,
                "quoll: --time %s: there is no such time\n"
                "      It can be real or virtual.\n",
                settings->time);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

/* NULL is the host's. */
static enum exit_status choose_cpu(const struct settings *settings, const struct cpu **cpu)
{
    *cpu = cpu_named(settings->machine_cpu);
    if (*cpu != NULL || strcmp(settings->machine_cpu, "host") == 0) {
        return EXIT_OK;
    }
    fprintf(stderr,
            "quoll: --cpu %s: there is no such CPU\n"
            "      It can be host",
            settings->machine_cpu);
    for (unsigned i = 0; cpu_name(i) != NULL; i++) {
        fprintf(stderr, "%s %s", cpu_name(i + 1) != NULL ? "," : " or", cpu_name(i));
    }
    fprintf(stderr, ".\n");
    return EXIT_USAGE;
}

static bool gdb_until_has_a_gdb(const struct settings *settings)
{
    if (settings->gdb_until && !settings->gdb) {
        fprintf(stderr,
                "quoll: --gdb-until %s: there is no --gdb that could wait\n"
                "      Say where, too, as in --gdb 1234.\n",
                settings->gdb_until);
        return false;
    }
    return true;
}

enum exit_status host_run(const struct settings *settings, const struct host_image *image)
{
    struct kernel_config config;
    enum machine_time time = TIME_REAL;
    enum exit_status status =
        gdb_until_has_a_gdb(settings) ? choose_time(settings, &time) : EXIT_USAGE;
    const struct cpu *cpu = NULL;
    if (status == EXIT_OK) {
        status = choose_cpu(settings, &cpu);
    }
    if (status == EXIT_OK) {
        status = config_choose(settings, &config);
    }
    if (status != EXIT_OK) {
        return status;
    }
    struct machine_options options = {
        .config = &config,
        .memory_bytes = settings->memory_bytes,
        .timeout_ns = settings->timeout_ns,
        .serial = settings->serial,
        .gdb = settings->gdb,
        .gdb_until = settings->gdb_until,
        .when_idle = settings->exit_when_idle ? IDLE_ENDS : IDLE_AT_PERSON,
        .time = time,
        .cpu = cpu,
        .no_rewrite = settings->no_rewrite,
        .quiet = settings->quiet,
    };
    if (settings->verbose) {
        fprintf(stderr, "quoll: booting %s (%zu KiB) on kernel '%s' with %llu MiB\n", image->path,
                (image->elf_bytes + 1023) >> 10, config.name,
                (unsigned long long)(settings->memory_bytes >> 20));
    }
    struct machine *machine;
    struct machine_error error;
    int failure = machine_open(&options, &machine, &error);
    if (failure != 0) {
        return complain(&error, status_of(failure));
    }
    status = boot_and_run(settings, image, machine);
    machine_close(machine);
    return status;
}
