/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * How VSpaces and threads exist on Linux. The one header of platform/ that others include.
 *
 * A platform runs the threads of one machine. It knows VSpaces and threads by the physical address
 * of their seL4 object (a PML4, a TCB), never what the object holds, and keeps what the host has
 * for each in tables of its own: nothing is made before a thread first runs.
 *
 * Mappings given to a platform are a cache of the kernel's page tables. It may forget any of them,
 * at any time; a guest that touches a forgotten one comes back as RUN_FAULT, and the caller maps it
 * again. What it may not do is to keep one: platform_unmap() returns when no thread of the cell, not
 * even a hostile one, can reach the range any more.
 *
 * All functions are called by one thread, the core thread, except platform_kick(). It is the one that
 * opened the platform: cells die when it ends.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/x86/debug.h"
#include "abi/x86/registers.h"

#include "abi/paddr.h"

struct platform;

struct platform_options {
    int ram_fd;         /* memfd whose offsets are physical addresses. Stays the caller's. */
    uint64_t ram_bytes; /* its size */
    bool rewrite;       /* rewrite system call sites, so that they need no signal */
    /* Does the caller itself write to this page of RAM? One that it writes to is not rewritten.
     * NULL: it writes to none. */
    bool (*writes)(void *context, paddr page);
    void *context;
    bool trap_tsc;   /* rdtsc and rdtscp raise X86_GENERAL_PROTECTION, see platform_traps_tsc() */
    bool trap_cpuid; /* cpuid raises X86_INVALID_OPCODE, see platform_traps_cpuid() */
    int cpu;         /* host CPU that the core is pinned to; -1: the one that the caller is on */
};

/* Room for a message to a person: what failed, where, why, what to do. Several lines, no newline
 * at the end. */
struct platform_error {
    char text[1024];
};

/*
 * Make a platform without cells, and prove that the host has what it needs: a cell is made, run
 * through a system call and taken down.
 *
 * Returns   0, or -errno with *error filled in and nothing left behind.
 */
int platform_open(const struct platform_options *options, struct platform **platform,
                  struct platform_error *error);

/* Kill all cells, wait for them, free everything. NULL is fine. */
void platform_close(struct platform *platform);

/* Whether rdtsc and rdtscp do: it was asked for, and the host can. Some virtual machines cannot. */
bool platform_traps_tsc(const struct platform *platform);

/* Whether cpuid does: it was asked for, and the host can. */
bool platform_traps_cpuid(const struct platform *platform);

/* Addresses that no guest can map, because the host or the stub needs them. They are the same
 * for every user and every run on a host. */
struct platform_range {
    uint64_t first;
    uint64_t last;   /* inclusive */
    const char *why; /* half a sentence for a person: "is where Quoll's stub lives" */
};

/* Returns   the number of ranges; *ranges points to constant memory. */
size_t platform_reserved(const struct platform *platform, const struct platform_range **ranges);

/* A thread to run. */
struct platform_thread {
    paddr tcb;    /* which thread it is; not 0 */
    paddr vspace; /* PML4 of its VSpace. When it differs from the last run's, the thread moves. */
    bool fpu_off; /* using the FPU raises X86_DEVICE_NOT_AVAILABLE */
    bool single_step; /* comes back with X86_DEBUG after one instruction */

    /* X86_BREAKPOINTS of them, or NULL. One that is hit comes back with X86_DEBUG; that of an
     * instruction is hit again unless X86_FLAG_RESUME is set in the flags. */
    const struct x86_breakpoint *breakpoints;

    const char *name; /* for gdb, perf and top, when its Linux thread is made; may be "" */

    /* Read on entry, written before return, never in between. On return rip is that of the
     * instruction that stopped the thread: of `syscall` itself, not after it; behind it
     * where a CPU has it so, after a breakpoint or a debug exception. */
    struct x86_registers *registers;

    /* Written when the answer is RUN_FAULT. */
    struct platform_fault {
        uint8_t vector;   /* enum x86_vector */
        uint64_t error;   /* the error code that the CPU pushed, instruction bit masked out; or 0 */
        uint64_t address; /* of a page fault, else 0 */
        uint64_t debug;   /* of X86_DEBUG: X86_DEBUG_…, else 0 */
    } fault;
};

