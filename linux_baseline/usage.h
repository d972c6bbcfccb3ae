/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a process takes of the machine, as the kernel tells it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct memory_use {
    uint64_t private_bytes; /* in no other process */
    uint64_t shared_bytes;  /* also in others, code of libraries among them */
    uint64_t kernel_bytes;  /* page tables and the threads' kernel stacks */
};

/* Returns false, with errno, when the process is gone or hides it. */
bool memory_use_of(pid_t pid, struct memory_use *use);

/* Nanoseconds of CPU time so far; 0 of a process that is gone. */
uint64_t cpu_time_of(pid_t pid);
