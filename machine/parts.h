/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What a machine is made of. Private to the files that make it one: machine.c, which puts it
 * together; loop.c, which runs it; port.c, which is what the kernel asks of it; page_fault.c, copy.c,
 * counters.c, cpuid.c and tsc.c, which answer faults that the kernel need not hear of; spin.c, about guests
 * that let no virtual time pass; and stop.c, how signals end it.
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

/* A page that the kernel mapped lately: copy.c may write to it in place of a guest. */
#define FRESH_PAGES 64
struct fresh_page {
    paddr vspace;
    uint64_t vaddr;
    unsigned copies_left;
};

struct gdb;

/* What a run under virtual time owes to the host, so that another may come out otherwise. */
#define SPINNERS_MAX 16
struct chance {
    uint64_t spun_ns;             /* CPU time that the running guest has had ... */
    uint64_t since_ns;            /* ... since the clock began to show this */
    paddr spinners[SPINNERS_MAX]; /* TCBs that time went on without, and that still only compute */
    unsigned spinner_next;        /* who makes room */
    char why[160];                /* the first thing that happened by chance; "": repeatable */
};

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

    const struct cpu *cpu; /* NULL: the host's */
    struct cpu_host cpu_host;

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
    uint64_t looked_host_ns;   /* that clock when stolen time was last asked for */
    unsigned faults_explained;
    struct last_fault last_fault;
    struct fresh_page fresh[FRESH_PAGES];
    bool clock_was_read; /* by the kernel, since it was entered */
    struct chance chance;
    struct ending ending;
};

/*
 * loop.c: take from the clock what others had of the CPU since the last time, and what the machine itself took
 * that a processor would not. Before anybody looks at the clock: it does not go back, but stands still
 * until it is right again.
 */
void machine_lose_stolen_time(struct machine *machine);

/* loop.c: the machine has stood still since its clock showed `ticks`. */
void machine_stood_still(struct machine *machine, uint64_t ticks);

/* port.c: what the kernel asks of its host, answered by this machine. */
struct kernel_port machine_port(struct machine *machine);

/* port.c: one line from the kernel, or about what it runs, for a person. */
void machine_report(void *machine, const char *line);

/* port.c: whether a frame is RAM, or memory at all, from end to end. */
bool machine_is_ram(const struct machine *machine, paddr frame, uint64_t bytes);
bool machine_is_memory(const struct machine *machine, paddr frame, uint64_t bytes);

/*
 * page_fault.c: Returns true when the thread can go on without the kernel. Else *event is what the
 * kernel is to hear: the error code is the one that its page tables would have caused, whatever the
 * host had mapped.
 */
bool machine_resolve_fault(struct machine *machine, const struct kernel_next *next,
                           const struct platform_fault *fault, struct kernel_event *event);

/* counters.c: Returns true when the thread's instruction read a performance counter, and it is done. */
bool counters_emulate(struct machine *machine, const struct kernel_next *next);

/*
 * copy.c: carry out the instruction of a guest that has written to this page of RAM and met a fault, if it
 * fills the page or a part of it, and is among the first to do so since the kernel mapped it.
 *
 * Returns   false: the page has to be mapped, and no memory and no register has changed.
 */
bool copy_carry_out(struct machine *machine, const struct kernel_next *next,
                    const struct kernel_mapping *page);

/* copy.c: the kernel maps a page there. */
void copy_expect(struct machine *machine, paddr vspace, uint64_t vaddr);

/*
 * cpuid.c: carry out the cpuid that a guest stands at. The machine has a CPU of its own.
 *
 * Returns   false: it is another instruction, and nothing has changed.
 */
bool cpuid_emulate(struct machine *machine, const struct kernel_next *next);

/*
 * tsc.c: carry out the rdtsc or rdtscp that a guest stands at. It reads the virtual clock, or the host's TSC,
 * as the guest's own rdtsc does where that does not fault.
 *
 * Returns   false: it is another instruction, and nothing has changed.
 */
bool tsc_emulate(struct machine *machine, const struct kernel_next *next);

/* spin.c: how long a guest may compute before virtual time goes on without it. */
#define SPIN_NS 50000000u

/* spin.c: the thread has had the CPU for so long. Counted from when virtual time last passed. */
void spin_add(struct machine *machine, uint64_t cpu_ns);

/* spin.c: the CPU time that is left for the thread: 0 when time is to go on. `wake_ns` is when that
 * will be, on the machine's clock. */
uint64_t spin_left_ns(struct machine *machine, paddr tcb, uint64_t wake_ns);

/* spin.c: time goes on although the thread only computes; it has done something else. */
void spin_note(struct machine *machine, paddr tcb);
void spin_forget(struct machine *machine, paddr tcb);

/* spin.c: under virtual time, something has happened that may not happen again. The first reason is
 * what a person gets to read. */
__attribute__((format(printf, 2, 3))) void chance_note(struct machine *machine, const char *format,
                                                       ...);

/* stop.c: SIGINT, SIGTERM and SIGHUP kick this platform from now on; NULL: none any more. */
void stop_on_signals(struct platform *platform);

/* stop.c: the signal that has come, or 0. */
int stop_signal(void);

/* stop.c: kick the platform, if there is one. From any thread; the argument is ignored. */
void stop_kick(void *context);
