/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The machine on which things are measured. */
#include "compare/testbed.h"

#include "compare/child.h"
#include "compare/list.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

void testbed_add(struct testbed *testbed, const char *name, const char *text)
{
    *LIST_ADD(testbed) = (struct fact){name, text_of("%s", text)};
}

void testbed_free(struct testbed *testbed)
{
    for (size_t i = 0; i < testbed->count; i++) {
        free(testbed->items[i].text);
    }
    free(testbed->items);
    *testbed = (struct testbed){0};
}

/* The first line of a file, or of those in it that start with `key`, what stands behind the colon. */
static bool read_line(const char *path, const char *key, char *text, size_t size)
{
    char line[4096];
    bool found = false;
    FILE *stream = fopen(path, "re");
    while (stream && !found && fgets(line, sizeof(line), stream)) {
        line[strcspn(line, "\n")] = '\0';
        const char *value = line;
        if (key) {
            const char *colon = strchr(line, ':');
            value = colon && strncmp(line, key, strlen(key)) == 0
                        ? colon + 1 + strspn(colon + 1, " \t")
                        : NULL;
        }
        found = value && value[0] != '\0';
        if (found) {
            snprintf(text, size, "%s", value);
        }
    }
    if (stream) {
        fclose(stream);
    }
    return found;
}

static void add_file(struct testbed *testbed, const char *name, const char *path, const char *key)
{
    char text[512];
    if (read_line(path, key, text, sizeof(text))) {
        testbed_add(testbed, name, text);
    }
}

static void add_linux(struct testbed *testbed)
{
    struct utsname names;
    if (uname(&names) == 0) {
        char *text = text_of("%s %s %s", names.sysname, names.release, names.machine);
        testbed_add(testbed, "Operating system", text);
        free(text);
    }
}

static void add_processor(struct testbed *testbed)
{
    char flags[4096] = "";
    char count[32];
    add_file(testbed, "CPU", "/proc/cpuinfo", "model name");
    snprintf(count, sizeof(count), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
    testbed_add(testbed, "CPUs", count);
    read_line("/proc/cpuinfo", "flags", flags, sizeof(flags));
    testbed_add(testbed, "Virtual machine",
                strstr(flags, " hypervisor") ? "yes: a hypervisor may take the CPU away" : "no");
}

struct testbed testbed_describe(void)
{
    struct testbed testbed = {0};
    add_linux(&testbed);
    add_processor(&testbed);
    add_file(&testbed, "Memory", "/proc/meminfo", "MemTotal");
    add_file(&testbed, "Clock source",
             "/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL);
    add_file(&testbed, "CPU frequency governor",
             "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", NULL);
    return testbed;
}

int testbed_cpu(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return CHILD_ANY_CPU;
    }
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
        if (CPU_ISSET((size_t)cpu, &set)) {
            return cpu;
        }
    }
    return CHILD_ANY_CPU;
}
