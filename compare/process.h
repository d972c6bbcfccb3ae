/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Processes of Linux, as /proc shows them: a process with all its descendants. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COMPONENT_NAME_MAX 31

/* Processes of one name, added up. */
struct component {
    char name[COMPONENT_NAME_MAX + 1];
    unsigned processes;
    uint64_t private_bytes; /* resident, and in no other process */
    uint64_t shared_bytes;  /* resident, and in others as well: each of them counts it */
    uint64_t kernel_bytes;  /* what Linux holds for it: page tables, and stacks of its threads */
};

struct components {
    struct component *items;
    size_t count, room;
};

/* CPU time that all have used, and how often Linux has taken the CPU from them. */
struct processor_use {
    uint64_t cpu_ns;
    uint64_t involuntary_switches;
};

/* Of what lives at the moment. Processes that end meanwhile are left out. */
struct components process_tree_memory(pid_t root);
struct processor_use process_tree_use(pid_t root);
