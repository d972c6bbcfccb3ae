/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll boot: an ELF that the real kernel would boot as its root task. */
#include "cli/command.h"
#include "cli/host.h"
#include "cli/input.h"

static enum exit_status boot(const struct settings *settings, const char *path)
{
    struct input input;
    if (!input_open(&input, path)) {
        return EXIT_INPUT;
    }
    /* What the kernel calls its initial thread. */
    struct host_program root_task = {.thread = "rootserver", .path = path};
    struct host_image image = {
        .path = path,
        .elf = input.bytes,
        .elf_bytes = input.size,
        .programs = &root_task,
        .program_count = 1,
    };
    enum exit_status status = host_run(settings, &image);
    input_close(&input);
    return status;
}

static const struct option *const tables[] = {machine_options, common_options, NULL};

const struct command boot_command = {
    .name = "boot",
    .operand = "ROOTTASK",
    .summary = "boot an ELF built for the real x86-64 kernel",
    .description = "Boots a root task as seL4 would: an ELF executable for x86-64, linked for the\n"
                   "system call numbers of the chosen kernel configuration.\n",
    .examples =
        "  quoll boot roottask.elf\n"
        "  quoll boot --kernel sel4test --timeout 300 sel4test-driver.elf\n"
        "  quoll boot --time virtual --stats roottask.elf\n"
        "  quoll boot --cpu haswell roottask.elf # for software that wants an Intel\n"
        "  quoll boot --gdb 1234 roottask.elf    # gdb -ex 'target remote :1234' roottask.elf\n"
        "  quoll boot --config build/kernel/gen_config/gen_config.json roottask.elf\n",
    .tables = tables,
    .run = boot,
};
