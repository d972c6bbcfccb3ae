/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A machine: memory, board, kernel and platform, and the loop that runs them.
 *
 *     machine_open -> machine_boot -> machine_run -> machine_close
 *
 * One machine runs at a time in a process, because signals end it. All functions belong to one
 * thread, the core thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel/config.h"
#include "kernel/kernel.h"
#include "machine/cpu.h"
#include "machine/ending.h"
#include "machine/error.h"

struct machine;

enum when_idle {
    IDLE_ENDS,      /* coming to rest ends the machine */
    IDLE_AT_PERSON, /* it goes on if a person sits at the console, who can end it with Ctrl-C */
};

/* docs/time.md */
enum machine_time {
    TIME_REAL,    /* passes as the host's does, but for what others get of the CPU */
    TIME_VIRTUAL, /* passes by what the machine does: two runs are the same run */
};

struct machine_options {
    const struct kernel_config *config;
    uint64_t memory_bytes; /* BOARD_MEMORY_MIN to BOARD_MEMORY_MAX, whole pages */
    uint64_t timeout_ns;   /* since machine_open(); 0: none */
    const char *serial;    /* see console.h */
    const char *gdb;       /* where to wait for gdb, see gdb_socket.h; NULL: no gdb */
    const char *gdb_until; /* the thread to hold the machine for; NULL: whichever is the first */
    enum when_idle when_idle;
    enum machine_time time;
    const struct cpu *cpu; /* what CPUID tells, see cpu.h; NULL: what the host's does */
    bool no_rewrite;       /* leave system call instructions as they are */
    bool quiet;            /* no remarks of the kernel, no backtraces */
};

/*
 * Make a machine.
 *
 * Returns   0, or -errno with *error filled in and nothing left behind. -EINVAL: the options are
 *           wrong; anything else is the host's doing.
 */
int machine_open(const struct machine_options *options, struct machine **machine,
                 struct machine_error *error);

/* End all that it runs. NULL is fine. */
void machine_close(struct machine *machine);

/*
 * Load a root task and make its world. `path` names it in messages.
 *
 * Returns   0; -ENOEXEC: it is no root task for this machine; -ENOSPC: it does not fit.
 */
int machine_boot(struct machine *machine, const char *path, const void *elf, size_t elf_bytes,
                 struct machine_error *error);

/* The ranges of addresses that no guest can map on this host, *count of them. */
const struct kernel_reserved *machine_reserved(const struct machine *machine, size_t *count);

/* Threads of that name run this ELF: for backtraces. After machine_boot(). */
void machine_add_program(struct machine *machine, const char *thread, const char *path);

/* Run until it ends. The answer is valid until machine_close(). */
const struct ending *machine_run(struct machine *machine);

/* Tell a person how it ended, on standard error. */
void machine_tell_ending(struct machine *machine);

/* Under virtual time: tell a person if something happened by chance, so that another run may come out
 * otherwise. */
void machine_tell_chance(struct machine *machine);

/* What --stats shows. */
void machine_print_stats(struct machine *machine, FILE *stream);
