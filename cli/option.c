/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Options. */
#include "cli/option.h"

#include "machine/board.h"
#include "microkit/spelling.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct settings, name)

const struct option common_options[] = {
    {"help", 'h', NULL, "show this and exit", OPTION_FLAG, FIELD(help)},
    {"quiet", 'q', NULL, "only what the system prints, and errors", OPTION_FLAG, FIELD(quiet)},
    {"verbose", 'v', NULL, "say what is being done", OPTION_FLAG, FIELD(verbose)},
    {0},
};

const struct option machine_options[] = {
    {"memory", 'm', "SIZE", "how much memory the machine has (default: 512M)", OPTION_SIZE,
     FIELD(memory_bytes)},
    {"timeout", 't', "SECONDS", "end the machine after so long, with exit status 4", OPTION_SECONDS,
     FIELD(timeout_ns)},
    {"time", 0, "WHICH",
     "real (default): time passes as the host's does; or virtual: it passes\n"
     "by what the system does, idle time is skipped, two runs are the same",
     OPTION_TEXT, FIELD(time)},
    {"cpu", 0, "NAME",
     "which CPU the machine has, as far as CPUID tells: host (default);\n"
     "or haswell: an Intel of that name, less what the host's lacks",
     OPTION_TEXT, FIELD(machine_cpu)},
    {"serial", 's', "WHERE",
     "where the serial port goes: stdio (default), raw (stdio, where\n"
     "Ctrl-C is the guest's: Ctrl-A X ends it), null, pty, file:PATH or\n"
     "unix:PATH (a socket to connect to)",
     OPTION_TEXT, FIELD(serial)},
    {"exit-when-idle", 0, NULL,
     "end when all threads rest and nothing can come, as is done\n"
     "anyway when standard input is no terminal",
     OPTION_FLAG, FIELD(exit_when_idle)},
    {"kernel", 'k', "NAME", "which kernel configuration: see below", OPTION_TEXT, FIELD(kernel)},
    {"config", 0, "FILE", "the kernel configuration that an upstream gen_config.json has",
     OPTION_TEXT, FIELD(config)},
    {"gdb", 'g', "WHERE",
     "wait for gdb before the first instruction: PORT, HOST:PORT\n"
     "or the path of a socket; docs/gdb.md",
     OPTION_TEXT, FIELD(gdb)},
    {"gdb-until", 0, "THREAD",
     "with --gdb: wait not before the first instruction but before the\n"
     "first one of that thread, such as a protection domain's",
     OPTION_TEXT, FIELD(gdb_until)},
    {"no-rewrite", 0, NULL, "leave system call instructions as they are: slower", OPTION_FLAG,
     FIELD(no_rewrite)},
    {"stats", 0, NULL, "at the end, say what the kernel and the platform did", OPTION_FLAG,
     FIELD(stats)},
    {0},
};

const struct option search_options[] = {
    {"search-path", 'p', "FOLDER",
     "look for program images there first; may be repeated. Then come\n"
     "the description's folder /build, its folder, and the current one",
     OPTION_FOLDER, FIELD(search)},
    {0},
};

const struct option sdk_options[] = {
    {"sdk", 0, "FOLDER",
     "the Microkit SDK to build with (default: MICROKIT_SDK of the\n"
     "environment, else the one that came with quoll)",
     OPTION_TEXT, FIELD(sdk)},
    {0},
};

const struct option measure_options[] = {
    {"iterations", 'n', "N", "how many requests are measured (default: 1000; starts: 100)",
     OPTION_NUMBER, FIELD(iterations)},
    {"size", 0, "BYTES",
     "for throughput: one size of message instead of eight; a multiple\n"
     "of 8 to 64K, above 960 in shared memory",
     OPTION_SIZE, FIELD(message_bytes)},
    {"cpu", 0, "N", "where all of it runs (default: the last CPU that may be used)", OPTION_NUMBER,
     FIELD(cpu)},
    {0},
};

