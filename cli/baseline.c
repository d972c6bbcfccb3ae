/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* quoll baseline: what plain Linux takes for the same work. */
#include "cli/command.h"
#include "cli/sdk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ITERATIONS_MAX 0x100000 /* as in measured/ and linux_baseline/ */
#define SIZE_MAX_BYTES 0x10000

/* The supervisor that starts the programs, to be freed; NULL: it is not there. */
static char *find_supervisor(void)
{
    static const char *const places[] = {"../lib/quoll/linux_baseline", "linux_baseline"};
    char *program = sdk_own_program();
    char *slash = program ? strrchr(program, '/') : NULL;
    char *found = NULL;
    for (size_t i = 0; slash && !found && i < sizeof(places) / sizeof(places[0]); i++) {
        if (asprintf(&found, "%.*s/%s/supervisor", (int)(slash - program), program, places[i]) <
            0) {
            found = NULL;
        } else if (access(found, X_OK) != 0) {
            free(found);
            found = NULL;
        }
    }
    if (!found) {
        fprintf(stderr,
                "quoll: the baseline's programs are not beside this program, in\n"
                "      ../lib/quoll/linux_baseline or linux_baseline of the folder of '%s'.\n"
                "      'make' builds them, 'make install' puts them there.\n",
                program ? program : "?");
    }
    free(program);
    return found;
}

static bool settings_fit(const struct settings *settings)
{
    if (settings->iterations != UINT64_MAX && settings->iterations > ITERATIONS_MAX) {
        fprintf(stderr, "quoll: --iterations %" PRIu64 ": every sample is kept, of at most %d\n",
                settings->iterations, ITERATIONS_MAX);
        return false;
    }
    if (settings->message_bytes % 8 != 0 || settings->message_bytes > SIZE_MAX_BYTES) {
        fprintf(stderr,
                "quoll: --size %" PRIu64 ": messages are of whole words, 8 bytes each, and of "
                "64K at most\n",
                settings->message_bytes);
        return false;
    }
    return true;
}

static enum exit_status baseline(const struct settings *settings, const char *mode)
{
    char iterations[32], size[32], cpu[32];
    if (!settings_fit(settings)) {
        return EXIT_USAGE;
    }
    char *supervisor = find_supervisor();
    if (!supervisor) {
        return EXIT_HOST;
    }
    snprintf(iterations, sizeof(iterations), "%" PRIu64, settings->iterations);
    snprintf(size, sizeof(size), "%" PRIu64, settings->message_bytes);
    snprintf(cpu, sizeof(cpu), "%" PRId64,
             settings->cpu > INT32_MAX && settings->cpu != UINT64_MAX ? INT32_MAX
                                                                      : (int64_t)settings->cpu);
    const char *talk = settings->quiet ? "quiet" : settings->verbose ? "verbose" : NULL;
    execl(supervisor, supervisor, mode ? mode : "all", iterations, size, cpu, talk, (char *)NULL);
    fprintf(stderr, "quoll: cannot run '%s': %s\n", supervisor, strerror(errno));
    free(supervisor);
    return EXIT_HOST;
}

static const struct option *const tables[] = {measure_options, common_options, NULL};

const struct command baseline_command = {
    .name = "baseline",
    .operand = "[WHAT]",
    .summary = "measure the same work on plain Linux",
    .description =
        "Runs a client, a server and a logger as ordinary processes, with requests over a Unix\n"
        "socket, POSIX shared memory and log lines over a datagram socket, and for fault a\n"
        "crasher. WHAT is startup, latency, throughput, memory, idle or fault; without it, all.\n"
        "Every sample goes to standard output (linux_baseline/README.md has the lines), and when\n"
        "standard error is a terminal, a summary goes there.\n",
    .examples = "  quoll baseline >/dev/null\n"
                "  quoll baseline latency --iterations 100000 >latency.txt\n"
                "  quoll baseline throughput --size 4096 --cpu 1\n",
    .tables = tables,
    .run = baseline,
};
