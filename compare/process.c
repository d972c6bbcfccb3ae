/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Processes of Linux. */
#include "compare/process.h"

#include "compare/list.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_NAME          "quoll-cell"
#define THREAD_STACK_BYTES (16 * 1024) /* of Linux on x86-64, for each thread */

struct process {
    pid_t pid;
    pid_t parent;
    char name[COMPONENT_NAME_MAX + 1];
    bool member; /* of the tree */
};

struct processes {
    struct process *items;
    size_t count, room;
};

static FILE *open_file(pid_t pid, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "/proc/%d/%.64s", (int)pid, name);
    return fopen(path, "re");
}

/* --- The tree --- */

/* Anybody can call a process anything, and names stand in tables and scripts. */
static void tame(char *name)
{
    for (; *name != '\0'; name++) {
        if (!isalnum((unsigned char)*name) && !strchr("._-", *name)) {
            *name = '_';
        }
    }
}

/* The name stands in parentheses and may have any character in it, parentheses among them. */
static bool read_process(pid_t pid, struct process *process)
{
    char line[512];
    FILE *stream = open_file(pid, "stat");
    bool read = stream && fgets(line, sizeof(line), stream);
    if (stream) {
        fclose(stream);
    }
    char *begin = read ? strchr(line, '(') : NULL;
    char *end = begin ? strrchr(line, ')') : NULL;
    int parent;
    if (!end || end <= begin || sscanf(end + 1, " %*c %d", &parent) != 1) {
        return false;
    }
    *process = (struct process){.pid = pid, .parent = parent};
    snprintf(process->name, sizeof(process->name), "%.*s", (int)(end - begin - 1), begin + 1);
    tame(process->name);
    return true;
}

/* Quoll's cells are all called the same. The one thread that is not the process itself has the name of
 * a thread of the guest. */
static void name_cell(struct process *process)
{
    char path[64];
    char name[COMPONENT_NAME_MAX + 1];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)process->pid);
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        if (!isdigit((unsigned char)entry->d_name[0]) || atol(entry->d_name) == process->pid) {
            continue;
        }
        snprintf(path, sizeof(path), "task/%.16s/comm", entry->d_name);
        FILE *stream = open_file(process->pid, path);
        if (stream && fgets(name, sizeof(name), stream)) {
            snprintf(process->name, sizeof(process->name), "%.*s", (int)strcspn(name, "\n"), name);
            tame(process->name);
        }
        if (stream) {
            fclose(stream);
        }
        break;
    }
    if (folder) {
        closedir(folder);
    }
}

static struct processes all_processes(void)
{
    struct processes all = {0};
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        struct process process;
        if (isdigit((unsigned char)entry->d_name[0]) &&
            read_process((pid_t)atol(entry->d_name), &process)) {
            *LIST_ADD(&all) = process;
        }
    }
    if (folder) {
        closedir(folder);
    }
    return all;
}

static bool is_member(const struct processes *processes, pid_t pid)
{
    for (size_t i = 0; i < processes->count; i++) {
        if (processes->items[i].pid == pid) {
            return processes->items[i].member;
        }
    }
    return false;
}

/* Those that are not of the tree stay in the list. */
static struct processes process_tree(pid_t root)
{
    struct processes all = all_processes();
    for (bool grown = true; grown;) {
        grown = false;
        for (size_t i = 0; i < all.count; i++) {
            struct process *process = &all.items[i];
            if (!process->member && (process->pid == root || is_member(&all, process->parent))) {
                process->member = true;
                grown = true;
            }
        }
    }
    return all;
}

/* --- Memory --- */

static uint64_t line_bytes(const char *line, const char *name)
{
    size_t length = strlen(name);
    return strncmp(line, name, length) == 0 && line[length] == ':'
               ? strtoull(line + length + 1, NULL, 10) * 1024
               : 0;
}

static void add_memory(pid_t pid, struct component *component)
{
    char line[256];
    FILE *stream = open_file(pid, "smaps_rollup");
    while (stream && fgets(line, sizeof(line), stream)) {
        component->private_bytes +=
            line_bytes(line, "Private_Clean") + line_bytes(line, "Private_Dirty");
        component->shared_bytes +=
            line_bytes(line, "Shared_Clean") + line_bytes(line, "Shared_Dirty");
    }
    if (stream) {
        fclose(stream);
    }
    stream = open_file(pid, "status");
    while (stream && fgets(line, sizeof(line), stream)) {
        component->kernel_bytes += line_bytes(line, "VmPTE");
        component->kernel_bytes += line_bytes(line, "Threads") / 1024 * THREAD_STACK_BYTES;
    }
    if (stream) {
        fclose(stream);
    }
    component->processes++;
}

static struct component *component_named(struct components *components, const char *name)
{
    for (size_t i = 0; i < components->count; i++) {
        if (strcmp(components->items[i].name, name) == 0) {
            return &components->items[i];
        }
    }
    struct component *component = LIST_ADD(components);
    snprintf(component->name, sizeof(component->name), "%s", name);
    return component;
}

struct components process_tree_memory(pid_t root)
{
    struct components components = {0};
    struct processes tree = process_tree(root);
    for (size_t i = 0; i < tree.count; i++) {
        if (tree.items[i].member) {
            if (strcmp(tree.items[i].name, CELL_NAME) == 0) {
                name_cell(&tree.items[i]);
            }
            add_memory(tree.items[i].pid, component_named(&components, tree.items[i].name));
        }
    }
    free(tree.items);
    return components;
}

/* --- CPU time --- */

static void add_thread_use(pid_t pid, const char *thread, struct processor_use *use)
{
    char name[64];
    char line[256];
    unsigned long long number;
    snprintf(name, sizeof(name), "task/%.16s/schedstat", thread);
    FILE *stream = open_file(pid, name);
    if (stream && fscanf(stream, "%llu", &number) == 1) {
        use->cpu_ns += number;
    }
    if (stream) {
        fclose(stream);
    }
    snprintf(name, sizeof(name), "task/%.16s/status", thread);
    stream = open_file(pid, name);
    while (stream && fgets(line, sizeof(line), stream)) {
        if (sscanf(line, "nonvoluntary_ctxt_switches: %llu", &number) == 1) {
            use->involuntary_switches += number;
        }
    }
    if (stream) {
        fclose(stream);
    }
}

static void add_use(pid_t pid, struct processor_use *use)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        if (isdigit((unsigned char)entry->d_name[0])) {
            add_thread_use(pid, entry->d_name, use);
        }
    }
    if (folder) {
        closedir(folder);
    }
}

struct processor_use process_tree_use(pid_t root)
{
    struct processor_use use = {0};
    struct processes tree = process_tree(root);
    for (size_t i = 0; i < tree.count; i++) {
        if (tree.items[i].member) {
            add_use(tree.items[i].pid, &use);
        }
    }
    free(tree.items);
    return use;
}