const struct option board_options[] = {
    {"arch", 0, "ARCH",
     "the description was made for a board of this architecture: x86_64,\n"
     "aarch64 or riscv64. Only it is read, and what stands in the way of\n"
     "x86_64_generic is listed",
     OPTION_TEXT, FIELD(arch)},
    {"board", 0, "BOARD",
     "likewise, for this board of Microkit's (default: QEMU's, and devices\n"
     "are told by the addresses of any)",
     OPTION_TEXT, FIELD(board)},
    {"smp", 0, NULL, "likewise, for the smp- configurations of the board", OPTION_FLAG, FIELD(smp)},
    {"json", 0, NULL, "with these: print what is found as JSON", OPTION_FLAG, FIELD(json)},
    {"footprint", 0, NULL,
     "of a system in capDL: print what each component takes of the\n"
     "machine's memory, for quoll compare",
     OPTION_FLAG, FIELD(footprint)},
    {0},
};

struct settings settings_default(void)
{
    return (struct settings){
        .memory_bytes = BOARD_MEMORY_DEFAULT,
        .serial = "stdio",
        .time = "real",
        .machine_cpu = "host",
        .kernel = "microkit",
        .iterations = UINT64_MAX,
        .cpu = UINT64_MAX,
    };
}

/* --- Values --- */

/* Returns false when the text is no number from 0 to UINT64_MAX with such a suffix. */
static bool parse_size(const char *text, uint64_t *bytes)
{
    static const char suffixes[] = "KMGT";
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 0);
    if (end == text || errno != 0 || strchr(text, '-')) {
        return false;
    }
    unsigned shift = 0;
    const char *suffix = *end != '\0' ? strchr(suffixes, *end & ~0x20) : NULL;
    if (suffix) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        end += strncmp(end + 1, "iB", 2) == 0 ? 3 : 1;
    }
    *bytes = (uint64_t)number << shift;
    return *end == '\0' && *bytes >> shift == number;
}

/* Decimal, and one less than UINT64_MAX at most. */
static bool parse_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0 && *number < UINT64_MAX;
}

static bool parse_seconds(const char *text, uint64_t *ns)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(seconds) || seconds <= 0 || seconds > 1e9) {
        return false;
    }
    *ns = (uint64_t)(seconds * 1e9);
    return *ns > 0;
}

static bool parse_count(const char *text, uint64_t *count)
{
    char *end;
    errno = 0;
    *count = strtoull(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 && !strchr(text, '-') && *count > 0;
}

static bool add_folder(struct folders *folders, const char *folder)
{
    if (folders->count == SEARCH_FOLDERS_MAX) {
        return false;
    }
    folders->folders[folders->count++] = folder;
    return true;
}

static const char *expectation(enum option_kind kind)
{
    switch (kind) {
    case OPTION_NUMBER:
        return "a number, such as 1000";
    case OPTION_SIZE:
        return "a size, such as 64M, 1G or 0x4000000";
    case OPTION_SECONDS:
        return "a number of seconds above 0, such as 10 or 0.5";
    case OPTION_COUNT:
        return "a number above 0";
    case OPTION_FOLDER:
        return "at most 32 values";
    case OPTION_FLAG:
    case OPTION_TEXT:
        break;
    }
    return "a value";
}

/* `value` is NULL for a flag. */
static bool set_option(const struct option *option, const char *value, struct settings *settings)
{
    void *field = (char *)settings + option->field;
    bool valid = true;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        break;
    case OPTION_TEXT:
        *(const char **)field = value;
        valid = value[0] != '\0';
        break;
    case OPTION_NUMBER:
        valid = parse_number(value, field);
        break;
    case OPTION_SIZE:
        valid = parse_size(value, field);
        break;
    case OPTION_SECONDS:
        valid = parse_seconds(value, field);
        break;
    case OPTION_COUNT:
        valid = parse_count(value, field);
        break;
    case OPTION_FOLDER:
        valid = add_folder(field, value);
        break;
    }
    if (!valid) {
        fprintf(stderr, "quoll: --%s %s: it takes %s\n", option->name, value,
                expectation(option->kind));
    }
    return valid;
}

/* --- The command line --- */

static const struct option *find_name(const struct option *const *tables, const char *name,
                                      size_t length)
{
    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            if (strlen(option->name) == length && strncmp(option->name, name, length) == 0) {
                return option;
            }
        }
    }
    return NULL;
}

