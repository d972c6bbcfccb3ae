/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll: commands, help, version. */
#include "cli/command.h"
#include "cli/sdk.h"
#include "kernel/config.h"
#include "microkit/spelling.h"
#include "microkit/target.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUOLL_VERSION "0.1"

static const struct command *const commands[] = {
    &run_command,      &boot_command, &check_command,   &new_command,
    &baseline_command, &test_command, &compare_command, &capture_command};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_version(FILE *stream)
{
    fprintf(stream, "quoll %s, for seL4 16.0 and Microkit 2.3 on x86-64\n", QUOLL_VERSION);
}

static void print_help(FILE *stream)
{
    fprintf(stream, "usage: quoll COMMAND [OPTIONS] FILE\n\n"
                    "Runs seL4 systems as ordinary Linux processes.\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(stream, "  %-8s %-12s %s\n", commands[i]->name, commands[i]->operand,
                commands[i]->summary);
    }
    fprintf(
        stream,
        "\n  --help, --version; quoll COMMAND --help shows a command's options\n"
        "  --print-sdk prints where the Microkit SDK is, for Makefiles\n\n"
        "examples:\n"
        "  quoll new demo && make -C demo test\n"
        "  quoll run examples/hello_world/hello_world.system\n"
        "  quoll boot --memory 1G --timeout 60 roottask.elf\n\n"
        "exit status: 0 the system halted or came to rest, 1 an input is wrong, 2 the command\n"
        "line is wrong, 3 the system is stuck, 4 time-out, 5 the host failed, 128 + N ended by\n"
        "signal N (Ctrl-C: 130). docs/exit-codes.md tells more.\n");
}

static enum exit_status print_sdk(void)
{
    char *sdk = sdk_find(NULL);
    if (!sdk) {
        return EXIT_INPUT;
    }
    puts(sdk);
    free(sdk);
    return EXIT_OK;
}

static void print_kernels(FILE *stream)
{
    fprintf(stream, "\nkernel configurations:");
    for (unsigned i = 0; kernel_config_name(i); i++) {
        fprintf(stream, " %s", kernel_config_name(i));
    }
    fprintf(stream, "\n");
}

static void print_boards(FILE *stream)
{
    fprintf(stream, "\nboards:");
    for (size_t i = 0; i < target_count; i++) {
        fprintf(stream, " %s", targets[i].name);
    }
    fprintf(stream, "\n");
}

static bool takes(const struct command *command, const struct option *table)
{
    for (size_t i = 0; command->tables[i]; i++) {
        if (command->tables[i] == table) {
            return true;
        }
    }
    return false;
}

static void print_command_help(const struct command *command, FILE *stream)
{
    fprintf(stream, "usage: quoll %s [OPTIONS] %s\n\n%s\noptions:\n", command->name,
            command->operand, command->description);
    options_print(command->tables, stream);
    if (takes(command, machine_options)) {
        print_kernels(stream);
    }
    if (takes(command, board_options)) {
        print_boards(stream);
    }
    fprintf(stream, "\nexamples:\n%s", command->examples);
}

static enum exit_status report_unknown_command(const char *name)
{
    struct spelling spelling = spelling_of(name);
    for (size_t i = 0; i < COMMANDS; i++) {
        spelling_try(&spelling, commands[i]->name);
    }
    fprintf(stderr, "quoll: there is no command '%s'\n", name);
    if (spelling.nearest) {
        fprintf(stderr, "      Did you mean 'quoll %s'?\n", spelling.nearest);
    } else {
        fprintf(stderr, "      quoll --help lists them.\n");
    }
    return EXIT_USAGE;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static enum exit_status run_named(const struct command *command, int count, char **arguments)
{
    struct settings settings = settings_default();
    if (!options_parse(command->tables, &count, arguments, &settings)) {
        return EXIT_USAGE;
    }
    if (settings.help) {
        print_command_help(command, stdout);
        return EXIT_OK;
    }
    if (command->many_operands) {
        settings.operands = (const char *const *)arguments;
        settings.operand_count = (size_t)count;
        return command->run(&settings, count > 0 ? arguments[0] : NULL);
    }
    if (count == 0 && command->operand[0] == '[') {
        return command->run(&settings, NULL);
    }
    if (count != 1) {
        fprintf(stderr, "quoll: %s takes one %s, and was given %d\n      quoll %s --help\n",
                command->name, command->operand, count, command->name);
        return EXIT_USAGE;
    }
    return command->run(&settings, count > 0 ? arguments[0] : NULL);
}

static bool is_either(const char *argument, const char *name, const char *letter)
{
    return strcmp(argument, name) == 0 || strcmp(argument, letter) == 0;
}

/*
 * A standard descriptor that was closed at the start would be given to the next file that is opened,
 * and the system's output would land there. One that fails what it is used for takes its place.
 */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

static enum exit_status run(int count, char **arguments)
{
    if (count < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *first = arguments[1];
    if (is_either(first, "--help", "-h") || strcmp(first, "help") == 0) {
        const struct command *command = count > 2 ? find_command(arguments[2]) : NULL;
        if (command) {
            print_command_help(command, stdout);
        } else {
            print_help(stdout);
        }
        return EXIT_OK;
    }
    if (is_either(first, "--version", "-V")) {
        print_version(stdout);
        return EXIT_OK;
    }
    if (strcmp(first, "--print-sdk") == 0) {
        return print_sdk();
    }
    const struct command *command = find_command(first);
    if (!command) {
        return report_unknown_command(first);
    }
    return run_named(command, count - 2, arguments + 2);
}

/* Whoever reads what a command says of itself is not to take half of it for all. */
static enum exit_status end_output(enum exit_status status)
{
    bool lost = fflush(stdout) != 0;
    if ((lost || ferror(stdout)) && status == EXIT_OK) {
        fprintf(stderr, "quoll: cannot write to standard output: %s\n",
                lost ? strerror(errno) : "what was to be read is not complete");
        return EXIT_HOST;
    }
    return status;
}

int main(int count, char **arguments)
{
    hold_standard_descriptors();
    /* A file beyond `ulimit -f` is an error of its system call then, and reported as one. */
    signal(SIGXFSZ, SIG_IGN);
    return end_output(run(count, arguments));
}
