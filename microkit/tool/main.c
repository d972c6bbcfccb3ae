/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* bin/microkit: makes an image of a system, as Microkit 2.3.0's tool does, for x86-64. */
#include "microkit/arena.h"
#include "microkit/file.h"
#include "microkit/image.h"
#include "microkit/tool/arguments.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ELF_SIZE_MAX ((size_t)1 << 30)

static _Noreturn void refuse_missing(const char *what, const char *path)
{
    fprintf(stderr, "microkit: error: %s '%s' does not exist\n", what, path);
    exit(EXIT_FAILURE);
}

static struct program_bytes read_program(struct arena *arena, const char *what, char *path)
{
    char *data;
    size_t size;
    int error = file_read(arena, path, ELF_SIZE_MAX, &data, &size);
    if (error == ENOENT) {
        refuse_missing(what, path);
    }
    if (error != 0) {
        fprintf(stderr, "microkit: error: %s '%s': %s\n", what, path, file_error(error));
        exit(EXIT_FAILURE);
    }
    return (struct program_bytes){.name = path, .data = data, .size = size};
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

static void write_report(const struct arguments *arguments, const struct image *image)
{
    FILE *out = fopen(arguments->report, "w");
    bool written = out != NULL;
    if (written) {
        image_report(image, out);
        written = !ferror(out);
        written = fclose(out) == 0 && written;
    }
    if (!written) {
        fprintf(stderr, "ERROR: couldn't write the report '%s': %s\n", arguments->report,
                strerror(errno));
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

static void copy_kernels(struct arena *arena, const struct arguments *arguments,
                         const struct sdk *sdk)
{
    char *kernel = arguments->kernel != NULL
                       ? text_make("%s", arguments->kernel)
                       : sdk_elf(sdk, arguments->board, arguments->config, "sel4.elf");
    char *kernel_folder = text_make("%s", kernel);
    char *kernel_32 = text_make("%s/sel4_32.elf", dirname(kernel_folder));
    char *output = text_make("%s", arguments->output);
    const char *folder = dirname(output);
    bool copied = copy_kernel(arena, kernel, folder, "sel4.elf");
    copied = copy_kernel(arena, kernel_32, folder, "sel4_32.elf") || copied;
    if (!copied && arguments->kernel != NULL) {
        refuse_missing("kernel ELF", arguments->kernel);
    }
    if (!copied) {
        printf("MICROKIT|NOTE: this SDK has no kernel: run '%s' with quoll, or boot it on an "
               "seL4 of your own\n",
               arguments->output);
    }
    free(output);
    free(kernel_32);
    free(kernel_folder);
    free(kernel);
}

/* What is accepted because build systems pass it, and what it does not do here. */
static void note_unsupported(const struct arguments *arguments)
{
    if (arguments->image_type != NULL && strcmp(arguments->image_type, "elf") != 0) {
        fprintf(stderr,
                "microkit: error: building the output image as '%s' is unsupported for target "
                "architecture 'x86-64'\n",
                arguments->image_type);
        exit(EXIT_FAILURE);
    }
    if (arguments->capdl_json != NULL) {
        fprintf(stderr,
                "microkit: warning: --capdl-json: '%s' is not written, the image has no "
                "capDL spec\n",
                arguments->capdl_json);
    }
    if (arguments->viper != NULL) {
        fprintf(stderr, "microkit: warning: --viper-output: nothing is written to '%s'\n",
                arguments->viper);
    }
}

static bool build(struct image *image, const struct arguments *arguments,
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
    microkit_free(system);
    return built;
}

static void print_sizes(const struct image *image)
{
    char text[32];
    printf("MICROKIT|CAPDL SPEC: number of root objects = %u, spec footprint = %s\n",
           image->spec->objects_total, human_size(image->spec->size, text));
    printf("MICROKIT|INITIAL TASK: memory size = %s\n", human_size(image->memory_size, text));
    printf("MICROKIT|BOOT MODULE: image file size = %s\n", human_size(image->size, text));
}

static int run(const struct sdk *sdk, const struct arguments *arguments, struct arena *arena)
{
    char *initialiser = sdk_elf(sdk, arguments->board, arguments->config, "initialiser.elf");
    char *monitor = sdk_elf(sdk, arguments->board, arguments->config, "monitor.elf");
    struct search_path search = {.count = arguments->folder_count, .folders = arguments->folders};
    struct image_request request = {
        .search = &search,
        .programs = {.initialiser = read_program(arena, "CapDL initialiser ELF", initialiser),
                     .monitor = read_program(arena, "monitor ELF", monitor)},
    };
    if (access(arguments->system, F_OK) != 0) {
        refuse_missing("system description file", arguments->system);
    }
    struct image image;
    bool built = build(&image, arguments, &request);
    if (built) {
        write_image(arguments, &image);
        print_sizes(&image);
        copy_kernels(arena, arguments, sdk);
        write_report(arguments, &image);
        image_free(&image);
    }
    free(monitor);
    free(initialiser);
    return built ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    (void)argc;
    struct sdk sdk = sdk_find();
    struct arguments arguments = arguments_read(argv, &sdk);
    note_unsupported(&arguments);
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
