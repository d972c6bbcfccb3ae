/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll compare: Quoll beside plain Linux and the real kernel. */
#include "cli/command.h"
#include "cli/sdk.h"
#include "compare/pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS_DEFAULT 10000
#define ITERATIONS_MAX     1048576 /* what the measured systems have memory for */
#define ROUNDS_DEFAULT     3
#define ROUNDS_MAX         1000

#define FIELD(name) offsetof(struct settings, compare.name)

static const struct option compare_options[] = {
    {"rounds", 'r', "N", "how often each runs, in turn with the others (default: 3)", OPTION_COUNT,
     FIELD(rounds)},
    {"only", 0, "NAMES", "measure only these, with commas between: quoll,linux", OPTION_TEXT,
     FIELD(only)},
    {"sel4-kernel", 0, "FILE",
     "boot the same systems on this seL4 kernel in QEMU, too: the 32-bit\n"
     "ELF of a configuration of Microkit, such as sel4_32.elf",
     OPTION_TEXT, FIELD(sel4_kernel)},
    {"microkit-sdk", 0, "FOLDER",
     "boot them on the kernel of this Microkit SDK in QEMU, too, in\n"
     "images that its tool makes",
     OPTION_TEXT, FIELD(microkit_sdk)},
    {"also", 0, "NAME=COMMAND",
     "run this, too: it prints lines of the measuring protocol\n"
     "(docs/comparison.md), and finds the number of iterations in $1;\n"
     "may be repeated",
     OPTION_FOLDER, FIELD(also)},
    {"against", 0, "FOLDER", "say what has changed since this older comparison", OPTION_TEXT,
     FIELD(against)},
    {"out", 'o', "FOLDER", "where the folder with the results is made (default: out)", OPTION_TEXT,
     FIELD(out)},
    {"silence", 0, "SECONDS",
     "give a run up that prints no measurement for so long (default: 60,\n"
     "and a second for each 1000 iterations)",
     OPTION_SECONDS, FIELD(silence_ns)},
    {0},
};

/* Returns false when it is no number that can be measured, and a person has been told. */
static bool parse_iterations(const char *text, uint64_t *iterations)
{
    char *end = NULL;
    *iterations = ITERATIONS_DEFAULT;
    if (!text) {
        return true;
    }
    errno = 0;
    *iterations = strtoull(text, &end, 10);
    if (end != text && *end == '\0' && errno == 0 && !strchr(text, '-') && *iterations >= 1 &&
        *iterations <= ITERATIONS_MAX) {
        return true;
    }
    fprintf(stderr,
            "quoll: compare takes a number of iterations from 1 to %d, and was given '%s'\n"
            "      Each is one round trip; %d is usual. --rounds repeats whole runs.\n",
            ITERATIONS_MAX, text, ITERATIONS_DEFAULT);
    return false;
}

static bool parse_rounds(uint64_t rounds)
{
    if (rounds > ROUNDS_MAX) {
        fprintf(stderr, "quoll: --rounds takes a number up to %d\n", ROUNDS_MAX);
    }
    return rounds <= ROUNDS_MAX;
}

static enum exit_status compare(const struct settings *settings, const char *operand)
{
    const struct compare_settings *asked = &settings->compare;
    uint64_t iterations;
    if (!parse_iterations(operand, &iterations) || !parse_rounds(asked->rounds)) {
        return EXIT_USAGE;
    }
    char *program = sdk_own_program();
    char *sdk = sdk_find(NULL);
    enum exit_status status = program && sdk ? EXIT_OK : EXIT_INPUT;
    if (status == EXIT_OK) {
        struct plan plan = {
            .iterations = iterations,
            .rounds = asked->rounds != 0 ? asked->rounds : ROUNDS_DEFAULT,
            .silence_ns = asked->silence_ns,
            .out = asked->out ? asked->out : "out",
            .against = asked->against,
            .only = asked->only,
            .sel4_kernel = asked->sel4_kernel,
            .microkit_sdk = asked->microkit_sdk,
            .also = asked->also.folders,
            .also_count = asked->also.count,
            .quoll = program,
            .sdk = sdk,
            .quiet = settings->quiet,
        };
        status = pipeline_run(&plan);
    }
    free(program);
    free(sdk);
    return status;
}

static const struct option *const tables[] = {compare_options, common_options, NULL};

const struct command compare_command = {
    .name = "compare",
    .operand = "[ITERATIONS]",
    .summary = "measure Quoll beside plain Linux and the real kernel: a report",
    .description =
        "Runs a client, a server and a logger on Quoll, as plain Linux processes and, where\n"
        "one is given, on the real kernel in QEMU, in turn and several times. Measures round\n"
        "trips, throughput, memory, start-up, CPU use at rest and what a crash costs others.\n"
        "Writes a folder out/DATE with all samples, tables, plots and report.html. Ctrl-C\n"
        "ends it and keeps what there is.\n",
    .examples = "  quoll compare\n"
                "  quoll compare 100000 --rounds 5\n"
                "  quoll compare --sel4-kernel sel4_32.elf\n"
                "  quoll compare --against out/2026-11-26_101500\n"
                "  quoll compare --only quoll,mine --also 'mine=./server-test \"$1\"'\n",
    .tables = tables,
    .run = compare,
};
