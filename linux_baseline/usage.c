/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a process takes of the machine. */
#include "linux_baseline/usage.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define KERNEL_STACK_BYTES 0x4000 /* Linux, x86-64: THREAD_SIZE */

/* Call `take` with each line "NAME: NUMBER kB" of a file of /proc/PID. */
static bool read_lines(pid_t pid, const char *file, struct memory_use *use,
                       void (*take)(const char *name, uint64_t number, struct memory_use *use))
{
    char path[64], line[256], name[64];
    unsigned long long number;
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    FILE *stream = fopen(path, "re");
    if (!stream) {
        return false;
    }
    while (fgets(line, sizeof(line), stream)) {
        if (sscanf(line, "%63[^:]: %llu", name, &number) == 2) {
            take(name, number, use);
        }
    }
    bool complete = !ferror(stream);
    fclose(stream);
    return complete;
}

static void take_smaps(const char *name, uint64_t kib, struct memory_use *use)
{
    if (strncmp(name, "Private_", 8) == 0) {
        use->private_bytes += kib * 1024;
    } else if (strncmp(name, "Shared_", 7) == 0) {
        use->shared_bytes += kib * 1024;
    }
}

static void take_status(const char *name, uint64_t number, struct memory_use *use)
{
    if (strcmp(name, "VmPTE") == 0) {
        use->kernel_bytes += number * 1024;
    } else if (strcmp(name, "Threads") == 0) {
        use->kernel_bytes += number * KERNEL_STACK_BYTES;
    }
}

bool memory_use_of(pid_t pid, struct memory_use *use)
{
    *use = (struct memory_use){0};
    return read_lines(pid, "smaps_rollup", use, take_smaps) &&
           read_lines(pid, "status", use, take_status);
}

uint64_t cpu_time_of(pid_t pid)
{
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
        return 0;
    }
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