enum run_result {
    RUN_SYSCALL, /* the guest executed `syscall` */
    RUN_FAULT,   /* it took an exception: thread->fault. int 0x80, sysenter and the vsyscall page
                    are what they are without Linux: a general protection or page fault */
    RUN_KICKED,  /* deadline or platform_kick(). May be spurious: look at the clock again */
    RUN_LOST,    /* the cell died, was killed or could not be made, *error says why. Its threads,
                    their FPU states and its mappings are gone from the platform; the next run in
                    that VSpace starts a fresh cell. */
};

#define RUN_FOREVER UINT64_MAX

/*
 * Run a thread until the kernel is needed.
 *
 * until_ns  When to come back, in CLOCK_MONOTONIC nanoseconds; RUN_FOREVER to wait for the guest.
 *           A time that has passed still lets the guest execute, if only for some instructions.
 *
 * Requires  thread->vspace is not 0.
 */
enum run_result platform_run(struct platform *platform, struct platform_thread *thread,
                             uint64_t until_ns, struct platform_error *error);

/*
 * The FPU and vector state of a thread that has come back from platform_run(), in the standard format
 * of XSAVE and as long as this CPU makes it. What is changed there is what the thread goes on with.
 *
 * Returns   the state, valid until the thread's next run; NULL: the thread has none yet, or its cell
 *           was lost over it, which its next run tells.
 */
uint8_t *platform_fpu(struct platform *platform, paddr tcb);

/* Sleep until a kick or the deadline; no thread runs meanwhile. May return early. */
void platform_idle(struct platform *platform, uint64_t until_ns);

/* Two calls of platform_stolen_ns() that are closer together may not find all. */
#define PLATFORM_LOOK_NS 100000u

/* Of the time since the last call, what the host gave to others, or the platform took to make cells
 * and mappings: guests should not have to pay for it. Some of what passed before may have been found
 * only now. The time in which platform_idle() slept is nobody's. `now_ns` is the time now, in
 * CLOCK_MONOTONIC. */
uint64_t platform_stolen_ns(struct platform *platform, uint64_t now_ns);

/* The page fault that ended the last run was met because the platform had not mapped the page: what it takes
 * until a guest's fault is known here is nobody's, either. */
void platform_excuse_fault(struct platform *platform);

/* Make platform_run() return RUN_KICKED, or platform_idle() return, soon: the one that is under way or the
 * next. From any host thread and from signal handlers. */
void platform_kick(struct platform *platform);

/*
 * The range can be reached when a thread of that VSpace runs next: a frame, or several that are
 * consecutive in both spaces. Joined with its neighbours, and perhaps forgotten.
 * Replaces what was mapped there. Ranges outside RAM are the caller's to emulate: never map those.
 */
void platform_map(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                  uint64_t bytes, bool writable);

/* As platform_map(), but a cell that runs already gets it no sooner than it gets something else: who
 * touches it comes back as RUN_FAULT, and what goes away untouched has cost nothing. What is mapped
 * there in the same way already stays. */
void platform_offer(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                    uint64_t bytes, bool writable);

/* As platform_offer(), where nothing is mapped yet; what is stays as it is. */
void platform_fill(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                   uint64_t bytes, bool writable);

/* The caller is about to write to this page of RAM, once or from now on (options.writes): guests are to
 * see it. */
void platform_writes(struct platform *platform, paddr page);

/* Nothing can reach the range when this returns. Also for a loss of rights: unmap, then map. */
void platform_unmap(struct platform *platform, paddr vspace, uint64_t vaddr, uint64_t bytes);

/* The VSpace is gone: no thread of it can reach anything when this returns. */
void platform_release_vspace(struct platform *platform, paddr vspace);

/* The TCB is gone, or its FPU state is to start afresh. */
void platform_release_thread(struct platform *platform, paddr tcb);

/* What --stats and tests ask. */
struct platform_stats {
    uint64_t runs;         /* platform_run() calls */
    uint64_t traps;        /* system calls that came through a signal */
    uint64_t rewritten;    /* system calls that came through a rewritten site */
    uint64_t faults;       /* RUN_FAULT answers */
    uint64_t switches;     /* runs of another host thread than the one before */
    uint64_t beside;       /* runs on a CPU of the guest's own, in which nobody slept */
    uint64_t maps;         /* mmap orders to mappers */
    uint64_t unmaps;       /* munmap orders */
    uint64_t cells_made;   /* stubs executed */
    uint64_t cells_live;   /* cells that hold a VSpace now */
    uint64_t cells_lost;   /* cells that died or were killed */
    uint64_t threads_live; /* host threads that stand for a TCB */
};

void platform_stats(const struct platform *platform, struct platform_stats *stats);
