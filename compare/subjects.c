/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What is measured. */
#include "compare/subjects.h"

#include "compare/child.h"
#include "compare/list.h"
#include "compare/output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUBJECT_NAME_MAX        24
#define THROUGHPUT_REQUESTS_MAX 10000
#define FEW                     100 /* iterations where what is measured is the rest */

/* --- Which ones --- */

bool subjects_want(const struct plan *plan, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = plan->only; at && *at != '\0'; at += *at == ',') {
        size_t part = strcspn(at, ",");
        if (part == length && strncmp(at, name, length) == 0) {
            return true;
        }
        at += part;
    }
    return !plan->only;
}

static bool is_taken(const struct comparison *comparison, const char *name, size_t length)
{
    for (size_t i = 0; i < comparison->subjects.count; i++) {
        const char *taken = comparison->subjects.items[i].name;
        if (strlen(taken) == length && strncmp(taken, name, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Each name of --only has to be somebody's. */
static bool only_is_known(const struct workshop *workshop)
{
    const struct comparison *comparison = workshop->comparison;
    const char *only = workshop->plan->only;
    for (const char *at = only; at && *at != '\0'; at += *at == ',') {
        size_t length = strcspn(at, ",");
        if (!is_taken(comparison, at, length)) {
            fprintf(stderr, "quoll: --only %s: there is no system '%.*s' to be measured\n", only,
                    (int)length, at);
            fputs(
                "      There are quoll, quoll-trapped and linux; sel4 with --sel4-kernel, microkit "
                "with\n      --microkit-sdk, and those of --also.\n",
                stderr);
            return false;
        }
        at += length;
    }
    return true;
}

void subjects_leave_out(const struct workshop *workshop, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fprintf(stderr, "quoll: %s\n", text);
    comparison_remark(workshop->comparison, "%s", text);
}

/* --- Quoll --- */

/* Linux sees the names of protection domains where the kernel is told them, which is in debug
 * configurations: those show who takes what memory. All else is the release configuration's. */
static void add_quoll_part(const struct workshop *workshop, struct subject *subject,
                           enum part_kind kind, const char *flag)
{
    const char *system = kind == PART_FAULT ? "fault" : "ipc";
    const char *iterations = kind == PART_START ? "none" : kind == PART_REST ? "few" : "all";
    bool debug = kind == PART_REST;
    subject_add_part(subject, kind, text_of("%s", workshop->plan->quoll), text_of("run"),
                     text_of("--kernel"), text_of(debug ? "microkit" : "microkit-release"),
                     text_of("--search-path"), text_of("%s/%s", workshop->inputs, iterations),
                     text_of("--search-path"),
                     text_of("%s/%s", workshop->measured, debug ? "debug" : "release"),
                     text_of("%s/%s.system", workshop->measured, system),
                     flag ? text_of("%s", flag) : NULL, NULL);
}

static void add_quoll(const struct workshop *workshop, const char *name, const char *title,
                      const char *about, const char *flag)
{
    if (!subjects_want(workshop->plan, name)) {
        return;
    }
    struct subject *subject = comparison_add_subject(workshop->comparison, name, title, about);
    for (enum part_kind kind = PART_START; kind <= PART_REST; kind++) {
        add_quoll_part(workshop, subject, kind, flag);
    }
}

/* --- Linux --- */

static void add_baseline_part(const struct workshop *workshop, struct subject *subject,
                              enum part_kind kind, const char *what, uint64_t iterations)
{
    int cpu = workshop->comparison->cpu;
    subject_add_part(subject, kind, text_of("%s", workshop->plan->quoll), text_of("baseline"),
                     text_of("%s", what), text_of("--iterations"),
                     text_of("%llu", (unsigned long long)iterations),
                     cpu == CHILD_ANY_CPU ? NULL : text_of("--cpu=%d", cpu), NULL);
}

/* As many of each size as the measured systems send. */
static uint64_t throughput_requests(const struct plan *plan)
{
    return plan->iterations < THROUGHPUT_REQUESTS_MAX ? plan->iterations : THROUGHPUT_REQUESTS_MAX;
}

static void add_linux(const struct workshop *workshop)
{
    const struct plan *plan = workshop->plan;
    if (!subjects_want(plan, "linux")) {
        return;
    }
    struct subject *subject =
        comparison_add_subject(workshop->comparison, "linux", "The same as plain Linux processes",
                               "Client, server and logger as ordinary processes: requests over a "
                               "Unix socket, data in shared "
                               "memory.");
    add_baseline_part(workshop, subject, PART_START, "latency", 0);
    add_baseline_part(workshop, subject, PART_LATENCY, "latency", plan->iterations);
    add_baseline_part(workshop, subject, PART_FAULT, "fault", plan->iterations);
    add_baseline_part(workshop, subject, PART_THROUGHPUT, "throughput", throughput_requests(plan));
    add_baseline_part(workshop, subject, PART_MEMORY, "memory", plan->iterations);
    add_baseline_part(workshop, subject, PART_IDLE, "idle", plan->iterations);
}

/* --- Programs of others --- */

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && (i == 0 || text[i] != '-')) {
            return false;
        }
    }
    return length > 0 && length <= SUBJECT_NAME_MAX;
}

static bool refuse_also(const char *text, const char *why)
{
    fprintf(stderr,
            "quoll: --also %s: %s\n"
            "      It takes NAME=COMMAND, the name of at most %d letters, digits and '-'.\n",
            text, why, SUBJECT_NAME_MAX);
    return false;
}

static bool add_also(const struct workshop *workshop, const char *text)
{
    const char *equals = strchr(text, '=');
    if (!equals || !is_name(text, (size_t)(equals - text))) {
        return refuse_also(text, "there is no name");
    }
    if (equals[1] == '\0') {
        return refuse_also(text, "there is no command");
    }
    if (is_taken(workshop->comparison, text, (size_t)(equals - text))) {
        return refuse_also(text, "another system has that name");
    }
    char *name = text_of("%.*s", (int)(equals - text), text);
    if (subjects_want(workshop->plan, name)) {
        struct subject *subject =
            comparison_add_subject(workshop->comparison, name, equals + 1,
                                   "A program that was given on the command line.");
        subject_add_part(subject, PART_ALL, text_of("/bin/sh"), text_of("-c"),
                         text_of("%s", equals + 1), text_of("sh"),
                         text_of("%llu", (unsigned long long)workshop->plan->iterations), NULL);
    }
    free(name);
    return true;
}

/* --- All of them --- */

/* What stands beside this program, as built or as installed; to be freed. NULL: it is not there. */
static char *find_beside(const char *program, const char *name)
{
    static const char *const places[] = {"/../lib/quoll", ""};
    const char *slash = strrchr(program, '/');
    for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]); i++) {
        char *path = text_of("%.*s%s/%s", (int)(slash - program), program, places[i], name);
        if (access(path, R_OK | X_OK) == 0) {
            return path;
        }
        free(path);
    }
    return NULL;
}

