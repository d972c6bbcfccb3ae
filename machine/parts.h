/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What a machine is made of. Private to the files that make it one: machine.c, which puts it
 * together; loop.c, which runs it; port.c, which is what the kernel asks of it; page_fault.c, which
 * answers faults that the kernel need not hear of; and stop.c, how signals end it.
 */
#pragma once

#include "kernel/kernel.h"
#include "machine/backtrace.h"
#include "machine/board.h"
#include "machine/clock.h"
#include "machine/console.h"
#include "machine/machine.h"
#include "machine/memory.h"
#include "machine/trap.h"
#include "platform/platform.h"

#define PAGE_BYTES   UINT64_C(4096)
#define RESERVED_MAX 8

/* A page fault that was answered by a mapping, and may come again before the kernel is entered. */
struct last_fault {
    uint64_t rip;
    uint64_t address;
    unsigned count;
};

struct gdb;

struct machine {
    struct memory memory;
    struct clock clock;
    struct console *console;
    struct board board;
    struct platform *platform;
    struct kernel *kernel;
    struct backtrace *backtrace;
    struct trap trap;
    struct gdb *gdb; /* NULL without --gdb */

    struct kernel_config config;
    struct kernel_region regions[BOARD_REGIONS];
    size_t region_count;
    struct kernel_reserved reserved[RESERVED_MAX];
    size_t reserved_count;

    uint64_t spare_bytes; /* of `memory`, at its end: gdb's, and no guest's */

    enum when_idle when_idle;
    bool quiet;
    bool rest_reported;
    uint64_t timeout_ns;       /* as given */
    uint64_t deadline_host_ns; /* a person's patience: on the host's clock */
    unsigned faults_explained;
    struct last_fault last_fault;
    struct ending ending;
};

/* port.c: what the kernel asks of its host, answered by this machine. */
struct kernel_port machine_port(struct machine *machine);

/* port.c: one line from the kernel, or about what it runs, for a person. */
void machine_report(void *machine, const char *line);

/* port.c: whether a frame is RAM, or memory at all, from end to end. */
bool machine_is_ram(const struct machine *machine, paddr frame, uint64_t bytes);
bool machine_is_memory(const struct machine *machine, paddr frame, uint64_t bytes);

/* port.c: platform_map(), of frames as the kernel maps them. */
void machine_map(struct machine *machine, paddr vspace, uint64_t vaddr, paddr frame, uint64_t bytes,
                 bool writable);

/*
 * page_fault.c: Returns true when the thread can go on without the kernel. Else *event is what the
 * kernel is to hear: the error code is the one that its page tables would have caused, whatever the
 * host had mapped.
 */
bool machine_resolve_fault(struct machine *machine, const struct kernel_next *next,
                           const struct platform_fault *fault, struct kernel_event *event);

/* counters.c: Returns true when the thread's instruction read a performance counter, and it is done. */
bool counters_emulate(struct machine *machine, const struct kernel_next *next);

/* stop.c: SIGINT, SIGTERM and SIGHUP kick this platform from now on; NULL: none any more. */
void stop_on_signals(struct platform *platform);

/* stop.c: the signal that has come, or 0. */
int stop_signal(void);

/* stop.c: kick the platform, if there is one. From any thread; the argument is ignored. */
void stop_kick(void *context);
