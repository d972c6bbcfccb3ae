/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll run: a Microkit system, from its description or as an image. */
#include "cli/command.h"
#include "cli/config.h"
#include "cli/host.h"
#include "cli/port.h"
#include "cli/spec.h"
#include "cli/system.h"
#include "cli/system_image.h"

#include <stdio.h>
#include <stdlib.h>

/* The PDs' ELFs, for backtraces: initialisers name threads after their PDs. */
struct program_list {
    struct host_program programs[PD_COUNT_MAX];
    char *paths[PD_COUNT_MAX];
    size_t count;
};

static void list_programs(struct program_list *list, const struct system_file *file)
{
    *list = (struct program_list){.count = 0};
    for (size_t i = 0; i < file->system->pd_count; i++) {
        const struct protection_domain *pd = &file->system->pds[i];
        const char *name =
            pd->program_image_for_symbols ? pd->program_image_for_symbols : pd->program_image;
        char *path = microkit_find_file(&file->search, name);
        if (path) {
            list->paths[list->count] = path;
            list->programs[list->count++] = (struct host_program){pd->name, path};
        }
    }
}

static void free_programs(struct program_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
}

static bool accepts(void *context, const struct kernel_reserved *reserved, size_t count)
{
    return system_file_fits(context, reserved, count);
}

static enum exit_status run_image(const struct settings *settings, const char *path,
                                  struct system_file *file, const struct image *image)
{
    struct program_list list;
    list_programs(&list, file);
    struct host_image host_image = {
        .path = path,
        .elf = image->data,
        .elf_bytes = image->size,
        .programs = list.programs,
        .program_count = list.count,
        .accepts = accepts,
        .context = file,
    };
    enum exit_status status = host_run(settings, &host_image);
    free_programs(&list);
    return status;
}

static enum exit_status run_description(const struct settings *settings, const char *path)
{
    struct system_file file;
    struct image image;
    enum exit_status status = EXIT_INPUT;
    if (!system_file_open(&file, settings, path)) {
        port_suggest(settings, path);
    } else if (system_image_build(&image, settings, &file)) {
        status = run_image(settings, path, &file, &image);
        image_free(&image);
    }
    system_file_close(&file);
    return status;
}

static enum exit_status run_spec(const struct settings *settings, const char *path,
                                 const struct input *input)
{
    struct spec_file spec;
    enum exit_status status = EXIT_INPUT;
    if (spec_open(&spec, settings, path, input)) {
        struct program_list list = {.count = 0};
        const struct capdl_program *programs = (const void *)spec.capdl.programs.data;
        for (size_t i = 0; i < spec.capdl.programs.size / sizeof *programs; i++) {
            if (programs[i].found && list.count < PD_COUNT_MAX) {
                list.programs[list.count++] =
                    (struct host_program){programs[i].pd, programs[i].found};
            }
        }
        struct host_image image = {
            .path = path,
            .elf = spec.image.data,
            .elf_bytes = spec.image.size,
            .programs = list.programs,
            .program_count = list.count,
        };
        status = host_run(settings, &image);
    }
    spec_close(&spec);
    return status;
}

/* Microkit is made of scheduling contexts and reply objects. */
static enum exit_status require_mcs(const struct settings *settings)
{
    struct kernel_config config;
    enum exit_status status = config_choose(settings, &config);
    if (status == EXIT_OK && !config.mcs) {
        fprintf(stderr,
                "quoll: a Microkit system needs the MCS kernel, and '%s' is the classic one\n"
                "      Leave --kernel and --config away, or boot a root task with `quoll boot`.\n",
                config.name);
        return EXIT_USAGE;
    }
    return status;
}

/* What the Microkit tool leaves is a root task. */
static enum exit_status run(const struct settings *settings, const char *path)
{
    struct input input;
    enum exit_status status = require_mcs(settings);
    if (status != EXIT_OK) {
        return status;
    }
    if (!input_open(&input, path)) {
        return EXIT_INPUT;
    }
    if (input_is_elf(&input)) {
        struct host_image image = {.path = path, .elf = input.bytes, .elf_bytes = input.size};
        status = host_run(settings, &image);
    } else if (input_is_spec(&input)) {
        status = run_spec(settings, path, &input);
    } else {
        status = run_description(settings, path);
    }
    input_close(&input);
    return status;
}

static const struct option *const tables[] = {search_options, machine_options, common_options,
                                              NULL};

const struct command run_command = {
    .name = "run",
    .operand = "SYSTEM",
    .summary = "run a Microkit system: a .system description, its capDL, or an image",
    .description =
        "Reads a Microkit system description, makes an image of it in memory, and boots\n"
        "it. Each protection domain becomes a Linux process. Given an image that the\n"
        "microkit tool has made (loader.img), it boots that; given what the tool's\n"
        "--capdl-json has written, it makes an image of that.\n",
    .examples = "  quoll run examples/hello_world/hello_world.system\n"
                "  quoll run --exit-when-idle --timeout 10 demo.system\n"
                "  quoll run --time virtual demo.system\n"
                "  quoll run --serial unix:/tmp/demo.sock --search-path build demo.system\n"
                "  quoll run --gdb 1234 demo.system    # gdb -ex 'target remote :1234' client.elf\n"
                "  quoll run loader.img\n"
                "  quoll run --search-path build spec.json\n",
    .tables = tables,
    .run = run,
};
