/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* bin/microkit: makes an image of a system, as Microkit 2.3.0's tool does, for x86-64. */
#include "microkit/arena.h"
#include "microkit/file.h"
#include "microkit/image.h"
#include "microkit/tool/arguments.h"
#include "microkit/tool/views.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ELF_SIZE_MAX ((size_t)1 << 30)

static void check_exists(const char *what, const char *path, const char *what_to_do)
{
    if (access(path, F_OK) != 0) {
        fprintf(stderr, "microkit: error: %s '%s' does not exist\n      %s\n", what, path,
                what_to_do);
        exit(EXIT_FAILURE);
    }
}

static void check_part(const struct sdk *sdk, const struct arguments *arguments, const char *what,
                       const char *name)
{
    char *path = sdk_path(sdk, arguments->board, arguments->config, name);
    check_exists(what, path,
                 "The SDK is incomplete. Install it again, or set MICROKIT_SDK to another one.");
    free(path);
}

/* The path is freed. */
static struct program_bytes read_program(struct arena *arena, const char *what, char *path)
{
    char *data;
    size_t size;
    int error = file_read(arena, path, ELF_SIZE_MAX, &data, &size);
    if (error != 0) {
        fprintf(stderr, "microkit: error: %s '%s': %s\n", what, path, file_error(error));
        exit(EXIT_FAILURE);
    }
    struct program_bytes program = {
        .name = arena_copy(arena, path, strlen(path)), .data = data, .size = size};
    free(path);
    if (program.name == NULL) {
        fprintf(stderr, "microkit: error: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return program;
}

/* "256 KiB", "5.34 KiB", "1,000 bytes", with upstream's rounding. */
static const char *human_size(uint64_t size, char text[static 32])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB"};
    int unit = 3;
    while (unit > 0 && size <= UINT64_C(1) << (10 * unit)) {
        unit--;
    }
    uint64_t base = UINT64_C(1) << (10 * unit);
    uint64_t count = size / base;
    if (size % base != 0) {
        snprintf(text, 32, "%.2f %s", (double)size / (double)base, units[unit]);
    } else if (count >= 1000) {
        snprintf(text, 32, "%u,%03u %s", (unsigned)(count / 1000), (unsigned)(count % 1000),
                 units[unit]);
    } else {
        snprintf(text, 32, "%u %s", (unsigned)count, units[unit]);
    }
    return text;
}

static bool write_file(const char *path, const void *data, size_t size)
{
    FILE *out = fopen(path, "wb");
    bool written = out != NULL && fwrite(data, 1, size, out) == size;
    written = out != NULL && fclose(out) == 0 && written;
    return written;
}

static void write_image(const struct arguments *arguments, const struct image *image)
{
    if (!write_file(arguments->output, image->data, image->size)) {
        fprintf(stderr, "ERROR: couldn't write the boot module to filesystem: '%s': %s\n",
                arguments->output, strerror(errno));
        unlink(arguments->output);
        exit(EXIT_FAILURE);
    }
}

/* Copy a kernel beside the image. Returns false if there is none to copy. */
static bool copy_kernel(struct arena *arena, const char *source, const char *folder,
                        const char *name)
{
    char *data;
    size_t size;
    int error = file_read(arena, source, ELF_SIZE_MAX, &data, &size);
    if (error == ENOENT) {
        return false;
    }
    char *target = text_make("%s/%s", folder, name);
    if (error != 0 || !write_file(target, data, size)) {
        fprintf(stderr, "ERROR: couldn't copy the kernel to image's output directory: '%s': %s\n",
                source, error != 0 ? file_error(error) : strerror(errno));
        exit(EXIT_FAILURE);
    }
    free(target);
    return true;
}

/* With a kernel of the user's, both have to be there: a boot loader wants one or the other. */
static void copy_kernels(struct arena *arena, const struct arguments *arguments,
                         const struct sdk *sdk)
{
    char *kernel = arguments->kernel != NULL
                       ? text_make("%s", arguments->kernel)
                       : sdk_path(sdk, arguments->board, arguments->config, "elf/sel4.elf");
    char *kernel_folder = text_make("%s", kernel);
    char *kernel_32 = text_make("%s/sel4_32.elf", dirname(kernel_folder));
    char *output = text_make("%s", arguments->output);
    const char *folder = dirname(output);
    bool copied = copy_kernel(arena, kernel, folder, "sel4.elf");
    bool copied_32 = copy_kernel(arena, kernel_32, folder, "sel4_32.elf");
    if (arguments->kernel != NULL && !copied_32) {
        fprintf(stderr,
                "ERROR: couldn't copy the 32-bit kernel to image's output directory: %s (os error "
                "%d)\n      '%s' has to be beside the kernel of --override-kernel.\n",
                strerror(ENOENT), ENOENT, kernel_32);
        exit(EXIT_FAILURE);
    }
    if (!copied && !copied_32) {
        printf("MICROKIT|NOTE: this SDK has no kernel: run '%s' with quoll, or boot it on an "
               "seL4 of your own\n",
               arguments->output);
    }
    free(output);
    free(kernel_32);
    free(kernel_folder);
    free(kernel);
}

/* x86-64 boots ELFs. */
static void check_image_type(const char *type)
{
    if (type != NULL && strcmp(type, "elf") != 0) {
        fprintf(stderr,
                "microkit: error: building the output image as '%s' is unsupported for target "
                "architecture 'x86-64'\n",
                type);
        exit(EXIT_FAILURE);
    }
}

/* NULL, with the errors told, if there is no image to be made of the description. */
static struct system *build(struct image *image, const struct arguments *arguments,
                            struct image_request *request)
{
    struct diagnostics found = {0};
    struct system *system =
        microkit_parse(arguments->system, &target_x86_64, request->search, &found);
    request->system = system;
    bool built =
        system != NULL && microkit_check(system, &found) && image_build(image, request, &found);
    diagnostics_print(&found, stderr, stdout);
    diagnostics_free(&found);
    if (!built) {
        microkit_free(system);
        return NULL;
    }
    return system;
}

static void print_sizes(const struct image *image, const struct capdl *capdl)
{
    char text[32];
    printf("MICROKIT|CAPDL SPEC: number of root objects = %u, spec footprint = %s\n",
           capdl_count(capdl), human_size(image->spec->size, text));
    printf("MICROKIT|INITIAL TASK: memory size = %s\n", human_size(image->memory_size, text));
    printf("MICROKIT|BOOT MODULE: image file size = %s\n", human_size(image->size, text));
}

/*
 * The files that have to be there, in upstream's order. Some only upstream's tool reads; without them
 * no other tool could use the SDK either.
 */
static void check_files(const struct sdk *sdk, const struct arguments *arguments)
{
    check_part(sdk, arguments, "board ELF directory", "elf");
    if (arguments->kernel != NULL) {
        check_exists("kernel ELF", arguments->kernel, "--override-kernel says so.");
    }
    check_part(sdk, arguments, "monitor ELF", "elf/monitor.elf");
    check_part(sdk, arguments, "CapDL initialiser ELF", "elf/initialiser.elf");
    check_part(sdk, arguments, "kernel configuration file", "include/kernel/gen_config.json");
    check_part(sdk, arguments, "invocations JSON file", "invocations_all.json");
    check_exists(
        "system description file", arguments->system,
        "Its path starts at the folder that the tool is run in; --search-path is for what the "
        "description names.");
    check_image_type(arguments->image_type);
    check_part(sdk, arguments, "kernel object sizes file", "object_sizes.json");
    check_part(sdk, arguments, "kernel address space constants file",
               "address_space_constants.json");
}

static struct sdk_programs read_programs(const struct sdk *sdk, const struct arguments *arguments,
                                         struct arena *arena)
{
    check_files(sdk, arguments);
    return (struct sdk_programs){
        .monitor =
            read_program(arena, "monitor ELF",
                         sdk_path(sdk, arguments->board, arguments->config, "elf/monitor.elf")),
        .initialiser =
            read_program(arena, "CapDL initialiser ELF",
                         sdk_path(sdk, arguments->board, arguments->config, "elf/initialiser.elf")),
    };
}

static int run(const struct sdk *sdk, const struct arguments *arguments, struct arena *arena)
{
    struct capdl capdl;
    struct search_path search = {.count = arguments->folder_count, .folders = arguments->folders};
    struct image_request request = {
        .search = &search,
        .programs = read_programs(sdk, arguments, arena),
        .capdl = &capdl,
    };
    struct image image;
    struct system *system = build(&image, arguments, &request);
    if (system == NULL) {
        return EXIT_FAILURE;
    }
    write_image(arguments, &image);
    print_sizes(&image, &capdl);
    copy_kernels(arena, arguments, sdk);
    views_write(arguments, &capdl, system);
    capdl_free(&capdl);
    image_free(&image);
    microkit_free(system);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    (void)argc;
    struct sdk sdk = sdk_find();
    struct arguments arguments = arguments_read(argv, &sdk);
    struct arena *arena = arena_new();
    if (arena == NULL) {
        fprintf(stderr, "microkit: error: out of memory\n");
        return EXIT_FAILURE;
    }
    int status = run(&sdk, &arguments, arena);
    arena_free(arena);
    free(arguments.folders);
    sdk_free(&sdk);
    return status;
}
