/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/tool/arguments.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_usage(void)
{
    printf("usage: microkit [-h] [OPTIONS] --board BOARD --config CONFIG "
           "[--search-path SEARCH_PATH ...] system\n");
    fflush(stdout);
}

static _Noreturn void print_help(const struct sdk *sdk)
{
    struct names boards = sdk_boards(sdk);
    print_usage();
    printf("\npositional arguments:\n"
           "  system\n"
           "\noptions:\n"
           "  -h, --help, show this help message and exit\n"
           "  -o, --output OUTPUT\n"
           "  -r, --report REPORT\n"
           "  --image-type {binary,elf,uimage}\n"
           "  --override-kernel KERNEL (for debugging purposes)\n"
           "  --board ");
    for (size_t i = 0; i < boards.count; i++) {
        printf("%s%s\n", i == 0 ? "" : "          ", boards.names[i]);
    }
    printf("  --config CONFIG\n"
           "  --capdl-json CAPDL_SPEC (JSON format)\n"
           "  --viper-output DIRECTORY_PATH\n"
           "  --search-path [SEARCH_PATH ...]\n");
    names_free(&boards);
    exit(EXIT_SUCCESS);
}

__attribute__((format(printf, 1, 2))) static _Noreturn void refuse(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "microkit: error: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(EXIT_FAILURE);
}

/* The options with one parameter, and where it goes. */
static const char **parameter_of(struct arguments *arguments, const char *option)
{
    const struct {
        const char *name;
        const char **value;
    } options[] = {
        {"-o", &arguments->output},
        {"--output", &arguments->output},
        {"-r", &arguments->report},
        {"--report", &arguments->report},
        {"--board", &arguments->board},
        {"--config", &arguments->config},
        {"--capdl-json", &arguments->capdl_json},
        {"--viper-output", &arguments->viper},
        {"--image-type", &arguments->image_type},
        {"--override-kernel", &arguments->kernel},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(option, options[i].name) == 0) {
            return options[i].value;
        }
    }
    return NULL;
}

/* Options go by their long names in messages. */
static const char *long_name(const char *option)
{
    if (strcmp(option, "-o") == 0) {
        return "--output";
    }
    return strcmp(option, "-r") == 0 ? "--report" : option;
}

static void check_image_type(const char *type)
{
    if (strcmp(type, "binary") != 0 && strcmp(type, "elf") != 0 && strcmp(type, "uimage") != 0) {
        refuse("argument --image-type: unknown parameter '%s'", type);
    }
}

static void check_board(const struct sdk *sdk, const char *board)
{
    struct names boards = sdk_boards(sdk);
    if (!names_have(&boards, board)) {
        refuse("argument --board: unknown parameter '%s'", board);
    }
    names_free(&boards);
}

static void check_config(const struct sdk *sdk, const struct arguments *arguments)
{
    struct names configs = sdk_configs(sdk, arguments->board);
    if (!names_have(&configs, arguments->config)) {
        fprintf(stderr, "microkit: error: argument --config: invalid choice '%s' (choose from: ",
                arguments->config);
        for (size_t i = 0; i < configs.count; i++) {
            fprintf(stderr, "%s%s", i == 0 ? "" : ", ", configs.names[i]);
        }
        fprintf(stderr, ")\n");
        exit(EXIT_FAILURE);
    }
    names_free(&configs);
}

static void check_required(const struct arguments *arguments)
{
    const char *missing[3];
    size_t count = 0;
    if (arguments->board == NULL) {
        missing[count++] = "--board";
    }
    if (arguments->config == NULL) {
        missing[count++] = "--config";
    }
    if (arguments->system == NULL) {
        missing[count++] = "system";
    }
    if (count > 0) {
        print_usage();
        refuse("the following arguments are required: %s%s%s%s%s", missing[0],
               count > 1 ? ", " : "", count > 1 ? missing[1] : "", count > 2 ? ", " : "",
               count > 2 ? missing[2] : "");
    }
}

/* An option with one parameter; returns how many words it took. */
static size_t read_option(struct arguments *arguments, char **argv, const char **value,
                          const struct sdk *sdk)
{
    if (argv[1] == NULL) {
        refuse("argument %s: expected one parameter", long_name(argv[0]));
    }
    *value = argv[1];
    if (value == &arguments->board) {
        check_board(sdk, argv[1]);
    } else if (value == &arguments->image_type) {
        check_image_type(argv[1]);
    }
    return 2;
}

/* All words up to the next option are folders. */
static size_t read_search_path(struct arguments *arguments, char **argv)
{
    size_t taken = 1;
    for (; argv[taken] != NULL && argv[taken][0] != '-'; taken++) {
        arguments->folders[arguments->folder_count++] = argv[taken];
    }
    return taken;
}

static size_t read_word(struct arguments *arguments, char **argv, const struct sdk *sdk)
{
    const char **value = parameter_of(arguments, argv[0]);
    if (value != NULL) {
        return read_option(arguments, argv, value, sdk);
    }
    if (strcmp(argv[0], "--search-path") == 0) {
        return read_search_path(arguments, argv);
    }
    if (strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "--help") == 0) {
        print_help(sdk);
    }
    if (arguments->system != NULL) {
        print_usage();
        refuse("unrecognized argument '%s'", argv[0]);
    }
    arguments->system = argv[0];
    return 1;
}

struct arguments arguments_read(char **argv, const struct sdk *sdk)
{
    struct arguments arguments = {.output = "loader.img", .report = "report.txt"};
    size_t words = 1;
    while (argv[words] != NULL) {
        words++;
    }
    arguments.folders = calloc(words, sizeof *arguments.folders);
    if (arguments.folders == NULL) {
        refuse("out of memory");
    }
    for (size_t at = 1; at < words;) {
        at += read_word(&arguments, argv + at, sdk);
    }
    check_required(&arguments);
    check_config(sdk, &arguments);
    arguments.folders[arguments.folder_count++] = sdk->working_folder;
    return arguments;
}