static bool write_iterations(const struct workshop *workshop, const char *name, uint64_t iterations)
{
    if (!output_make_folder(workshop->inputs, name)) {
        return false;
    }
    char *folder = text_of("%s/%s", workshop->inputs, name);
    struct output output = output_open(folder, "iterations");
    if (output.stream) {
        fprintf(output.stream, "%llu packed\n", (unsigned long long)iterations);
    }
    free(folder);
    return output_close(&output);
}

static bool wants_measured(const struct plan *plan)
{
    return subjects_want(plan, "quoll") || subjects_want(plan, "quoll-trapped") ||
           subjects_want(plan, "sel4") || subjects_want(plan, "microkit");
}

static void add_measured(const struct workshop *workshop)
{
    if (!workshop->measured && wants_measured(workshop->plan)) {
        subjects_leave_out(workshop,
                           "the measured systems are not beside %s: Quoll and the real "
                           "kernel are left out; `make` builds them",
                           workshop->plan->quoll);
    }
    if (!workshop->measured) {
        return;
    }
    add_quoll(workshop, "quoll", "Quoll",
              "Each protection domain is a Linux process, the kernel another one. System call "
              "instructions are rewritten to jumps.",
              NULL);
    add_quoll(
        workshop, "quoll-trapped", "Quoll, system calls trapped",
        "As Quoll, but system call instructions stay as they are, and Linux makes a signal of "
        "each.",
        "--no-rewrite");
    subjects_add_real_kernels(workshop);
}

/* The first line that `program --version` prints is a fact about the machine. */
static void add_version(const struct workshop *workshop, const char *name, const char *program)
{
    char line[256];
    char *path = text_of("%s/version.txt", workshop->inputs);
    int output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int status = output < 0
                     ? -errno
                     : child_run((char *[]){(char *)program, "--version", NULL}, NULL, output);
    FILE *stream = status == 0 ? fopen(path, "re") : NULL;
    if (stream && fgets(line, sizeof(line), stream)) {
        line[strcspn(line, "\n")] = '\0';
        testbed_add(&workshop->comparison->testbed, name, line);
    }
    if (stream) {
        fclose(stream);
    }
    if (output >= 0) {
        close(output);
    }
    unlink(path);
    free(path);
}

/* What runs is a copy, so that the folder has all that its figures come from. */
static bool take_measured(struct workshop *workshop)
{
    bool copied = output_copy_folder(workshop->measured, workshop->inputs, "measured");
    free(workshop->measured);
    workshop->measured = text_of("%s/measured", workshop->inputs);
    return copied;
}

static bool add_all(struct workshop *workshop)
{
    const struct plan *plan = workshop->plan;
    if (!output_make_folder(workshop->comparison->folder, "inputs") ||
        !write_iterations(workshop, "all", plan->iterations) ||
        !write_iterations(workshop, "few", plan->iterations < FEW ? plan->iterations : FEW) ||
        !write_iterations(workshop, "none", 0)) {
        return false;
    }
    if (workshop->measured && wants_measured(plan) && !take_measured(workshop)) {
        return false;
    }
    add_version(workshop, "Quoll", plan->quoll);
    if (plan->sel4_kernel || plan->microkit_sdk) {
        add_version(workshop, "QEMU", "qemu-system-x86_64");
    }
    add_measured(workshop);
    add_linux(workshop);
    for (size_t i = 0; i < plan->also_count; i++) {
        if (!add_also(workshop, plan->also[i])) {
            return false;
        }
    }
    return only_is_known(workshop);
}

bool subjects_prepare(struct comparison *comparison, const struct plan *plan)
{
    struct workshop workshop = {
        .comparison = comparison,
        .plan = plan,
        .measured = find_beside(plan->quoll, "measured"),
        .inputs = text_of("%s/inputs", comparison->folder),
    };
    bool prepared = add_all(&workshop);
    free(workshop.measured);
    free(workshop.inputs);
    return prepared;
}
