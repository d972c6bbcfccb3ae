/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll check: all that is done for a system before a machine is made for it. */
#include "cli/command.h"
#include "cli/port.h"
#include "cli/spec.h"
#include "cli/system.h"
#include "cli/system_image.h"

#include <inttypes.h>

static void tell(const struct system *system, const char *path)
{
    printf("%s: %zu protection domain%s, %zu channel%s, %zu memory region%s: no errors\n", path,
           system->pd_count, system->pd_count == 1 ? "" : "s", system->channel_count,
           system->channel_count == 1 ? "" : "s", system->region_count,
           system->region_count == 1 ? "" : "s");
}

/* The words are those that quoll compare reads. */
static void print_memory(void *context, const struct capdl_memory *memory)
{
    (void)context;
    printf("measure memory %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", memory->component,
           memory->private_bytes, memory->shared_bytes, memory->kernel_bytes);
}

static enum exit_status print_footprint(const struct capdl *capdl)
{
    puts("measure begin memory 1");
    if (!capdl_memory(capdl, print_memory, NULL)) {
        fputs("quoll: the host has no memory to add up what the components take\n", stderr);
        return EXIT_HOST;
    }
    puts("measure end memory");
    return EXIT_OK;
}

static enum exit_status check_spec(const struct settings *settings, const char *path,
                                   const struct input *input)
{
    struct spec_file spec;
    bool valid = spec_open(&spec, settings, path, input);
    enum exit_status status = valid ? EXIT_OK : EXIT_INPUT;
    if (valid && settings->footprint) {
        status = print_footprint(&spec.capdl);
    } else if (valid && !settings->quiet) {
        printf("%s: %u objects: no errors\n", path, spec.objects);
    }
    spec_close(&spec);
    return status;
}

static enum exit_status check_description(const struct settings *settings, const char *path)
{
    struct system_file file;
    struct image image;
    bool valid = system_file_open(&file, settings, path);
    if (!valid) {
        port_suggest(settings, path);
    }
    valid = valid && system_image_build(&image, settings, &file);
    if (valid) {
        if (!settings->quiet) {
            tell(file.system, path);
        }
        image_free(&image);
    }
    system_file_close(&file);
    return valid ? EXIT_OK : EXIT_INPUT;
}

static enum exit_status refuse_footprint(const char *path)
{
    fprintf(stderr,
            "quoll: --footprint %s: the file is not capDL\n"
            "      Have the microkit tool write some, with --capdl-json FILE, and name that.\n",
            path);
    return EXIT_USAGE;
}

static enum exit_status check(const struct settings *settings, const char *path)
{
    struct input input;
    if (port_is_asked_for(settings) && settings->footprint) {
        return refuse_footprint(path);
    }
    if (port_is_asked_for(settings)) {
        return port_check(settings, path);
    }
    if (settings->json) {
        fprintf(stderr, "quoll: --json goes with --arch, --board or --smp\n"
                        "      quoll check --help tells what they do.\n");
        return EXIT_USAGE;
    }
    if (!input_open(&input, path)) {
        return EXIT_INPUT;
    }
    enum exit_status status = input_is_spec(&input) ? check_spec(settings, path, &input)
                              : settings->footprint ? refuse_footprint(path)
                                                    : check_description(settings, path);
    input_close(&input);
    return status;
}

static const struct option *const tables[] = {board_options, search_options, common_options, NULL};

const struct command check_command = {
    .name = "check",
    .operand = "SYSTEM",
    .summary = "check a system description and its programs",
    .description =
        "Reads a Microkit system description and the programs it names, and makes an\n"
        "image of them without keeping it. What depends on the host is left to run: the\n"
        "addresses that no guest can map there, and its limits. A system in capDL, as\n"
        "the microkit tool writes with --capdl-json, is checked likewise.\n\n"
        "A description that was made for another board is checked as for that board, with\n"
        "--arch or --board, and what has to change for x86_64_generic is listed, a line each:\n"
        "docs/porting.md. Its programs are not looked at.\n",
    .examples = "  quoll check examples/ipc_demo/ipc_demo.system\n"
                "  quoll check --search-path build demo.system\n"
                "  quoll check --arch aarch64 demo.system\n"
                "  quoll check --board odroidc4 --json demo.system\n"
                "  quoll check --footprint spec.json\n",
    .tables = tables,
    .run = check,
};