static const struct option *find_letter(const struct option *const *tables, char letter)
{
    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            if (option->letter == letter) {
                return option;
            }
        }
    }
    return NULL;
}

static void report_unknown(const struct option *const *tables, const char *name)
{
    struct spelling spelling = spelling_of(name);
    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            spelling_try(&spelling, option->name);
        }
    }
    fprintf(stderr, "quoll: there is no option --%s\n", name);
    if (spelling.nearest) {
        fprintf(stderr, "      Did you mean --%s?\n", spelling.nearest);
    } else {
        fprintf(stderr, "      --help lists them.\n");
    }
}

/* The arguments that are still to be read. */
struct arguments {
    char **next;
    char **end;
};

/* The value of an option: behind its `=`, or the next argument. NULL: there is none. */
static const char *value_of(const struct option *option, const char *attached,
                            struct arguments *arguments)
{
    if (attached) {
        return attached;
    }
    if (arguments->next < arguments->end) {
        return *arguments->next++;
    }
    fprintf(stderr, "quoll: --%s: it takes %s\n", option->name,
            option->kind == OPTION_TEXT ? option->argument : expectation(option->kind));
    return NULL;
}

static bool apply(const struct option *option, const char *attached, struct arguments *arguments,
                  struct settings *settings)
{
    if (option->kind == OPTION_FLAG) {
        if (attached) {
            fprintf(stderr, "quoll: --%s takes no value\n", option->name);
            return false;
        }
        return set_option(option, NULL, settings);
    }
    const char *value = value_of(option, attached, arguments);
    return value && set_option(option, value, settings);
}

static bool parse_long(const struct option *const *tables, const char *argument,
                       struct arguments *arguments, struct settings *settings)
{
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
    const struct option *option = find_name(tables, argument, length);
    if (!option) {
        report_unknown(tables, argument);
        return false;
    }
    return apply(option, equals ? equals + 1 : NULL, arguments, settings);
}

/* Letters may stand together, -qv; the first that takes a value takes the rest, -m64M. */
static bool parse_letters(const struct option *const *tables, const char *letters,
                          struct arguments *arguments, struct settings *settings)
{
    for (const char *letter = letters; *letter != '\0'; letter++) {
        const struct option *option = find_letter(tables, *letter);
        if (!option) {
            fprintf(stderr, "quoll: there is no option -%c\n      --help lists them.\n", *letter);
            return false;
        }
        bool rest = option->kind != OPTION_FLAG && letter[1] != '\0';
        if (!apply(option, rest ? letter + 1 : NULL, arguments, settings)) {
            return false;
        }
        if (rest) {
            break;
        }
    }
    return true;
}

bool options_parse(const struct option *const *tables, int *count, char **arguments,
                   struct settings *settings)
{
    struct arguments rest = {.next = arguments, .end = arguments + *count};
    int operands = 0;
    bool only_operands = false;
    while (rest.next < rest.end) {
        char *argument = *rest.next++;
        if (only_operands || argument[0] != '-' || argument[1] == '\0') {
            arguments[operands++] = argument;
        } else if (strcmp(argument, "--") == 0) {
            only_operands = true;
        } else if (argument[1] == '-') {
            if (!parse_long(tables, argument + 2, &rest, settings)) {
                return false;
            }
        } else if (!parse_letters(tables, argument + 1, &rest, settings)) {
            return false;
        }
    }
    *count = operands;
    return true;
}

/* --- Help --- */

#define HELP_COLUMN 28

static void print_option(const struct option *option, FILE *stream)
{
    char left[64];
    char letter[5] = "    ";
    if (option->letter != 0) {
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    }
    snprintf(left, sizeof(left), "  %s--%s%s%s", letter, option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    fprintf(stream, "%-*s", HELP_COLUMN, left);
    for (const char *c = option->help; *c != '\0'; c++) {
        fputc(*c, stream);
        if (*c == '\n') {
            fprintf(stream, "%*s", HELP_COLUMN, "");
        }
    }
    fputc('\n', stream);
}

void options_print(const struct option *const *tables, FILE *stream)
{
    for (; *tables; tables++) {
        for (const struct option *option = *tables; option->name; option++) {
            print_option(option, stream);
        }
    }
}
